/**
 * Calls told as they are made, in the style of `strace(1)`.
 *
 * @module
 */

import { AddrInfoError, describeError } from "./errors.ts";
import type { CallEvent, Observer, ResolutionEvent } from "./events.ts";

/** A call in C's terms. */
export interface Call {
  readonly call: string;
  readonly arguments: readonly string[];
  /** Calls that C makes before this one and Deno in one step with it. */
  readonly before?: readonly Omit<Call, "before" | "blame">[];
  /** Which of those calls it is that fails when the step does. */
  readonly blame?: string;
}

/** The code and words of a failed call. */
function failure(error: unknown): Pick<CallEvent, "code" | "message"> {
  if (error instanceof AddrInfoError) {
    return { code: error.code, message: error.message };
  }
  const { code, reason } = describeError(error);
  return { code, message: reason };
}

/** The time since a moment in milliseconds, to the microsecond. */
export function roundedSince(started: number): number {
  return Math.round((performance.now() - started) * 1000) / 1000;
}

/** Tells one call that began at `started`, and those made with it. */
function tell(
  observer: Observer,
  { before = [], blame, ...call }: Call,
  started: number,
  outcome: Pick<CallEvent, "result" | "code" | "message">,
): void {
  const milliseconds = roundedSince(started);
  const steps = [...before, call];
  const end = outcome.code === undefined
    ? call
    : steps.find((step) => step.call === blame) ?? call;
  for (const step of steps) {
    if (step === end) break;
    observer.call?.({
      event: "call",
      ...step,
      result: step.call === "socket" ? "ok" : 0,
      milliseconds,
      with: end.call,
    });
  }
  observer.call?.({ event: "call", ...end, ...outcome, milliseconds });
}

/**
 * Makes an asynchronous call, and tells it if the observer wants calls.
 *
 * @param observer whom to tell; where it takes no calls, `run` is merely run
 * @param describe the call in C's terms
 * @param run makes the call
 * @param result what C's call would return for what `run` gave
 * @returns what `run` gave
 */
export function traced<T>(
  observer: Observer | undefined,
  describe: () => Call,
  run: () => Promise<T>,
  result: (value: T) => string | number,
): Promise<T> {
  if (observer?.call === undefined) return run();
  const started = performance.now();
  return run().then((value) => {
    tell(observer, describe(), started, { result: result(value) });
    return value;
  }, (error: unknown) => {
    tell(observer, describe(), started, { result: -1, ...failure(error) });
    throw error;
  });
}

/**
 * Makes a call that returns at once, and tells it if the observer wants calls.
 *
 * @param observer whom to tell
 * @param describe the call in C's terms
 * @param run makes the call
 * @param result what C's call would return; 0 by default
 * @returns what `run` gave
 */
export function tracedSync<T>(
  observer: Observer | undefined,
  describe: () => Call,
  run: () => T,
  result: (value: T) => string | number = () => 0,
): T {
  if (observer?.call === undefined) return run();
  const started = performance.now();
  try {
    const value = run();
    tell(observer, describe(), started, { result: result(value) });
    return value;
  } catch (error) {
    tell(observer, describe(), started, { result: -1, ...failure(error) });
    throw error;
  }
}

/** The rules of RFC 6724 section 6, in a few words each. */
const RULES: Readonly<Record<number, string>> = {
  1: "avoid unusable destinations",
  2: "prefer matching scope",
  5: "prefer matching label",
  6: "prefer higher precedence",
  8: "prefer smaller scope",
  9: "use longest matching prefix",
  10: "leave the order unchanged",
};

/**
 * One step of a look-up, indented before the call that it belongs to.
 *
 * @param event the step
 * @returns as in `  10.0.0.1:53: A example.com = 192.0.2.1 <1.20 ms>`
 */
export function formatResolution(event: ResolutionEvent): string {
  if (event.event === "order") {
    const { address, rule } = event;
    const reason = rule === undefined
      ? "first"
      : `next by RFC 6724 rule ${rule} (${RULES[rule]})`;
    return `  order: ${address} ${reason}`;
  }
  const { source, question, answer, milliseconds } = event;
  const time = milliseconds === undefined
    ? ""
    : ` <${milliseconds.toFixed(2)} ms>`;
  return `  ${source}: ${question} = ${answer.join(", ")}${time}`;
}

/**
 * One call as strace writes it.
 *
 * @param call the call
 * @returns as in `connect([::1]:3490) = -1 ECONNREFUSED (Connection refused)
 * <0.18 ms>`
 */
export function formatCall(call: CallEvent): string {
  const failed = call.code === undefined
    ? ""
    : ` ${call.code} (${call.message})`;
  const shared = call.with === undefined ? "" : ` (with ${call.with})`;
  return `${call.call}(${call.arguments.join(", ")}) = ${call.result}` +
    `${failed}${shared} <${call.milliseconds.toFixed(2)} ms>`;
}
