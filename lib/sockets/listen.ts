/**
 * Opening sockets that wait for peers.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfoHints } from "../names/hints.ts";
import { Endpoint } from "../address/endpoint.ts";
import { SocketError } from "../calls/errors.ts";
import type { ListeningEvent, Observer } from "./events.ts";
import type { Family } from "../address/inet.ts";
import { requireNet } from "../calls/permission.ts";
import type { SockType } from "../names/services.ts";
import { closeSocket, type StreamListener } from "./socket.ts";
import type { Certificate } from "./tls.ts";
import { type Call, tracedSync } from "../calls/call.ts";

/** Where a socket is bound. */
export interface BindOptions {
  /** A port, 0 to 65535, or a service's name; 0 takes any free port. */
  readonly port: number | string;
  /**
   * A name or a numeric address of this machine.
   *
   * @default {undefined} every interface
   */
  readonly hostname?: string | undefined;
  /**
   * This family alone.
   *
   * @default {undefined} both, on one dual-stack socket
   */
  readonly family?: Family | undefined;
  /** Closes the socket. */
  readonly signal?: AbortSignal | undefined;
  /** Is told each call. */
  readonly observer?: Observer | undefined;
}

/** Where and how {@linkcode listenStream} listens. */
export interface ListenStreamOptions extends BindOptions {
  /**
   * How many connections may wait to be accepted, 1 to 2147483647; the system
   * may hold fewer.
   *
   * @default {511}
   */
  readonly backlog?: number | undefined;
  /**
   * Share the port with other processes that do the same, among which the
   * system spreads the connections (`SO_REUSEPORT`; Linux alone).
   *
   * @default {false}
   */
  readonly reusePort?: boolean | undefined;
}

/** Where and how {@linkcode listenStreamTls} listens. */
export interface ListenStreamTlsOptions
  extends ListenStreamOptions, Certificate {}

/** What an address family that this machine does not have answers. */
const NO_SUCH_FAMILY = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/**
 * Binds to the first of the addresses that can be bound.
 *
 * @param options where
 * @param socktype the socket's type
 * @param open opens a socket on one address
 * @returns what `open` gave
 */
export async function bindFirst<T extends { close(): void }>(
  options: BindOptions,
  socktype: SockType,
  open: (addr: Deno.NetAddr) => T,
): Promise<T> {
  const { port, hostname = null, family, signal, observer } = options;
  signal?.throwIfAborted();
  const hints: AddrInfoHints = {
    socktype,
    passive: true,
    family,
    signal,
    observer,
  };
  const list = await getAddrInfo(hostname, port, hints);
  signal?.throwIfAborted();
  // Nothing is told, let alone opened, where the permission is missing.
  if (list[0] !== undefined) {
    requireNet(list[0].addr.hostname, list[0].addr.port);
  }
  for (const event of ["configuring", "creating", "binding"] as const) {
    emit(observer, "event", { event });
  }
  let failure: SocketError | undefined;
  for (const { addr } of list) {
    requireNet(addr.hostname, addr.port);
    try {
      const socket = open(addr);
      signal?.addEventListener("abort", () => closeSocket(socket), {
        once: true,
      });
      return socket;
    } catch (error) {
      failure = new SocketError("bind", error, Endpoint.from(addr));
      // A port that is taken in one family must not be served in the other
      // alone: clients would reach two programs under one name.
      if (hostname === null && !NO_SUCH_FAMILY.includes(failure.code)) break;
    }
  }
  throw failure;
}

/** The calls that C makes to have a bound socket. */
export function bindCalls(addr: Deno.NetAddr): [socket: Call, bind: Call] {
  const endpoint = Endpoint.from(addr);
  return [{
    call: "socket",
    arguments: [
      endpoint.address.family === "IPv4" ? "AF_INET" : "AF_INET6",
      addr.transport === "tcp" ? "SOCK_STREAM" : "SOCK_DGRAM",
    ],
  }, { call: "bind", arguments: [endpoint.toString()] }];
}

/**
 * Listens for connections, by default on every interface of both families
 * through one dual-stack socket. Peers that come over IPv4 then show as
 * `::ffff:127.0.0.1` in Deno's addresses.
 *
 * Where this machine has no IPv6, `0.0.0.0` is listened on in its place.
 *
 * @param options where and how to listen
 * @returns the listener
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {SocketError} where it cannot be bound
 * @throws {PermissionError} where the address may not be used
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
export function listenStream(
  options: ListenStreamOptions,
): Promise<Deno.TcpListener> {
  return openListener(options);
}

/**
 * Listens for connections over TLS, in all else as {@linkcode listenStream}
 * does. The handshake is made when a connection is first read or written.
 *
 * @param options where and how to listen, the certificate and its key
 * @returns the listener
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {SocketError} where it cannot be bound
 * @throws {PermissionError} where the address may not be used
 */
export async function listenStreamTls(
  options: ListenStreamTlsOptions,
): Promise<StreamListener> {
  // Only servers that speak TLS pay for loading it.
  const { overTls } = await import("./tls_server.ts");
  return overTls(await openListener(options, { tls: true }), options);
}

async function openListener(
  options: ListenStreamOptions,
  told: Pick<ListeningEvent, "tls"> = {},
): Promise<Deno.TcpListener> {
  const { backlog: tcpBacklog = 511, reusePort = false, observer } = options;
  const listener = await bindFirst(options, "stream", (addr) => {
    const { hostname, port } = addr;
    return tracedSync(
      observer,
      () => {
        const [socket, bind] = bindCalls(addr);
        return {
          call: "listen",
          arguments: [String(tcpBacklog)],
          before: [
            socket,
            setsockopt("SO_REUSEADDR"),
            ...(reusePort ? [setsockopt("SO_REUSEPORT")] : []),
            bind,
          ],
          blame: "bind",
        };
      },
      () => Deno.listen({ hostname, port, tcpBacklog, reusePort }),
    );
  });
  const address = Endpoint.from(listener.addr);
  emit(observer, "event", { event: "listening", address, ...told });
  return listener;
}

function setsockopt(option: string): Call {
  return { call: "setsockopt", arguments: ["SOL_SOCKET", option, "1"] };
}
