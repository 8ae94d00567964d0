/**
 * The one door to the system: every socket call goes through {@linkcode call}.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { bounded, timeoutRangeError } from "./deadline.ts";
import { CallError, describe, SocketError, type Step } from "./errors.ts";
import { type CallEvent, type CallObserver, emit } from "./observer.ts";

/** A call as C would write it. */
export interface CallText {
  /** Its name, if it is not that of the step. */
  readonly call?: string;
  /** Its arguments. */
  readonly arguments?: readonly string[];
  /** Calls that C makes before this one and Deno in one step with it. */
  readonly before?: readonly Required<Pick<CallText, "call" | "arguments">>[];
  /** Which of those calls it is that fails if the step does. */
  readonly blame?: string;
}

/** How a call is bounded, wrapped and traced. */
export interface CallOptions<T> {
  /** The longest wait, in milliseconds; absent or 0 is no limit. */
  readonly timeout?: number | undefined;
  /** Ends the wait; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Set if `run` itself ends the wait in time and at the signal. */
  readonly endsItself?: boolean;
  /** The address that the call is about; it is part of the error. */
  readonly address?: Endpoint | undefined;
  /** Receives the call; without it nothing is described or timed. */
  readonly observer?: CallObserver | undefined;
  /** Describes the call; asked only if somebody observes calls. */
  readonly text?: () => CallText;
  /** What C's call would return; 0 by default. */
  readonly result?: (value: T) => string | number;
}

/** The steps that throw errors of their own: nothing here wraps those. */
type LookUpStep = "getaddrinfo" | "getnameinfo";

/**
 * Makes a call: bounds its time, wraps what it throws as a `SocketError`, and
 * reports it to the observer.
 *
 * A wait that is over leaves the system's call where it is. The owner of the
 * socket keeps it, so that nothing that comes later is lost, or closes the
 * socket.
 *
 * @param step the call's name in C
 * @param run makes the call
 * @param options how it is bounded, wrapped and traced
 * @returns what `run` returns: a promise only if that is one
 * @throws {SocketError} if it failed or its time was over
 * @throws {RangeError} if the timeout is below 0 or none
 * @throws the signal's reason, if it aborts or has aborted
 */
export function call<T>(
  step: Step | LookUpStep,
  run: () => Promise<T>,
  options?: CallOptions<T>,
): Promise<T>;
export function call<T>(
  step: Step | LookUpStep,
  run: () => T,
  options?: Omit<CallOptions<T>, "timeout" | "signal">,
): T;
export function call<T>(
  step: Step | LookUpStep,
  run: () => T | Promise<T>,
  options: CallOptions<T> = {},
): T | Promise<T> {
  const { timeout = 0, signal, observer } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (!(timeout >= 0)) return Promise.reject(timeoutRangeError(timeout));
  const started = observer?.call === undefined ? NOT_TIMED : performance.now();
  let value: T | Promise<T>;
  try {
    value = run();
  } catch (error) {
    fail(step, error, options, started);
  }
  if (!(value instanceof Promise)) {
    if (started !== NOT_TIMED) succeeded(step, value, options, started);
    return value;
  }
  const inTime = options.endsItself ||
      (timeout === 0 && signal === undefined)
    ? value
    : bounded(value, timeout, signal);
  if (started === NOT_TIMED) {
    // One promise more is what a busy server can afford for each call.
    return inTime.then(
      undefined,
      (error) => fail(step, error, options, started),
    );
  }
  return inTime.then((value) => {
    succeeded(step, value, options, started);
    return value;
  }, (error) => fail(step, error, options, started));
}

const NOT_TIMED = -1;

function succeeded<T>(
  step: string,
  value: T,
  options: CallOptions<T>,
  started: number,
): void {
  report(step, options, started, { result: options.result?.(value) ?? 0 });
}

function fail<T>(
  step: Step | LookUpStep,
  error: unknown,
  options: CallOptions<T>,
  started: number,
): never {
  if (started !== NOT_TIMED) {
    const { code, reason: message } = describe(error, step);
    report(step, options, started, { result: -1, code, message });
  }
  const { signal, address } = options;
  // The reason of a signal is its owner's; a look-up's errors are of their own.
  const isOurs = error instanceof CallError ||
    (signal?.aborted && error === signal.reason) ||
    step === "getaddrinfo" || step === "getnameinfo";
  throw isOurs ? error : new SocketError(step, error, address);
}

/** Returns the time since a moment in milliseconds, to the microsecond. */
function roundedSince(started: number): number {
  return Math.round((performance.now() - started) * 1000) / 1000;
}

/** Reports one call that began at `started`, and those made with it. */
function report<T>(
  step: string,
  { observer, text }: CallOptions<T>,
  started: number,
  outcome: Pick<CallEvent, "result" | "code" | "message">,
): void {
  const milliseconds = roundedSince(started);
  const { before = [], blame, ...own } = text?.() ?? {};
  const last = { call: own.call ?? step, arguments: own.arguments ?? [] };
  const end = outcome.code === undefined
    ? last
    : before.find(({ call }) => call === blame) ?? last;
  for (const each of before) {
    if (each === end) break;
    emit(observer, "call", {
      event: "call",
      ...each,
      result: each.call === "socket" ? "ok" : 0,
      milliseconds,
      with: end.call,
    });
  }
  emit(observer, "call", { event: "call", ...end, ...outcome, milliseconds });
}
