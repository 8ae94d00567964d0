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
export {
  connectStream,
  type ConnectStreamOptions,
  type ConnectStreamSettings,
} from "./lib/sockets/connect.ts";
export {
  connectDatagram,
  type ConnectDatagramOptions,
  type ConnectDatagramSettings,
  sendDatagram,
  type SendDatagramOptions,
  type SendDatagramSettings,
} from "./lib/sockets/connect_datagram.ts";
export { ConnectedDatagram } from "./lib/sockets/connected_datagram.ts";
export {
  type Datagram,
  DatagramSocket,
  MAX_DATAGRAM_BYTES,
} from "./lib/sockets/datagram.ts";
export {
  listenDatagram,
  type ListenDatagramOptions,
} from "./lib/sockets/listen_datagram.ts";
export type { Membership } from "./lib/sockets/multicast.ts";
export type {
  DatagramServer,
  ServeDatagramHandler,
  ServeDatagramInfo,
  ServeDatagramOptions,
} from "./lib/sockets/datagram_server.ts";
export { serveDatagram } from "./lib/sockets/serve_datagram.ts";
export { IpAddress } from "./lib/address/ip_address.ts";
export { IpPrefix } from "./lib/address/ip_prefix.ts";
export { Endpoint, type EndpointObject } from "./lib/address/endpoint.ts";
export {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "./lib/names/addrinfo_error.ts";
export {
  CallError,
  type FailureEvent,
  PermissionError,
  SocketError,
  type Step,
} from "./lib/calls/errors.ts";
export type { ErrorDescription } from "./lib/calls/errno.ts";
export { ConnectError } from "./lib/sockets/connect_error.ts";
export type { CallEvent, CallObserver } from "./lib/calls/observer.ts";
export type * from "./lib/names/events.ts";
export type * from "./lib/sockets/events.ts";
export {
  type Family,
  inetAton,
  inetNtop,
  inetPton,
} from "./lib/address/inet.ts";
export type { BindOptions } from "./lib/sockets/bind.ts";
export {
  listenStream,
  type ListenStreamOptions,
  listenStreamTls,
  type ListenStreamTlsOptions,
} from "./lib/sockets/listen.ts";
export {
  type AddressList,
  type ServeHandler,
  type ServeInfo,
  type ServeOptions,
  serveStream,
  type StreamServer,
} from "./lib/sockets/serve.ts";
export type { SockType } from "./lib/names/services.ts";
export type { RawConn, RawListener } from "./lib/sockets/raw_conn.ts";
export { StreamListener } from "./lib/sockets/stream_listener.ts";
export { StreamConn } from "./lib/sockets/stream.ts";
export type { ReadOptions } from "./lib/sockets/wants.ts";
export type { Wait } from "./lib/calls/waiter.ts";
export type {
  Destination,
  EndpointDestination,
  HostDestination,
  ReachOptions,
} from "./lib/sockets/targets.ts";
export type { ServerTlsOptions } from "./lib/sockets/tls_server.ts";
export type { PeerCertificate, TlsInfo } from "./lib/sockets/tls_info.ts";
export {
  type Certificate,
  connectStreamTls,
  type ConnectStreamTlsOptions,
  type ConnectStreamTlsSettings,
} from "./lib/sockets/tls.ts";
