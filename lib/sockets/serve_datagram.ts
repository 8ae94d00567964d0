/**
 * Serving datagrams.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Family } from "../address/inet.ts";
import type { Datagram, DatagramSocket } from "./datagram.ts";
import { DatagramServer } from "./datagram_server.ts";
import type { Observer } from "./events.ts";

export type { DatagramServer };

/**
 * What a server knows of a datagram besides its bytes.
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
 * How {@linkcode serveDatagram} serves.
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
   * How long the handlers in hand may go on after the stop, in milliseconds; 0
   * waits for ever. Then the socket is closed, and the server is finished.
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
 * Receives datagrams and hands each to `handler`, one at a time unless
 * `concurrency` says more, until it is stopped or the count is reached. Then it
 * waits for those in hand and closes the socket.
 *
 * @category Datagrams
 * @param socket where to receive; it is closed at the end
 * @param handler handles one datagram; the bytes are its own
 * @param options how to serve
 * @returns the server, which has begun
 * @throws {RangeError} if a number is out of its range
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   connectDatagram,
 *   listenDatagram,
 *   serveDatagram,
 * } from "@parley/parley";
 *
 * const socket = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * await using server = serveDatagram(socket, async ({ data, peer }) => {
 *   await socket.sendTo(data, peer);
 * });
 * const { hostname, port } = server.addr;
 * using talker = await connectDatagram({ hostname, port });
 * await talker.send(new TextEncoder().encode("echo"));
 * assertEquals((await talker.receive({ timeout: 5_000 })).length, 4);
 * ```
 */
export function serveDatagram(
  socket: DatagramSocket,
  handler: ServeDatagramHandler,
  options: ServeDatagramOptions = {},
): DatagramServer {
  return new DatagramServer(socket, handler, options);
}
