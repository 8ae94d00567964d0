/**
 * Which answer counts, and when one that is missing is no longer waited for.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import type { Question } from "./question.ts";
import { QUIET, type Server, SILENCE } from "./server.ts";

/** Who asks. */
export interface Asker {
  /** Asks a server. */
  ask(question: Question, server: Server, now: number): void;
}

/**
 * Closes a question whose answer counts by now, or will not come.
 *
 * @param question an open one
 * @param other the one that was answered, if one was
 * @param channel the way to the servers
 * @param asker asks again
 * @param now the time, on the clock of `performance.now()`
 */
export function settle(
  question: Question,
  other: Question | undefined,
  channel: Channel,
  asker: Asker,
  now: number,
): void {
  const { pending } = question;
  if (pending === undefined) {
    if (other !== undefined) {
      waitForMissing(question, other, channel, asker, now);
    }
  } else if (isFirstSaid(question, pending.server, channel, asker, now)) {
    question.close(pending);
  }
}

/**
 * Whether no earlier server may say otherwise than one that says that there is
 * nothing: each has answered, was refused, or has been silent.
 */
function isFirstSaid(
  question: Question,
  by: Server,
  { servers }: Channel,
  asker: Asker,
  now: number,
): boolean {
  if (by.rank === 0) return true;
  let isFirst = true;
  for (const server of servers) {
    if (server.rank >= by.rank || server.failure !== undefined) continue;
    if (server.ailment === "dead" && !server.hasAnswered) continue;
    if (question.at(server) === undefined) asker.ask(question, server, now);
    if (question.isDoneAt(server)) continue;
    if (now < question.silentSince(server) + SILENCE) isFirst = false;
  }
  return isFirst;
}

/**
 * One type was answered and the other was not: its answer may be lost, so it is
 * asked for once more, of the server that answered.
 */
function waitForMissing(
  question: Question,
  other: Question,
  { overTcp }: Channel,
  asker: Asker,
  now: number,
): void {
  const { server, at } = other.reply!;
  if (question.timesAsked === 0) return;
  const asked = question.at(server);
  if (asked?.overTcp && !overTcp) {
    // It did not fit. A connection takes a round trip more than a datagram.
    if (now >= asked.at + SILENCE) question.close(undefined);
  } else if (question.secondAt === undefined) {
    // Others are asked if this server cannot help.
    const mayHelp = !question.isDoneAt(server);
    if (mayHelp && now < at + QUIET) return;
    if (mayHelp) asker.ask(question, server, now);
    if (question.timesAsked > 1) question.secondAt = now;
  } else if (now >= question.secondAt + other.lastWait) {
    question.close(undefined);
  }
}
