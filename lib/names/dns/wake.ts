/**
 * When an exchange has to look after its questions again.
 *
 * @module
 */

import type { Question, Reply } from "./question.ts";
import { LAST_WAIT, QUIET, type Server, SILENCE } from "./server.ts";

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
  for (const { secondAt } of open) {
    if (secondAt !== undefined) at(secondAt + lastWait);
  }
  return wake;
}
