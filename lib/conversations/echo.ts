/**
 * The echo service: each datagram back to where it came from.
 *
 * @module
 */

import type { Datagram, DatagramSocket } from "../sockets/datagram.ts";
import { PermissionError } from "../calls/errors.ts";
import { mayReach, mayUseNet, requireNet } from "../calls/permission.ts";

/**
 * Makes sure, as far as can be known beforehand, that datagrams may be sent
 * back to where they come from.
 *
 * Who will come is not known; but where not even the loopback may be sent to,
 * it is better said at once than at the first datagram.
 *
 * @throws {PermissionError} where they may not be
 */
export function requireEcho(): void {
  if (!mayReach("127.0.0.1", 1) && !mayReach("::1", 1)) {
    throw new PermissionError("--allow-net");
  }
}

/**
 * Makes the handler that sends each datagram back.
 *
 * @param socket where the datagrams come in
 * @returns the handler, for `serveDatagram`; it throws a `PermissionError` for
 * a peer that may not be sent to
 */
export function echo(
  socket: DatagramSocket,
): (datagram: Datagram) => Promise<void> {
  const anywhere = mayUseNet();
  return async ({ data, peer, from }) => {
    // Deno would prompt for a peer that is not granted.
    if (!anywhere) requireNet(peer.address, peer.port);
    await socket.sendTo(data, from);
  };
}
