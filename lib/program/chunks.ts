/**
 * What waits to be written, joined into few large writes, and those writes.
 *
 * @module
 */

import { pause } from "../calls/deadline.ts";
import type { Stream, Writer } from "./output.ts";

/** One stretch of output for one stream. */
export interface Chunk {
  readonly stream: Stream;
  /** Text, unless it is bytes. */
  text: string;
  /** Bytes that nobody will change. */
  readonly bytes?: Uint8Array;
  /** Or copies of some, which fill the beginning of a buffer. */
  readonly buffer?: Uint8Array;
  /** How much of the buffer they fill, in bytes. */
  filled: number;
  /** How many connections or datagrams it is about. */
  units: number;
}

const encoder = new TextEncoder();

/** At most this many bytes are joined for one write. */
export const BUFFER_BYTES = 256 * 1024;

/** Text and bytes that wait, in their order. */
export class Chunks {
  readonly #mostText: number;
  readonly #chunks: Chunk[] = [];
  /** A buffer that was written, for the next bytes. */
  #spare: Uint8Array | undefined;

  /** @param mostText at most this many characters are joined for one write */
  constructor(mostText: number) {
    this.#mostText = mostText;
  }

  /**
   * Adds text or bytes at the end.
   *
   * @param stream where they go
   * @param data text or bytes
   * @param units how many connections or datagrams they are about
   * @param lent whether the bytes stay as they are until they are written; else
   * they are copied
   */
  add(
    stream: Stream,
    data: string | Uint8Array,
    units: number,
    lent: boolean,
  ): void {
    if (typeof data === "string") {
      this.#addText(stream, data, units);
    } else if (lent || data.length > BUFFER_BYTES) {
      const bytes = lent ? data : data.slice();
      this.#chunks.push({ stream, text: "", filled: 0, bytes, units });
    } else {
      this.#addCopy(stream, data, units);
    }
  }

  /** Whether what is added may join all that waits in one write. */
  get isJoining(): boolean {
    return this.#chunks.length === 1;
  }

  /** Takes the chunks in their order, and those that are added meanwhile. */
  *take(): Generator<Chunk> {
    for (let next; (next = this.#chunks.shift()) !== undefined;) yield next;
  }

  /** Throws away all chunks, and returns how many units they were about. */
  clear(): number {
    return this.#chunks.splice(0).reduce((sum, { units }) => sum + units, 0);
  }

  /** Takes back a chunk that was written. */
  recycle({ buffer }: Chunk): void {
    this.#spare = buffer ?? this.#spare;
  }

  #addText(stream: Stream, text: string, units: number): void {
    const last = this.#chunks.at(-1);
    if (
      last?.stream === stream && last.text !== "" &&
      last.text.length + text.length <= this.#mostText
    ) {
      last.text += text;
      last.units += units;
    } else {
      this.#chunks.push({ stream, text, filled: 0, units });
    }
  }

  /** Copies bytes behind those that wait: fewer and larger writes. */
  #addCopy(stream: Stream, bytes: Uint8Array, units: number): void {
    const last = this.#chunks.at(-1);
    if (
      last?.stream === stream && last.buffer !== undefined &&
      last.filled + bytes.length <= BUFFER_BYTES
    ) {
      last.buffer.set(bytes, last.filled);
      last.filled += bytes.length;
      last.units += units;
      return;
    }
    const buffer = this.#spare ?? new Uint8Array(BUFFER_BYTES);
    this.#spare = undefined;
    buffer.set(bytes);
    const filled = bytes.length;
    this.#chunks.push({ stream, text: "", buffer, filled, units });
  }
}

/**
 * Returns the bytes of a chunk.
 *
 * @param chunk what is to be written
 * @returns its bytes; those of text are encoded in UTF-8
 */
export function bytesOf({ text, bytes, buffer, filled }: Chunk): Uint8Array {
  return bytes ?? buffer?.subarray(0, filled) ?? encoder.encode(text);
}

/**
 * Returns the length by which a chunk was counted: bytes, or characters.
 *
 * @param chunk text or bytes
 */
export function lengthOf({ text, bytes, buffer, filled }: Chunk): number {
  return bytes?.length ?? (buffer === undefined ? text.length : filled);
}

/** How long to wait before a stream that takes nothing is tried again, in ms. */
const RETRY = 10;

/**
 * Writes all bytes, however few a write takes.
 *
 * @param writer where to write
 * @param bytes what to write
 * @param isClosed whether nothing more is to be written
 * @throws what the writer throws, unless it only has no room now
 */
export async function writeAll(
  writer: Writer,
  bytes: Uint8Array,
  isClosed: () => boolean,
): Promise<void> {
  for (let at = 0; at < bytes.length && !isClosed();) {
    try {
      at += await writer.write(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await pause(RETRY);
    }
  }
}
