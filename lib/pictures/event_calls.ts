/**
 * The calls behind a program's events, for a recording that has no calls.
 *
 * @module
 */

import {
  count,
  type Fields,
  optional,
  optionalText,
  readBytes,
  readEndpoint,
} from "./fields.ts";
import type { RecordedCall } from "./recording.ts";

/** The descriptor of the socket that a program listens on, or its only one. */
const FIRST = 0;

/** What an event is about. */
interface Event {
  readonly fields: Fields;
  /** The number of the connection, as its descriptor. */
  readonly fd: number;
  /** Both ends, as far as the event has them. */
  readonly ends: Pick<RecordedCall, "local" | "remote">;
}

/** The calls behind the events that say something about a socket. */
const CALLS: Readonly<
  Record<string, (event: Event) => RecordedCall | undefined>
> = {
  listening: (event) => bound(event, "listen", "listening on"),
  bound: (event) => bound(event, "bind", "bound to"),
  accepted: ({ fd, ends }) =>
    made("accept", "accepted", { ...ends, fd: FIRST, result: fd }),
  connected: ({ fd, ends }) => made("connect", "connected", { ...ends, fd }),
  received: (event) => moved(event, "recv"),
  sent: (event) =>
    moved(event, event.fields["to"] === undefined ? "send" : "sendto"),
  message: (event) => moved(event, "recv"),
  datagram: (event) => moved(event, "recvfrom"),
  closing: ({ fd }) => made("close", "closing", { fd }),
  closingListener: () => made("close", "closing listener", { fd: FIRST }),
  error: failed,
};

/**
 * Makes a call of an event. What it is called stays the event's.
 *
 * @param event the event's kind
 * @param fields its fields
 * @returns the call, with the number of the connection as its descriptor, or
 * `undefined` for an event that says nothing about a socket
 * @throws {RecordingError} if a field is of another kind
 */
export function callBehind(
  event: string,
  fields: Fields,
): RecordedCall | undefined {
  if (!Object.hasOwn(CALLS, event)) return undefined;
  const remote = readEndpoint(fields, "peer") ?? readEndpoint(fields, "remote");
  return CALLS[event]!({
    fields,
    fd: count(fields, "connection") ?? FIRST,
    ends: {
      ...optional("local", readEndpoint(fields, "local")),
      ...optional("remote", remote),
    },
  });
}

function made(
  call: string,
  words: string,
  rest: Partial<RecordedCall>,
): RecordedCall {
  return { call, arguments: "", result: 0, words, ...rest };
}

function bound({ fields, fd }: Event, call: string, how: string): RecordedCall {
  const local = readEndpoint(fields, "address");
  const where = local === undefined ? "" : ` ${local}`;
  return made(call, how + where, { fd, ...optional("local", local) });
}

function moved({ fields, fd, ends }: Event, call: string): RecordedCall {
  const data = readBytes(fields, "data");
  const result = data?.bytes ?? count(fields, "bytes") ?? 0;
  const words = call.startsWith("send") ? "sent" : "received";
  return made(call, words, { fd, ...ends, result, ...optional("data", data) });
}

function failed({ fields, fd }: Event): RecordedCall | undefined {
  // The summary after the errors that led to it says nothing new.
  if (fields["final"] === true) return undefined;
  const step = optionalText(fields, "step") ?? "";
  return made(step, step, {
    fd,
    result: -1,
    ...optional("code", optionalText(fields, "code")),
    ...optional("message", optionalText(fields, "message")),
    ...optional("remote", readEndpoint(fields, "address")),
  });
}
