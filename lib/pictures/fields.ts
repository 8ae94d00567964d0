/**
 * Reads the fields of JSON objects that anybody may have written.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import { IpAddress } from "../address/ip_address.ts";

/** A line that is not what a program writes. */
export class RecordingError extends Error {
  /** The name of this class. */
  override readonly name = "RecordingError";
}

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Bytes as the JSON lines have them. */
export interface RecordedBytes {
  /** How many `text` stands for. */
  readonly bytes: number;
  /** The bytes as text. */
  readonly text: string;
  /** The bytes in Base64, if they are not UTF-8. */
  readonly base64?: string;
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
/** How many arguments of a call are kept. */
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

/**
 * Reads how long a call took.
 *
 * @param fields a call's fields
 * @returns the milliseconds
 * @throws {RecordingError} if there are none
 */
export function duration(fields: Fields): number {
  const value = fields["milliseconds"];
  if (typeof value === "number" && value >= 0 && value <= LONGEST) return value;
  throw wrong("milliseconds", "no duration");
}

/**
 * Reads text that must be there.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the text
 * @throws {RecordingError} if it is missing or something else
 */
export function text(fields: Fields, name: string): string {
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

/**
 * Reads a list of texts.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the first texts
 * @throws {RecordingError} if it is missing or something else
 */
export function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (!Array.isArray(value) || !value.every(isText)) {
    throw wrong(name, "no list of texts");
  }
  return value.slice(0, MOST_ARGUMENTS).map(shortened);
}

/**
 * Reads text or a number.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the text or the number
 * @throws {RecordingError} if it is missing or something else
 */
export function textOrNumber(fields: Fields, name: string): string | number {
  const value = fields[name];
  if (typeof value === "number") return value;
  if (isText(value)) return shortened(value);
  throw wrong(name, "neither a number nor text");
}

/**
 * Makes sure that there is a time.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @throws {RecordingError} if it is missing or something else
 */
export function requireTime(fields: Fields, name: string): void {
  const value = fields[name];
  if (isText(value) && TIME.test(value)) return;
  throw wrong(name, "no time of RFC 3339");
}

/**
 * Reads a time.
 *
 * @param fields an event's fields
 * @param name the field's name
 * @returns the milliseconds since 1970, or `undefined` if there is none
 * @throws {RecordingError} if it is something else
 */
export function moment(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const time = isText(value) && TIME.test(value) ? Date.parse(value) : NaN;
  if (!Number.isNaN(time)) return time;
  throw wrong(name, "no time of RFC 3339");
}

/** Whether a value of JSON is an object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, what: string): RecordingError {
  return new RecordingError(`its "${name}" is ${what}`);
}
