/**
 * One question of a look-up: a name and a type, asked of several servers.
 *
 * @module
 */

import {
  type Answer,
  decodeAnswer,
  encodeQuery,
  Rcode,
  type RecordType,
} from "./message.ts";
import { LAST_WAIT, QUIET, type Server } from "./server.ts";
import { worthOf } from "./words.ts";

/** What a server answered. */
export interface Reply {
  readonly answer: Answer;
  readonly server: Server;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
}

/** What became of a question at one server. */
export interface Asked {
  readonly server: Server;
  /** When it was asked last, on the clock of `performance.now()`. */
  at: number;
  /** Whether it has answered since then, or cannot. */
  isDone: boolean;
  /** Whether asking again is of no use. */
  isFinal: boolean;
  /** Whether the answer is on its way over TCP. */
  overTcp: boolean;
  /** Whether the question said how long an answer may be. */
  edns: boolean;
}

/** A question and what has been answered to it. */
export class Question {
  /** The absolute name, in lower case, without its last dot. */
  readonly name: string;
  readonly type: RecordType;
  /** Its number, the same for all servers and attempts. */
  readonly id: number;
  /**
   * Its number if it says how long an answer may be: what a server says to that
   * is not what it says to the question without.
   */
  #ednsId: number | undefined;
  /** Its name as it is read from an answer. */
  readonly readName: string;
  /** Whether it still waits for an answer. */
  isOpen = true;
  /** The answer that counts. */
  reply: Reply | undefined;
  /** A negative answer that does not count before earlier servers' silence. */
  pending: Reply | undefined;
  /** When it was asked again because the other type was answered. */
  secondAt: number | undefined;
  /** How many times it was asked. */
  timesAsked = 0;
  /** The servers that were asked, which are few. */
  readonly #asked: Asked[] = [];

  /**
   * Makes a question that nobody has been asked.
   *
   * @param name the name
   * @param readName the name as it is read from an answer
   * @param type the record type
   */
  constructor(name: string, readName: string, type: RecordType) {
    this.name = name;
    this.readName = readName;
    this.type = type;
    this.id = randomId();
  }

  /** Its words in events. */
  get text(): string {
    return `${this.type} ${this.name}`;
  }

  /** Whether more servers are to be asked. */
  get needsAsking(): boolean {
    return this.isOpen && this.pending === undefined;
  }

  /** Returns what became of it at a server, if that was asked. */
  at(server: Server): Asked | undefined {
    for (const asked of this.#asked) {
      if (asked.server === server) return asked;
    }
  }

  /** Whether none of the servers that were asked understands it. */
  get isNotUnderstood(): boolean {
    return this.#asked.length > 0 &&
      this.#asked.every(({ isFinal }) => isFinal);
  }

  /** Whether nothing is to be waited for from a server. */
  isDoneAt(server: Server): boolean {
    return this.at(server)?.isDone ?? false;
  }

  /** Whether asking a server again is of no use. */
  isFinalAt(server: Server): boolean {
    return this.at(server)?.isFinal ?? false;
  }

  /** When a server was asked last; 0 if it was not. */
  askedAt(server: Server): number {
    return this.at(server)?.at ?? 0;
  }

  /** Since when a server has not said anything about it. */
  silentSince(server: Server): number {
    if (server.hasAnswered) return this.askedAt(server);
    return server.askedAt ?? 0;
  }

  /** Notes that a server has not answered it, if that is so. */
  noteSilence(server: Server): void {
    const isWaitedFor = this.at(server)?.isDone === false;
    if (isWaitedFor && server.failure === undefined) server.note("silent");
  }

  /** Notes that a server is asked, and returns the message for it. */
  ask(server: Server, now: number): Uint8Array {
    const before = this.at(server);
    // Who says nothing may not know EDNS.
    if (before !== undefined && !before.isDone) server.edns = false;
    const { edns } = server;
    this.timesAsked++;
    server.askedAt ??= now;
    server.lastAskedAt = now;
    const asked: Asked = {
      server,
      at: now,
      isDone: false,
      isFinal: false,
      overTcp: false,
      edns,
    };
    if (before === undefined) this.#asked.push(asked);
    else this.#asked[this.#asked.indexOf(before)] = asked;
    const id = edns ? this.#ednsId ??= otherId(this.id) : this.id;
    return encodeQuery(id, this.name, this.type, edns);
  }

  /** Reads a message as its answer; `undefined` if that is another's. */
  read(bytes: Uint8Array, overTcp: boolean): Answer | undefined {
    const { readName, type } = this;
    const id = this.isToOpt(bytes) ? this.#ednsId! : this.id;
    return decodeAnswer(bytes, id, readName, type, overTcp);
  }

  /** Whether a message answers it with an OPT record. */
  isToOpt(bytes: Uint8Array): boolean {
    return (bytes[0]! << 8 | bytes[1]!) === this.#ednsId;
  }

  /** Ends it with the answer that counts, or with none. */
  close(reply: Reply | undefined): void {
    this.isOpen = false;
    this.reply = reply;
  }

  /** Whether it was answered that the name does not exist. */
  get isNxDomain(): boolean {
    return this.reply?.answer.rcode === Rcode.NxDomain;
  }

  /** Whether it was answered that the name has no such records. */
  get isNoData(): boolean {
    return this.reply?.answer.rcode === Rcode.NoError && !this.hasRecords;
  }

  /**
   * How long the other type is still waited for, in milliseconds: a name that
   * does not exist has no records of any type (RFC 8020).
   */
  get lastWait(): number {
    return this.isNxDomain ? QUIET : LAST_WAIT;
  }

  /** Whether it was answered with records. */
  get hasRecords(): boolean {
    return this.reply !== undefined &&
      worthOf(this.reply.answer) === "records";
  }
}

/** Numbers that nobody can foresee (RFC 5452), made many at a time. */
const ids = new Uint16Array(128);
let idsLeft = 0;

function otherId(than: number): number {
  for (;;) {
    const id = randomId();
    if (id !== than) return id;
  }
}

function randomId(): number {
  if (idsLeft === 0) {
    crypto.getRandomValues(ids);
    idsLeft = ids.length;
  }
  return ids[--idsLeft]!;
}
