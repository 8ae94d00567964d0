/**
 * Standard output, as Deno writes to it.
 *
 * @module
 */

import { pause } from "../calls/deadline.ts";
import { platform } from "../calls/platform.ts";
import type { Writer, Writers } from "./output.ts";

/** Fewer bytes than these wait in a buffer of Rust's if they end no line. */
const HELD_BYTES = 1024;
/** How long to wait before a full stream is tried again, in milliseconds. */
const RETRY = 10;

const LF = 0x0a;
const NOTHING = new Uint8Array();

/**
 * Makes a writer that is sure what was taken when a write would block.
 *
 * A process that shares stdout can have made it non-blocking. Rust then writes
 * some of the bytes, keeps some that are to follow, and reports no more than
 * that it has no room: to try again would write them twice. Only of a few bytes
 * it is known, and of many without a line's end among them.
 *
 * @param stdout Deno's own stdout
 * @param pipeBytes so many bytes a pipe takes whole or not at all
 * @returns a writer that throws `WouldBlock` only if nothing was taken, and an
 * error with the code `EAGAIN` if nobody knows
 */
export function certainWriter(
  stdout: Writer,
  pipeBytes = platform.pipeBytes,
): Writer {
  return {
    async write(bytes) {
      const isSmall = bytes.length <= pipeBytes;
      // Lines are one write, and what is behind them is another one.
      const lines = isSmall ? bytes.lastIndexOf(LF) + 1 : 0;
      const part = lines > 0 ? bytes.subarray(0, lines) : bytes;
      try {
        return await stdout.write(part);
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        if (lines > 0) throw error;
        if (part.includes(LF)) {
          throw Object.assign(new Error(error.message, { cause: error }), {
            code: "EAGAIN",
          });
        }
        if (part.length >= HELD_BYTES) throw error;
        await flush(stdout);
        return part.length;
      }
    },
  };
}

/** Waits until nothing is left in Rust's buffer. */
async function flush(stdout: Writer): Promise<void> {
  for (;;) {
    try {
      await stdout.write(NOTHING);
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await pause(RETRY);
    }
  }
}

/** The process's own streams; Rust keeps nothing back before stderr. */
export const ownStreams: Writers = {
  stdout: certainWriter(Deno.stdout),
  stderr: Deno.stderr,
};
