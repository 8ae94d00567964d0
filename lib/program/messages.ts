/**
 * Messages that come from a command line, from stdin or from a file.
 *
 * @module
 */

import { type Input, readInput } from "../calls/input.ts";
import { type Option, UsageError } from "./options.ts";

/** What Deno hands over for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Refuses a text that may not be what was given: for bytes that are not UTF-8
 * Deno hands over U+FFFD.
 *
 * @param text what was handed over
 * @param name what it was given for, as in `MESSAGE`
 * @param instead another way to give it
 * @returns the text
 * @throws {UsageError} if U+FFFD is in it
 */
export function requireExact(
  text: string,
  name: string,
  instead: string,
): string {
  if (!text.includes(REPLACEMENT)) return text;
  throw new UsageError(
    `${name} is not UTF-8, or holds U+FFFD, which looks the same: ${instead}`,
  );
}

/**
 * Makes an option that takes a message.
 *
 * @param help what it does
 * @param instead another way to give a message that is not UTF-8
 */
export function message(
  help: string,
  instead: string,
): Option<string | undefined> {
  return {
    value: "TEXT",
    help,
    default: undefined,
    parse: (text, name) => requireExact(text, name, instead),
  };
}

/**
 * Reads an input to its end.
 *
 * @param input where to read, as `Deno.stdin`
 * @param maxBytes the most that it may hold
 * @returns its bytes
 * @throws {UsageError} if it holds more
 * @throws {SocketError} `read` if it cannot be read
 */
export async function readWhole(
  input: Input,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(maxBytes + 1);
  let length = 0;
  while (length <= maxBytes) {
    const read = await readInput(input, buffer.subarray(length));
    if (read === null) return buffer.subarray(0, length);
    length += read;
  }
  throw new UsageError(
    `stdin has more than ${maxBytes} bytes: a datagram holds no more`,
  );
}
