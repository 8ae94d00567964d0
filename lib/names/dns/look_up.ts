/**
 * One look-up in the DNS: its time, its sockets and its servers.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import { describe, SocketError } from "../../calls/errors.ts";
import { emit, receives } from "../../calls/observer.ts";
import { AddrInfoError } from "../addrinfo_error.ts";
import type { Channel, OverTcp } from "./channel.ts";
import { Exchange } from "./exchange.ts";
import type { Answer, RecordType } from "./message.ts";
import type { Question, Reply } from "./question.ts";
import { inAskingOrder, QUIET, rotated, Server } from "./server.ts";
import { askOverTcp, connectTo } from "./tcp.ts";
import { type Owner, UdpSocket } from "./udp.ts";
import { answerWords } from "./words.ts";
import type { LookUpObserver, SummaryEvent } from "../events.ts";
import type { ResolverConfig } from "./resolv_conf.ts";
import { DNS_PORT } from "../hints.ts";
import { reportAnswer } from "../source.ts";
import { isExhausted } from "../system_files.ts";

/** How a look-up asks. */
export interface LookUpSettings {
  /** The servers, in the configuration's order. */
  readonly servers: readonly Endpoint[];
  readonly config: ResolverConfig;
  /** Whether only TCP may be used. */
  readonly overTcp: boolean;
  /** When its time is over, on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly observer: LookUpObserver | undefined;
}

/**
 * A look-up. One socket for each family of server serves all questions and
 * attempts, and so does one time limit.
 */
export class LookUp implements Channel, Owner {
  readonly servers: readonly Server[];
  readonly attempts: number;
  readonly oneByOne: boolean;
  readonly overTcp: boolean;
  readonly #onlyTcp: boolean;
  readonly #observer: LookUpObserver | undefined;
  readonly #config: ResolverConfig;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  /** At most one for each family of server. */
  #sockets: UdpSocket[] = [];
  /** Ends what is under way over TCP, which is rare. */
  #tcp: AbortController | undefined;
  readonly #overTcp: Promise<void>[] = [];
  #exchange: Exchange | undefined;
  readonly #abort = (): void => this.#exchange?.fail(this.#signal?.reason);

  /**
   * Begins a look-up; nothing is opened before it is needed.
   *
   * @param settings how it asks
   */
  constructor(settings: LookUpSettings) {
    const { servers, config, deadline, signal } = settings;
    this.servers = inAskingOrder(
      rotated(servers, config.rotate).map((endpoint, rank) =>
        new Server(endpoint, rank, config.edns0)
      ),
    );
    this.attempts = config.attempts;
    this.oneByOne = config.singleRequest || config.singleRequestReopen;
    this.#onlyTcp = settings.overTcp;
    this.overTcp = this.#onlyTcp || config.useVc;
    this.#observer = settings.observer;
    this.#config = config;
    this.#deadline = deadline;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  /** Whether no server is left that could be asked for another name. */
  get isHopeless(): boolean {
    return this.servers.every(({ failure }) => failure !== undefined);
  }

  /**
   * Begins to ask for one name.
   *
   * @param name an absolute name, in lower case, without its last dot
   * @param types the record types
   * @param namesLeft among how many names, this one included, the time that is
   * left is shared
   * @param onRecords receives an answer while the other type is still open
   * @returns what is asked; {@linkcode Exchange.run} asks it
   * @throws the signal's reason
   */
  prepare(
    name: string,
    types: readonly RecordType[],
    namesLeft: number,
    onRecords: (reply: Reply) => void,
  ): Exchange {
    this.#signal?.throwIfAborted();
    this.#noteSilence();
    const now = performance.now();
    const left = Math.max(this.#deadline - now, 0);
    const patience = this.#patience * (this.oneByOne ? types.length : 1);
    const share = Math.min(left / namesLeft, patience);
    return this.#exchange = new Exchange(
      this,
      name,
      types,
      now,
      share,
      onRecords,
    );
  }

  /** Listens no longer; see {@linkcode Channel}. */
  rest(): void {
    for (const socket of this.#sockets) socket.rest();
  }

  /** The longest wait for one name, as the configuration has it. */
  get #patience(): number {
    const { timeout, attempts } = this.#config;
    return timeout * attempts + QUIET * (this.servers.length - 1);
  }

  /** Returns what became of each server. */
  summary(host: string): SummaryEvent {
    this.#noteSilence();
    const servers = this.servers.map(({ endpoint, outcome }) => ({
      server: endpoint.port === DNS_PORT
        ? endpoint.address.toString()
        : endpoint.toString(),
      outcome,
    }));
    const list = servers.map(({ server, outcome }) => `${server} ${outcome}`);
    const { length } = list;
    const count = length === 1 ? "1 server" : `${length} servers`;
    const message = `${count}: ${list.join(", ")}`;
    return { event: "summary", host, message, servers };
  }

  /** Notes who left a question unanswered, for the summary. */
  #noteSilence(): void {
    if (!receives(this.#observer, "resolution")) return;
    for (const question of this.#exchange?.questions ?? []) {
      for (const server of this.servers) question.noteSilence(server);
    }
  }

  /** Sends a question over UDP; see {@linkcode Channel}. */
  send(question: Question, server: Server, message: Uint8Array): void {
    this.#reportQuestion(question, server, "udp");
    const lose = (error: unknown) => this.#lose(server, error);
    try {
      this.#socketFor(server).send(message, server.udpAddress, lose);
    } catch (error) {
      // The caller is not done yet.
      queueMicrotask(() => lose(error));
    }
  }

  #socketFor({ endpoint: { address } }: Server): UdpSocket {
    const { family } = address;
    let socket = this.#sockets.find((each) => each.family === family);
    if (socket === undefined) {
      socket = new UdpSocket(family, this);
      this.#sockets.push(socket);
    }
    return socket;
  }

  /** Takes a datagram; see {@linkcode Owner}. */
  hear(bytes: Uint8Array, from: Deno.NetAddr): void {
    const server = this.servers.find((each) => each.isSender(from));
    if (server !== undefined) this.#exchange?.hear(server, bytes);
  }

  /** Begins another question, from another socket if that is asked for. */
  nextQuestion(): void {
    if (!this.#config.singleRequestReopen) return;
    for (const socket of this.#sockets) socket[Symbol.dispose]();
    this.#sockets = [];
  }

  /** Nothing could be sent: that is this machine's doing, not the server's. */
  #lose(server: Server, error: unknown): void {
    if (isExhausted(error)) {
      this.#exchange?.fail(new AddrInfoError("EAI_SYSTEM", { cause: error }));
    } else this.#exchange?.lose(server, describe(error).reason, false);
  }

  /** Sends a question over TCP; see {@linkcode Channel}. */
  sendOverTcp(
    question: Question,
    server: Server,
    message: Uint8Array,
    { hear, fail, patience }: OverTcp,
  ): void {
    this.#reportQuestion(question, server, "tcp");
    const within = this.#onlyTcp ? patience : 0;
    this.#track(
      askOverTcp(server.endpoint, message, this.#tcpSignal, within)
        .then(hear, (error) => {
          if (isExhausted(error)) return this.#lose(server, error);
          const connected = !(error instanceof SocketError) ||
            error.step !== "connect";
          fail(describe(error).reason, connected);
        }),
    );
  }

  /** Finds out whether anybody listens; see {@linkcode Channel}. */
  probe(server: Server, nobody: (reason: string) => void): void {
    this.#track(
      connectTo(server.endpoint, this.#tcpSignal).then(
        (conn) => conn.close(),
        (error) => {
          // What the program may not do, or this machine can't, is no hint.
          if (!(error instanceof SocketError)) return;
          if (PROOF.includes(error.code)) nobody(error.reason);
        },
      ),
    );
  }

  get #tcpSignal(): AbortSignal {
    this.#tcp ??= new AbortController();
    return this.#tcp.signal;
  }

  #track(work: Promise<void>): void {
    this.#overTcp.push(work);
  }

  #reportQuestion(
    question: Question,
    server: Server,
    transport: "udp" | "tcp",
  ): void {
    if (!receives(this.#observer, "resolution")) return;
    emit(this.#observer, "resolution", {
      event: "question",
      source: server.source,
      question: question.text,
      transport,
    });
  }

  /** Reports an answer; see {@linkcode Channel}. */
  reportAnswer(question: Question, server: Server, answer: Answer): void {
    if (!receives(this.#observer, "resolution")) return;
    server.note(answerWords(answer).join(", "));
    reportAnswer(
      this.#observer,
      server.source,
      question.text,
      answerWords(answer, question.readName),
      performance.now() - question.askedAt(server),
    );
  }

  /** Reports that a server is passed over; see {@linkcode Channel}. */
  reportPassedOver({ source }: Server, reason: string): void {
    if (!receives(this.#observer, "resolution")) return;
    emit(this.#observer, "resolution", { event: "passedOver", source, reason });
  }

  /**
   * Closes everything, and remembers which servers were dead.
   *
   * @returns a promise if something over TCP has still to end
   */
  close(): Promise<unknown> | undefined {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#exchange = undefined;
    for (const socket of this.#sockets) socket[Symbol.dispose]();
    for (const server of this.servers) server.remember();
    if (this.#tcp === undefined) return undefined;
    this.#tcp.abort();
    return Promise.allSettled(this.#overTcp);
  }
}

/** What a refused connection says. */
const PROOF: readonly string[] = [
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  // What a firewall says over IPv6.
  "EACCES",
];
