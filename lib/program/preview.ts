/**
 * The first bytes of what a call sent or received.
 *
 * @module
 */

import type { CallEvent, WaitingCall } from "../calls/observer.ts";
import { wholeCharacters } from "./display.ts";

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
