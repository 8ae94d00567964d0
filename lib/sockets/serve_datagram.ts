/**
 * Serving datagrams.
 *
 * @module
 */

import type { Family } from "../address/inet.ts";
import { errorEvent } from "../calls/errors.ts";
import { emit } from "../calls/observer.ts";
import { type Datagram, type DatagramSocket, isClosed } from "./datagram.ts";
import type { Observer } from "./events.ts";

/** How {@linkcode serveDatagram} serves. */
export interface ServeDatagramOptions {
  /**
   * How many datagrams are taken in all, 1 or more.
   *
   * @default {Infinity}
   */
  readonly count?: number | undefined;
  /**
   * Peers of this family alone: other datagrams are thrown away.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /** Stops receiving. */
  readonly signal?: AbortSignal | undefined;
  /** Is told each datagram and each error. */
  readonly observer?: Observer | undefined;
}

/**
 * Receives datagrams until the signal or the count says stop, then closes the
 * socket. An error on one datagram is told and does not end it.
 *
 * @param socket where to receive
 * @param handler is given each datagram after it was told
 * @param options how to serve
 *
 * @example
 * ```ts
 * import {
 *   connectDatagram,
 *   listenDatagram,
 *   serveDatagram,
 * } from "@parley/parley";
 *
 * const socket = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * const { port } = socket.addr;
 * const served = serveDatagram(socket, async ({ data, peer }) => {
 *   await socket.sendTo(data, peer);
 * }, { count: 1 });
 * using talker = await connectDatagram({ hostname: "127.0.0.1", port });
 * await talker.send(new TextEncoder().encode("echo"));
 * await talker.receive();
 * await served;
 * ```
 */
export async function serveDatagram(
  socket: DatagramSocket,
  handler: (datagram: Datagram) => Promise<void> | void,
  options: ServeDatagramOptions = {},
): Promise<void> {
  const { count = Infinity, family, signal, observer } = options;
  const stop = () => socket.close();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  emit(observer, "event", { event: "waiting" });
  for (let received = 0; received < count && !signal?.aborted;) {
    try {
      const datagram = await socket.receive();
      const { peer, data } = datagram;
      if (family !== undefined && peer.address.family !== family) continue;
      received++;
      emit(observer, "event", { event: "datagram", peer, data });
      const handled = handler(datagram);
      if (handled !== undefined) await handled;
    } catch (error) {
      if (signal?.aborted || isClosed(error)) break;
      emit(observer, "event", errorEvent(error));
    }
  }
  signal?.removeEventListener("abort", stop);
  if (!signal?.aborted) stop();
}
