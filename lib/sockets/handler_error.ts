/**
 * What becomes of what a server's handler throws.
 *
 * @module
 */

import { receives } from "../calls/observer.ts";
import type { Observer } from "./events.ts";

/** Who receives what a handler throws. */
export interface ErrorReceivers<I> {
  /** Receives it first. */
  readonly onError?: ((error: unknown, info: I) => void) | undefined;
  /** Receives the events of the server. */
  readonly observer?: Observer | undefined;
}

/**
 * Hands on what a handler threw: to `onError`, or to `console.error` if nobody
 * receives errors. What `onError` itself throws goes there too.
 *
 * @param error what was thrown
 * @param info what the handler was given
 * @param receivers who receives it
 */
export function handOn<I>(
  error: unknown,
  info: I,
  { onError, observer }: ErrorReceivers<I>,
): void {
  try {
    if (onError !== undefined) {
      const returned: unknown = onError(error, info);
      // One that is async does not throw, it rejects.
      if (returned instanceof Promise) returned.catch(console.error);
    } else if (!receives(observer, "event")) console.error(error);
  } catch (error) {
    console.error(error);
  }
}

/**
 * Says whether a handler threw only what it was told: that its server stops.
 *
 * @param error what was thrown
 * @param signal what the handler was given
 */
export function isStop(
  error: unknown,
  { aborted, reason }: AbortSignal,
): boolean {
  return aborted && error === reason;
}
