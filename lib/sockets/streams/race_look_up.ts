/**
 * The look-up of a race: addresses come one family after the other.
 *
 * @module
 */

import { startWait } from "../../calls/deadline.ts";
import type { Race } from "./race.ts";
import { findTargets, type Target, type TargetOptions } from "../targets.ts";

/** What a look-up needs of a race. */
type Runners = Pick<
  Race<{ close(): void }>,
  "add" | "complete" | "fail" | "hasBegun" | "signal"
>;

/** How long to wait for better addresses after the first (RFC 8305 section 3). */
const RESOLUTION_DELAY = 50;

/** Looks a destination up, and hands its targets to a race as they come. */
export class RaceLookUp {
  /** Resolves when it is over; it never rejects. */
  readonly ended: Promise<void>;
  readonly #race: Runners;
  #known: readonly Target[] = [];
  #endDelay: (() => void) | undefined;

  /**
   * Begins to look up.
   *
   * @param race receives the targets, or why there are none
   * @param options the destination
   */
  constructor(race: Runners, options: TargetOptions) {
    this.#race = race;
    const { signal } = race;
    const onSome = (targets: readonly Target[]) => this.#some(targets);
    this.ended = findTargets(options, "stream", { signal, onSome }).then(
      (targets) => race.add(targets),
      (error) => race.fail(error),
    ).then(() => {
      this.#endDelay?.();
      race.complete();
    });
  }

  #some(targets: readonly Target[]): void {
    this.#known = targets;
    this.#endDelay ??= startWait(
      RESOLUTION_DELAY,
      () => this.#race.add(this.#known),
    );
    if (this.#race.hasBegun) this.#race.add(targets);
  }
}
