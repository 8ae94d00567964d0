/**
 * The head of an HTTP/1.1 request (RFC 9112), read as it arrives.
 *
 * @module
 */

/** The longest head that is read, in bytes. */
export const MAX_HEAD_BYTES = 8192;

/** What a request's head turned out to be, as the status code it earns. */
export type HeadStatus = 200 | 400 | 405 | 431;

/** Characters of a method and of a field's name (RFC 9110 section 5.6.2). */
const TOKEN = new Uint8Array(256);
for (
  const char of "!#$%&'*+-.^_`|~0123456789" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
) TOKEN[char.charCodeAt(0)] = 1;

const enum State {
  /** Before the request line: empty lines are passed over (section 2.2). */
  Start,
  /** Behind the CR of such a line. */
  StartLineFeed,
  Method,
  TargetStart,
  Target,
  Version,
  /** Behind the version, or in a field's value: CR or LF ends the line. */
  VersionEnd,
  Value,
  /** Behind a CR, where only LF may follow. */
  LineFeed,
  FieldStart,
  Name,
  /** Behind the CR of the empty line. */
  LastLineFeed,
  Done,
}

/** Fields that announce a body (RFC 9112 section 6). */
const BODY_FIELDS = ["content-length", "transfer-encoding"];

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const HTAB = 0x09;
const COLON = 0x3a;
const VERSION = "HTTP/1.";

/**
 * Reads one request head, wherever its packets were split, in one pass.
 *
 * A line may end in LF alone, as section 2.2 permits. A head that cannot become
 * a valid one any more is refused at its first wrong byte.
 */
export class RequestHead {
  /** `"GET"`, `"HEAD"`, or what the client sent; complete once `status` is. */
  method = "";
  /** The answer that the head earns; `undefined` while more of it is to come. */
  status: HeadStatus | undefined;
  /** Whether more was sent than the head, or is announced in it. */
  hasMore = false;
  #name = "";
  #state = State.Start;
  #length = 0;
  #version = 0;

  /**
   * Reads on.
   *
   * @param bytes what came next
   * @returns the status, `undefined` while more is to come; bytes behind the
   * head are not looked at
   */
  feed(bytes: Uint8Array): HeadStatus | undefined {
    for (let i = 0; i < bytes.length; i++) {
      if (this.status !== undefined) {
        this.hasMore = true;
        break;
      }
      const byte = bytes[i]!;
      if (++this.#length > MAX_HEAD_BYTES) return this.status = 431;
      const next = this.#step(byte);
      if (next === undefined) return this.status = 400;
      this.#state = next;
      if (next === State.Done) {
        this.status = this.method === "GET" || this.method === "HEAD"
          ? 200
          : 405;
      }
    }
    return this.status;
  }

  /** The state behind `byte`, or `undefined` where it may not stand. */
  #step(byte: number): State | undefined {
    switch (this.#state) {
      case State.Start:
        if (byte === LF) return State.Start;
        if (byte === CR) return State.StartLineFeed;
        // falls through
      case State.Method:
        if (TOKEN[byte]) {
          this.method += String.fromCharCode(byte);
          return State.Method;
        }
        return byte === SP && this.method !== ""
          ? State.TargetStart
          : undefined;
      case State.StartLineFeed:
        return byte === LF ? State.Start : undefined;
      case State.TargetStart:
        return byte > SP && byte !== 0x7f ? State.Target : undefined;
      case State.Target:
        if (byte === SP) return State.Version;
        return byte > SP && byte !== 0x7f ? State.Target : undefined;
      case State.Version:
        if (this.#version < VERSION.length) {
          const expected = VERSION.charCodeAt(this.#version++);
          return byte === expected ? State.Version : undefined;
        }
        return byte >= 0x30 && byte <= 0x39 ? State.VersionEnd : undefined;
      case State.VersionEnd:
        return byte === CR
          ? State.LineFeed
          : byte === LF
          ? State.FieldStart
          : undefined;
      case State.LineFeed:
        return byte === LF ? State.FieldStart : undefined;
      case State.FieldStart:
        if (byte === CR) return State.LastLineFeed;
        if (byte === LF) return State.Done;
        this.#name = "";
        return this.#nameByte(byte);
      case State.Name:
        if (byte !== COLON) return this.#nameByte(byte);
        this.hasMore ||= BODY_FIELDS.includes(this.#name.toLowerCase());
        return State.Value;
      case State.Value:
        if (byte === CR) return State.LineFeed;
        if (byte === LF) return State.FieldStart;
        return byte === HTAB || (byte >= SP && byte !== 0x7f)
          ? State.Value
          : undefined;
      case State.LastLineFeed:
        return byte === LF ? State.Done : undefined;
      case State.Done:
        return State.Done;
    }
  }

  #nameByte(byte: number): State | undefined {
    if (!TOKEN[byte]) return undefined;
    this.#name += String.fromCharCode(byte);
    return State.Name;
  }
}
