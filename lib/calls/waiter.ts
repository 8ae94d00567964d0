/**
 * One that waits in a queue for what comes.
 *
 * @module
 */

import { startWait, timeoutError } from "./deadline.ts";

/**
 * How long a call may wait.
 *
 * @category Streams
 */
export interface Wait {
  /**
   * The longest wait, in milliseconds up to 2147483647; 0 is no limit.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Ends the wait; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether a wait has an end of its own.
 *
 * @param wait how long a call may wait
 * @returns whether it has a time limit or a signal
 */
export function isBounded(wait: Wait | undefined): wait is Wait {
  return wait !== undefined &&
    ((wait.timeout ?? 0) !== 0 || wait.signal !== undefined);
}

/**
 * Somebody in a queue. It is settled once: by what it waits for, by the time,
 * or by the signal. That is decided at once and not in a later turn, so that
 * what comes is never handed to somebody who has left.
 */
export class Waiter<T> {
  /** What it waits for. */
  readonly promise: Promise<T>;
  readonly #settle: Pick<PromiseWithResolvers<T>, "resolve" | "reject">;
  readonly #signal: AbortSignal | undefined;
  readonly #endWait: (() => void) | undefined;
  readonly #abort = () => this.#expire(this.#signal?.reason);
  readonly #leave: () => void;

  /**
   * Begins to wait.
   *
   * @param wait how long
   * @param leave is called if the wait is over before anything came
   */
  constructor({ timeout = 0, signal }: Wait, leave: (self: Waiter<T>) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.promise = promise;
    this.#settle = { resolve, reject };
    this.#leave = () => leave(this);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
    this.#endWait = timeout === 0
      ? undefined
      : startWait(timeout, () => this.#expire(timeoutError()));
  }

  /** Ends the wait with what it was for. */
  resolve(value: T): void {
    this.#end();
    this.#settle.resolve(value);
  }

  /** Ends the wait with an error. */
  reject(error: unknown): void {
    this.#end();
    this.#settle.reject(error);
  }

  #expire(reason: unknown): void {
    this.#leave();
    this.reject(reason);
  }

  #end(): void {
    this.#endWait?.();
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
