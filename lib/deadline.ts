/**
 * The longest wait for one step.
 *
 * @module
 */

/** A signal that aborts when the time is over; disposing of it stops the clock. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Starts a clock.
 *
 * @param milliseconds the longest wait; 0 waits for ever
 * @param outer a signal that ends the wait as well
 * @returns a signal that aborts with a `TimeoutError`, or with the outer
 * signal's reason
 */
export function deadline(
  milliseconds: number,
  outer?: AbortSignal,
): Deadline {
  const controller = new AbortController();
  const forward = () => controller.abort(outer?.reason);
  if (outer?.aborted) forward();
  outer?.addEventListener("abort", forward);
  const timer = milliseconds === 0 ? undefined : setTimeout(
    () => controller.abort(timeoutError()),
    milliseconds,
  );
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      // Even clearing nothing would make Deno load Node's timers, for several
      // milliseconds of every start.
      if (timer !== undefined) clearTimeout(timer);
      outer?.removeEventListener("abort", forward);
    },
  };
}

/** The error of a wait whose time is over. */
export function timeoutError(): DOMException {
  return new DOMException("Timed out", "TimeoutError");
}

/** Whether a wait ended because its time was over. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/**
 * Waits for a promise no longer than a signal allows. What the promise stands
 * for is not ended by this.
 *
 * @param promise what to wait for
 * @param signal ends the wait
 * @returns what the promise gives
 * @throws the signal's reason
 */
export async function within<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
