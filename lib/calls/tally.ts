/**
 * How many were turned away, as one line when it is over.
 *
 * @module
 */

import type { IpAddress } from "../address/ip_address.ts";
import { emit } from "./observer.ts";
import type { FailureObserver } from "./repeats.ts";

/** What a {@linkcode Tally} counts, and how it reports it. */
export interface TallyOptions {
  /** What was done to them, as in `gave way`; the event's step. */
  readonly step: string;
  /** The errno's name that comes nearest. */
  readonly code: string;
  /** What they are, as in `connection`. */
  readonly unit: string;
  /**
   * After how long without another one it is over, in milliseconds.
   *
   * @default {1_000}
   */
  readonly quiet?: number | undefined;
  /** Receives one failure each time it is over. */
  readonly observer: FailureObserver | undefined;
}

/** Counts at most this many addresses; beyond that, `or more`. */
const MAX_ADDRESSES = 4096;

/** Counts those that were turned away, and where they came from. */
export class Tally implements Disposable {
  readonly #options: TallyOptions;
  readonly #addresses = new Set<string>();
  #count = 0;
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param options what is counted */
  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /**
   * Counts one more.
   *
   * @param address where it came from
   */
  add(address: IpAddress): void {
    this.#count++;
    this.#last = performance.now();
    if (this.#addresses.size < MAX_ADDRESSES) {
      this.#addresses.add(address.toString());
    }
    this.#timer ??= setTimeout(() => this.#look(), this.#quiet);
  }

  /** Reports what was counted: no more come. */
  [Symbol.dispose](): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count === 0) return;
    const { step, code, unit, observer } = this.#options;
    const message = `${counted(this.#count, unit)} from ` +
      counted(this.#addresses.size, "address") +
      (this.#addresses.size < MAX_ADDRESSES ? "" : " or more");
    this.#count = 0;
    this.#addresses.clear();
    emit(observer, "event", { event: "error", step, code, message });
  }

  get #quiet(): number {
    return this.#options.quiet ?? 1_000;
  }

  #look(): void {
    const left = this.#last + this.#quiet - performance.now();
    if (left > 0) this.#timer = setTimeout(() => this.#look(), left);
    else this[Symbol.dispose]();
  }
}

function counted(count: number, unit: string): string {
  if (count === 1) return `1 ${unit}`;
  return `${count} ${unit}${unit.endsWith("s") ? "es" : "s"}`;
}
