/**
 * Which server is asked when.
 *
 * @module
 */

import type { Question } from "./question.ts";
import { LAST_WAIT, QUIET, type Server, SILENCE } from "./server.ts";

/**
 * When a round begins although servers were silent in the one before: at the
 * earliest after so many milliseconds, however little time there is. A lost
 * datagram must not cost all of the time that a slow server is given, so it
 * begins when they are taken for silent at the latest.
 */
const AGAIN_MIN = 500;

/** The turn of a server. */
export interface Turn {
  /** A server that can be asked. */
  readonly server: Server;
  /** What to ask it. */
  readonly questions: readonly Question[];
  /** The server before it, if that was quiet for too long. */
  readonly late: Server | undefined;
}

/**
 * The turns of the servers: one after the other, round after round. A turn is
 * over as soon as the server cannot help or has been quiet for a short while.
 */
export class Turns {
  readonly #servers: readonly Server[];
  readonly #last: number;
  readonly #quiet: number;
  readonly #again: number;
  #turn = -1;
  #began = 0;

  /**
   * Begins before the first turn.
   *
   * @param servers in the order in which to ask them
   * @param rounds how many rounds there are
   * @param milliseconds how much time there is for all of them
   */
  constructor(
    servers: readonly Server[],
    rounds: number,
    milliseconds: number,
  ) {
    this.#servers = servers;
    this.#last = servers.length * rounds - 1;
    // The last one too is to have its part of the time.
    this.#quiet = Math.min(QUIET, milliseconds / (servers.length + 1));
    this.#again = Math.min(SILENCE, Math.max(milliseconds / rounds, AGAIN_MIN));
  }

  /** Why a late server is passed over. */
  get lateWords(): string {
    return `silent for ${Math.round(this.#quiet)} ms`;
  }

  /** Begins again with the first one. */
  restart(): void {
    this.#turn = -1;
  }

  /** When the turn is over if nothing is answered; `Infinity` for the last. */
  get due(): number {
    if (this.#turn >= this.#last) return Infinity;
    return this.#began + (this.#isLastOfRound ? this.#again : this.#quiet);
  }

  /** Whether the turn is over for some questions. */
  isOver(asking: readonly Question[], now: number): boolean {
    if (this.#turn < 0) return true;
    const isDoneByNow = this.#isLastOfRound
      ? this.#servers.every((server) => this.#isDone(server, asking))
      : this.#isDone(this.#current, asking);
    return isDoneByNow || now >= this.due;
  }

  /**
   * Begins the next turn.
   *
   * @param asking the questions that are asked now
   * @param now the time
   * @returns whose turn it is; `undefined` if none is left
   */
  next(asking: readonly Question[], now: number): Turn | undefined {
    const isLate = this.#turn >= 0 && !this.#isLastOfRound &&
      !this.#isDone(this.#current, asking);
    const late = isLate ? this.#current : undefined;
    while (this.#turn < this.#last) {
      this.#turn++;
      const server = this.#current;
      if (server.failure !== undefined) continue;
      const questions = asking.filter((each) => !each.isFinalAt(server));
      if (questions.length === 0) continue;
      this.#began = now;
      return { server, questions, late };
    }
  }

  #isDone(server: Server, asking: readonly Question[]): boolean {
    return server.failure !== undefined ||
      asking.every((question) => question.isDoneAt(server));
  }

  get #current(): Server {
    return this.#servers[this.#turn % this.#servers.length]!;
  }

  get #isLastOfRound(): boolean {
    const { length } = this.#servers;
    return this.#turn % length === length - 1;
  }
}

/**
 * Whether no server is left from which an answer could come.
 *
 * @param servers the servers
 * @param open the questions that wait for an answer
 * @param now the time
 */
export function isHopeless(
  servers: readonly Server[],
  open: readonly Question[],
  now: number,
): boolean {
  return servers.every((server) => {
    if (server.isLost) return true;
    if (open.every((question) => question.isDoneAt(server))) return true;
    // A refused TCP connection is no proof: many speak only UDP.
    return server.failure !== undefined &&
      now >= server.lastAskedAt + LAST_WAIT;
  });
}
