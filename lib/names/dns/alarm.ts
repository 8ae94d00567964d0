/**
 * When an exchange has to look after its questions again, and the one timer for
 * that.
 *
 * @module
 */

import { startWait } from "../../calls/deadline.ts";
import type { Question, Reply } from "./question.ts";
import { LAST_WAIT, QUIET, type Server, SILENCE } from "./server.ts";

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
    const milliseconds = at - now;
    if (Math.round(milliseconds) === QUIET) {
      // The first wait of each look-up: they share a timer.
      this.#stop = startWait(QUIET, ring);
    } else {
      const timer = setTimeout(ring, Math.ceil(milliseconds));
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

/** What an exchange waits for. */
export interface Waits {
  readonly servers: readonly Server[];
  /** The questions that wait for an answer. */
  readonly open: readonly Question[];
  /** The answer to the other one. */
  readonly answered: Reply | undefined;
  /** How long an open question is waited for on account of that answer. */
  readonly lastWait: number;
  /** When the turn of the server that is asked is over. */
  readonly turnEnds: number;
  /** When all is over. */
  readonly end: number;
}

/**
 * Returns when something is due next.
 *
 * @param waits what is waited for
 * @param now the time, on the clock of `performance.now()`
 * @returns a time after it
 */
export function nextWake(waits: Waits, now: number): number {
  const { servers, open, answered, lastWait, turnEnds, end } = waits;
  let wake = end;
  const at = (time: number) => {
    if (time > now && time < wake) wake = time;
  };
  at(turnEnds);
  for (const server of servers) {
    if (server.isUnclear) at(server.askedAt! + QUIET);
    if (server.failure?.mayAnswer) at(server.lastAskedAt + LAST_WAIT);
    for (const question of open) {
      if (question.pending) at(question.silentSince(server) + SILENCE);
    }
  }
  if (answered === undefined) return wake;
  at(answered.at + QUIET);
  for (const question of open) {
    const { secondAt } = question;
    if (secondAt !== undefined) at(secondAt + lastWait);
    const asked = question.at(answered.server);
    if (asked?.overTcp) at(asked.at + SILENCE);
  }
  return wake;
}
