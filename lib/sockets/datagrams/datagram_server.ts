/**
 * A datagram server's state: what it has in hand, and how it ends.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import type { Family } from "../../address/inet.ts";
import { Change } from "../../calls/change.ts";
import { bounded, pause } from "../../calls/deadline.ts";
import { numbered } from "../../calls/descriptors.ts";
import { errorEvent } from "../../calls/errors.ts";
import { emit } from "../../calls/observer.ts";
import { requireCount, requireTime } from "../../calls/ranges.ts";
import { Repeats } from "../../calls/repeats.ts";
import type { Datagram, DatagramSocket } from "./datagram.ts";
import { isClosed } from "../close.ts";
import type { Observer } from "../events.ts";
import { handOn, isStop } from "../handler_error.ts";
import { requireFamily } from "../serving/access.ts";

/** How long receiving pauses after an error of the system, in milliseconds. */
const PAUSE = 10;

/**
 * A received datagram, without its bytes.
 *
 * @category Datagrams
 */
export interface ServeDatagramInfo {
  /** Who sent it. */
  readonly peer: Endpoint;
  /** Aborts when the server is stopped: no more datagrams are received. */
  readonly signal: AbortSignal;
}

/**
 * Handles one datagram; what it throws ends the handling of that one only.
 *
 * @category Datagrams
 */
export type ServeDatagramHandler = (
  datagram: Datagram,
  info: ServeDatagramInfo,
) => Promise<void> | void;

/**
 * How `serveDatagram` serves.
 *
 * @category Datagrams
 */
export interface ServeDatagramOptions {
  /**
   * How many datagrams are handled at the same time, 1 or more; the next one
   * waits in the socket.
   *
   * @default {1}
   */
  readonly concurrency?: number | undefined;
  /**
   * How many datagrams are handled in all, 1 or more.
   *
   * @default {Infinity}
   */
  readonly count?: number | undefined;
  /**
   * Peers of this family only: other datagrams are thrown away.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * How long running handlers may go on after the stop, in milliseconds; 0
   * waits forever. Then the socket is closed, and the server is finished.
   *
   * @default {10_000}
   */
  readonly grace?: number | undefined;
  /** Stops the server, as its `shutdown()` does. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each datagram and each error. */
  readonly observer?: Observer | undefined;
  /**
   * Receives what a handler throws. That the socket was closed at this end is
   * no error.
   *
   * @default {undefined} the observer's events; without them `console.error`
   */
  readonly onError?:
    | ((error: unknown, info: ServeDatagramInfo) => void)
    | undefined;
}

/**
 * Serves datagrams; made by `serveDatagram`.
 *
 * @category Datagrams
 *
 * @example
 * ```ts
 * import { listenDatagram, serveDatagram } from "@parley/parley";
 *
 * const socket = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * const server = serveDatagram(socket, ({ peer }) => console.log(`${peer}`));
 * console.log(server.addr.port);
 * await server.shutdown();
 * ```
 */
export class DatagramServer implements AsyncDisposable {
  /** Where the socket is bound. */
  readonly addr: Deno.NetAddr;
  /** Resolves when all is over; it never rejects. */
  readonly finished: Promise<void>;
  readonly #socket: DatagramSocket;
  readonly #handler: ServeDatagramHandler;
  readonly #options: ServeDatagramOptions;
  readonly #concurrency: number;
  readonly #count: number;
  readonly #grace: number;
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<void>();
  #inHand = 0;
  /** A handler has ended, or the server was stopped. */
  readonly #change = new Change();

  /**
   * Begins to serve.
   *
   * @param socket where to receive; it is closed at the end
   * @param handler handles one datagram
   * @param options how to serve
   * @throws {RangeError} if a number is out of its range
   * @throws {TypeError} if `family` is none
   */
  constructor(
    socket: DatagramSocket,
    handler: ServeDatagramHandler,
    options: ServeDatagramOptions = {},
  ) {
    const { concurrency = 1, count = Infinity, grace = 10_000 } = options;
    this.#concurrency = requireCount("concurrency", concurrency);
    this.#count = requireCount("count", count);
    this.#grace = requireTime("grace", grace);
    requireFamily(options.family);
    this.#socket = socket;
    this.#handler = handler;
    this.#options = options;
    this.addr = socket.addr;
    this.finished = this.#run();
  }

  /**
   * Stops the server: it receives no more, waits for the running handlers
   * for as long as the grace allows, and closes the socket.
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
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    emit(observer, "event", { event: "waiting" });
    const received = this.#receiveAll();
    // A receive that waits is ended only by closing the socket.
    await Promise.race([received, this.#stopped.promise]);
    await bounded(this.#lastOne(), this.#grace).catch(() => {
      // The grace is over: the handlers find the socket closed.
    });
    signal?.removeEventListener("abort", stop);
    this.#socket.close();
    if (this.#inHand === 0) await received;
  }

  #shutDown(reason: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(reason);
    this.#stopped.resolve();
    this.#change.happened();
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Receives until the count is reached or the server is stopped. */
  async #receiveAll(): Promise<void> {
    const { family, observer } = this.#options;
    using faults = new Repeats(observer);
    for (let received = 0; received < this.#count && !this.#isStopped;) {
      if (this.#inHand >= this.#concurrency) {
        await this.#change.next;
        continue;
      }
      try {
        const datagram = await this.#socket.receive();
        if (this.#isStopped) return;
        const { peer, data } = datagram;
        if (family !== undefined && peer.address.family !== family) continue;
        received++;
        const event = { event: "datagram", peer, data } as const;
        emit(observer, "event", numbered(this.#socket, event));
        const info = { peer, signal: this.#stop.signal };
        const handled = this.#handle(datagram, info);
        // One at a time is the short way: nothing has to be counted.
        if (handled !== undefined && this.#concurrency === 1) await handled;
      } catch (error) {
        if (this.#isStopped || isClosed(error)) return;
        faults.report(errorEvent(error));
        await pause(PAUSE);
      }
    }
  }

  /** Runs the handler; returns a promise only if that is one. */
  #handle(
    ...args: Parameters<ServeDatagramHandler>
  ): Promise<void> | undefined {
    try {
      const handled = this.#handler(...args);
      if (!(handled instanceof Promise)) return undefined;
      this.#inHand++;
      return handled
        .catch((error) => this.#handlerFailed(error, args[1]))
        .then(() => {
          this.#inHand--;
          this.#change.happened();
        });
    } catch (error) {
      this.#handlerFailed(error, args[1]);
    }
  }

  #handlerFailed(error: unknown, info: ServeDatagramInfo): void {
    if (isClosed(error) || isStop(error, info.signal)) return;
    emit(this.#options.observer, "event", errorEvent(error));
    handOn(error, info, this.#options);
  }

  /** Waits until no handler is in hand. */
  async #lastOne(): Promise<void> {
    while (this.#inHand > 0) await this.#change.next;
  }
}
