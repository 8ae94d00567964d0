/**
 * One timer for whatever is due next.
 *
 * @module
 */

import { startWait } from "../calls/deadline.ts";
import { QUIET } from "./dns_server.ts";

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
      this.#ring();
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
