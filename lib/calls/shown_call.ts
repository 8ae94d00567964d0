/**
 * What a call looks like to those who observe it.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { isTimeout } from "./deadline.ts";
import type { Descriptor, Ends } from "./descriptors.ts";
import { CallError, describe, PermissionError, type Step } from "./errors.ts";
import {
  type CallEvent,
  type CallObserver,
  type CallOnSocket,
  receives,
} from "./observer.ts";

/** A call as C would write it. */
export interface CallText {
  /** Its name, if it is not that of the step. */
  readonly call?: string;
  /** Its arguments after the descriptor, without the bytes. */
  readonly arguments?: readonly string[];
  /** What is sent, or was received. */
  readonly data?: Uint8Array | undefined;
  /** The other end, if it is not always the same. */
  readonly remote?: Endpoint | undefined;
  /** Set if Parley imitates it. */
  readonly emulated?: true;
}

/** A call that C makes before another one and Deno in one step with it. */
export type EarlierCall = Required<Pick<CallText, "call" | "arguments">>;

/** How a call is shown. */
export interface Shown<T> {
  /** Receives the call; without it nothing is described or timed. */
  readonly observer?: CallObserver | undefined;
  /**
   * What the call is made on. If it waits at several sockets, that is known
   * when it returns.
   */
  readonly descriptor?:
    | Descriptor
    | ((value?: T) => Descriptor | undefined)
    | undefined;
  /**
   * Describes the call; asked only if somebody observes calls.
   *
   * @param value what it returned, once it has
   */
  readonly text?: (value?: T) => CallText;
  /** What C's call would return; 0 by default. */
  readonly result?: (value: T) => string | number;
  /** The calls that C makes before this one; `socket` is the first. */
  readonly before?: () => readonly EarlierCall[];
  /** Set if `socket` is called before there is anything to wait for. */
  readonly isMadeAtOnce?: boolean;
  /** Which of the calls it is that failed, if `socket` did not. */
  readonly blame?: (error: unknown) => Step;
  /** Says that what it returns is a new socket, and which ends that has. */
  readonly opens?: (value: T) => Ends;
  /** Finds the number of the connection that was accepted. */
  readonly connection?: ((value: T) => number | undefined) | undefined;
  /** Is called before each of the calls is reported. */
  readonly announce?: (call: string, failed: boolean) => void;
  /** A signal at which what is run ends itself. */
  readonly endedBy?: AbortSignal | undefined;
}

/** What a call came to. */
export type Outcome = Pick<CallEvent, "result" | "code" | "message">;

/** A call and what it is made on. */
export type ShownCall = CallOnSocket & Pick<CallEvent, "emulated">;

/** The most bytes that are shown. */
const SHOWN_BYTES = 32;
/** What only `socket(2)` fails with. */
const NO_SOCKET = ["EAFNOSUPPORT", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"];

/**
 * Says whether anybody receives calls.
 *
 * @param observer the observer
 */
export function isObserved(observer: CallObserver | undefined): boolean {
  return receives(observer, "call") || receives(observer, "waiting");
}

/**
 * Shows a call.
 *
 * @param descriptor what it is made on
 * @param text how C would write it
 * @returns its arguments with the descriptor, its ends, its first bytes
 */
export function shownCall(
  descriptor: Descriptor | undefined,
  text: CallText & Pick<CallOnSocket, "call">,
): ShownCall {
  const { call, data, remote, emulated } = text;
  const own = text.arguments ?? [];
  // The call that makes it has neither its number nor ends.
  const isMade = descriptor !== undefined && call !== "socket";
  return {
    call,
    arguments: isMade ? [String(descriptor.fd), ...own] : own,
    ...(descriptor !== undefined && numbersOf(descriptor)),
    ...(isMade && descriptor.ends),
    ...(remote !== undefined && { remote }),
    ...(data !== undefined && { data: data.slice(0, SHOWN_BYTES) }),
    ...(emulated && { emulated }),
  };
}

/** The numbers of a socket. */
function numbersOf(
  { fd, connection }: Descriptor,
): Pick<CallOnSocket, "fd" | "connection"> {
  return connection === undefined ? { fd } : { fd, connection };
}

/**
 * Says what a call came to that failed.
 *
 * @param error what it threw
 * @param step its name
 * @param milliseconds how long it took
 * @returns an errno; or, if it was our own limit or stop, which of them
 */
export function failureOf(
  error: unknown,
  step: string,
  milliseconds: number,
): Outcome {
  const cause = error instanceof CallError ? error.cause : error;
  if (isTimeout(cause)) {
    return { result: "?", message: gaveUp(milliseconds) };
  }
  if (isStop(cause)) return { result: "?", message: STOPPED };
  const { code, reason: message } = describe(error, step);
  return { result: -1, code, message };
}

/**
 * Says why a call ended whose time was over.
 *
 * @param milliseconds how long it took
 */
export function gaveUp(milliseconds: number): string {
  return `gave up after ${Number((milliseconds / 1000).toPrecision(2))} s`;
}

/** Why a call ended that was stopped. */
export const STOPPED = "stopped";

/** Whether a call ended because its socket was closed at this end. */
function isStop(cause: unknown): boolean {
  return cause instanceof Deno.errors.BadResource ||
    cause instanceof Deno.errors.Interrupted ||
    (cause instanceof DOMException && cause.name === "AbortError");
}

/**
 * Finds which of the calls that Deno makes in one step failed.
 *
 * @param shown the calls
 * @param error what was thrown
 * @param last the last of them
 */
export function culpritOf<T, C extends string>(
  { before, blame }: Pick<Shown<T>, "before" | "blame">,
  error: unknown,
  last: C,
): Step | C {
  if (before === undefined) return last;
  const isWithoutSocket = error instanceof PermissionError ||
    error instanceof Deno.errors.NotCapable ||
    NO_SOCKET.includes(describe(error).code);
  return isWithoutSocket ? "socket" : blame?.(error) ?? last;
}
