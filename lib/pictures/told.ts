/**
 * The calls behind a program's events, for a recording that has no calls.
 *
 * @module
 */

import { joinHostPort } from "../address/endpoint.ts";
import {
  count,
  type Fields,
  optional,
  optionalText,
  readBytes,
  readEndpoint,
  type RecordedCall,
} from "./recording.ts";

/** The descriptor of the socket that a program listens on, or its only one. */
const FIRST = 0;

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
  const fd = count(fields, "connection") ?? FIRST;
  const remote = readEndpoint(fields, "peer") ?? readEndpoint(fields, "remote");
  const ends = {
    ...optional("local", readEndpoint(fields, "local")),
    ...optional("remote", remote),
  };
  const made = (
    call: string,
    words: string,
    rest: Partial<RecordedCall> = {},
  ): RecordedCall => ({ call, arguments: [], result: 0, words, fd, ...rest });
  switch (event) {
    case "listening":
    case "bound": {
      const local = readEndpoint(fields, "address");
      const call = event === "bound" ? "bind" : "listen";
      const words = event === "bound" ? "bound to" : "listening on";
      const where = local === undefined
        ? ""
        : ` ${joinHostPort(local.address, local.port)}`;
      return made(call, words + where, optional("local", local));
    }
    case "accepted":
      return made("accept", "accepted", { ...ends, fd: FIRST, result: fd });
    case "connected":
      return made("connect", "connected", ends);
    case "received":
      return moved("recv", count(fields, "bytes") ?? 0);
    case "sent": {
      const bytes = count(fields, "bytes") ?? 0;
      const call = fields["to"] === undefined ? "send" : "sendto";
      return moved(call, bytes);
    }
    case "message":
    case "datagram": {
      const data = readBytes(fields, "data");
      const call = event === "message" ? "recv" : "recvfrom";
      return { ...moved(call, data?.bytes ?? 0), ...optional("data", data) };
    }
    case "closing":
      return made("close", "closing");
    case "closingListener":
      return made("close", "closing listener", { fd: FIRST });
    case "error":
      return failed();
  }
  return undefined;

  function moved(call: string, bytes: number): RecordedCall {
    const way = call.startsWith("send") ? "sent" : "received";
    return made(call, way, { ...ends, result: bytes });
  }

  function failed(): RecordedCall | undefined {
    // The summary after the errors that led to it says nothing new.
    if (fields["final"] === true) return undefined;
    const step = optionalText(fields, "step") ?? "";
    return made(step, step, {
      result: -1,
      ...optional("code", optionalText(fields, "code")),
      ...optional("message", optionalText(fields, "message")),
      ...optional("remote", readEndpoint(fields, "address")),
    });
  }
}
