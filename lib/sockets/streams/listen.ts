/**
 * Listening for stream connections.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import type { EarlierCall } from "../../calls/call.ts";
import { numbered, sharesDescriptor } from "../../calls/descriptors.ts";
import { emit } from "../../calls/observer.ts";
import { platform } from "../../calls/platform.ts";
import { requireCount } from "../../calls/ranges.ts";
import { bindAll, bindCalls } from "../bind.ts";
import type { BindOptions } from "../bind_options.ts";
import type { ListeningEvent } from "../events.ts";
import type { RawListener } from "../raw_conn.ts";
import { DEFAULT_BACKLOG, StreamListener } from "./stream_listener.ts";
import type { ServerTlsOptions } from "../tls/tls_server.ts";

/** The largest number that `listen(2)` takes. */
const MAX_BACKLOG = 2 ** 31 - 1;

/**
 * Where and how {@linkcode listenStream} listens.
 *
 * @category Streams
 */
export interface ListenStreamOptions extends BindOptions {
  /**
   * How many connections may wait to be accepted, 1 to 2147483647; the system
   * may hold fewer.
   *
   * @default {4096}
   */
  readonly backlog?: number | undefined;
  /**
   * Share the port with other processes that do the same; the system spreads
   * the connections among them (`SO_REUSEPORT`; Linux only).
   *
   * @default {false}
   */
  readonly reusePort?: boolean | undefined;
}

/**
 * Where and how {@linkcode listenStreamTls} listens.
 *
 * @category TLS
 */
export interface ListenStreamTlsOptions
  extends ListenStreamOptions, ServerTlsOptions {}

/**
 * Listens for connections, by default on every interface of both families
 * through one dual-stack socket, or through two if the system has none. Peers that
 * come over IPv4 may show as `::ffff:127.0.0.1` in Deno's addresses.
 *
 * A family that this machine does not have is left out.
 *
 * @param options where and how to listen
 * @returns the listener
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} if it cannot be bound
 * @throws {PermissionError} if `--allow-net` does not cover the address
 * @throws {RangeError} if the port, the backlog or the timeout is out of its
 * range, hosts overlap, or one is a multicast address
 * @throws the signal's reason if it aborts
 *
 * @category Streams
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenStream } from "@parley/parley";
 *
 * using listener = await listenStream({ hostname: "127.0.0.1", port: 0 });
 * assertEquals(listener.addr.hostname, "127.0.0.1");
 * ```
 */
export async function listenStream(
  options: ListenStreamOptions,
): Promise<StreamListener> {
  const sockets = await openSockets(options);
  return listening(sockets, options, {});
}

/**
 * Listens for connections over TLS, in all else as {@linkcode listenStream}
 * does. The handshake is made when a connection is first read or written.
 *
 * @param options where and how to listen, the certificate and its key
 * @returns the listener
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} if it cannot be bound
 * @throws {TypeError} if the certificate or the key can't be read, or they do not
 * belong together
 * @throws {PermissionError} if `--allow-net` does not cover the address
 * @throws {RangeError} if the port, the backlog or the timeout is out of its
 * range, hosts overlap, or one is a multicast address
 * @throws the signal's reason if it aborts
 *
 * @category TLS
 *
 * @example
 * ```ts
 * import {
 *   listenStreamTls,
 *   serveStream,
 *   type StreamServer,
 * } from "@parley/parley";
 *
 * async function greet(cert: string, key: string): Promise<StreamServer> {
 *   const listener = await listenStreamTls({ port: 8443, cert, key });
 *   return serveStream(listener, async (conn) => {
 *     await conn.writeAll(new TextEncoder().encode("Hello, world!"));
 *   });
 * }
 * ```
 */
export async function listenStreamTls(
  options: ListenStreamTlsOptions,
): Promise<StreamListener> {
  // Only servers that speak TLS pay for loading it.
  const { overTls, serverTls } = await import("../tls/tls_server.ts");
  const tls = await serverTls(options);
  const [first, ...others] = await openSockets(options);
  const secured = (socket: Deno.TcpListener) =>
    sharesDescriptor(socket, overTls(socket, tls));
  const sockets = [secured(first), ...others.map(secured)] as const;
  return listening(sockets, options, { tls: true });
}

/** Reports that sockets listen, and makes one listener of them. */
function listening(
  sockets: readonly [RawListener, ...RawListener[]],
  { observer, backlog }: ListenStreamOptions,
  kind: Pick<ListeningEvent, "tls">,
): StreamListener {
  for (const socket of sockets) {
    const address = Endpoint.from(socket.addr);
    const event = { event: "listening", address, ...kind } as const;
    emit(observer, "event", numbered(socket, event));
  }
  return new StreamListener(sockets, observer, backlog);
}

async function openSockets(
  options: ListenStreamOptions,
): Promise<[Deno.TcpListener, ...Deno.TcpListener[]]> {
  const { backlog = DEFAULT_BACKLOG, reusePort = false } = options;
  const tcpBacklog = requireCount("backlog", backlog, MAX_BACKLOG);
  return await bindAll(options, {
    socktype: "stream",
    isShared: reusePort,
    open: ({ hostname, port }, reusePort) =>
      Deno.listen({ hostname, port, tcpBacklog, reusePort }),
    calls: (addr) => listenCalls(addr, tcpBacklog, reusePort),
  });
}

/** What C calls to listen. */
function listenCalls(
  addr: Deno.NetAddr,
  backlog: number,
  reusePort: boolean,
): EarlierCall[] {
  const [socket, bind] = bindCalls(addr);
  const setsockopt = (option: string) => ({
    call: "setsockopt",
    arguments: ["SOL_SOCKET", option, "1"],
  });
  const options = [
    ...(reusePort && platform.sharesPorts ? [setsockopt("SO_REUSEPORT")] : []),
    ...platform.listenerOptions.map(setsockopt),
  ];
  const listen = { call: "listen", arguments: [String(backlog)] };
  return [socket, ...options, bind, listen];
}
