/**
 * Serving many stream connections at once.
 *
 * @module
 */

import type { StreamListener } from "../streams/stream_listener.ts";
import type { ServeHandler, ServeOptions } from "./serve_options.ts";
import { StreamServer } from "./stream_server.ts";

export type { StreamServer };

/**
 * Accepts connections and hands each to `handler`, all at the same time, until
 * it is stopped or the count is reached.
 *
 * At a stop it first accepts who waits in the backlog, for some 100 ms at the
 * most, closes the listener, and waits for the open connections. When the count
 * is reached it accepts nobody more, and closes the listener once the open ones
 * are done.
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
 * @throws {TypeError} if `allow`, `deny` or `family` are of another type
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
