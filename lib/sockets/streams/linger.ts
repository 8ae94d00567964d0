/**
 * Closing without losing what was sent.
 *
 * @module
 */

import { startWait } from "../../calls/deadline.ts";
import { giveUp } from "../../calls/descriptors.ts";
import { requireTime } from "../../calls/ranges.ts";
import type { Wait } from "../../calls/waiter.ts";

/** What a lingering close needs of a connection. */
interface Lingering {
  read(buffer: Uint8Array): Promise<number | null>;
  closeWrite(): Promise<void>;
  close(): void;
}

/** Where a lingering close throws away what comes; nobody looks at it. */
const discarded = new Uint8Array(16 * 1024);

/**
 * Shuts down the sending side and discards what the peer sends until it ends its
 * own, or the wait is over and the connection closed.
 *
 * @param conn the connection
 * @param wait how long
 * @throws {RangeError} if the timeout is out of its range
 */
export async function linger(
  conn: Lingering,
  { timeout = 0, signal }: Wait = {},
): Promise<void> {
  requireTime("timeout", timeout);
  const close = () => conn.close();
  if (signal?.aborted) return close();
  const end = timeout === 0 ? undefined : startWait(timeout, () => {
    giveUp(conn);
    close();
  });
  signal?.addEventListener("abort", close);
  try {
    await conn.closeWrite();
    while (await conn.read(discarded) !== null);
  } catch {
    // Whatever went wrong, the connection ends here; the trace has the call.
  } finally {
    end?.();
    signal?.removeEventListener("abort", close);
  }
}
