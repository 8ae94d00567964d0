/**
 * Reads the fields of JSON objects that anybody may have written. What is not
 * of the kind that is asked for is a {@linkcode RecordingError}.
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

/** Reads a field by its name. */
type Reader<T> = (fields: Fields, name: string) => T;

/** Reads a value of one kind; `undefined` for any other. */
type Kind<T> = (value: unknown) => T | undefined;

/** Makes the reader of a field that must be there. */
function mustBe<T>(kind: Kind<T>, otherwise: string): Reader<T> {
  return (fields, name) => {
    const found = kind(fields[name]);
    if (found !== undefined) return found;
    throw new RecordingError(`its "${name}" is ${otherwise}`);
  };
}

/** Makes the reader of a field that may be missing. */
function mayBe<T>(kind: Kind<T>, otherwise: string): Reader<T | undefined> {
  const read = mustBe(kind, otherwise);
  return (fields, name) =>
    fields[name] === undefined ? undefined : read(fields, name);
}

const NO_TEXT = "no text";
const NO_TIME = "no time of RFC 3339";

/** Reads text, or `undefined` if there is none. */
export const optionalText: Reader<string | undefined> = mayBe(asText, NO_TEXT);

const requiredText = mustBe(asText, NO_TEXT);

/** Reads text that must be there. */
export function text(fields: Fields, name: string): string {
  if (fields[name] !== undefined) return requiredText(fields, name);
  throw new RecordingError(`its "${name}" is missing`);
}

/** Reads a list of texts, of which the first ones are kept. */
export const texts: Reader<readonly string[]> = mustBe(
  (value) =>
    Array.isArray(value) && value.every(isText)
      ? value.slice(0, MOST_ARGUMENTS).map(shortened)
      : undefined,
  "no list of texts",
);

/** Reads text or a number. */
export const textOrNumber: Reader<string | number> = mustBe(
  (value) => typeof value === "number" ? value : asText(value),
  "neither a number nor text",
);

/** Reads a whole number, 0 or more, or `undefined` if there is none. */
export const count: Reader<number | undefined> = mayBe(
  (value) => isCount(value) ? value : undefined,
  "no whole number",
);

/** The longest time that a call can take, in milliseconds: a year. */
const LONGEST = 366 * 24 * 3600 * 1000;

/** Reads how long a call took, in milliseconds. */
export const duration: Reader<number> = mustBe(
  (value) =>
    typeof value === "number" && value >= 0 && value <= LONGEST
      ? value
      : undefined,
  "no duration",
);

/** Reads a time, in milliseconds since 1970, or `undefined` if there is none. */
export const moment: Reader<number | undefined> = mayBe((value) => {
  const time = Date.parse(asTime(value) ?? "");
  return Number.isNaN(time) ? undefined : time;
}, NO_TIME);

/** Reads a time as text. */
export const timeText: Reader<string> = mustBe(asTime, NO_TIME);

const presentEndpoint = mayBe(asEndpoint, "no address with a port");

/** Reads an endpoint, IPv4 as such, or `undefined` if there is none. */
export function readEndpoint(
  fields: Fields,
  name: string,
): Endpoint | undefined {
  return fields[name] === null ? undefined : presentEndpoint(fields, name);
}

/** Reads bytes, or `undefined` if there are none. */
export const readBytes: Reader<RecordedBytes | undefined> = mayBe(
  asBytes,
  "no bytes",
);

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

function asText(value: unknown): string | undefined {
  return isText(value) ? shortened(value) : undefined;
}

function asTime(value: unknown): string | undefined {
  return isText(value) && TIME.test(value) ? value : undefined;
}

function asEndpoint(value: unknown): Endpoint | undefined {
  if (!isFields(value)) return undefined;
  const { host, port } = value;
  const address = isText(host) ? IpAddress.tryParse(host) : undefined;
  return address !== undefined && isCount(port) && port <= 65535
    ? new Endpoint(address.unmapped(), port)
    : undefined;
}

function asBytes(value: unknown): RecordedBytes | undefined {
  if (!isFields(value)) return undefined;
  const { bytes, text, base64 } = value;
  if (!isCount(bytes) || !isText(text)) return undefined;
  const short = { bytes, text: shortened(text) };
  if (base64 === undefined) return short;
  return isText(base64) && BASE64.test(base64)
    ? { ...short, base64: shortened(base64) }
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a value is a whole number, 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value of JSON is an object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
