/**
 * What an exchange needs of its look-up: a way to the servers.
 *
 * @module
 */

import type { Answer } from "./message.ts";
import type { Question } from "./question.ts";
import type { Server } from "./server.ts";

/** A question over TCP. */
export interface OverTcp {
  /** Receives the answer. */
  readonly hear: (bytes: Uint8Array) => void;
  /** Receives why there is none, and whether a connection stood. */
  readonly fail: (reason: string, connected: boolean) => void;
  /** After how many milliseconds there will be no connection, if another way is
   * left. */
  readonly patience: number;
}

/** How an exchange asks and reports. */
export interface Channel {
  /** The servers in the order in which to ask them. */
  readonly servers: readonly Server[];
  /** How many rounds there are. */
  readonly attempts: number;
  /** Whether the types are asked for one after the other. */
  readonly oneByOne: boolean;
  /** Whether TCP is used from the beginning. */
  readonly overTcp: boolean;
  /** Sends a question over UDP; a server that can't be sent to is lost. */
  send(question: Question, server: Server, message: Uint8Array): void;
  /** Sends a question over TCP. */
  sendOverTcp(
    question: Question,
    server: Server,
    message: Uint8Array,
    way: OverTcp,
  ): void;
  /** Finds out whether nobody listens at a server's TCP port. */
  probe(server: Server, nobody: (reason: string) => void): void;
  /** Begins another question of those that are asked one by one. */
  nextQuestion(): void;
  /** Listens no longer than to what is being heard, until something is sent. */
  rest(): void;
  /** Reports an answer. */
  reportAnswer(question: Question, server: Server, answer: Answer): void;
  /** Reports that a server is passed over. */
  reportPassedOver(server: Server, reason: string): void;
}
