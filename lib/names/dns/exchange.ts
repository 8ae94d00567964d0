/**
 * One name asked of several servers, and which answer counts.
 *
 * The servers are asked one after the other, the next one as soon as the last
 * one cannot help or has been quiet for a short while; all are listened to
 * until the answer is there.
 *
 * @module
 */

import { Alarm, nextWake } from "./alarm.ts";
import type { Channel } from "./channel.ts";
import type { Answer, RecordType } from "./message.ts";
import { Question, type Reply } from "./question.ts";
import { escapeName } from "./reader.ts";
import { QUIET, type Server, SILENCE } from "./server.ts";
import { type Asker, settle } from "./settle.ts";
import { isHopeless, Turns } from "./turns.ts";
import { answerWords, isAboutEdns, worthOf } from "./words.ts";

/** A name, asked for records of one type or two. */
export class Exchange implements Asker {
  /** A question for each type. */
  readonly questions: readonly Question[];
  /** Whether it ended because its time was over. */
  timedOut = false;
  readonly #channel: Channel;
  readonly #turns: Turns;
  readonly #begin: number;
  readonly #end: number;
  /** When the time of those that are asked now is over. */
  #questionEnd: number;
  readonly #onRecords: (reply: Reply) => void;
  readonly #done = Promise.withResolvers<void>();
  readonly #alarm = new Alarm(() => this.#step());
  /** The question that is asked, if they are asked one by one. */
  #current: Question | undefined;
  #over = false;

  /**
   * Prepares an exchange.
   *
   * @param channel how to ask
   * @param name an absolute name, in lower case, without its last dot
   * @param types the record types
   * @param now the time, on the clock of `performance.now()`
   * @param milliseconds the longest wait
   * @param onRecords receives an answer while the other type is still open
   */
  constructor(
    channel: Channel,
    name: string,
    types: readonly RecordType[],
    now: number,
    milliseconds: number,
    onRecords: (reply: Reply) => void,
  ) {
    this.#channel = channel;
    const readName = escapeName(name);
    this.questions = types.map((type) => new Question(name, readName, type));
    this.#turns = new Turns(channel.servers, channel.attempts, milliseconds);
    this.#begin = now;
    this.#end = now + milliseconds;
    this.#questionEnd = this.#end;
    this.#onRecords = onRecords;
  }

  /** Asks, and returns when there is an answer or nothing to wait for. */
  run(): Promise<void> {
    this.#step(this.#begin);
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
      if (answer === undefined) continue;
      return this.#take(question, server, answer, question.isToOpt(bytes));
    }
  }

  /** Notes that a server can't be asked; it may answer what it was asked. */
  lose(server: Server, reason: string, mayAnswer: boolean): void {
    if (this.#over || server.hasAnswered || server.isLost) return;
    server.failure = { reason, mayAnswer };
    this.#channel.reportPassedOver(server, reason);
    this.#step();
  }

  /** Takes an answer, perhaps to a question with an OPT record. */
  #take(
    question: Question,
    server: Server,
    answer: Answer,
    toOpt: boolean,
  ): void {
    const asked = question.at(server);
    if (this.#over || !question.isOpen || asked === undefined) return;
    this.#channel.reportAnswer(question, server, answer);
    server.heard();
    // What is on its way over TCP is not asked for again.
    if (answer.truncated && asked.overTcp) return;
    const isAgainstOpt = toOpt && isAboutEdns(answer);
    // Nor is what was asked again without an OPT record; that is waited for.
    if (isAgainstOpt && !asked.edns) return;
    asked.isDone = true;
    const at = performance.now();
    if (answer.truncated) {
      this.#askOverTcp(question, server, at);
    } else if (isAgainstOpt) {
      server.edns = false;
      this.ask(question, server, at);
    } else {
      this.#judge(question, { server, answer, at });
      this.#step(at);
    }
  }

  #judge(question: Question, reply: Reply): void {
    const { server, answer } = reply;
    const worth = worthOf(answer);
    if (worth === "records") {
      question.close(reply);
      if (this.questions.some(({ isOpen }) => isOpen)) this.#onRecords(reply);
    } else if (worth === "negative") {
      question.pending ??= reply;
    } else {
      question.at(server)!.isFinal = worth === "not understood";
      const words = answerWords(answer).join(", ");
      this.#channel.reportPassedOver(server, words);
    }
  }

  /** Does what is due, and sets the alarm for what will be. */
  #step(now = performance.now()): void {
    if (this.#over) return;
    for (const question of this.questions) {
      if (question.isOpen) {
        settle(question, this.#answered, this.#channel, this, now);
      }
    }
    const open = this.questions.filter(({ isOpen }) => isOpen);
    if (open.length > 0 && now >= this.#questionEnd) {
      this.timedOut = true;
      // Asked one by one, the other type has a time of its own.
      if (now < this.#end) open.shift()?.close(undefined);
    }
    if (open.length === 0 || now >= this.#end) return this.#finish();
    this.#probeQuiet(now);
    let asking = this.#asking(open);
    while (asking.length > 0 && this.#turns.isOver(asking, now)) {
      const turn = this.#turns.next(asking, now);
      if (turn === undefined) break;
      const { late } = turn;
      if (late) this.#channel.reportPassedOver(late, this.#turns.lateWords);
      for (const each of turn.questions) this.ask(each, turn.server, now);
      asking = this.#asking(open);
    }
    const awaited = this.#channel.oneByOne ? open.slice(0, 1) : open;
    if (isHopeless(this.#channel.servers, awaited, now)) {
      if (awaited.length === open.length) return this.#finish();
      // Nothing comes of this one: the other need not wait.
      for (const question of awaited) question.close(undefined);
      return this.#step(now);
    }
    this.#alarm.set(
      nextWake({
        servers: this.#channel.servers,
        open,
        answered: this.#answered?.reply,
        lastWait: this.#answered?.lastWait ?? 0,
        turnEnds: asking.length > 0 ? this.#turns.due : Infinity,
        end: this.#questionEnd,
      }, now),
      now,
    );
  }

  #finish(): void {
    this.#over = true;
    this.#alarm.stop();
    this.#channel.rest();
    this.#done.resolve();
  }

  /** The questions that are asked now. */
  #asking(open: readonly Question[]): Question[] {
    const { oneByOne } = this.#channel;
    if (oneByOne && open[0] !== this.#current) {
      if (this.#current !== undefined) this.#channel.nextQuestion();
      this.#current = open[0];
      this.#turns.restart();
      const now = performance.now();
      this.#questionEnd = now + (this.#end - now) / open.length;
    }
    // Once one is answered, the other is asked only of who answered; but no
    // data is not enough, and others may have what was lost.
    const answered = this.#answered;
    const server = answered?.isNoData ? undefined : answered?.reply?.server;
    return (oneByOne ? open.slice(0, 1) : open).filter((question) =>
      question.needsAsking &&
      (!server || question.timesAsked === 0 || question.isDoneAt(server))
    );
  }

  /** Asks a server; see {@linkcode Asker}. */
  ask(question: Question, server: Server, now: number): void {
    if (this.#channel.overTcp) return this.#askOverTcp(question, server, now);
    this.#channel.send(question, server, question.ask(server, now));
  }

  #askOverTcp(question: Question, server: Server, now: number): void {
    const message = question.ask(server, now);
    const asked = question.at(server)!;
    asked.overTcp = true;
    const fail = (reason: string, connected: boolean) => {
      if (this.#over) return;
      asked.overTcp = false;
      asked.isDone = true;
      if (this.#channel.overTcp && !connected) {
        return this.lose(server, reason, false);
      }
      this.#channel.reportPassedOver(server, `TCP: ${reason}`);
      this.#step();
    };
    const hear = (bytes: Uint8Array) => {
      if (this.#over) return;
      const answer = question.read(bytes, true);
      if (answer === undefined) return fail("malformed answer", true);
      this.#take(question, server, answer, question.isToOpt(bytes));
    };
    // The other half is for the other way.
    const patience = Math.min(SILENCE, (this.#questionEnd - now) / 2);
    const way = { hear, fail, patience };
    this.#channel.sendOverTcp(question, server, message, way);
  }

  /** The question that was answered, if one was. */
  get #answered(): Question | undefined {
    return this.questions.find(({ reply }) => reply !== undefined);
  }

  /** Finds out about servers that have been quiet for a while. */
  #probeQuiet(now: number): void {
    const { servers, overTcp } = this.#channel;
    for (const server of servers) {
      if (!server.isUnclear || now < server.askedAt! + QUIET) continue;
      server.wasProbed = true;
      if (overTcp) continue;
      this.#channel.probe(server, (reason) => this.lose(server, reason, true));
    }
  }
}
