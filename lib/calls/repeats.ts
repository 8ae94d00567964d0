/**
 * Faults that repeat, as two lines: the first, and how many there were.
 *
 * @module
 */

import type { FailureEvent } from "./errors.ts";
import { type CallObserver, emit } from "./observer.ts";

/** Receives failures. */
export interface FailureObserver extends CallObserver {
  /** Receives a failure. */
  event?(event: FailureEvent): void;
}

/** After this long without another one, a fault is over, in milliseconds. */
const QUIET = 5_000;

/** A fault that goes on. */
interface Fault {
  readonly first: FailureEvent;
  count: number;
  /** When it was last seen, on the clock of `performance.now()`. */
  last: number;
}

/** Handshakes fail for many reasons, most of which have one code. */
function kindOf({ step, code, message }: FailureEvent): string {
  return `${step} ${step === "handshake" ? message : code}`;
}

/**
 * Reports faults: the first of a kind at once, those that follow as one with
 * their count when it is over. Faults of one kind have the same step and code, or
 * the same step and reason if it is a handshake's.
 */
export class Repeats implements Disposable {
  readonly #observer: FailureObserver | undefined;
  readonly #quiet: number;
  readonly #faults = new Map<string, Fault>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param observer receives the faults
   * @param quiet after how long without another one a fault is over, in
   * milliseconds; 5,000 by default
   */
  constructor(observer: FailureObserver | undefined, quiet = QUIET) {
    this.#observer = observer;
    this.#quiet = quiet;
  }

  /**
   * Reports a fault, or counts it.
   *
   * @param failure the fault
   */
  report(failure: FailureEvent): void {
    const kind = kindOf(failure);
    const last = performance.now();
    const fault = this.#faults.get(kind);
    if (fault !== undefined) {
      fault.count++;
      fault.last = last;
      return;
    }
    this.#faults.set(kind, { first: failure, count: 1, last });
    emit(this.#observer, "event", failure);
    this.#timer ??= setTimeout(() => this.#sweep(), this.#quiet);
  }

  /** Reports the counts that are due: no more faults come. */
  [Symbol.dispose](): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const fault of this.#faults.values()) this.#end(fault);
    this.#faults.clear();
  }

  /** Ends the faults that are over, and looks again when others may be. */
  #sweep(): void {
    const now = performance.now();
    let wait = Infinity;
    for (const [kind, fault] of this.#faults) {
      const left = fault.last + this.#quiet - now;
      if (left > 0) {
        wait = Math.min(wait, left);
      } else {
        this.#faults.delete(kind);
        this.#end(fault);
      }
    }
    this.#timer = wait === Infinity
      ? undefined
      : setTimeout(() => this.#sweep(), wait);
  }

  #end({ first, count }: Fault): void {
    if (count < 2) return;
    // They were about many connections.
    const { connection: _, ...fault } = first;
    emit(this.#observer, "event", { ...fault, count });
  }
}
