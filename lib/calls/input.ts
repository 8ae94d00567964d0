/**
 * Reading an input, as standard input is.
 *
 * @module
 */

import { call } from "./call.ts";
import { pause } from "./deadline.ts";

/** Somewhere to read: the part of `Deno.stdin` that is used. */
export interface Input {
  /** Reads what has come; `null` is the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** How long to wait before an input that has nothing yet is read again, in ms. */
const RETRY = 10;

/**
 * Reads an input, and waits for it if it has nothing yet.
 *
 * @param input where to read
 * @param buffer where to put the bytes
 * @returns how many bytes came; `null` at the end
 * @throws {SocketError} `read` if it can't be read
 */
export function readInput(
  input: Input,
  buffer: Uint8Array,
): Promise<number | null> {
  return call("read", async () => {
    for (;;) {
      try {
        return await input.read(buffer);
      } catch (error) {
        // A process that shares it has made it non-blocking.
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        await pause(RETRY);
      }
    }
  });
}
