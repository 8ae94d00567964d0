/**
 * Closing a socket.
 *
 * @module
 */

import { call } from "../calls/call.ts";
import { descriptorOf } from "../calls/descriptors.ts";
import { SocketError } from "../calls/errors.ts";
import type { CallObserver } from "../calls/observer.ts";

/** What was closed: a second close is no call of the system's. */
const closed = new WeakSet<object>();

/**
 * Closes a socket, as `close(2)` does. Closing it again does nothing.
 *
 * @param socket a connection, a listener or a datagram socket
 * @param observer receives the call
 */
export function closeSocket(
  socket: { close(): void },
  observer?: CallObserver,
): void {
  if (closed.has(socket)) return;
  closed.add(socket);
  const descriptor = descriptorOf(socket);
  descriptor?.stop();
  try {
    call("close", () => {
      try {
        socket.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }, { observer: descriptor && observer, descriptor });
  } finally {
    descriptor?.free();
  }
}

/** Whether a call failed because its socket was closed at this end. */
export function isClosed(error: unknown): boolean {
  return error instanceof SocketError && error.code === "ECANCELED";
}
