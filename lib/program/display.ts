/**
 * Bytes that came from elsewhere, made safe to look at.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { CallEvent, WaitingCall } from "../calls/observer.ts";

// Every C0 control, DEL, every C1 control; what ends a line or a paragraph, and
// what turns the direction of text (Unicode's Bidi_Control).
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function hex(code: number): string {
  const digits = code.toString(16).padStart(2, "0");
  return code > 0xff ? `\\u{${digits}}` : `\\x${digits}`;
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Text in which nothing can move the cursor, colour, ring, or forge a line:
 * control characters are shown as `\n`, `\t`, `\x1b`, `\u{202e}`.
 *
 * @param text any text
 * @returns one line of printable text
 */
export function displayText(text: string): string {
  return text.replace(
    CONTROL,
    (control) => NAMED[control] ?? hex(control.charCodeAt(0)),
  );
}

/** The text of bytes that are UTF-8, else `undefined`. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of bytes, with U+FFFD for what is not UTF-8. */
export function decodeLossy(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** How many bytes the UTF-8 sequence at `at` has, or 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2
    ? 0
    : lead < 0xe0
    ? 2
    : lead < 0xf0
    ? 3
    : lead < 0xf5
    ? 4
    : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  // RFC 3629 section 4: no overlong forms, no surrogates, none past U+10FFFF.
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** How many bytes the UTF-8 sequence that a byte begins should have. */
function neededLength(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/**
 * Cuts the first bytes of something longer before a character that is not whole.
 *
 * @param bytes the first bytes
 * @returns those of them that are whole characters, or none at all
 */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  // A sequence of UTF-8 has four bytes at most.
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return neededLength(byte) > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}

/**
 * Puts bytes into quotes as strace(1) does, with `\"` and `\\` inside.
 *
 * @param bytes any bytes
 * @returns one line of printable text, as in `"Hello, world!"`
 */
export function quoteBytes(bytes: Uint8Array): string {
  const quotable = (text: string) =>
    displayText(text.replace(/["\\]/g, "\\$&"));
  return `"${displayBytes(bytes, quotable)}"`;
}

/**
 * Bytes as safe text: UTF-8 as it is, control characters as in
 * {@linkcode displayText}, and bytes that are not UTF-8 as `\xff`.
 *
 * @param bytes any bytes
 * @param display makes text safe
 * @returns one line of printable text
 */
export function displayBytes(
  bytes: Uint8Array,
  display: (text: string) => string = displayText,
): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return display(text);
  let shown = "";
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    shown += display(decodeLossy(bytes.subarray(from, at))) +
      hex(bytes[at]!);
    from = ++at;
  }
  return shown + display(decodeLossy(bytes.subarray(from)));
}

/** The first bytes of a message. */
export interface Preview {
  /** The bytes; of a longer message they end with a whole character. */
  readonly bytes: Uint8Array;
  /** Whether the message is longer. */
  readonly isCut: boolean;
}

/**
 * Returns the first bytes of what a call sent or received.
 *
 * @param call the call, which may not have returned yet
 * @returns the bytes, or `undefined` if it has none
 */
export function previewOf(call: CallEvent | WaitingCall): Preview | undefined {
  const { data } = call;
  if (data === undefined) return undefined;
  const isCut = sizeOf(call) > data.length;
  return { bytes: isCut ? wholeCharacters(data) : data, isCut };
}

/** How many bytes a call received, or is to send: that is behind its descriptor. */
function sizeOf(call: CallEvent | WaitingCall): number {
  const isReceived = call.call.startsWith("recv") && "result" in call;
  return Number(isReceived ? call.result : call.arguments[1]);
}

/**
 * Writes the URL under which a browser on this machine finds a server.
 *
 * @param endpoint where the server listens
 * @param scheme as in `http`
 * @returns as in `http://localhost:8080/`
 */
export function urlOf(endpoint: Endpoint, scheme: string): string {
  const { address, port } = endpoint;
  const where = address.isUnspecified ? `localhost:${port}` : endpoint;
  return `${scheme}://${where}/`;
}
