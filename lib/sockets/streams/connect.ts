/**
 * Connecting to the first of a host's addresses that answers.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { numbered } from "../../calls/descriptors.ts";
import { deadline } from "../../calls/deadline.ts";
import { errorEvent, SocketError } from "../../calls/errors.ts";
import { emit, receives } from "../../calls/observer.ts";
import { requireNet } from "../../calls/permission.ts";
import {
  requireLocalPort,
  requirePort,
  requireTime,
} from "../../calls/ranges.ts";
import {
  about,
  AddrInfoError,
  lookUpErrorCode,
} from "../../names/addrinfo_error.ts";
import { attempt } from "./attempt.ts";
import { ConnectError } from "./connect_error.ts";
import { Race } from "./race.ts";
import { RaceLookUp } from "./race_look_up.ts";
import { endsOf, type RawConn } from "../raw_conn.ts";
import { setOption } from "./socket_option.ts";
import { StreamConn } from "./stream.ts";
import type { Destination, ReachOptions } from "../targets.ts";

/**
 * How {@linkcode connectStream} connects.
 *
 * @category Streams
 */
export interface ConnectStreamSettings extends ReachOptions {
  /**
   * How long one attempt has before the next address is tried beside it, in
   * milliseconds: RFC 8305's Connection Attempt Delay.
   *
   * @default {250}
   */
  readonly attemptDelay?: number | undefined;
  /**
   * Send small writes at once (`TCP_NODELAY`).
   *
   * @default {false}
   */
  readonly noDelay?: boolean | undefined;
  /**
   * Ask a silent peer now and then whether it is there (`SO_KEEPALIVE`).
   *
   * @default {false}
   */
  readonly keepAlive?: boolean | undefined;
}

/**
 * Where and how {@linkcode connectStream} connects.
 *
 * @category Streams
 */
export type ConnectStreamOptions = Destination & ConnectStreamSettings;

/**
 * Connects to a host as RFC 8305 ("Happy Eyeballs") asks: its addresses, the
 * families taking turns, are tried one after the other, the next one as soon as
 * the last one failed or has not answered for 250 ms. The first connection
 * wins, all others are closed.
 *
 * If only the host's name is granted (`--allow-net=example.com:80`) Deno is
 * given that name and picks the address itself.
 *
 * @category Streams
 * @param options where and how to connect; the signal ends the opening and
 * nothing else
 * @returns the connection
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {ConnectError} if no address answered; it has each one's error
 * @throws {PermissionError} if no address may be reached, or the local address
 * not be used
 * @throws {RangeError} if a number is out of its range
 * @throws the signal's reason, if it aborts
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connectStream, listenStream } from "@parley/parley";
 *
 * using listener = await listenStream({ port: 0 });
 * const { port } = listener.addr;
 * using client = await connectStream({ hostname: "localhost", port });
 * using server = await listener.accept();
 * await server.writeAll(new TextEncoder().encode("hello"));
 * assertEquals(await client.read(new Uint8Array(16)), 5);
 * ```
 *
 * @example Look at which ports of a host are open
 * ```ts
 * import { connectStream, ConnectError } from "@parley/parley";
 *
 * async function state(hostname: string, port: number): Promise<string> {
 *   try {
 *     using _ = await connectStream({ hostname, port, timeout: 1_000 });
 *     return "open";
 *   } catch (error) {
 *     if (!(error instanceof ConnectError)) throw error;
 *     return error.code === "ECONNREFUSED" ? "closed" : "filtered";
 *   }
 * }
 *
 * const ports = [1, 2, 3];
 * const states = await Promise.all(ports.map((port) => state("127.0.0.1", port)));
 * ports.forEach((port, i) => console.log(port, states[i]));
 * ```
 */
export async function connectStream(
  options: ConnectStreamOptions,
): Promise<StreamConn> {
  return new StreamConn(await connectTcp(options), options.observer);
}

/**
 * Connects as {@linkcode connectStream} does.
 *
 * @param options where and how to connect
 * @returns the connection as the system has it
 */
export async function connectTcp(
  options: ConnectStreamOptions,
): Promise<RawConn> {
  const { timeout = 0, attemptDelay = 250, signal, observer } = options;
  requireTime("timeout", timeout);
  requireLocalPort(options.localPort ?? 0);
  requireTime("attemptDelay", attemptDelay);
  signal?.throwIfAborted();
  const only = onlyEndpoint(options);
  const conn = only === undefined
    ? await connectFirst(options)
    : await connectOnly(only, options);
  const { noDelay = false, keepAlive = false } = options;
  if (noDelay) setOption(conn, "setNoDelay", true, observer);
  if (keepAlive) setOption(conn, "setKeepAlive", true, observer);
  if (receives(observer, "event")) {
    const { local, remote: peer } = endsOf(conn);
    const connected = { event: "connected", peer, local } as const;
    emit(observer, "event", numbered(conn, connected));
  }
  return conn;
}

/**
 * The endpoint, if nothing has to be looked up, nor anybody observes that. A
 * race with one runner would cost a third more than the connection itself.
 */
function onlyEndpoint(options: ConnectStreamOptions): Endpoint | undefined {
  if (options.endpoint !== undefined) return options.endpoint;
  const { hostname, port, family, observer } = options;
  if (receives(observer, "call") || receives(observer, "resolution")) {
    return undefined;
  }
  const address = IpAddress.tryParse(hostname);
  const isPlain = address !== undefined && address.scope === undefined &&
    (family === undefined || family === address.family);
  if (!isPlain || typeof port !== "number") return undefined;
  requirePort(port);
  return new Endpoint(address, port);
}

/** Connects to the one address that there is. */
async function connectOnly(
  { address, port }: Endpoint,
  options: ConnectStreamOptions,
): Promise<RawConn> {
  requirePort(port);
  requireNet(address, port);
  const { timeout = 0, signal, observer } = options;
  const addr = {
    hostname: address.toString(),
    port,
    transport: "tcp",
  } as const;
  using limit = timeout === 0 ? undefined : deadline(timeout, signal);
  try {
    return await attempt(addr, address, limit?.signal ?? signal, options);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof SocketError)) throw error;
    emit(observer, "event", errorEvent(error));
    throw new ConnectError(hostOf(options), [error]);
  }
}

/** Connects to the first of several addresses that answers. */
async function connectFirst(options: ConnectStreamOptions): Promise<RawConn> {
  const { timeout = 0, attemptDelay: delay = 250, signal, observer } = options;
  const race = new Race<RawConn>({
    connect: (addr, end) =>
      attempt(addr, IpAddress.tryParse(addr.hostname), end, options),
    delay,
    timeout,
    observer,
  });
  const abort = () => race.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    const looking = new RaceLookUp(race, options);
    const winner = await race.winner();
    await looking.ended;
    if (winner !== undefined) return winner;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  if (signal?.aborted) throw signal.reason;
  const lookup = race.errors.map(({ cause }) => lookUpErrorCode(cause))
    .find((code) => code !== undefined);
  if (lookup !== undefined) {
    const { hostname = null, port = null } = options;
    throw about(new AddrInfoError(lookup), hostname, port);
  }
  throw new ConnectError(hostOf(options), race.errors);
}

/** The destination as errors name it. */
function hostOf({ hostname, endpoint }: ConnectStreamOptions): string {
  return hostname ?? String(endpoint);
}
