/**
 * A server's state: which connections it has, and how it ends.
 *
 * @module
 */

import { bounded, pause } from "../calls/deadline.ts";
import { errorEvent } from "../calls/errors.ts";
import { emit } from "../calls/observer.ts";
import { requireCount, requireTime } from "../calls/ranges.ts";
import type { ServeHandler, ServeInfo, ServeOptions } from "./serve.ts";
import { isOwnClose, ServedConnection } from "./served_connection.ts";
import type { StreamConn } from "./stream.ts";
import { hasPeerLeft, type StreamListener } from "./stream_listener.ts";

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
/** After this long without one, such an error is news again, in ms. */
const QUIET = 5_000;

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
 */
export class StreamServer implements AsyncDisposable {
  /** Where the listener listens. */
  readonly addr: Deno.NetAddr;
  /** Resolves when all is over; it never rejects. */
  readonly finished: Promise<void>;
  readonly #listener: StreamListener;
  readonly #handler: ServeHandler;
  readonly #options: ServeOptions;
  readonly #maxConnections: number;
  readonly #count: number;
  readonly #grace: number;
  readonly #stop = new AbortController();
  readonly #inHand = new Set<ServedConnection>();
  #state: State = "accepting";
  /** How many connections were accepted. */
  #connections = 0;
  /** Resolves when a connection ends or the state changes. */
  #change: PromiseWithResolvers<void> | undefined;
  #draining: Promise<void> | undefined;
  #lastFailure = -Infinity;

  /**
   * Begins to serve.
   *
   * @param listener where to accept; it is closed at the end
   * @param handler talks to one peer
   * @param options how to serve
   * @throws {RangeError} if a number is out of its range
   */
  constructor(
    listener: StreamListener,
    handler: ServeHandler,
    options: ServeOptions = {},
  ) {
    const { maxConnections = 1024, count = Infinity, grace = 10_000 } = options;
    this.#maxConnections = requireCount("maxConnections", maxConnections);
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
   * and waits for the connections in hand for as long as the grace allows.
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
      for (const each of this.#inHand) each.end();
    });
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
    this.#changed();
  }

  /** Accepts until the count is reached or the listener is closed. */
  async #acceptAll(): Promise<void> {
    while (!this.#listener.isClosed && this.#connections < this.#count) {
      if (this.#inHand.size >= this.#maxConnections) {
        await this.#nextChange();
        continue;
      }
      try {
        this.#admit(await this.#listener.accept());
      } catch (error) {
        if (!this.#listener.isClosed) await this.#acceptFailed(error);
      }
    }
  }

  #admit(conn: StreamConn): void {
    const { family, observer } = this.#options;
    const { peer } = conn;
    if (family !== undefined && peer.address.family !== family) {
      conn.close();
      return;
    }
    const connection = ++this.#connections;
    const info = { connection, peer, signal: this.#stop.signal };
    const served = new ServedConnection(conn, info, observer);
    this.#inHand.add(served);
    emit(observer, "event", { event: "accepted", connection, peer });
    this.#serve(served);
  }

  async #serve(served: ServedConnection): Promise<void> {
    try {
      await this.#handler(served.conn, served.info);
    } catch (error) {
      this.#handlerFailed(error, served.info);
    }
    if (served.end()) {
      this.#inHand.delete(served);
      this.#changed();
    }
  }

  #handlerFailed(error: unknown, info: ServeInfo): void {
    if (isOwnClose(error) || error === this.#stop.signal.reason) return;
    const { onError, observer } = this.#options;
    const { connection } = info;
    if (this.#state !== "finished") {
      emit(observer, "event", { ...errorEvent(error), connection });
    }
    try {
      if (onError !== undefined) onError(error, info);
      else if (observer?.event === undefined) console.error(error);
    } catch (error) {
      console.error(error);
    }
  }

  /** Reports why nobody was accepted, and waits if that may change. */
  async #acceptFailed(error: unknown): Promise<void> {
    const { observer } = this.#options;
    if (hasPeerLeft(error)) {
      emit(observer, "event", errorEvent(error));
      return;
    }
    const now = performance.now();
    if (now - this.#lastFailure > QUIET) {
      emit(observer, "event", errorEvent(error));
    }
    this.#lastFailure = now;
    // If none ends in time, it is tried again all the same.
    await bounded(this.#nextChange(), PAUSE).catch(() => {});
  }

  /** Closes once nobody is in the backlog: they are connected already. */
  async #drain(): Promise<void> {
    let isEmpty = false;
    for (let i = 0; !isEmpty && i < ROUNDS; i++) {
      if (this.#listener.isClosed) return;
      const before = this.#connections;
      await pause(1);
      // Whoever was accepted when that was over is reported after it.
      await pause(1);
      // If there is no room, that nobody came says nothing.
      isEmpty = this.#connections === before &&
        this.#inHand.size < this.#maxConnections;
    }
    this.#closeListener();
  }

  #closeListener(): void {
    if (!this.#listener.isClosed) {
      const { observer } = this.#options;
      emit(observer, "event", { event: "closingListener" });
      this.#listener.close();
    }
    this.#changed();
  }

  /** Waits until no connection is in hand, or a signal aborts. */
  async #lastOne(signal?: AbortSignal): Promise<void> {
    while (this.#inHand.size > 0 && !signal?.aborted) await this.#nextChange();
  }

  #nextChange(): Promise<void> {
    return (this.#change ??= Promise.withResolvers()).promise;
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }
}
