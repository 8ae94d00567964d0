/**
 * The words of a picture: calls, durations and amounts.
 *
 * @module
 */

import { printable, quotedBytes } from "./printable.ts";
import type { Link, Node } from "./links.ts";
import type { Box } from "./picture.ts";
import type { RecordedCall } from "./recording.ts";

/**
 * Writes a duration with two or three digits that count.
 *
 * @param milliseconds the duration
 * @returns as in `0.31 ms`, `17 ms`, `1.52 s` or `2 min 3 s`
 */
export function durationText(milliseconds: number): string {
  if (milliseconds < 9.995) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 99.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole % 3600 / 60);
  return hours > 0
    ? `${hours} h ${minutes} min`
    : `${minutes} min ${whole % 60} s`;
}

/**
 * Writes an amount.
 *
 * @param amount how many
 * @param unit of what, in the singular
 * @returns as in `1 byte`, `13 bytes` or `998 more calls`
 */
export function amountText(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}

/** How a call is written. */
export interface CallWords {
  /** Whether its arguments are written. */
  readonly calls: boolean;
  /** Whether the time that it took is written. */
  readonly times: boolean;
}

/** The words of a box. */
export type BoxWords = Pick<
  Box,
  "name" | "outcome" | "time" | "failed" | "emulated"
>;

/**
 * Writes a call.
 *
 * @param call the call
 * @param options what is written of it
 * @returns its parts
 */
export function callWords(
  call: RecordedCall,
  { calls, times }: CallWords,
): BoxWords {
  const { milliseconds, code, words, emulated = false } = call;
  // To be stopped is no failure.
  const failed = code !== undefined ||
    (call.result === "?" && call.message !== "stopped") ||
    (typeof call.result === "number" && call.result < 0);
  const outcome = outcomeText(call);
  // The calls that Deno makes in one step share one time, reported with the last.
  const isTimed = times && milliseconds !== undefined &&
    call.with === undefined;
  return {
    name: printable(words ?? nameText(call, calls)),
    ...(outcome === undefined ? {} : { outcome: printable(outcome) }),
    ...(isTimed ? { time: durationText(milliseconds) } : {}),
    failed,
    emulated,
  };
}

function nameText(call: RecordedCall, whole: boolean): string {
  if (whole) return `${call.call}(${call.arguments})`;
  const isNew = call.call === "socket" || call.fd === undefined;
  return `${call.call}(${isNew ? "" : call.fd})`;
}

/** Calls that return 0 if all went well: it need not be said. */
const SILENT = [
  ...["bind", "listen", "connect", "setsockopt", "shutdown", "close"],
  "handshake",
];

function outcomeText(call: RecordedCall): string | undefined {
  const { result, code, message, words } = call;
  if (code !== undefined) {
    // Behind this one there are many reasons.
    const why = code === "EPROTO" && message !== undefined;
    return `= -1 ${code}${why ? ` (${message})` : ""}`;
  }
  if (result === "?") return `= ? (${message ?? "given up"})`;
  if (words !== undefined) {
    return call.call.match(/^(send|recv)/) && typeof result === "number"
      ? amountText(result, "byte")
      : undefined;
  }
  // Words stand for what C returns by a pointer.
  if (typeof result === "string") return undefined;
  return result === 0 && SILENT.includes(call.call) ? undefined : `= ${result}`;
}

/** Why a connection did not come about, in a word. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "reset"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["ETIMEDOUT", "no answer"],
]);

/**
 * Writes what an arrow stands for.
 *
 * @param link the arrow
 * @returns as in `connection`, `13 bytes` or `refused`
 */
export function arrowLabel(link: Link): string {
  const { kind, sender, arrives, bytes = 0 } = link;
  switch (kind) {
    case "connection": {
      if (arrives) return "connection";
      const { code, message } = sender!.step!.call;
      if (code === undefined) {
        return message === "stopped" ? message : "no answer";
      }
      return printable(REASONS.get(code) ?? code);
    }
    case "handshake":
      return isFailure(link) ? "handshake failed" : "TLS handshake";
    case "data":
      return amountText(bytes, "byte") + (arrives ? "" : " lost");
    case "end":
      return "end of file";
    case "reset":
      return "reset";
  }
}

/**
 * Says whether an arrow stands for something that failed.
 *
 * @param link the arrow
 */
export function isFailure({ kind, sender, receiver, arrives }: Link): boolean {
  return !arrives || kind === "reset" ||
    (kind === "handshake" && (isFailed(sender) || isFailed(receiver)));
}

function isFailed(node: Node | undefined): boolean {
  return node?.step !== undefined && node.step.call.result !== 0;
}

/**
 * Quotes what an arrow carries.
 *
 * @param link the arrow
 * @returns its first bytes, or `undefined` if they are not known
 */
export function arrowData({ data, bytes = 0 }: Link): string | undefined {
  return data === undefined || bytes === 0
    ? undefined
    : quotedBytes(data, bytes);
}
