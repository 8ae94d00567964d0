/**
 * Serving many stream connections at once.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { deadline, pause, within } from "../calls/deadline.ts";
import { Endpoint } from "../address/endpoint.ts";
import { errorEvent, SocketError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import type { Family } from "../address/inet.ts";
import { closeSocket, type StreamConn, type StreamListener } from "./socket.ts";
import { traced } from "../calls/call.ts";

/** What is known of an accepted connection. */
export interface ServeInfo {
  /** Its number, from 1. */
  readonly connection: number;
  /** The other end. */
  readonly peer: Endpoint;
}

/**
 * Talks to one peer. The connection is closed when it is done; what it throws
 * is told to the observer and ends that connection alone.
 */
export type ServeHandler = (
  conn: StreamConn,
  info: ServeInfo,
) => Promise<void>;

/** How {@linkcode serveStream} serves. */
export interface ServeOptions {
  /**
   * How many connections are in hand at the same time, 1 or more; the next one
   * waits in the backlog.
   *
   * @default {1024}
   */
  readonly maxConnections?: number | undefined;
  /**
   * How many connections are served in all, 1 or more.
   *
   * @default {Infinity}
   */
  readonly count?: number | undefined;
  /**
   * Peers of this family alone: others are closed at once.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * How long the connections in hand may go on after the signal, in
   * milliseconds; 0 waits for ever.
   *
   * @default {10_000}
   */
  readonly grace?: number | undefined;
  /** Stops accepting. */
  readonly signal?: AbortSignal | undefined;
  /** Is told each connection and each call. */
  readonly observer?: Observer | undefined;
}

/** The peer left before it was accepted: the next one may be accepted. */
const PEER_LEFT = ["ECONNABORTED", "ECONNRESET", "ENOTCONN", "EPROTO"];
/**
 * How long accepting pauses after any other error, above all when descriptors
 * run out, if no connection ends before, in ms.
 */
const PAUSE = 100;
/**
 * In how many rounds the backlog is emptied at a stop at the most, of two
 * milliseconds each; on a loaded machine, where they take longer, no fewer.
 */
const ROUNDS = 50;
/** After this long without one, such an error is news again, in ms. */
const QUIET = 5_000;

/**
 * Accepts connections and hands each to `handler`, all at the same time, until
 * the signal or the count says stop; then closes the listener and waits for the
 * connections in hand. At the signal it first accepts who waits in the backlog,
 * for some 100 ms at the most.
 *
 * A peer cannot end it. Where file descriptors run out it tells so once, pauses
 * until some are free, and goes on.
 *
 * @param listener where to accept; it is closed at the end
 * @param handler talks to one peer
 * @param options how to serve
 *
 * @example
 * ```ts
 * import { connectStream, listenStream, serveStream } from "@parley/parley";
 *
 * const listener = await listenStream({ port: 0 });
 * const { port } = listener.addr;
 * const served = serveStream(listener, async (conn) => {
 *   await conn.write(new TextEncoder().encode("hello"));
 * }, { count: 1 });
 * using conn = await connectStream({ hostname: "localhost", port });
 * await conn.read(new Uint8Array(16));
 * await served;
 * ```
 */
export async function serveStream(
  listener: StreamListener,
  handler: ServeHandler,
  options: ServeOptions = {},
): Promise<void> {
  const {
    maxConnections = 1024,
    count = Infinity,
    family,
    grace = 10_000,
    signal,
    observer,
  } = options;
  const inHand = new Set<StreamConn>();
  const stopping = Promise.withResolvers<void>();
  let connections = 0;
  /** Who waits until a connection ends, or until it is time to stop. */
  let change: PromiseWithResolvers<void> | undefined;
  const nextChange = () => (change ??= Promise.withResolvers()).promise;
  const changed = () => {
    change?.resolve();
    change = undefined;
  };
  let lastFailure = -Infinity;

  let isOpen = true;
  const close = () => {
    if (isOpen) closeSocket(listener, observer);
    isOpen = false;
    changed();
  };
  /** Closes once nobody is in the backlog: they are connected already. */
  const empty = async () => {
    let isEmpty = false;
    for (let i = 0; isOpen && !isEmpty && i < ROUNDS; i++) {
      const before = connections;
      await pause(1);
      // Whoever was accepted when that was over is told of after it.
      await pause(1);
      // Where there is no room, that nobody came tells nothing.
      isEmpty = connections === before && inHand.size < maxConnections;
    }
    close();
  };
  let emptying: Promise<void> | undefined;
  const stop = () => {
    stopping.resolve();
    if (isOpen) emptying = empty();
  };
  if (signal?.aborted) close();
  signal?.addEventListener("abort", stop, { once: true });

  const serve = async (conn: StreamConn, info: ServeInfo) => {
    const { connection, peer } = info;
    emit(observer, "event", { event: "accepted", connection, peer });
    try {
      await handler(conn, info);
    } catch (error) {
      emit(observer, "event", { ...errorEvent(error), connection });
    }
    emit(observer, "event", { event: "closing", connection });
    closeSocket(conn, observer);
    inHand.delete(conn);
    changed();
  };

  emit(observer, "event", { event: "waiting" });
  while (isOpen && connections < count) {
    if (inHand.size >= maxConnections) {
      await nextChange();
      continue;
    }
    let conn: StreamConn;
    try {
      conn = await accept(listener, observer);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || !isOpen) break;
      const failure = new SocketError("accept", error);
      if (PEER_LEFT.includes(failure.code)) {
        emit(observer, "event", errorEvent(failure));
        continue;
      }
      const now = performance.now();
      if (now - lastFailure > QUIET) {
        emit(observer, "event", errorEvent(failure));
      }
      lastFailure = now;
      using pause = deadline(PAUSE);
      await within(nextChange(), pause.signal).catch(() => {});
      continue;
    }
    const peer = Endpoint.from(conn.remoteAddr);
    if (family !== undefined && peer.address.family !== family) {
      closeSocket(conn, observer);
      continue;
    }
    inHand.add(conn);
    serve(conn, { connection: ++connections, peer });
  }
  close();

  const allEnded = (async () => {
    while (inHand.size > 0) await nextChange();
  })();
  await Promise.race([allEnded, stopping.promise]);
  using limit = deadline(grace);
  await within(allEnded, limit.signal).catch(() => {
    for (const conn of inHand) closeSocket(conn, observer);
  });
  await allEnded;
  await emptying;
  signal?.removeEventListener("abort", stop);
  emit(observer, "event", { event: "closingListener" });
  emit(observer, "event", { event: "finished" });
}

function accept(
  listener: StreamListener,
  observer: Observer | undefined,
): Promise<StreamConn> {
  return traced(
    observer,
    () => ({ call: "accept", arguments: [] }),
    () => listener.accept(),
    (conn) => Endpoint.from(conn.remoteAddr).toString(),
  );
}
