/**
 * The one door to the system: every socket call goes through {@linkcode call}.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { bounded } from "./deadline.ts";
import { CallError, SocketError, type Step } from "./errors.ts";
import { ObservedCall } from "./observed_call.ts";
import {
  type CallText,
  culpritOf,
  type EarlierCall,
  isObserved,
  type Shown,
} from "./shown_call.ts";
import { timeError } from "./ranges.ts";

export type { CallText, EarlierCall };

/** How a call is bounded, wrapped and traced. */
export interface CallOptions<T> extends Shown<T> {
  /** The longest wait, in milliseconds; absent or 0 is no limit. */
  readonly timeout?: number | undefined;
  /** Ends the wait; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Set if `run` itself ends the wait in time and at the signal. */
  readonly endsItself?: boolean;
  /** The address that the call is about; it is part of the error. */
  readonly address?: Endpoint | undefined;
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
  const { timeout = 0, signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const wrong = timeError("timeout", timeout);
  if (wrong !== undefined) return Promise.reject(wrong);
  const observed = observe(step, options);
  let value: T | Promise<T>;
  try {
    value = run();
  } catch (error) {
    fail(step, error, options, observed);
  }
  if (!(value instanceof Promise)) {
    observed?.succeed(value);
    return value;
  }
  const inTime = options.endsItself ||
      (timeout === 0 && signal === undefined)
    ? value
    : bounded(value, timeout, signal);
  if (observed === undefined) {
    // One promise more is what a busy server can afford for each call.
    return inTime.then(undefined, (error) => fail(step, error, options));
  }
  observed.wait();
  return inTime.then((value) => {
    observed.succeed(value);
    return value;
  }, (error) => fail(step, error, options, observed));
}

/** Times the call if somebody observes it. */
function observe<T>(
  step: string,
  options: CallOptions<T>,
): ObservedCall<T> | undefined {
  const { observer, announce } = options;
  const isShown = announce !== undefined ||
    (observer !== undefined && isObserved(observer));
  return isShown ? new ObservedCall(step, options) : undefined;
}

function fail<T>(
  step: Step | LookUpStep,
  error: unknown,
  options: CallOptions<T>,
  observed?: ObservedCall<T>,
): never {
  const { signal, address, timeout = 0 } = options;
  const isStop = signal !== undefined && signal.aborted &&
    error === signal.reason;
  observed?.fail(error, isStop, timeout);
  // The reason of a signal is its owner's; a look-up's errors are of their own.
  const isOurs = error instanceof CallError || isStop ||
    step === "getaddrinfo" || step === "getnameinfo";
  throw isOurs
    ? error
    : new SocketError(culpritOf(options, error, step), error, address);
}
