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

import type { Endpoint } from "../address/endpoint.ts";
import {
  count,
  duration,
  type Fields,
  isFields,
  moment,
  optional,
  optionalText,
  readBytes,
  readEndpoint,
  type RecordedBytes,
  RecordingError,
  text,
  textOrNumber,
  texts,
  timeText,
} from "./fields.ts";

/** A call. */
export interface RecordedCall {
  /** Its name in C. */
  readonly call: string;
  /** Its arguments, parted by commas. */
  readonly arguments: string;
  /** What it returned. */
  readonly result: number | string;
  /** The errno's or EAI code's name, if it failed. */
  readonly code?: string;
  /** The words for that code, or why it was given up. */
  readonly message?: string;
  /** How long it took; `undefined` for what was an event. */
  readonly milliseconds?: number;
  /** When it began, in milliseconds by the clock of its machine. */
  readonly start?: number;
  /** When it returned. */
  readonly end?: number;
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
  timeText(fields, "time");
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
  return {
    call: text(fields, "call"),
    arguments: texts(fields, "arguments").join(", "),
    result: textOrNumber(fields, "result"),
    milliseconds: duration(fields, "milliseconds"),
    ...optional("code", optionalText(fields, "code")),
    ...optional("message", optionalText(fields, "message")),
    ...optional("with", optionalText(fields, "with")),
    ...optional("start", moment(fields, "start")),
    ...optional("end", moment(fields, "end")),
    ...optional("fd", count(fields, "fd")),
    ...optional("local", readEndpoint(fields, "local")),
    ...optional("remote", readEndpoint(fields, "remote")),
    ...optional("data", readBytes(fields, "data")),
    ...(fields["emulated"] === true ? { emulated: true } : {}),
  };
}
