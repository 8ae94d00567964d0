/**
 * Which bytes of a stream somebody waits for.
 *
 * @module
 */

import { SocketError } from "../../calls/errors.ts";
import type { Wait } from "../../calls/waiter.ts";

/**
 * How much is read, and for how long.
 *
 * @category Streams
 */
export interface ReadOptions extends Wait {
  /**
   * The most that is read, in bytes, 1 or more.
   *
   * @default {1_048_576}
   */
  readonly maxBytes?: number | undefined;
}

/** The most that is read by default, in bytes. */
export const MAX_BYTES = 1024 * 1024;

/** Bytes that are waited for, and what is made of them. */
export interface Want<R> {
  /**
   * How many bytes to read at once.
   *
   * @param have how many have come
   * @returns how many more, 1 or more
   */
  room(have: number): number;
  /**
   * Looks at what has come and nobody took. It sees the same bytes again when
   * more have come behind them.
   *
   * @param bytes what has come
   * @param isEnd whether that is all there will be
   * @returns how many of them it takes; `undefined` if it waits for more
   */
  count(bytes: Uint8Array, isEnd: boolean): number | undefined;
  /**
   * Takes them.
   *
   * @param bytes the bytes that were counted; they are overwritten afterwards
   * @returns what the one who waits gets
   */
  take(bytes: Uint8Array): R;
}

/** How much is read at once if the length is not known, in bytes. */
const CHUNK_BYTES = 16 * 1024;

/**
 * Whatever comes, as much as a buffer holds.
 *
 * @param buffer where to put it
 * @returns the want; it resolves to how many bytes came, `null` at the end
 */
export function some(buffer: Uint8Array): Want<number | null> {
  return {
    room: () => buffer.length,
    count: (bytes, isEnd) =>
      bytes.length > 0 || isEnd
        ? Math.min(bytes.length, buffer.length)
        : undefined,
    take(bytes) {
      buffer.set(bytes);
      return bytes.length === 0 ? null : bytes.length;
    },
  };
}

/**
 * A number of bytes.
 *
 * @param length how many
 * @returns the want
 * @throws {RangeError} if the length is no whole number from 0
 */
export function exactly(length: number): Want<Uint8Array<ArrayBuffer>> {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(`A length is a whole number from 0, not ${length}`);
  }
  return {
    room: (have) => length - have,
    count(bytes, isEnd) {
      if (bytes.length >= length) return length;
      if (isEnd) throw endedEarly(`${bytes.length} of ${length} bytes`);
      return undefined;
    },
    take: (bytes) => bytes.slice(),
  };
}

/**
 * Everything up to some bytes, and these.
 *
 * @param end the text or the bytes that end it
 * @param maxBytes the most that it may be
 * @returns the want; it resolves to `null` at the end
 * @throws {RangeError} if the delimiter is empty, or `maxBytes` below 1
 */
export function until(
  end: string | Uint8Array,
  maxBytes: number,
): Want<Uint8Array<ArrayBuffer> | null> {
  checkMost(maxBytes);
  const delimiter = typeof end === "string"
    ? new TextEncoder().encode(end)
    : end;
  if (delimiter.length === 0) throw new RangeError("A delimiter is not empty");
  /** Up to here the delimiter does not begin. */
  let searched = 0;
  return {
    room: () => CHUNK_BYTES,
    count(bytes, isEnd) {
      const at = indexOf(bytes, delimiter, searched);
      const next = at + delimiter.length;
      if (at >= 0 && next <= maxBytes) return next;
      if (at >= 0 || bytes.length >= maxBytes) throw tooLong(maxBytes);
      searched = Math.max(0, bytes.length - delimiter.length + 1);
      if (!isEnd) return undefined;
      if (bytes.length === 0) return 0;
      throw endedEarly(`${bytes.length} bytes and no delimiter`);
    },
    take: (bytes) => bytes.length === 0 ? null : bytes.slice(),
  };
}

/**
 * Everything up to the end.
 *
 * @param maxBytes the most that it may be
 * @returns the want
 * @throws {RangeError} if `maxBytes` is below 1
 */
export function everything(maxBytes: number): Want<Uint8Array<ArrayBuffer>> {
  checkMost(maxBytes);
  return {
    room: () => CHUNK_BYTES,
    count(bytes, isEnd) {
      if (bytes.length > maxBytes) throw tooLong(maxBytes);
      return isEnd ? bytes.length : undefined;
    },
    take: (bytes) => bytes.slice(),
  };
}

function checkMost(maxBytes: number): void {
  if (maxBytes >= 1) return;
  throw new RangeError(`maxBytes is 1 or more, not ${maxBytes}`);
}

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  const first = part[0]!;
  for (
    let at = bytes.indexOf(first, from);
    at >= 0 && at + part.length <= bytes.length;
    at = bytes.indexOf(first, at + 1)
  ) {
    if (part.every((byte, i) => byte === bytes[at + i])) return at;
  }
  return -1;
}

function endedEarly(after: string): SocketError {
  return recvError("ENODATA", `The peer ended after ${after}`);
}

function tooLong(maxBytes: number): SocketError {
  return recvError("EMSGSIZE", `More than ${maxBytes} bytes came`);
}

function recvError(code: string, message: string): SocketError {
  return new SocketError("recv", Object.assign(new Error(message), { code }));
}
