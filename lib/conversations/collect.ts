/**
 * The stream client's conversation: all that the peer has to say.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import type { ConversationObserver } from "./events.ts";
import { errorEvent, type FailureEvent } from "../calls/errors.ts";
import type { StreamConn } from "../sockets/stream.ts";

/** How much is taken from a peer. */
export interface CollectOptions {
  /** The most to take, in bytes. */
  readonly maxBytes: number;
  /** The longest wait for one read, in milliseconds; 0 waits for ever. */
  readonly timeout: number;
  /** Is told what was received. */
  readonly observer?: ConversationObserver | undefined;
}

/** As much room as there is to begin with, in bytes. */
const INITIAL_BYTES = 16 * 1024;

/**
 * Receives until the peer closes, and tells what came; what came before an
 * error is told before the error.
 *
 * @param conn the connection
 * @param options how much to take
 * @returns whether the peer ended it, and within the limit
 */
export async function collect(
  conn: StreamConn,
  { maxBytes, timeout, observer }: CollectOptions,
): Promise<boolean> {
  let data = new Uint8Array(INITIAL_BYTES);
  let total = 0;
  let failure: FailureEvent | undefined;
  while (failure === undefined) {
    if (total === data.length) data = doubled(data);
    try {
      const free = data.subarray(total);
      const length = await conn.read(free, { timeout });
      if (length === null) break;
      total += length;
      if (total > maxBytes) failure = tooMuch(maxBytes);
    } catch (error) {
      failure = errorEvent(error);
    }
  }
  if (total > 0 || failure === undefined) {
    emit(observer, "event", {
      event: "message",
      peer: conn.peer,
      data: data.subarray(0, Math.min(total, maxBytes)),
    });
  }
  if (failure !== undefined) emit(observer, "event", failure);
  return failure === undefined;
}

/** The same bytes with as much room again. */
function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

function tooMuch(maxBytes: number): FailureEvent {
  return {
    event: "error",
    step: "recv",
    code: "EMSGSIZE",
    message: `more than ${maxBytes} bytes (--max-bytes) were sent`,
  };
}
