/**
 * Serving many stream connections at once.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Family } from "../address/inet.ts";
import type { AddressList } from "./access.ts";
import type { Observer } from "./events.ts";
import type { StreamConn } from "./stream.ts";
import type { StreamListener } from "./stream_listener.ts";
import { StreamServer } from "./stream_server.ts";

export type { AddressList, StreamServer };

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
   * At most this many connections are in hand at the same time, 1 or more. The
   * next one waits; if another address holds two places more, its longest-idle
   * connection gives way.
   *
   * @default {1024}
   */
  readonly maxConnections?: number | undefined;
  /**
   * At most this many of them are from one address, 1 or more; the next one
   * waits.
   *
   * @default {Infinity}
   */
  readonly maxPerHost?: number | undefined;
  /**
   * Peers in none of these addresses and prefixes are refused: closed at once.
   *
   * @default {[]} nobody is refused
   */
  readonly allow?: AddressList | undefined;
  /**
   * Peers in one of these addresses and prefixes are refused, `allow` or not.
   *
   * @default {[]}
   */
  readonly deny?: AddressList | undefined;
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
 * A peer cannot end it, nor one address keep others out. Connections are
 * accepted at once; those without a place wait unread, as many as the listener's
 * backlog, and the address with the fewest places is served next. If there are
 * none free, the longest-idle connection of the address that holds most gives
 * way, if that holds at least two more than the newcomer's. What is being
 * answered is never cut: a connection is idle while a read waits for its peer,
 * and when the peer has taken nothing for a second. One that only lingers (our
 * half is ended) gives way first. If more wait than there is room for, the
 * oldest of the address that has most of them is closed. If file descriptors run
 * out that is reported once, and counts as full.
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
