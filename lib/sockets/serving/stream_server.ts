/**
 * A server's state: which connections it has, and how it ends.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { Change } from "../../calls/change.ts";
import { bounded, pause } from "../../calls/deadline.ts";
import { emit } from "../../calls/observer.ts";
import { requireCount, requireTime } from "../../calls/ranges.ts";
import { accessOf, requireRules } from "./access.ts";
import { Admission } from "./admission.ts";
import { closeSocket } from "../close.ts";
import { isStop } from "../handler_error.ts";
import { OwnEnd } from "./own_end.ts";
import type { Knock } from "./park.ts";
import type { RawConn } from "../raw_conn.ts";
import type { ServeHandler, ServeInfo, ServeOptions } from "./serve_options.ts";
import { isOwnClose, ServedConnection } from "./served_connection.ts";
import { ServerFaults } from "./server_faults.ts";
import {
  hasPeerLeft,
  isOutOfDescriptors,
  type StreamListener,
} from "../streams/stream_listener.ts";

/**
 * How long accepting pauses after an error of the system, above all when
 * descriptors run out, if no connection ends before, in ms.
 */
const PAUSE = 100;
/**
 * At most this many rounds drain the backlog at a stop, of two milliseconds
 * each; on a loaded machine, where they take longer, no fewer.
 */
const ROUNDS = 50;

/** What a server does. */
type State =
  /** It accepts connections. */
  | "accepting"
  /** It was stopped, and accepts who still waits in the backlog. */
  | "draining"
  /** It accepts nobody, and waits for the connections in hand. */
  | "finishing"
  | "finished";

/**
 * Serves connections; made by {@linkcode serveStream}.
 *
 * @category Streams
 *
 * @example
 * ```ts
 * import { listenStream, serveStream } from "@parley/parley";
 *
 * const listener = await listenStream({ hostname: "127.0.0.1", port: 0 });
 * const server = serveStream(listener, (conn) => console.log(`${conn.peer}`));
 * console.log(server.addr.port);
 * await server.shutdown();
 * ```
 */
export class StreamServer implements AsyncDisposable {
  /** Where the listener listens. */
  readonly addr: Deno.NetAddr;
  /** Resolves when all is over; it never rejects. */
  readonly finished: Promise<void>;
  readonly #listener: StreamListener;
  readonly #handler: ServeHandler;
  readonly #options: ServeOptions;
  readonly #count: number;
  readonly #grace: number;
  readonly #stop = new AbortController();
  readonly #admission: Admission;
  readonly #faults: ServerFaults;
  #state: State = "accepting";
  /** How many connections had a place. */
  #connections = 0;
  /** How many were accepted, with a place or not. */
  #arrivals = 0;
  /** Aborts when the count is reached, if there is one. */
  readonly #enough = new AbortController();
  readonly #ownEnd = new OwnEnd();
  /** A connection has ended, or the state is another. */
  readonly #change = new Change();
  #draining: Promise<void> | undefined;

  /**
   * Begins to serve.
   *
   * @param listener where to accept; it is closed at the end
   * @param handler talks to one peer
   * @param options how to serve
   * @throws {RangeError} if a number is out of its range
   * @throws {TypeError} if `allow`, `deny` or `family` are of another type
   */
  constructor(
    listener: StreamListener,
    handler: ServeHandler,
    options: ServeOptions = {},
  ) {
    const {
      maxConnections = 1024,
      maxPerHost = Infinity,
      count = Infinity,
      grace = 10_000,
      observer,
    } = options;
    requireRules(options);
    this.#faults = new ServerFaults(options);
    this.#admission = new Admission({
      maxConnections: requireCount("maxConnections", maxConnections),
      maxPerHost: requireCount("maxPerHost", maxPerHost),
      maxParked: listener.backlog,
      observer,
      isOpen: () => this.#connections < this.#count,
      admit: (knock) => this.#admit(knock),
      serve: (served) => void this.#serve(served),
      onGaveWay: ({ address }) => {
        this.#faults.gaveWay.add(address);
        this.#change.happened();
      },
    });
    this.#count = requireCount("count", count);
    this.#grace = requireTime("grace", grace);
    this.#listener = listener;
    this.#handler = handler;
    this.#options = options;
    this.addr = listener.addr;
    this.finished = this.#run();
  }

  /**
   * Stops the server: it accepts who is connected already, closes the listener,
   * and waits for the open connections for as long as the grace allows.
   *
   * @returns when the server is finished
   */
  shutdown(): Promise<void> {
    this.#shutDown(new DOMException("The server was stopped", "AbortError"));
    return this.finished;
  }

  /** Stops the server and waits until it is finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #run(): Promise<void> {
    const { signal, observer } = this.#options;
    const stop = () => this.#shutDown(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) {
      this.#state = "finishing";
      stop();
    } else {
      emit(observer, "event", { event: "waiting" });
      await this.#acceptAll();
      await this.#draining;
      this.#state = "finishing";
    }
    // When the count is reached, the socket is closed after the last one.
    await this.#lastOne(this.#stop.signal);
    this.#closeListener();
    await bounded(this.#lastOne(), this.#grace).catch(() => {
      // The grace is over: their handlers find them closed.
      this.#admission.endAll();
    });
    this.#faults[Symbol.dispose]();
    signal?.removeEventListener("abort", stop);
    this.#state = "finished";
    emit(observer, "event", { event: "finished" });
  }

  #shutDown(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    if (this.#state === "accepting") {
      this.#state = "draining";
      this.#draining = this.#drain();
    }
    this.#stop.abort(reason);
    this.#change.happened();
  }

  /** Accepts until the count is reached or the listener is closed. */
  async #acceptAll(): Promise<void> {
    // The last of the count may have waited for its place.
    const { signal } = this.#enough;
    const wait = this.#count === Infinity ? {} : { signal };
    const numberFor = (conn: RawConn) => this.#numberFor(conn);
    while (!this.#listener.isClosed && this.#connections < this.#count) {
      if (!this.#admission.makeRoom()) {
        await this.#pause();
        continue;
      }
      try {
        this.#arrive(await this.#listener.acceptRaw(wait, numberFor));
      } catch (error) {
        if (this.#listener.isClosed || signal.aborted) break;
        await this.#acceptFailed(error);
      }
    }
  }

  /** The number of a connection that is about to arrive and has its place. */
  #numberFor(conn: RawConn): number | undefined {
    const { address } = Endpoint.from(conn.remoteAddr);
    return accessOf(address, this.#options) === "admitted" &&
        this.#admission.hasPlace(address.toString())
      ? this.#connections + 1
      : undefined;
  }

  #arrive(conn: RawConn): void {
    this.#arrivals++;
    const peer = Endpoint.from(conn.remoteAddr);
    const { address } = peer;
    const access = accessOf(address, this.#options);
    if (access === "refused") this.#faults.refused.add(address);
    if (access === "admitted") {
      this.#admission.arrive({ conn, peer, host: address.toString() });
    } else {
      closeSocket(conn, this.#options.observer);
    }
  }

  /** Gives a connection its place. */
  #admit(knock: Knock): ServedConnection {
    const { peer } = knock;
    const connection = ++this.#connections;
    if (connection === this.#count) this.#enough.abort();
    const info = { connection, peer, signal: this.#stop.signal };
    return new ServedConnection(knock, info, this.#options.observer);
  }

  async #serve(served: ServedConnection): Promise<void> {
    served.begin(this.#ownEnd);
    try {
      await this.#handler(served.conn, served.info);
    } catch (error) {
      this.#handlerFailed(error, served.info);
    }
    if (served.end()) {
      this.#admission.leave(served);
      this.#change.happened();
    }
  }

  #handlerFailed(error: unknown, info: ServeInfo): void {
    if (isOwnClose(error) || isStop(error, info.signal)) return;
    this.#faults.ofHandler(error, info);
  }

  async #acceptFailed(error: unknown): Promise<void> {
    this.#faults.ofAccept(error);
    // The next one may be there already.
    if (hasPeerLeft(error)) return;
    if (isOutOfDescriptors(error)) this.#admission.starve();
    await this.#pause();
  }

  /** Waits until a connection ends, but not long. */
  async #pause(): Promise<void> {
    // If none ends in time, it is tried again all the same.
    await bounded(this.#change.next, PAUSE).catch(() => {});
  }

  /** Closes once nobody is in the backlog: they are connected already. */
  async #drain(): Promise<void> {
    for (let i = 0; i < ROUNDS && !this.#listener.isClosed; i++) {
      const before = this.#arrivals;
      await pause(1);
      // A connection that was accepted meanwhile is reported after it.
      await pause(1);
      if (this.#arrivals === before) break;
    }
    this.#closeListener();
  }

  #closeListener(): void {
    if (!this.#listener.isClosed) {
      const { observer } = this.#options;
      emit(observer, "event", { event: "closingListener" });
      this.#listener.close();
    }
    this.#change.happened();
  }

  /** Waits until no connection is in hand, or a signal aborts. */
  async #lastOne(signal?: AbortSignal): Promise<void> {
    while (this.#admission.size > 0 && !signal?.aborted) {
      await this.#change.next;
    }
  }
}
