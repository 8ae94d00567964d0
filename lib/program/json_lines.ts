/**
 * Events as JSON, one object per line.
 *
 * @module
 */

import type { CallEvent } from "../calls/observer.ts";
import { decodeLossy, decodeUtf8, previewOf } from "./display.ts";
import type { Happening } from "./sentences.ts";

// JSON.stringify leaves these as they are, and a terminal obeys them.
const UNSAFE = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/** The process; asked only once, since each event names it. */
const { pid } = Deno;

/** Microseconds in RFC 3339. */
const SIX_DIGITS = { fractionalSecondDigits: 6 } as const;

/**
 * Writes one event as a line of JSON, which holds no control character, nor what
 * turns the direction of text.
 *
 * @param program the program's name
 * @param event what happened
 * @returns an object and a newline: `program`, `pid`, `event`, `time` in RFC
 * 3339 with microseconds, and the event's fields; a call has `start` and `end`
 */
export function jsonLine<E extends Happening>(
  program: string,
  event: E,
): string {
  const { event: kind, ...fields } = event;
  const now = Temporal.Now.instant();
  const time = now.toString(SIX_DIGITS);
  const head = { program, pid, event: kind, time };
  const json = JSON.stringify(
    isCall(event)
      ? { ...head, ...spanOf(event, now), ...fields, ...dataOf(event) }
      : { ...head, ...fields },
    plain,
  );
  return json.replace(
    UNSAFE,
    (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  ) + "\n";
}

/** Makes bytes something that JSON can hold. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? bytesObject(value) : value;
}

function isCall(event: Happening): event is CallEvent {
  return event.event === "call";
}

/** When a call that is over now began and ended. */
function spanOf(
  { milliseconds }: CallEvent,
  now: Temporal.Instant,
): { start: string; end: string } {
  const microseconds = Math.round(milliseconds * 1000);
  return {
    start: now.subtract({ microseconds }).toString(SIX_DIGITS),
    end: now.toString(SIX_DIGITS),
  };
}

/** The first bytes of what a call sent or received. */
function dataOf(call: CallEvent): { readonly data?: Uint8Array } {
  const preview = previewOf(call);
  return preview === undefined ? {} : { data: preview.bytes };
}

function bytesObject(
  bytes: Uint8Array,
): { bytes: number; text: string; base64?: string } {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return { bytes: bytes.length, text };
  return {
    bytes: bytes.length,
    text: decodeLossy(bytes),
    base64: bytes.toBase64(),
  };
}
