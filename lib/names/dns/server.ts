/**
 * A name server as one look-up sees it.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { type Ailment, ailmentOf, noteAilment, noteAnswer } from "./health.ts";

/**
 * How long a server may be quiet until the next one is asked beside it, in
 * milliseconds. The longest round trip on earth by cable takes about 300 ms, so
 * that a server that knows the answer, or is a little busy, is not doubted; and
 * the name is there in less than a second although two servers are dead.
 */
export const QUIET = 400;

/**
 * After how long a server that says nothing is taken for silent, in
 * milliseconds: longer than those that ask others need for an answer.
 */
export const SILENCE = 2000;

/**
 * How long to wait for an answer to a question asked again because the other
 * type was answered, and for a server that seems dead, in milliseconds.
 */
export const LAST_WAIT = 1000;

/** Why a server is passed over. */
export interface Failure {
  /** As in `Connection refused`. */
  readonly reason: string;
  /** Whether it may answer all the same: it is then still listened to. */
  readonly mayAnswer: boolean;
}

/** A name server, and what became of it in one look-up. */
export class Server {
  /** Its address and port. */
  readonly endpoint: Endpoint;
  /** Its place in the configuration's order, from 0. */
  readonly rank: number;
  /** What was wrong with it a moment ago. */
  readonly ailment: Ailment | undefined;
  /** Where its questions go. */
  readonly udpAddress: Deno.NetAddr;
  /** Whether to say how long an answer may be (EDNS). */
  edns: boolean;
  /** When it was first asked, on the clock of `performance.now()`. */
  askedAt: number | undefined;
  /** When it was last asked, on that clock. */
  lastAskedAt = 0;
  /** Whether it has answered anything. */
  hasAnswered = false;
  /** Whether its TCP port was tried because it was quiet. */
  wasProbed = false;
  /** Why it is passed over. */
  failure: Failure | undefined;
  /** What became of its questions, if somebody wants to know. */
  #outcomes: Set<string> | undefined;

  /**
   * Makes a server that has not been asked yet.
   *
   * @param endpoint its address and port
   * @param rank its place in the configuration's order
   * @param edns whether to say how long an answer may be
   */
  constructor(endpoint: Endpoint, rank: number, edns: boolean) {
    this.endpoint = endpoint;
    this.rank = rank;
    this.edns = edns;
    this.ailment = ailmentOf(endpoint);
    this.udpAddress = endpoint.toNetAddr("udp");
  }

  /** Its name in events: address and port. */
  get source(): string {
    return this.endpoint.toString();
  }

  /** Whether nothing can come from it any more. */
  get isLost(): boolean {
    return this.failure?.mayAnswer === false;
  }

  /** Whether it has been asked and nothing else is known of it. */
  get isUnclear(): boolean {
    return this.askedAt !== undefined && !this.wasProbed &&
      !this.hasAnswered && this.failure === undefined;
  }

  /** Whether a datagram from there is from this server. */
  isSender({ hostname, port }: Deno.NetAddr): boolean {
    if (port !== this.endpoint.port) return false;
    if (hostname === this.udpAddress.hostname) return true;
    // Deno leaves the scope out of a sender's address.
    const { address } = Endpoint.from({ hostname, port });
    return address.equals(this.endpoint.address.withoutScope());
  }

  /** Notes that it answered: whatever seemed wrong with it was not. */
  heard(): void {
    if (this.hasAnswered) return;
    this.hasAnswered = true;
    this.failure = undefined;
    noteAnswer(this.endpoint);
  }

  /** Notes what became of a question, each thing once. */
  note(outcome: string): void {
    this.#outcomes ??= new Set();
    this.#outcomes.add(outcome);
  }

  /** Returns what became of it: the end of a sentence about it. */
  get outcome(): string {
    if (this.#outcomes !== undefined) return [...this.#outcomes].join(" and ");
    if (this.failure !== undefined) {
      const { reason } = this.failure;
      return reason === "Connection refused" ? "refused" : reason;
    }
    return this.askedAt === undefined ? "not asked" : "silent";
  }

  /** Remembers for the next look-ups what was wrong with it in this one. */
  remember(): void {
    if (this.hasAnswered || this.askedAt === undefined) return;
    const silentFor = performance.now() - this.askedAt;
    if (this.failure !== undefined || silentFor >= SILENCE) {
      noteAilment(this.endpoint, "dead");
    } else if (silentFor >= QUIET) noteAilment(this.endpoint, "quiet");
  }
}

/**
 * Puts servers into the order in which to ask them: those that were dead or
 * silent last. If all were, the order stays as it is.
 *
 * @param servers the servers in the configuration's order
 * @returns the same servers
 */
export function inAskingOrder(servers: readonly Server[]): readonly Server[] {
  if (servers.every(({ ailment }) => ailment === undefined)) return servers;
  const well = servers.filter(({ ailment }) => ailment === undefined);
  const ill = servers.filter(({ ailment }) => ailment !== undefined);
  return [...well, ...ill];
}

/** Counts the look-ups of this process, for `rotate`. */
let lookUps = 0;

/**
 * Begins with another server each time, if that is asked for.
 *
 * @param servers the servers in the configuration's order
 * @param rotate whether it is
 * @returns the same servers
 */
export function rotated(
  servers: readonly Endpoint[],
  rotate: boolean,
): readonly Endpoint[] {
  if (!rotate) return servers;
  const first = lookUps++ % servers.length;
  return [...servers.slice(first), ...servers.slice(0, first)];
}
