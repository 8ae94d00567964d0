/**
 * Parley: sockets for Deno, with a real `getaddrinfo`.
 *
 * ```ts
 * import { connectStream, getAddrInfo } from "@parley/parley";
 *
 * for (const { family, addr } of await getAddrInfo("localhost", "http")) {
 *   console.log(family, addr.hostname, addr.port);
 * }
 * ```
 *
 * @module
 */

// Addresses
export { IpAddress } from "./lib/address/ip_address.ts";
export { IpPrefix } from "./lib/address/ip_prefix.ts";
export { Endpoint, type EndpointObject } from "./lib/address/endpoint.ts";
export {
  type Family,
  inetAton,
  inetNtop,
  inetPton,
} from "./lib/address/inet.ts";
export type {
  Destination,
  EndpointDestination,
  HostDestination,
  ReachOptions,
} from "./lib/sockets/targets.ts";

// Names
export { getAddrInfo } from "./lib/names/addrinfo.ts";
export type {
  AddrInfo,
  AddrInfoHints,
  LookUpOptions,
  NameServer,
} from "./lib/names/hints.ts";
export {
  getNameInfo,
  type NameInfo,
  type NameInfoOptions,
} from "./lib/names/nameinfo.ts";
export type { SockType } from "./lib/names/services.ts";

// Streams
export {
  connectStream,
  type ConnectStreamOptions,
  type ConnectStreamSettings,
} from "./lib/sockets/streams/connect.ts";
export { StreamConn } from "./lib/sockets/streams/stream.ts";
export type { ReadOptions } from "./lib/sockets/streams/wants.ts";
export type { Wait } from "./lib/calls/waiter.ts";
export type { BindOptions } from "./lib/sockets/bind_options.ts";
export {
  listenStream,
  type ListenStreamOptions,
  listenStreamTls,
  type ListenStreamTlsOptions,
} from "./lib/sockets/streams/listen.ts";
export { StreamListener } from "./lib/sockets/streams/stream_listener.ts";
export { serveStream, type StreamServer } from "./lib/sockets/serving/serve.ts";
export type {
  ServeHandler,
  ServeInfo,
  ServeOptions,
} from "./lib/sockets/serving/serve_options.ts";
export type { AddressList } from "./lib/sockets/serving/access.ts";
export type { RawConn, RawListener } from "./lib/sockets/raw_conn.ts";

// TLS, with listenStreamTls above
export {
  type Certificate,
  connectStreamTls,
  type ConnectStreamTlsOptions,
  type ConnectStreamTlsSettings,
} from "./lib/sockets/tls/tls.ts";
export type { ServerTlsOptions } from "./lib/sockets/tls/tls_server.ts";
export type { PeerCertificate, TlsInfo } from "./lib/sockets/tls_info.ts";

// Datagrams
export {
  connectDatagram,
  type ConnectDatagramOptions,
  type ConnectDatagramSettings,
  sendDatagram,
  type SendDatagramOptions,
  type SendDatagramSettings,
} from "./lib/sockets/datagrams/connect_datagram.ts";
export { ConnectedDatagram } from "./lib/sockets/datagrams/connected_datagram.ts";
export {
  listenDatagram,
  type ListenDatagramOptions,
} from "./lib/sockets/datagrams/listen_datagram.ts";
export {
  type Datagram,
  DatagramSocket,
  MAX_DATAGRAM_BYTES,
} from "./lib/sockets/datagrams/datagram.ts";
export type { Membership } from "./lib/sockets/datagrams/multicast.ts";
export { serveDatagram } from "./lib/sockets/datagrams/serve_datagram.ts";
export type {
  DatagramServer,
  ServeDatagramHandler,
  ServeDatagramInfo,
  ServeDatagramOptions,
} from "./lib/sockets/datagrams/datagram_server.ts";

// Errors
export {
  CallError,
  type FailureEvent,
  PermissionError,
  SocketError,
  type Step,
} from "./lib/calls/errors.ts";
export type { ErrorDescription } from "./lib/calls/errno.ts";
export {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "./lib/names/addrinfo_error.ts";
export { ConnectError } from "./lib/sockets/streams/connect_error.ts";

// Events
export type {
  CallEvent,
  CallObserver,
  CallOnSocket,
  WaitingCall,
} from "./lib/calls/observer.ts";
export type * from "./lib/names/events.ts";
export type * from "./lib/sockets/events.ts";
