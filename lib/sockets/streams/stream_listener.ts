/**
 * Accepting connections from one listening socket or several.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { call } from "../../calls/call.ts";
import { type Descriptor, descriptorFor } from "../../calls/descriptors.ts";
import { SocketError } from "../../calls/errors.ts";
import { isObserved, type Shown } from "../../calls/shown_call.ts";
import { isBounded, type Wait } from "../../calls/waiter.ts";
import type { Observer } from "../events.ts";
import { closeSocket } from "../close.ts";
import { endsOf, type RawConn, type RawListener } from "../raw_conn.ts";
import { StreamConn } from "./stream.ts";

/** The codes of a peer that left before it was accepted. */
const PEER_LEFT = ["ECONNABORTED", "ECONNRESET", "ENOTCONN", "EPROTO"];

/**
 * Says whether `accept` failed because the peer had left: the next one may be
 * accepted.
 *
 * @param error what `accept` threw
 */
export function hasPeerLeft(error: unknown): boolean {
  return error instanceof SocketError && PEER_LEFT.includes(error.code);
}

/**
 * Says whether a call failed because no descriptor was left.
 *
 * @param error what it threw
 */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof SocketError &&
    (error.code === "EMFILE" || error.code === "ENFILE");
}

/**
 * How many may wait by default: as many as Linux allows. One address then needs
 * some thousand connections before it keeps others out of the queue.
 */
export const DEFAULT_BACKLOG = 4096;

/** A listening socket, and whether a call waits at it. */
interface Source {
  readonly socket: RawListener;
  /** If somebody observes its calls. */
  readonly descriptor: Descriptor | undefined;
  isWaiting: boolean;
}

/**
 * Where connections are accepted: one listening socket, or several that take
 * turns.
 *
 * @category Streams
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connectStream, listenStream } from "@parley/parley";
 *
 * using listener = await listenStream({ hostname: "127.0.0.1", port: 0 });
 * using client = await connectStream({
 *   hostname: "127.0.0.1",
 *   port: listener.addr.port,
 * });
 * const conn = await listener.accept({ timeout: 1000 });
 * assertEquals(conn.remoteAddr.port, client.localAddr.port);
 * conn.close();
 * ```
 */
export class StreamListener implements Disposable, AsyncIterable<StreamConn> {
  /** Where the first socket listens. */
  readonly addr: Deno.NetAddr;
  /** Where all of them listen. */
  readonly addrs: readonly Deno.NetAddr[];
  /** How many connections may wait to be accepted. */
  readonly backlog: number;
  readonly #sources: readonly Source[];
  readonly #observer: Observer | undefined;
  readonly #shown: Shown<RawConn>;
  /** Who waits for a connection, in the order of the calls. */
  readonly #waiting = new Set<PromiseWithResolvers<RawConn>>();
  /** Connections that came when nobody waited any more. */
  #ready: RawConn[] = [];
  /** Where each connection was accepted, if somebody observes that. */
  #acceptedAt: WeakMap<RawConn, Descriptor> | undefined;
  #isClosed = false;

  /**
   * Takes over sockets.
   *
   * @param sockets one or more listening sockets
   * @param observer receives each call
   * @param backlog how many connections may wait to be accepted
   */
  constructor(
    sockets: readonly [RawListener, ...RawListener[]],
    observer?: Observer,
    backlog: number = DEFAULT_BACKLOG,
  ) {
    this.backlog = backlog;
    this.addr = sockets[0].addr;
    this.addrs = sockets.map(({ addr }) => addr);
    const isShown = isObserved(observer);
    this.#sources = sockets.map((socket) => ({
      socket,
      descriptor: isShown ? descriptorOfListener(socket) : undefined,
      isWaiting: false,
    }));
    this.#observer = observer;
    this.#shown = {
      observer,
      descriptor: (conn) => this.#descriptorOf(conn),
      opens: endsOf,
    };
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Waits for the next connection, as `accept(2)` does. Calls are served in
   * their order. One that ended by time or signal loses nothing: the next call
   * gets the connection that came.
   *
   * @param wait the longest wait
   * @returns the connection
   * @throws {SocketError} if the system refused, the peer left before it was
   * accepted, the time was over (`ETIMEDOUT`), or the listener was closed
   * (`ECANCELED`)
   * @throws the signal's reason if it aborts
   */
  accept(wait?: Wait): Promise<StreamConn> {
    return this.acceptRaw(wait)
      .then((raw) => new StreamConn(raw, this.#observer));
  }

  /**
   * Waits for the next connection, as {@linkcode StreamListener.accept} does.
   *
   * @param wait the longest wait
   * @param connection says which number a connection will have, for the trace
   * @returns the connection as the system has it
   * @throws as `accept` does
   */
  acceptRaw(
    wait: Wait = {},
    connection?: (conn: RawConn) => number | undefined,
  ): Promise<RawConn> {
    const { timeout, signal } = wait;
    const isShown = this.#sources[0]!.descriptor !== undefined;
    const shown = isShown ? { ...this.#shown, connection } : this.#shown;
    if (!isBounded(wait) && this.#isIdle) {
      return call("accept", () => this.#acceptHere(), shown);
    }
    const waiter = Promise.withResolvers<RawConn>();
    const accepted = call("accept", () => this.#next(waiter), {
      timeout,
      signal,
      ...shown,
    });
    if (!isBounded(wait)) return accepted;
    return accepted.catch((error) => {
      this.#giveUp(waiter);
      throw error;
    });
  }

  /**
   * Iterates over the connections that come, until it is closed. Peers that
   * left before they were accepted are passed over.
   *
   * @returns the connections
   * @throws {SocketError} if the system refused
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<StreamConn> {
    while (!this.#isClosed) {
      let conn: StreamConn;
      try {
        conn = await this.accept();
      } catch (error) {
        // They are reported to the observer; who closed it knows.
        if (this.#isClosed || hasPeerLeft(error)) continue;
        throw error;
      }
      yield conn;
    }
  }

  /** Stops listening; a pending `accept` then fails. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The system had accepted these, and nobody waited for them any more.
    for (const conn of this.#ready) call("accept", () => conn, this.#shown);
    for (const { socket } of this.#sources) closeSocket(socket, this.#observer);
    for (const conn of this.#ready.splice(0)) closeSocket(conn, this.#observer);
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether there is one socket, and nobody and nothing waits at it. */
  get #isIdle(): boolean {
    return this.#sources.length === 1 && !this.#sources[0]!.isWaiting &&
      this.#waiting.size === 0 && this.#ready.length === 0;
  }

  /** The socket at which a connection was accepted, or the only one. */
  #descriptorOf(conn: RawConn | undefined): Descriptor | undefined {
    const known = conn && this.#acceptedAt?.get(conn);
    return known ?? this.#sources[0]!.descriptor;
  }

  /** The short way of a busy server: one promise, and no waiter. */
  #acceptHere(): Promise<RawConn> {
    const source = this.#sources[0]!;
    source.isWaiting = true;
    return source.socket.accept().then((conn) => {
      source.isWaiting = false;
      if (this.#waiting.size > 0) this.#acceptEverywhere();
      return conn;
    }, (error) => {
      source.isWaiting = false;
      // Those behind it find out for themselves.
      if (this.#waiting.size > 0) this.#acceptEverywhere();
      throw error;
    });
  }

  #next(waiter: PromiseWithResolvers<RawConn>): Promise<RawConn> {
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    this.#waiting.add(waiter);
    this.#acceptEverywhere();
    return waiter.promise;
  }

  #acceptEverywhere(): void {
    for (const source of this.#sources) {
      if (source.isWaiting) continue;
      source.isWaiting = true;
      source.socket.accept().then((raw) => {
        source.isWaiting = false;
        if (source.descriptor !== undefined) {
          (this.#acceptedAt ??= new WeakMap()).set(raw, source.descriptor);
        }
        this.#deliver(raw);
      }, (error) => {
        source.isWaiting = false;
        this.#fail(error);
      });
    }
  }

  #deliver(conn: RawConn): void {
    const [waiter] = this.#waiting;
    if (this.#isClosed) closeSocket(conn, this.#observer);
    else if (waiter === undefined) this.#ready.push(conn);
    else {
      this.#waiting.delete(waiter);
      waiter.resolve(conn);
      if (this.#waiting.size > 0) this.#acceptEverywhere();
    }
  }

  /**
   * Fails the first call, and all of them if there is nothing to wait for. If
   * nobody calls, the next call meets what lasts.
   */
  #fail(error: unknown): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.reject(error);
      if (!this.#isClosed) break;
    }
    if (this.#waiting.size > 0) this.#acceptEverywhere();
  }

  /** Takes a call back; a connection that it was given goes to the next one. */
  #giveUp(waiter: PromiseWithResolvers<RawConn>): void {
    if (this.#waiting.delete(waiter)) return;
    // If it was given an error, that was its own.
    waiter.promise.then((conn) => this.#deliver(conn), () => {});
  }
}

function descriptorOfListener(socket: RawListener): Descriptor {
  return descriptorFor(socket, () => ({ local: Endpoint.from(socket.addr) }));
}
