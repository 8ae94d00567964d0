/**
 * Reading DNS messages from one end to the other.
 *
 * @module
 */

import { IpAddress } from "../../address/ip_address.ts";

/** A message that is not what it should be. */
export class MalformedError extends Error {}

/** The longest label, in bytes (RFC 1035 section 2.3.4). */
const MAX_LABEL_BYTES = 63;
/** The longest name, in bytes on the wire (section 2.3.4). */
const MAX_NAME_BYTES = 255;
/** More pointers than a name of that length can need. */
const MAX_HOPS = 127;

/** The head of a record, and where its data stands. */
export interface RecordHead {
  /** The owner's name, as it was sent. */
  readonly owner: string;
  readonly type: number;
  readonly recordClass: number;
  readonly start: number;
  readonly end: number;
}

/** Reads a message; what it cannot read is a {@linkcode MalformedError}. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Begins at the message's first byte.
   *
   * @param bytes the message
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Reads a number of two bytes. */
  u16(): number {
    this.skip(2);
    return this.#bytes[this.#at - 2]! << 8 | this.#bytes[this.#at - 1]!;
  }

  /**
   * Passes over some bytes.
   *
   * @param length how many
   */
  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new MalformedError();
  }

  /**
   * Reads a record's head and passes over its data.
   *
   * @param expected the owner that it most likely has
   */
  record(expected = ""): RecordHead {
    const owner = this.name(expected);
    const type = this.u16();
    const recordClass = this.u16();
    this.skip(4); // TTL
    const length = this.u16();
    const start = this.#at;
    this.skip(length);
    return { owner, type, recordClass, start, end: start + length };
  }

  /**
   * Returns an address.
   *
   * @param start where it begins
   * @param length 4 or 16
   */
  address(start: number, length: number): IpAddress {
    return IpAddress.fromBytes(this.#bytes.subarray(start, start + length));
  }

  /**
   * Returns the name that fills a record's data.
   *
   * @param start where it begins
   * @param end where it must end
   */
  nameWithin(start: number, end: number): string {
    const at = this.#at;
    this.#at = start;
    const name = this.name();
    if (this.#at !== end) throw new MalformedError();
    this.#at = at;
    return name;
  }

  /**
   * Reads a name, its compression undone (section 4.1.4).
   *
   * @param expected the name that it most likely is: to compare is cheaper than
   * to read
   */
  name(expected = ""): string {
    const behind = this.#behind(expected);
    if (behind >= 0) {
      this.#at = behind;
      return expected;
    }
    const bytes = this.#bytes;
    let text = "";
    let total = 1;
    let hops = 0;
    let at = this.#at;
    let end = -1; // behind the first pointer
    for (;;) {
      const length = bytes[at];
      if (length === undefined) throw new MalformedError();
      if (length >= 0xc0) {
        const low = bytes[at + 1];
        if (low === undefined) throw new MalformedError();
        if (end < 0) end = at + 2;
        const target = (length & 0x3f) << 8 | low;
        // A pointer leads back; one that does not would never end.
        if (target >= at || ++hops > MAX_HOPS) throw new MalformedError();
        at = target;
      } else if (length >= 0x40) {
        throw new MalformedError();
      } else if (length === 0) {
        this.#at = end < 0 ? at + 1 : end;
        return text;
      } else {
        if (at + 1 + length > bytes.length) throw new MalformedError();
        total += length + 1;
        if (text !== "") text += ".";
        text += labelText(bytes, at + 1, at + 1 + length);
        at += length + 1;
      }
      if (total > MAX_NAME_BYTES) throw new MalformedError();
    }
  }

  /**
   * Returns the place behind the next name if that is spelt as expected, here
   * or where a pointer leads; -1 for any other, and for one that is not plain.
   */
  #behind(expected: string): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let behind = -1;
    const first = bytes[at]!;
    if (first >= 0xc0) {
      behind = at + 2;
      const target = (first & 0x3f) << 8 | bytes[at + 1]!;
      if (behind > bytes.length || target >= at) return -1;
      at = target;
    }
    for (let from = 0; from <= expected.length;) {
      const length = bytes[at++] ?? 0;
      const end = from + length;
      if (length === 0 || length > MAX_LABEL_BYTES) return -1;
      for (let i = from; i < end; i++) {
        const byte = bytes[at++]!;
        if (byte !== expected.charCodeAt(i) || PLAIN[byte] !== 1) return -1;
      }
      if (end < expected.length && expected[end] !== ".") return -1;
      from = end + 1;
    }
    if (bytes[at] !== 0) return -1;
    return behind < 0 ? at + 1 : behind;
  }
}

/**
 * Returns a name as it is read from a message: what is no plain character is
 * escaped (section 5.1).
 *
 * @param name a name in ASCII, the dots between its labels
 */
export function escapeName(name: string): string {
  return name.replace(
    /[^A-Za-z0-9_*/.-]/g,
    (char) => escaped(char.charCodeAt(0)),
  );
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, "0")}`;
}

/** Bytes that a name shows as they are: letters, digits, `_`, `*`, `/`, `-`. */
const PLAIN = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  PLAIN[code] = Number(/[A-Za-z0-9_*/-]/.test(String.fromCharCode(code)));
}

/** A label as text: what is not a plain character is escaped. */
function labelText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    text += PLAIN[byte] === 1 ? String.fromCharCode(byte) : escaped(byte);
  }
  return text;
}
