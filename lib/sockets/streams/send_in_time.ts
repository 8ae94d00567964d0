/**
 * One time limit for several writes.
 *
 * @module
 */

import { startWait, timeoutError } from "../../calls/deadline.ts";
import { giveUp } from "../../calls/descriptors.ts";
import { SocketError } from "../../calls/errors.ts";
import type { StreamConn } from "./stream.ts";

/**
 * Runs several writes, all of which have to be taken in some time. If the peer
 * does not take them, the connection is closed.
 *
 * @param conn the connection
 * @param timeout the longest wait, in milliseconds; 0 is no limit
 * @param run writes, and leaves the time to this
 * @returns what `run` returns
 * @throws {SocketError} what `run` throws, or that the time is over
 */
export async function sendInTime<T>(
  conn: StreamConn,
  timeout: number,
  run: () => Promise<T>,
): Promise<T> {
  let isLate = false;
  const end = timeout === 0 ? undefined : startWait(timeout, () => {
    isLate = true;
    giveUp(conn);
    conn.close();
  });
  try {
    return await run();
  } catch (error) {
    throw isLate ? new SocketError("send", timeoutError()) : error;
  } finally {
    end?.();
  }
}
