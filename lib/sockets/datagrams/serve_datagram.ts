/**
 * Serving datagrams.
 *
 * @module
 */

import type { DatagramSocket } from "./datagram.ts";
import {
  DatagramServer,
  type ServeDatagramHandler,
  type ServeDatagramOptions,
} from "./datagram_server.ts";

/**
 * Receives datagrams and hands each to `handler`, one at a time unless
 * `concurrency` says more, until it is stopped or the count is reached. Then it
 * waits for the running handlers and closes the socket.
 *
 * @category Datagrams
 * @param socket where to receive; it is closed at the end
 * @param handler handles one datagram; the bytes are its own
 * @param options how to serve
 * @returns the server, which has begun
 * @throws {RangeError} if a number is out of its range
 * @throws {TypeError} if `family` is none
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
