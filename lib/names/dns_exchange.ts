/**
 * One name asked of several servers: who is asked when, and which answer
 * counts.
 *
 * The servers are asked one after the other, the next one as soon as the last
 * one cannot help or has been quiet for a short while; all are listened to
 * until the answer is there. A round asks each server once.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { Alarm } from "./alarm.ts";
import { type Answer, Rcode, type RecordType } from "./dns_message.ts";
import {
  answerWords,
  Question,
  type Reply,
  type Worth,
  worthOf,
} from "./dns_question.ts";
import { QUIET, type Server, SILENCE } from "./dns_server.ts";
import type { LookUpObserver } from "./events.ts";
import { reportAnswer } from "./source.ts";

/**
 * How long to wait for an answer to a question asked again because the other
 * type was answered, and for a server that seems dead, in milliseconds.
 */
const LAST_WAIT = 1000;

/**
 * When a question is asked again of servers that were all silent, in
 * milliseconds: a lost datagram must not cost all of the time that a slow
 * server is given.
 */
const AGAIN = 1000;
/** At the earliest, however little time there is. */
const AGAIN_MIN = 500;

/** How an exchange asks, which its look-up knows. */
export interface Channel {
  /** The servers in the order in which to ask them. */
  readonly servers: readonly Server[];
  /** How many rounds there are. */
  readonly attempts: number;
  /** Whether the types are asked for one after the other. */
  readonly oneByOne: boolean;
  /** Whether TCP is used from the beginning. */
  readonly overTcp: boolean;
  readonly observer: LookUpObserver | undefined;
  /** Begins another question of those that are asked one by one. */
  nextQuestion(): void;
  /** Sends a message over UDP; what goes wrong comes to `failed`. */
  send(server: Server, message: Uint8Array): void;
  /** Sends a message over TCP; the answer comes to `hear`. */
  sendOverTcp(
    server: Server,
    message: Uint8Array,
    hear: (bytes: Uint8Array) => void,
    failed: (reason: string, connected: boolean) => void,
  ): void;
  /** Finds out whether anybody listens at a server's TCP port. */
  probe(server: Server, nobody: (reason: string) => void): void;
}

/** A name, asked for records of one type or two at the same time. */
export class Exchange {
  /** A question for each type. */
  readonly questions: readonly Question[];
  /** Whether it ended because its time was over. */
  timedOut = false;
  readonly #channel: Channel;
  readonly #end: number;
  readonly #again: number;
  readonly #onRecords: (reply: Reply) => void;
  readonly #done = Promise.withResolvers<void>();
  readonly #alarm = new Alarm(() => this.#step());
  /** Counts the questions to one server after the other, over all rounds. */
  #turn = -1;
  #turnAt = 0;
  /** The question that is asked, if they are asked one by one. */
  #current: Question | undefined;
  #over = false;

  /**
   * Prepares an exchange.
   *
   * @param channel how to ask
   * @param name an absolute name, in lower case, without its last dot
   * @param types the record types
   * @param milliseconds the longest wait
   * @param onRecords receives an answer while the other type is still open
   */
  constructor(
    channel: Channel,
    name: string,
    types: readonly RecordType[],
    milliseconds: number,
    onRecords: (reply: Reply) => void,
  ) {
    this.#channel = channel;
    this.questions = types.map((type) => new Question(name, type));
    this.#end = performance.now() + milliseconds;
    const share = milliseconds / channel.attempts;
    this.#again = Math.min(AGAIN, Math.max(share, AGAIN_MIN));
    this.#onRecords = onRecords;
  }

  /** Asks, and returns when there is an answer or nothing to wait for. */
  run(): Promise<void> {
    this.#step();
    return this.#done.promise;
  }

  /** Ends it with an error. */
  fail(error: unknown): void {
    this.#done.reject(error);
    this.#finish();
  }

  /** Takes a datagram from a server. */
  hear(server: Server, bytes: Uint8Array): void {
    for (const question of this.questions) {
      const answer = question.read(bytes, false);
      if (answer !== undefined) return this.#take(question, server, answer);
    }
  }

  /** Notes that a server can't be asked. */
  lose(server: Server, reason: string, mayAnswer: boolean): void {
    if (this.#over || server.hasAnswered) return;
    server.failure = { reason, mayAnswer };
    this.#passOver(server, reason);
    this.#step();
  }

  /** Takes an answer. */
  #take(question: Question, server: Server, answer: Answer): void {
    const asked = question.at(server);
    if (this.#over || !question.isOpen || asked === undefined) return;
    const words = answerWords(answer, question.name);
    const { observer } = this.#channel;
    if (observer?.resolution !== undefined) {
      const milliseconds = performance.now() - asked.at;
      reportAnswer(observer, server.source, question.text, words, milliseconds);
    }
    server.heard(words.join(", "));
    const now = performance.now();
    asked.isDone = true;
    if (answer.truncated) {
      // What is on its way is not asked for again.
      if (asked.overTcp) asked.isDone = false;
      else this.#sendOverTcp(question, server, question.ask(server, now));
      return;
    }
    const worth = worthOf(answer);
    if (asked.edns && ednsIsWrong(answer, worth)) {
      server.edns = false;
      return this.#ask(question, server, now);
    }
    if (worth === "records") {
      question.close({ answer, server });
      if (this.questions.some(({ isOpen }) => isOpen)) {
        this.#onRecords({ answer, server });
      }
    } else if (worth === "negative") {
      question.pending ??= { answer, server };
    } else {
      asked.isFinal = worth === "not understood";
      this.#passOver(server, words.join(", "));
    }
    this.#step();
  }

  /** Does what is due, and sets the alarm for what will be. */
  #step(): void {
    if (this.#over) return;
    const now = performance.now();
    for (const question of this.questions) this.#settle(question, now);
    const open = this.questions.filter(({ isOpen }) => isOpen);
    if (open.length === 0) return this.#finish();
    if (now >= this.#end) {
      this.timedOut = true;
      return this.#finish();
    }
    if (this.#channel.oneByOne && open[0] !== this.#current) {
      if (this.#current !== undefined) this.#channel.nextQuestion();
      this.#current = open[0];
      this.#turn = -1;
    }
    this.#probeQuiet(now);
    while (this.#isTurnOver(now) && this.#nextTurn(now));
    // What was sent may have failed at once.
    if (this.#over) return;
    if (this.#isHopeless(open, now)) return this.#finish();
    this.#alarm.set(this.#nextWake(now), now);
  }

  #finish(): void {
    this.#over = true;
    this.#alarm.stop();
    this.#done.resolve();
  }

  /** The questions that are asked now. */
  #asking(): Question[] {
    if (!this.#channel.oneByOne) {
      return this.questions.filter((question) => question.needsAsking);
    }
    return this.#current?.needsAsking ? [this.#current] : [];
  }

  #ask(question: Question, server: Server, now: number): void {
    const message = question.ask(server, now);
    if (this.#channel.overTcp) {
      return this.#sendOverTcp(question, server, message);
    }
    this.#reportQuestion(question, server, "udp");
    this.#channel.send(server, message);
  }

  #sendOverTcp(question: Question, server: Server, message: Uint8Array): void {
    this.#reportQuestion(question, server, "tcp");
    const asked = question.at(server)!;
    asked.overTcp = true;
    const failed = (reason: string, connected: boolean) => {
      if (this.#over) return;
      asked.overTcp = false;
      asked.isDone = true;
      if (this.#channel.overTcp && !connected) {
        return this.lose(server, reason, false);
      }
      this.#passOver(server, `TCP: ${reason}`);
      this.#step();
    };
    this.#channel.sendOverTcp(server, message, (bytes) => {
      if (this.#over) return;
      const answer = question.read(bytes, true);
      if (answer === undefined) return failed("malformed answer", true);
      this.#take(question, server, answer);
    }, failed);
  }

  #reportQuestion(
    question: Question,
    server: Server,
    transport: "udp" | "tcp",
  ): void {
    const { observer } = this.#channel;
    if (observer?.resolution === undefined) return;
    emit(observer, "resolution", {
      event: "question",
      source: server.source,
      question: question.text,
      transport,
    });
  }

  #passOver(server: Server, reason: string): void {
    const { observer } = this.#channel;
    if (observer?.resolution === undefined) return;
    emit(observer, "resolution", {
      event: "passedOver",
      source: server.source,
      reason,
    });
  }

  /** Whether the server whose turn it is has had it. */
  #isTurnOver(now: number): boolean {
    if (this.#turn < 0) return true;
    const asking = this.#asking();
    if (asking.length === 0) return false;
    const { servers } = this.#channel;
    const isDone = (server: Server) =>
      server.failure !== undefined ||
      asking.every((question) => question.isDoneAt(server));
    if (this.#isLastOfRound) {
      return servers.every(isDone) || now >= this.#turnAt + this.#again;
    }
    return isDone(servers[this.#turn % servers.length]!) ||
      now >= this.#turnAt + QUIET;
  }

  get #isLastOfRound(): boolean {
    const { length } = this.#channel.servers;
    return this.#turn % length === length - 1;
  }

  /** Asks the next server that can be asked; whether there is one. */
  #nextTurn(now: number): boolean {
    const { servers, attempts } = this.#channel;
    const asking = this.#asking();
    while (this.#turn + 1 < servers.length * attempts) {
      const server = servers[++this.#turn % servers.length]!;
      const left = asking.filter((question) => !question.at(server)?.isFinal);
      if (server.failure !== undefined || left.length === 0) continue;
      this.#turnAt = now;
      for (const question of left) this.#ask(question, server, now);
      return true;
    }
    return false;
  }

  /** Whether no server is left from which an answer could come. */
  #isHopeless(open: readonly Question[], now: number): boolean {
    return this.#channel.servers.every((server) => {
      if (server.isLost) return true;
      if (open.every((question) => question.isDoneAt(server))) return true;
      // A refused TCP connection is no proof: many speak only UDP.
      return server.failure !== undefined &&
        now >= this.#lastAsked(server) + LAST_WAIT;
    });
  }

  #lastAsked(server: Server): number {
    return Math.max(
      ...this.questions.map((question) => question.at(server)?.at ?? 0),
    );
  }

  /** Closes a question whose answer counts by now, or will not come. */
  #settle(question: Question, now: number): void {
    if (!question.isOpen) return;
    const { pending } = question;
    if (pending !== undefined) {
      if (this.#isFirstSaid(question, pending.server, now)) {
        question.close(pending);
      }
      return;
    }
    const other = this.questions.find(({ reply }) => reply !== undefined);
    if (other?.reply !== undefined) {
      this.#waitForMissing(question, other, other.reply.server, now);
    }
  }

  /**
   * Whether no earlier server may say otherwise than one that says that there
   * is nothing: each has answered, was refused, or has been silent.
   */
  #isFirstSaid(question: Question, by: Server, now: number): boolean {
    if (by.rank === 0) return true;
    let isFirst = true;
    for (const server of this.#channel.servers) {
      if (server.rank >= by.rank || server.failure !== undefined) continue;
      if (server.ailment === "dead" && !server.hasAnswered) continue;
      if (question.at(server) === undefined) this.#ask(question, server, now);
      if (question.isDoneAt(server)) continue;
      if (now < silentSince(question, server) + SILENCE) isFirst = false;
    }
    return isFirst;
  }

  /**
   * One type was answered and the other was not: its answer may be lost, so it
   * is asked for once more, of the server that answered.
   */
  #waitForMissing(
    question: Question,
    other: Question,
    server: Server,
    now: number,
  ): void {
    const asked = question.at(server);
    if (question.timesAsked === 0 || asked?.overTcp) return;
    if (question.secondAt === undefined) {
      // Others are asked if this server cannot help.
      const mayHelp = !asked?.isDone;
      if (mayHelp && asked !== undefined && now < asked.at + QUIET) return;
      if (mayHelp) this.#ask(question, server, now);
      if (question.timesAsked > 1) question.secondAt = now;
    } else if (now >= question.secondAt + this.#lastWait(other)) {
      question.close(undefined);
    }
  }

  /** A name that does not exist has no records of any type (RFC 8020). */
  #lastWait(other: Question): number {
    return other.isNxDomain ? QUIET : LAST_WAIT;
  }

  /** Finds out about servers that have been quiet for a while. */
  #probeQuiet(now: number): void {
    for (const server of this.#channel.servers) {
      if (!isUnclear(server) || now < server.askedAt! + QUIET) continue;
      server.wasProbed = true;
      if (this.#channel.servers.length > 1) {
        this.#passOver(server, `silent for ${QUIET} ms`);
      }
      if (this.#channel.overTcp) continue;
      this.#channel.probe(server, (reason) => this.lose(server, reason, true));
    }
  }

  /** When something is due next. */
  #nextWake(now: number): number {
    const { servers, attempts } = this.#channel;
    const times = [this.#end];
    const isLastTurn = this.#turn + 1 >= servers.length * attempts;
    if (!isLastTurn && this.#asking().length > 0) {
      times.push(this.#turnAt + (this.#isLastOfRound ? this.#again : QUIET));
    }
    for (const server of servers) {
      if (isUnclear(server)) times.push(server.askedAt! + QUIET);
      if (server.failure?.mayAnswer) {
        times.push(this.#lastAsked(server) + LAST_WAIT);
      }
    }
    const other = this.questions.find(({ reply }) => reply !== undefined);
    for (const question of this.questions) {
      if (!question.isOpen) continue;
      for (const server of servers) {
        const asked = question.at(server);
        if (asked === undefined || asked.isDone) continue;
        if (question.pending !== undefined) {
          times.push(silentSince(question, server) + SILENCE);
        }
        if (other?.reply?.server === server) times.push(asked.at + QUIET);
      }
      if (question.secondAt !== undefined && other !== undefined) {
        times.push(question.secondAt + this.#lastWait(other));
      }
    }
    return Math.min(...times.filter((time) => time > now));
  }
}

/** Whether a server has been asked and nothing else is known of it. */
function isUnclear(server: Server): boolean {
  return server.askedAt !== undefined && !server.wasProbed &&
    !server.hasAnswered && server.failure === undefined;
}

/** Since when a server has not said anything about a question. */
function silentSince(question: Question, server: Server): number {
  const asked = question.at(server)?.at ?? 0;
  return server.hasAnswered ? asked : server.askedAt ?? asked;
}

/** Whether a server did not understand how long an answer may be. */
function ednsIsWrong({ rcode }: Answer, worth: Worth): boolean {
  return worth === "not understood" || rcode === Rcode.NotImp;
}
