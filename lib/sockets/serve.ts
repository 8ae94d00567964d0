/**
 * Serving many stream connections at once.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Family } from "../address/inet.ts";
import type { Observer } from "./events.ts";
import type { StreamConn } from "./stream.ts";
import type { StreamListener } from "./stream_listener.ts";
import { StreamServer } from "./stream_server.ts";

export type { StreamServer };

/** An accepted connection. */
export interface ServeInfo {
  /** Its number, from 1. */
  readonly connection: number;
  /** The other end. */
  readonly peer: Endpoint;
  /** Aborts when the server is stopped: no more connections are accepted. */
  readonly signal: AbortSignal;
}

/**
 * Talks to one peer. The connection is closed when it is done; what it throws
 * ends that connection only.
 */
export type ServeHandler = (
  conn: StreamConn,
  info: ServeInfo,
) => Promise<void> | void;

/** How {@linkcode serveStream} serves. */
export interface ServeOptions {
  /**
   * At most this many connections are in hand at the same time, 1 or more; the
   * next one waits in the backlog.
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
   * Peers of this family only: others are closed at once.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * How long the connections in hand may go on after the stop, in milliseconds;
   * 0 waits for ever. Then they are closed, and the server is finished, even if
   * a handler still runs.
   *
   * @default {10_000}
   */
  readonly grace?: number | undefined;
  /** Stops the server, as its `shutdown()` does. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each connection and each call. */
  readonly observer?: Observer | undefined;
  /**
   * Receives what a handler throws. That a connection was closed at this end is
   * no error.
   *
   * @default {undefined} the observer's events; without them `console.error`
   */
  readonly onError?:
    | ((error: unknown, info: ServeInfo) => void)
    | undefined;
}

/**
 * Accepts connections and hands each to `handler`, all at the same time, until
 * it is stopped or the count is reached.
 *
 * At a stop it first accepts who waits in the backlog, for some 100 ms at the
 * most, closes the listener, and waits for the connections in hand. When the
 * count is reached it accepts nobody more, and closes the listener once those
 * in hand are done.
 *
 * A peer cannot end it. If file descriptors run out it reports that once, pauses
 * until some are free, and goes on.
 *
 * @param listener where to accept; it is closed at the end
 * @param handler talks to one peer
 * @param options how to serve
 * @returns the server, which has begun
 * @throws {RangeError} if a number is out of its range
 *
 * @category Streams
 *
 * @example
 * ```ts
 * import { connectStream, listenStream, serveStream } from "@parley/parley";
 *
 * const listener = await listenStream({ port: 0 });
 * await using server = serveStream(listener, async (conn) => {
 *   await conn.write(new TextEncoder().encode("hello"));
 * });
 * const { port } = server.addr;
 * using conn = await connectStream({ hostname: "localhost", port });
 * await conn.read(new Uint8Array(16));
 * ```
 */
export function serveStream(
  listener: StreamListener,
  handler: ServeHandler,
  options: ServeOptions = {},
): StreamServer {
  return new StreamServer(listener, handler, options);
}
