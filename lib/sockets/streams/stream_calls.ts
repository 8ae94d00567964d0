/**
 * The calls of a stream connection.
 *
 * @module
 */

import { call, type CallText } from "../../calls/call.ts";
import { dataError } from "../../calls/ranges.ts";
import type { Descriptor } from "../../calls/descriptors.ts";
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
  readonly #descriptor: Descriptor | undefined;
  readonly #outbox: ByteOutbox;
  /** Most connections never wait for so long that something is kept. */
  #inbox: ByteInbox | undefined;

  /**
   * Makes the calls of a connection.
   *
   * @param raw the connection
   * @param observer receives each call
   * @param descriptor how the connection is shown to it
   */
  constructor(
    raw: RawConn,
    observer: Observer | undefined,
    descriptor: Descriptor | undefined,
  ) {
    this.#raw = raw;
    this.#observer = observer;
    this.#descriptor = descriptor;
    this.#outbox = new ByteOutbox(raw);
  }

  /** Whether nobody waits and nothing is kept: a read is the system's own. */
  get isIdle(): boolean {
    return this.#inbox?.isIdle !== false;
  }

  /** Reads into a buffer; resolves to `null` at the end. */
  read(buffer: Uint8Array, wait?: Wait): Promise<number | null> {
    const wrong = dataError(buffer);
    if (wrong !== undefined) return Promise.reject(wrong);
    // Nobody waits, nothing is kept: the bytes need not be copied.
    const isShort = buffer.length === 0 || (!isBounded(wait) && this.isIdle);
    const run = isShort
      ? () => this.#raw.read(buffer)
      : () => this.#waited().next(some(buffer), wait);
    const text = (length?: number | null): CallText => ({
      arguments: [String(buffer.length)],
      data: length === undefined ? undefined : buffer.subarray(0, length ?? 0),
    });
    return this.#call("recv", run, text, wait, (length) => length ?? 0);
  }

  /** Keeps what a read brings whose reader has left, for the next one. */
  keep(buffer: Uint8Array, reading: Promise<number | null>): void {
    this.#waited().keep(buffer, reading);
  }

  /** Takes back what was read for a reader that had left already. */
  giveBack(bytes: Uint8Array): void {
    this.#waited().giveBack(bytes);
  }

  /** Reads what somebody wants, with the arguments that the trace shows. */
  take<R extends Uint8Array | null>(
    want: Want<R>,
    args: readonly string[],
    wait?: Wait,
  ): Promise<R> {
    const run = () => this.#waited().next(want, wait);
    const text = (bytes?: R): CallText => ({
      arguments: args,
      data: bytes === null ? new Uint8Array() : bytes,
    });
    const result = (bytes: R) => bytes?.length ?? 0;
    return this.#call("recv", run, text, wait, result);
  }

  /** Writes some of the bytes, or all; resolves to how many. */
  send(bytes: Uint8Array, all: boolean, wait?: Wait): Promise<number> {
    const wrong = dataError(bytes);
    if (wrong !== undefined) return Promise.reject(wrong);
    const run = () => this.#outbox.send(bytes, all, wait);
    const text = () => ({ arguments: [String(bytes.length)], data: bytes });
    return this.#call("send", run, text, wait);
  }

  /** Shuts down the sending side. */
  shutdown(wait?: Wait): Promise<void> {
    const run = () => this.#outbox.shutdown(wait);
    const text = () => ({ arguments: ["SHUT_WR"] });
    return this.#call("shutdown", run, text, wait, () => 0);
  }

  #waited(): ByteInbox {
    return this.#inbox ??= new ByteInbox(this.#raw);
  }

  /** Makes a call that ends its own wait. */
  #call<T>(
    step: Step,
    run: () => Promise<T>,
    text: (value?: T) => CallText,
    wait: Wait | undefined,
    result: (value: T) => number = Number,
  ): Promise<T> {
    return call(step, run, {
      timeout: wait?.timeout,
      signal: wait?.signal,
      endsItself: true,
      observer: this.#observer,
      descriptor: this.#descriptor,
      text,
      result,
    });
  }
}
