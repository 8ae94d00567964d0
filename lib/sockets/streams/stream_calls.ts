/**
 * The calls of a stream connection.
 *
 * @module
 */

import { call } from "../../calls/call.ts";
import type { Step } from "../../calls/errors.ts";
import { isBounded, type Wait } from "../../calls/waiter.ts";
import { ByteInbox } from "./byte_inbox.ts";
import { ByteOutbox } from "./byte_outbox.ts";
import type { Observer } from "../events.ts";
import type { RawConn } from "../raw_conn.ts";
import { some, type Want } from "./wants.ts";

/** Makes the calls of one connection, each in its turn. */
export class StreamCalls {
  readonly #raw: RawConn;
  readonly #observer: Observer | undefined;
  readonly #outbox: ByteOutbox;
  /** Most connections never wait for so long that something is kept. */
  #inbox: ByteInbox | undefined;

  /**
   * Makes the calls of a connection.
   *
   * @param raw the connection
   * @param observer receives each call
   */
  constructor(raw: RawConn, observer: Observer | undefined) {
    this.#raw = raw;
    this.#observer = observer;
    this.#outbox = new ByteOutbox(raw);
  }

  /** Reads into a buffer; resolves to `null` at the end. */
  read(buffer: Uint8Array, wait?: Wait): Promise<number | null> {
    // Nobody waits, nothing is kept: the bytes need not be copied.
    const isShort = buffer.length === 0 ||
      (!isBounded(wait) && this.#inbox?.isIdle !== false);
    const run = isShort
      ? () => this.#raw.read(buffer)
      : () => this.#waited().next(some(buffer), wait);
    const args = () => [String(buffer.length)];
    return this.#call("recv", run, args, wait, (length) => length ?? 0);
  }

  /** Reads what somebody wants, with the arguments that the trace shows. */
  take<R extends Uint8Array | null>(
    want: Want<R>,
    args: readonly string[],
    wait?: Wait,
  ): Promise<R> {
    const run = () => this.#waited().next(want, wait);
    const result = (bytes: R) => bytes?.length ?? 0;
    return this.#call("recv", run, () => args, wait, result);
  }

  /** Writes some of the bytes, or all; resolves to how many. */
  send(bytes: Uint8Array, all: boolean, wait?: Wait): Promise<number> {
    const run = () => this.#outbox.send(bytes, all, wait);
    return this.#call("send", run, () => [String(bytes.length)], wait);
  }

  /** Ends our half. */
  shutdown(wait?: Wait): Promise<void> {
    const run = () => this.#outbox.shutdown(wait);
    return this.#call("shutdown", run, () => ["SHUT_WR"], wait, () => 0);
  }

  #waited(): ByteInbox {
    return this.#inbox ??= new ByteInbox(this.#raw);
  }

  /** Makes a call that ends its own wait. */
  #call<T>(
    step: Step,
    run: () => Promise<T>,
    args: () => readonly string[],
    wait: Wait | undefined,
    result: (value: T) => number = Number,
  ): Promise<T> {
    return call(step, run, {
      timeout: wait?.timeout,
      signal: wait?.signal,
      endsItself: true,
      observer: this.#observer,
      text: () => ({ arguments: args() }),
      result,
    });
  }
}
