/**
 * What telnet does: both ways at once, untouched.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { describe } from "../calls/errors.ts";
import type { ConversationObserver } from "./events.ts";
import type { StreamConn } from "../sockets/stream.ts";

/** What a connection is joined to. */
export interface PipeOptions {
  /** Where the bytes for the peer come from. */
  readonly input: { read(buffer: Uint8Array): Promise<number | null> };
  /** Is told what the peer sends, as it comes. */
  readonly observer: ConversationObserver;
  /** Waits until what was told is written. */
  readonly flush: () => Promise<void>;
}

/**
 * As much as is moved at once, in bytes. Reading stdin and writing stdout go
 * through another thread each time: the more at once, the less that costs.
 */
const BUFFER_BYTES = 1024 * 1024;

/**
 * Sends the input to the peer while it tells what the peer sends. The end of
 * the input closes our sending half; the end of the peer ends it all.
 *
 * @param conn the connection
 * @param options what it is joined to
 * @throws {SocketError} where the connection broke
 */
export async function pipe(
  conn: StreamConn,
  { input, observer, flush }: PipeOptions,
): Promise<void> {
  const upstream = async () => {
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const length = await input.read(buffer);
      if (length === null) break;
      await conn.writeAll(buffer.subarray(0, length));
    }
    await conn.closeWrite();
  };
  // A peer that takes no more may still have something to say. But the system
  // tells a reset only once, and the reading side then sees a clean end.
  let reset: unknown;
  upstream().catch((error) => {
    if (describe(error).code === "ECONNRESET") reset = error;
  });
  const { peer } = conn;
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) break;
    const data = buffer.subarray(0, length);
    emit(observer, "event", { event: "message", peer, data });
    await flush();
  }
  if (reset !== undefined) throw reset;
}
