/**
 * The head of an HTTP/1.1 request (RFC 9112), read as it arrives.
 *
 * @module
 */

import { type DecidingField, DecidingFields } from "./http_fields.ts";
import { isTargetOf } from "./http_target.ts";

/** The longest head that is read, in bytes. */
export const MAX_HEAD_BYTES = 8192;

/** What a request's head turned out to be, as the status code it earns. */
export type HeadStatus = 200 | 400 | 405 | 414 | 431 | 501 | 505;

/** The methods of RFC 9110 section 9.3, and that of RFC 5789. */
const METHODS: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE"],
  "PATCH",
]);

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const HTAB = 0x09;
const COLON = 0x3a;
const DEL = 0x7f;
const ZERO = 0x30;
const NINE = 0x39;

/** A version's bytes; `n` is a digit (RFC 9112 section 2.3). */
const VERSION = "HTTP/n.n";
const MAJOR = VERSION.indexOf("n");

/** Bytes of a method and of a field's name (RFC 9110 section 5.6.2). */
const TOKEN = new Uint8Array(256);
for (
  const char of "!#$%&'*+-.^_`|~0123456789" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
) TOKEN[char.charCodeAt(0)] = 1;

/** Bytes of a target; whether they are of a URI is asked when it is whole. */
const VISIBLE = new Uint8Array(256).fill(1, SP + 1);
VISIBLE[DEL] = 0;

/** Bytes of a field's value (RFC 9110 section 5.5). */
const TEXT = VISIBLE.slice();
TEXT[SP] = TEXT[HTAB] = 1;

/** The fields whose values are kept, by their first letter. */
const FIELDS: readonly (DecidingField | undefined)[] = (() => {
  const fields: DecidingField[] = [];
  for (
    const field of ["host", "content-length", "transfer-encoding"] as const
  ) fields[field.charCodeAt(0)] = field;
  return fields;
})();

/** What the next byte is of. */
const enum State {
  /** Before the request line: empty lines are passed over (section 2.2). */
  Start,
  /** Behind the CR of such a line. */
  StartLineFeed,
  Method,
  TargetStart,
  Target,
  Version,
  /** Behind the version: CR or LF ends the line. */
  VersionEnd,
  /** Behind the CR of the request line. */
  RequestLineFeed,
  /** A field's value: CR or LF ends the line. */
  Value,
  /** Behind the CR of a field line. */
  LineFeed,
  FieldStart,
  Name,
  /** Behind the CR of the empty line. */
  LastLineFeed,
  Done,
  /** It stood where it may not stand. */
  Wrong,
}

/**
 * Reads one request head, wherever its packets were split, in one pass.
 *
 * A line may end in LF without CR, as section 2.2 permits. The first of these
 * that applies is the head's status, however it was split: 400 for its syntax,
 * at the first wrong byte; 414 for a request line that does not end within
 * {@linkcode MAX_HEAD_BYTES}, 431 for a head that does not; then, at its end,
 * 505 for its version, 501 for its method, 400 for a target of no form or for
 * its fields, 405 for a method other than GET and HEAD.
 */
export class RequestHead {
  /** The method, once it was read. */
  method = "";
  /** The answer that the head earns; `undefined` while more is to come. */
  status: HeadStatus | undefined;
  /** Whether more was sent than the head, or is announced in it. */
  hasMore = false;
  // Not #private: what that costs is small, but paid for each byte.
  private state = State.Start;
  private length = 0;
  private target = "";
  private version = 0;
  private major = 0;
  /** The field that the name may still become, or is. */
  private field: DecidingField | undefined;
  private nameLength = 0;
  private readonly fields = new DecidingFields();
  /** What came of a kept part in earlier bytes. */
  private part = "";
  /** Where the kept part begins, or goes on, in these bytes. */
  private from = 0;

  /**
   * Reads on.
   *
   * @param bytes what came next
   * @returns the status, `undefined` while more is to come; bytes behind the
   * head are not looked at
   */
  feed(bytes: Uint8Array): HeadStatus | undefined {
    const room = MAX_HEAD_BYTES - this.length;
    const end = Math.min(bytes.length, room);
    let state = this.state;
    let at = 0;
    this.from = 0;
    while (at < end && state < State.Done) {
      const byte = bytes[at++]!;
      // Most bytes of a head are those of its values.
      if (state === State.Value && TEXT[byte] === 1) continue;
      state = state < State.Value
        ? this.nextOfLine(state, byte, bytes, at - 1)
        : this.nextOfField(state, byte, bytes, at - 1);
    }
    this.state = state;
    this.length += at;
    if (state === State.Wrong) {
      this.status = 400;
    } else if (state === State.Done) {
      this.hasMore ||= at < bytes.length || this.fields.hasBody;
      this.status ??= this.verdict();
    } else if (bytes.length > room) {
      this.status = state >= State.Method && state <= State.RequestLineFeed
        ? 414
        : 431;
    } else if (this.isKept(state)) {
      this.part = this.kept(bytes, end);
    }
    return this.status;
  }

  /** What a head earns whose syntax is right. */
  private verdict(): HeadStatus {
    const { method } = this;
    if (this.major !== 1) return 505;
    if (!METHODS.has(method)) return 501;
    if (!isTargetOf(method, this.target) || !this.fields.areSound()) return 400;
    return method === "GET" || method === "HEAD" ? 200 : 405;
  }

  /** What follows `byte` of the request line, which stands at `at`. */
  private nextOfLine(
    state: State,
    byte: number,
    bytes: Uint8Array,
    at: number,
  ): State {
    switch (state) {
      case State.Start:
        if (byte === LF) return State.Start;
        if (byte === CR) return State.StartLineFeed;
        this.keepFrom(at);
        return TOKEN[byte] === 1 ? State.Method : State.Wrong;
      case State.StartLineFeed:
        return byte === LF ? State.Start : State.Wrong;
      case State.Method:
        if (TOKEN[byte] === 1) return State.Method;
        if (byte !== SP) return State.Wrong;
        this.method = this.kept(bytes, at);
        return State.TargetStart;
      case State.TargetStart:
        this.keepFrom(at);
        return VISIBLE[byte] === 1 ? State.Target : State.Wrong;
      case State.Target:
        if (VISIBLE[byte] === 1) return State.Target;
        if (byte !== SP) return State.Wrong;
        this.target = this.kept(bytes, at);
        return State.Version;
      case State.Version:
        return this.versionByte(byte);
      case State.VersionEnd:
        if (byte === CR) return State.RequestLineFeed;
        return byte === LF ? State.FieldStart : State.Wrong;
      default:
        return byte === LF ? State.FieldStart : State.Wrong;
    }
  }

  /** What follows `byte` of a field line, which stands at `at`. */
  private nextOfField(
    state: State,
    byte: number,
    bytes: Uint8Array,
    at: number,
  ): State {
    switch (state) {
      case State.Value:
        if (byte !== CR && byte !== LF) return State.Wrong;
        if (this.field !== undefined) {
          this.fields.add(this.field, this.kept(bytes, at));
        }
        return byte === CR ? State.LineFeed : State.FieldStart;
      case State.LineFeed:
        return byte === LF ? State.FieldStart : State.Wrong;
      case State.FieldStart:
        if (byte === CR) return State.LastLineFeed;
        if (byte === LF) return State.Done;
        this.field = FIELDS[byte | SP];
        this.nameLength = 0;
        return this.nameByte(byte);
      case State.Name:
        if (byte !== COLON) return this.nameByte(byte);
        if (this.field?.length !== this.nameLength) this.field = undefined;
        this.keepFrom(at + 1);
        return State.Value;
      default:
        return byte === LF ? State.Done : State.Wrong;
    }
  }

  private versionByte(byte: number): State {
    const place = this.version++;
    const expected = VERSION[place]!;
    const isRight = expected === "n"
      ? byte >= ZERO && byte <= NINE
      : byte === expected.charCodeAt(0);
    if (!isRight) return State.Wrong;
    if (place === MAJOR) this.major = byte - ZERO;
    return this.version === VERSION.length ? State.VersionEnd : State.Version;
  }

  private nameByte(byte: number): State {
    if (TOKEN[byte] !== 1) return State.Wrong;
    // Letters of either case differ in the bit that SP is, and of the bytes of
    // a token only letters become letters by it.
    if (this.field?.charCodeAt(this.nameLength) !== (byte | SP)) {
      this.field = undefined;
    }
    this.nameLength++;
    return State.Name;
  }

  /** Whether the bytes of a state are kept. */
  private isKept(state: State): boolean {
    return state === State.Method || state === State.Target ||
      (state === State.Value && this.field !== undefined);
  }

  private keepFrom(at: number): void {
    this.part = "";
    this.from = at;
  }

  /** The kept part, as far as it came; each byte is one character. */
  private kept(bytes: Uint8Array, to: number): string {
    let text = this.part;
    for (let i = this.from; i < to; i++) text += String.fromCharCode(bytes[i]!);
    return text;
  }
}
