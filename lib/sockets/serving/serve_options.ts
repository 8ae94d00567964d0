/**
 * How connections are served.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import type { Family } from "../../address/inet.ts";
import type { Observer } from "../events.ts";
import type { StreamConn } from "../streams/stream.ts";
import type { AddressList } from "./access.ts";

/**
 * An accepted connection.
 *
 * @category Streams
 */
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
 *
 * @category Streams
 */
export type ServeHandler = (
  conn: StreamConn,
  info: ServeInfo,
) => Promise<void> | void;

/**
 * How {@linkcode serveStream} serves.
 *
 * @category Streams
 */
export interface ServeOptions {
  /**
   * At most this many connections are served at the same time, 1 or more. The
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
   * How long open connections may go on after the stop, in milliseconds;
   * 0 waits forever. Then they are closed, and the server is finished, even if
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
