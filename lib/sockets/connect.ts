/**
 * Connecting to the first of a host's addresses that answers.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { deadline, isTimeout } from "../calls/deadline.ts";
import { Endpoint, joinHostPort } from "../address/endpoint.ts";
import { errorEvent, type SocketError } from "../calls/errors.ts";
import { AddrInfoError, lookUpErrorCode } from "../names/addrinfo_error.ts";
import { ConnectError } from "./connect_error.ts";
import type { Observer } from "./events.ts";
import { IpAddress } from "../address/ip_address.ts";
import type { Family } from "../address/inet.ts";
import { findTargets, type Target, type TargetOptions } from "./targets.ts";
import { call } from "../calls/call.ts";
import { StreamConn } from "./stream.ts";

/** Where and how {@linkcode connectStream} connects. */
export interface ConnectStreamOptions extends TargetOptions {
  /**
   * How long one attempt has before the next address is tried beside it, in
   * milliseconds: RFC 8305's Connection Attempt Delay.
   *
   * @default {250}
   */
  readonly attemptDelay?: number | undefined;
}

/**
 * Connects to a host as RFC 8305 ("Happy Eyeballs") asks: its addresses, the
 * families taking turns, are tried one after the other, the next one as soon as
 * the last one failed or has not answered for 250 ms. The first connection
 * wins, all others are closed.
 *
 * Where only the host's name is granted (`--allow-net=example.com:80`) Deno is
 * given that name and picks the address itself.
 *
 * @param options where and how to connect
 * @returns the connection
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {ConnectError} where no address answered; it tells each one's error
 * @throws {PermissionError} where no address may be reached
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
 * await server.write(new TextEncoder().encode("hello"));
 * assertEquals(await client.read(new Uint8Array(16)), 5);
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
 * @returns the connection as Deno has it
 */
export async function connectTcp(
  options: ConnectStreamOptions,
): Promise<Deno.TcpConn> {
  const { hostname, timeout = 0, signal, observer } = options;
  const targets = await findTargets(options, "stream");
  using limit = deadline(timeout, signal);
  const race = new Race(interleave(targets), limit.signal, options);
  const winner = await race.run();
  if (winner !== undefined) {
    emit(observer, "event", {
      event: "connected",
      peer: Endpoint.from(winner.remoteAddr),
    });
    return winner;
  }
  if (signal?.aborted) throw signal.reason;
  const lookup = race.errors.map(({ cause }) => lookUpErrorCode(cause))
    .find((code) => code !== undefined);
  if (lookup !== undefined) throw new AddrInfoError(lookup);
  throw new ConnectError(hostname, race.errors);
}

/**
 * The targets of both families taking turns, beginning with the family that
 * stands first (RFC 8305 section 4).
 *
 * @param targets addresses in the order of RFC 6724
 * @returns the same addresses, interleaved
 */
export function interleave(targets: readonly Target[]): Deno.NetAddr[] {
  const isV6 = ({ addr }: Target) => familyOf(addr) === "IPv6";
  const six = targets.filter(isV6);
  const four = targets.filter((target) => !isV6(target));
  const [first, second] = six[0] === targets[0] ? [six, four] : [four, six];
  const mixed: Deno.NetAddr[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i++) {
    for (const target of [first[i], second[i]]) {
      if (target !== undefined) mixed.push(target.addr);
    }
  }
  return mixed;
}

/** One run over a list of targets. */
class Race {
  readonly errors: SocketError[] = [];
  readonly #targets: readonly Deno.NetAddr[];
  readonly #signal: AbortSignal;
  readonly #delay: number;
  readonly #observer: Observer | undefined;
  readonly #losers = new AbortController();
  readonly #done = Promise.withResolvers<Deno.TcpConn | undefined>();
  readonly #attempts: Promise<void>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(
    targets: readonly Deno.NetAddr[],
    signal: AbortSignal,
    { attemptDelay = 250, observer }: ConnectStreamOptions,
  ) {
    this.#targets = targets;
    this.#signal = signal;
    this.#delay = attemptDelay;
    this.#observer = observer;
  }

  /** The first connection that stands, or `undefined` where none does. */
  async run(): Promise<Deno.TcpConn | undefined> {
    const abort = () => this.#losers.abort(this.#signal.reason);
    if (this.#signal.aborted) abort();
    this.#signal.addEventListener("abort", abort);
    try {
      this.#startNext();
      if (this.#attempts.length === 0) this.#finish(undefined);
      return await this.#done.promise;
    } finally {
      this.#signal.removeEventListener("abort", abort);
      clearTimeout(this.#timer);
      this.#losers.abort();
      // They are told as well, and leave nothing open.
      await Promise.allSettled(this.#attempts);
    }
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    const target = this.#targets[this.#attempts.length];
    if (target === undefined || this.#over || this.#signal.aborted) return;
    this.#timer = setTimeout(() => this.#startNext(), this.#delay);
    this.#attempts.push(this.#attempt(target));
  }

  async #attempt(target: Deno.NetAddr): Promise<void> {
    try {
      const conn = await this.#connect(target);
      if (this.#over) {
        conn.close();
        return;
      }
      this.#finish(conn);
    } catch (error) {
      if (!this.#over) this.#fail(error as SocketError);
    }
  }

  #connect(target: Deno.NetAddr): Promise<Deno.TcpConn> {
    const { hostname, port } = target;
    const { signal } = this.#losers;
    return call("connect", () => Deno.connect({ hostname, port, signal }), {
      address: IpAddress.tryParse(hostname) && Endpoint.from(target),
      observer: this.#observer,
      text: () => ({
        arguments: [joinHostPort(hostname, port)],
        before: [{
          call: "socket",
          arguments: [familyWord(target), "SOCK_STREAM"],
        }],
      }),
      result: () => 0,
    });
  }

  #fail(error: SocketError): void {
    this.errors.push(error);
    // A look-up that Deno made is no call of this step: it is reported as such.
    const lookup = lookUpErrorCode(error.cause) !== undefined;
    if (!lookup && (!this.#signal.aborted || isTimeout(this.#signal.reason))) {
      emit(this.#observer, "event", errorEvent(error));
    }
    if (!this.#signal.aborted) this.#startNext();
    if (this.errors.length === this.#attempts.length) this.#finish(undefined);
  }

  #finish(conn: Deno.TcpConn | undefined): void {
    this.#over = true;
    this.#done.resolve(conn);
  }
}

/** The family of a target, if it is not a name. */
function familyOf({ hostname }: Deno.NetAddr): Family | undefined {
  return IpAddress.tryParse(hostname)?.family;
}

/** The family of a target's socket, as C writes it. */
function familyWord(target: Deno.NetAddr): string {
  const family = familyOf(target);
  if (family === "IPv6") return "AF_INET6";
  // Which one Deno takes for a name shows only in what it connects to.
  return family === "IPv4" ? "AF_INET" : "AF_UNSPEC";
}
