/**
 * How a look-up comes to its result, as data.
 *
 * @module
 */

import type { CallObserver } from "../calls/observer.ts";

/** A question of a look-up was answered. */
export interface AnswerEvent {
  /** Discriminates the union. */
  readonly event: "answer";
  /**
   * Who answered: `literal`, a hosts file by its path, `RFC 6761` (names of the
   * loopback), or a name server by its address and port.
   */
  readonly source: string;
  /** What was asked: a name, or a record's type and name. */
  readonly question: string;
  /** The addresses or names; or why there are none, as in `NXDOMAIN`. */
  readonly answer: readonly string[];
  /** How long it took, in milliseconds, where somebody else was asked. */
  readonly milliseconds?: number;
}

/** An address was put into its place among those of its host. */
export interface OrderEvent {
  /** Discriminates the union. */
  readonly event: "order";
  /** The address. */
  readonly address: string;
  /**
   * The rule of RFC 6724 section 6 that puts it behind the one before it, 1 to
   * 10; missing for the first one.
   */
  readonly rule?: number;
}

/** How a look-up came to its result. */
export type ResolutionEvent = AnswerEvent | OrderEvent;

/** Observes look-ups. */
export interface LookUpObserver extends CallObserver {
  /** Receives each step of a look-up, before the look-up's own call. */
  resolution?(event: ResolutionEvent): void;
}
