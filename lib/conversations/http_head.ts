/**
 * The head of an HTTP/1.1 request (RFC 9112), read as it arrives.
 *
 * @module
 */

/** The longest head that is read, in bytes. */
export const MAX_HEAD_BYTES = 8192;

/** What a request's head turned out to be, as the status code it earns. */
export type HeadStatus = 200 | 400 | 405 | 431;

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const HTAB = 0x09;
const COLON = 0x3a;
const DEL = 0x7f;
const VERSION = "HTTP/1.";
/** As many letters as tell any method from `HEAD`; a client may send many. */
const METHOD_LETTERS = 5;

/** Bytes of a method and of a field's name (RFC 9110 section 5.6.2). */
const TOKEN = new Uint8Array(256);
for (
  const char of "!#$%&'*+-.^_`|~0123456789" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
) TOKEN[char.charCodeAt(0)] = 1;

/** Bytes of a target; those that a URI has not are left to the server. */
const VISIBLE = new Uint8Array(256).fill(1, SP + 1);
VISIBLE[DEL] = 0;

/** Bytes of a field's value (RFC 9110 section 5.5). */
const TEXT = VISIBLE.slice();
TEXT[SP] = TEXT[HTAB] = 1;

/** Fields that announce a body (RFC 9112 section 6), by their first letter. */
const BODY_FIELDS: readonly (string | undefined)[] = (() => {
  const fields: string[] = [];
  for (const field of ["content-length", "transfer-encoding"]) {
    fields[field.charCodeAt(0)] = field;
  }
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
  /** A field's value: CR or LF ends the line. */
  Value,
  /** Behind a CR, where only LF may follow. */
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
 * A line may end in LF alone, as section 2.2 permits. A head that cannot become
 * a valid one any more is refused at its first wrong byte.
 */
export class RequestHead {
  /** `"GET"`, `"HEAD"`, or the first letters of another, once `status` is. */
  method = "";
  /** The answer that the head earns; `undefined` while more of it is to come. */
  status: HeadStatus | undefined;
  /** Whether more was sent than the head, or is announced in it. */
  hasMore = false;
  // Not #private: what that costs is small, but paid for each byte.
  private state = State.Start;
  private length = 0;
  private version = 0;
  /** The body field that the name may still become. */
  private field: string | undefined;
  private nameLength = 0;

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
    while (at < end && state < State.Done) {
      const byte = bytes[at++]!;
      // Most bytes of a head are those of its values.
      if (state === State.Value && TEXT[byte] === 1) continue;
      state = this.next(state, byte);
    }
    this.state = state;
    this.length += at;
    if (state === State.Wrong) {
      this.status = 400;
    } else if (state === State.Done) {
      this.hasMore ||= at < bytes.length;
      this.status = this.method === "GET" || this.method === "HEAD" ? 200 : 405;
    } else if (bytes.length > room) {
      this.status = 431;
    }
    return this.status;
  }

  /** What follows `byte`. */
  private next(state: State, byte: number): State {
    switch (state) {
      case State.Start:
        if (byte === LF) return State.Start;
        if (byte === CR) return State.StartLineFeed;
        // falls through
      case State.Method:
        if (TOKEN[byte] === 1) {
          if (this.method.length < METHOD_LETTERS) {
            this.method += String.fromCharCode(byte);
          }
          return State.Method;
        }
        return byte === SP && this.method !== ""
          ? State.TargetStart
          : State.Wrong;
      case State.StartLineFeed:
        return byte === LF ? State.Start : State.Wrong;
      case State.TargetStart:
        return VISIBLE[byte] === 1 ? State.Target : State.Wrong;
      case State.Target:
        if (byte === SP) return State.Version;
        return VISIBLE[byte] === 1 ? State.Target : State.Wrong;
      case State.Version:
        if (this.version < VERSION.length) {
          const expected = VERSION.charCodeAt(this.version++);
          return byte === expected ? State.Version : State.Wrong;
        }
        return byte >= 0x30 && byte <= 0x39 ? State.VersionEnd : State.Wrong;
      case State.VersionEnd:
      case State.Value:
        if (byte === CR) return State.LineFeed;
        return byte === LF ? State.FieldStart : State.Wrong;
      case State.LineFeed:
        return byte === LF ? State.FieldStart : State.Wrong;
      case State.FieldStart:
        if (byte === CR) return State.LastLineFeed;
        if (byte === LF) return State.Done;
        this.field = BODY_FIELDS[byte | SP];
        this.nameLength = 0;
        return this.nameByte(byte);
      case State.Name:
        if (byte !== COLON) return this.nameByte(byte);
        this.hasMore ||= this.field?.length === this.nameLength;
        return State.Value;
      case State.LastLineFeed:
        return byte === LF ? State.Done : State.Wrong;
      default:
        return state;
    }
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
}
