/**
 * One timer for whatever is due next.
 *
 * @module
 */

import { startWait } from "../../calls/deadline.ts";
import { QUIET } from "./server.ts";

/** How late a timer is on a machine that is too busy, in milliseconds. */
const LATE = 20;

/** Rings at the earliest of the times that it is set to. */
export class Alarm {
  readonly #ring: () => void;
  #at = Infinity;
  #stop: (() => void) | undefined;

  /**
   * Makes an alarm that is not set.
   *
   * @param ring is called each time it rings
   */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /**
   * Sets it; an earlier time that it is set to holds, and rings first.
   *
   * @param at when to ring, on the clock of `performance.now()`
   * @param now the time on that clock
   */
  set(at: number, now: number): void {
    if (at >= this.#at) return;
    this.stop();
    this.#at = at;
    const ring = () => {
      this.#stop = undefined;
      this.#at = Infinity;
      const late = performance.now() - at;
      if (late < LATE) return this.#ring();
      // This process had no time, nor had perhaps a server on this machine:
      // what came meanwhile is heard first, and what is about to come.
      const timer = setTimeout(() => this.#ring(), Math.min(late, QUIET));
      this.#stop = () => clearTimeout(timer);
    };
    const milliseconds = Math.ceil(at - now);
    if (milliseconds === QUIET) {
      // The first wait of each look-up: they share a timer.
      this.#stop = startWait(QUIET, ring);
    } else {
      const timer = setTimeout(ring, milliseconds);
      this.#stop = () => clearTimeout(timer);
    }
  }

  /** Stops it. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#at = Infinity;
  }
}
