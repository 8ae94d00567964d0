/**
 * What a program recorded with `--json --trace`: one JSON object a line.
 *
 * Every object has `program`, `pid`, `event` and `time` (RFC 3339, UTC, six
 * digits). Two kinds of object are drawn.
 *
 * A **call** has `event: "call"`, and is written when it returns, so that the
 * order of the lines is that of the returns:
 *
 * - `call`: its name in C; `arguments`: texts, as the trace writes them, the
 *   descriptor first;
 * - `result`: a number, or words if C returns a pointer (`"2 addresses"`). -1
 *   comes with `code` and `message`. A call that our own limit or stop ended has
 *   the result `"?"`, the reason as `message` (`"gave up after 10 s"`,
 *   `"stopped"`), and no `code`;
 * - `milliseconds`: how long it took; `start` and `end`: like `time`;
 *   `with`: the call in one step with which Deno made this one;
 * - `fd`: the descriptor. That of `socket` is the new one, its result; that of
 *   `accept` is the listening socket's, and its result the new one. Calls that
 *   have no socket (`getaddrinfo`) have none. A descriptor is free for the next
 *   socket once `close` was called;
 * - `connection`: the connection's number, from its `accept` on;
 * - `local`, `remote`: the ends of the socket as `{"family","host","port"}`, as
 *   far as they are known: those of `accept` are the new connection's; those of
 *   `connect` are known when it returned, and a failed one has only `remote`; a
 *   datagram socket may have a wildcard as `local`; `sendto` has the receiver as
 *   `remote`, `recvfrom` the sender. Every later call on a connected or accepted
 *   socket has both;
 * - `data`: the first 32 bytes of what was sent or received, as
 *   `{"bytes","text"}` and `"base64"` if they are not UTF-8;
 * - `emulated`: true if Parley imitates the call.
 *
 * Any other **event** has the fields of `lib/sockets/events.ts` and
 * `lib/conversations/events.ts`. A recording without calls is drawn from its
 * events; they can be joined with another end's if `accepted` and `connected`
 * have `local` beside `peer`, and `sent` has `remote` if it is about a datagram.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import { IpAddress } from "../address/ip_address.ts";

/** Bytes as the JSON lines have them. */
export interface RecordedBytes {
  /** How many `text` stands for. */
  readonly bytes: number;
  /** The bytes as text. */
  readonly text: string;
  /** The bytes in Base64, if they are not UTF-8. */
  readonly base64?: string;
}

/** A call. */
export interface RecordedCall {
  /** Its name in C. */
  readonly call: string;
  /** Its arguments. */
  readonly arguments: readonly string[];
  /** What it returned. */
  readonly result: number | string;
  /** The errno's or EAI code's name, if it failed. */
  readonly code?: string;
  /** The words for that code, or why it was given up. */
  readonly message?: string;
  /** How long it took; `undefined` for what was an event. */
  readonly milliseconds?: number;
  /** When it began and returned, RFC 3339. */
  readonly start?: string;
  /** When it returned. */
  readonly end?: string;
  /** The call whose time it shares. */
  readonly with?: string;
  /** The descriptor. */
  readonly fd?: number;
  /** The own end. */
  readonly local?: Endpoint;
  /** The other end. */
  readonly remote?: Endpoint;
  /** The first bytes that were sent or received. */
  readonly data?: RecordedBytes;
  /** Whether Parley imitates it. */
  readonly emulated?: boolean;
  /** What an event says, if it was none of the recorded calls. */
  readonly words?: string;
}

/** One line. */
export interface RecordedLine {
  /** The program. */
  readonly program: string;
  /** Its process id, if it is known. */
  readonly pid: number | undefined;
  /** The event's kind. */
  readonly event: string;
  /** All that the line has. */
  readonly fields: Fields;
}

/** A line that is not what a program writes. */
export class RecordingError extends Error {
  /** The name of this class. */
  override readonly name = "RecordingError";
}

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one line.
 *
 * @param line the line
 * @returns what it says
 * @throws {RecordingError} if it is not an object of a program's; the message
 * says what is wrong with it
 */
export function readLine(line: string): RecordedLine {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    throw new RecordingError("it is not JSON, or was cut");
  }
  if (!isFields(fields)) throw new RecordingError("it is no JSON object");
  if (typeof fields["time"] !== "string" || !TIME.test(fields["time"])) {
    throw wrong("time", "no time of RFC 3339");
  }
  return {
    program: text(fields, "program"),
    pid: count(fields, "pid"),
    event: text(fields, "event"),
    fields,
  };
}

/**
 * Reads a call.
 *
 * @param fields the fields of a line whose event is `call`
 * @returns the call
 * @throws {RecordingError} if a field is missing or of another kind
 */
export function readCall(fields: Fields): RecordedCall {
  const result = fields["result"];
  if (typeof result !== "number" && typeof result !== "string") {
    throw wrong("result", "neither a number nor text");
  }
  const words = fields["arguments"];
  if (!Array.isArray(words) || !words.every((word) => isText(word))) {
    throw wrong("arguments", "no list of texts");
  }
  const data = readBytes(fields, "data");
  return {
    call: text(fields, "call"),
    arguments: words.slice(0, MOST_ARGUMENTS).map(shortened),
    result: isText(result) ? shortened(result) : result,
    milliseconds: duration(fields),
    ...optional("code", optionalText(fields, "code")),
    ...optional("message", optionalText(fields, "message")),
    ...optional("with", optionalText(fields, "with")),
    ...optional("start", optionalText(fields, "start")),
    ...optional("end", optionalText(fields, "end")),
    ...optional("fd", count(fields, "fd")),
    ...optional("local", readEndpoint(fields, "local")),
    ...optional("remote", readEndpoint(fields, "remote")),
    ...optional("data", data),
    ...(fields["emulated"] === true ? { emulated: true } : {}),
  };
}

/** A property that is left out if there is nothing in it. */
export function optional<K extends string, V>(
  name: K,
  value: V | undefined,
): { readonly [name in K]?: V } {
  return value === undefined ? {} : { [name]: value } as { [name in K]: V };
}

/**
 * Reads an endpoint.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the endpoint, IPv4 as such, or `undefined` if there is none
 * @throws {RecordingError} if it is something else
 */
export function readEndpoint(
  fields: Fields,
  name: string,
): Endpoint | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (isFields(value)) {
    const { host, port } = value;
    const address = typeof host === "string"
      ? IpAddress.tryParse(host)
      : undefined;
    if (address !== undefined && isCount(port) && port <= 65535) {
      return new Endpoint(address.unmapped(), port);
    }
  }
  throw wrong(name, "no address with a port");
}

/**
 * Reads bytes.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the bytes, or `undefined` if there are none
 * @throws {RecordingError} if it is something else
 */
export function readBytes(
  fields: Fields,
  name: string,
): RecordedBytes | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (isFields(value)) {
    const { bytes, text, base64 } = value;
    if (isCount(bytes) && isText(text)) {
      const short = { bytes, text: shortened(text) };
      if (base64 === undefined) return short;
      if (isText(base64) && BASE64.test(base64)) {
        return { ...short, base64: shortened(base64) };
      }
    }
  }
  throw wrong(name, "no bytes");
}

/**
 * Reads a whole number.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the number, 0 or more, or `undefined` if there is none
 * @throws {RecordingError} if it is something else
 */
export function count(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (isCount(value)) return value;
  throw wrong(name, "no whole number");
}

/**
 * Reads text.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the text, or `undefined` if there is none
 * @throws {RecordingError} if it is something else
 */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (isText(value)) return shortened(value);
  throw wrong(name, "no text");
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const BASE64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/;

/** How much of a text is kept, in UTF-16 code units; a multiple of 4. */
const MOST_TEXT = 128;
const MOST_ARGUMENTS = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Cuts a text that is longer than what is drawn of any. */
function shortened(text: string): string {
  return text.length <= MOST_TEXT
    ? text
    // A slice would keep all of the text in memory; a copy does not.
    : decoder.decode(encoder.encode(text.slice(0, MOST_TEXT)));
}

/** The longest time that a call can take, in milliseconds: a year. */
const LONGEST = 366 * 24 * 3600 * 1000;

function duration(fields: Fields): number {
  const value = fields["milliseconds"];
  if (typeof value === "number" && value >= 0 && value <= LONGEST) return value;
  throw wrong("milliseconds", "no duration");
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (isText(value)) return shortened(value);
  throw wrong(name, value === undefined ? "missing" : "no text");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, what: string): RecordingError {
  return new RecordingError(`its "${name}" is ${what}`);
}
