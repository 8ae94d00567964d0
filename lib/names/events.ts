/**
 * How a look-up comes to its result, as data.
 *
 * @module
 */

import type { CallObserver } from "../calls/observer.ts";

/**
 * A question was sent to a name server.
 *
 * @category Events
 */
export interface QuestionEvent {
  /** Discriminates the union. */
  readonly event: "question";
  /** The server's address and port; `Deno` if Deno picks it. */
  readonly source: string;
  /** The record's type and the name, as in `AAAA example.com`. */
  readonly question: string;
  /** How it was sent. */
  readonly transport: "udp" | "tcp";
}

/**
 * A question of a look-up was answered.
 *
 * @category Events
 */
export interface AnswerEvent {
  /** Discriminates the union. */
  readonly event: "answer";
  /**
   * Who answered: `literal`, a hosts file by its path, an RFC that keeps the
   * name for itself (as in `RFC 6761`), or a name server by its address and
   * port.
   */
  readonly source: string;
  /** What was asked: a name, or a record's type and name. */
  readonly question: string;
  /** The addresses or names; or why there are none, as in `NXDOMAIN`. */
  readonly answer: readonly string[];
  /** How long it took, in milliseconds, if somebody else was asked. */
  readonly milliseconds?: number;
}

/**
 * A source was passed over for the next one.
 *
 * @category Events
 */
export interface PassedOverEvent {
  /** Discriminates the union. */
  readonly event: "passedOver";
  /** A name server by its address and port, or a file by its path. */
  readonly source: string;
  /** Why, as in `silent for 250 ms` or `SERVFAIL`. */
  readonly reason: string;
}

/**
 * An address was put into its place among those of its host.
 *
 * @category Events
 */
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

/**
 * A look-up failed: what became of each name server.
 *
 * @category Events
 */
export interface SummaryEvent {
  /** Discriminates the union. */
  readonly event: "summary";
  /** The host's name. */
  readonly host: string;
  /** All of it in one line, as in `2 servers: 10.0.0.1 silent, 10.0.0.2 REFUSED`. */
  readonly message: string;
  /** The servers in the order in which they were asked. */
  readonly servers: readonly {
    /** Its address, and its port if that is not 53. */
    readonly server: string;
    /** As in `silent`, `refused`, `SERVFAIL`, `NXDOMAIN`. */
    readonly outcome: string;
  }[];
}

/**
 * How a look-up came to its result.
 *
 * @category Events
 */
export type ResolutionEvent =
  | QuestionEvent
  | AnswerEvent
  | PassedOverEvent
  | OrderEvent
  | SummaryEvent;

/**
 * Observes look-ups.
 *
 * @category Events
 */
export interface LookUpObserver extends CallObserver {
  /**
   * Receives each step of a look-up, before the look-up's own call; the summary
   * of one that failed comes behind it.
   */
  resolution?(event: ResolutionEvent): void;
}
