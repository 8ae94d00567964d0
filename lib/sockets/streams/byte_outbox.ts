/**
 * What a stream sends.
 *
 * @module
 */

import { bounded } from "../../calls/deadline.ts";
import { isBounded, type Wait, Waiter } from "../../calls/waiter.ts";
import type { RawConn } from "../raw_conn.ts";

/**
 * The most that one time limit is for, in bytes: Node's connections do not say
 * what the peer has taken of a longer part.
 */
const PART_BYTES = 64 * 1024;

/**
 * Writes to a stream, one write after the other in the order in which they were
 * asked for.
 *
 * A write that somebody stopped waiting for can't be taken back: part of it may
 * be on its way. The stream is then broken for writing.
 */
export class ByteOutbox {
  readonly #conn: Pick<RawConn, "write" | "closeWrite">;
  /** Those whose turn comes; most streams never have any. */
  #waiters: Set<Waiter<void>> | undefined;
  #isBusy = false;
  #givenUp: { readonly reason: unknown } | undefined;

  /**
   * Makes an outbox with nothing in it.
   *
   * @param conn where the bytes go
   */
  constructor(conn: Pick<RawConn, "write" | "closeWrite">) {
    this.#conn = conn;
  }

  /**
   * Writes bytes.
   *
   * @param bytes the bytes
   * @param all whether it is done only when all of them are written
   * @param wait how long one write may take
   * @returns how many were written
   * @throws what the stream's write threw; a `TimeoutError`; the signal's reason
   */
  send(bytes: Uint8Array, all: boolean, wait?: Wait): Promise<number> {
    if (this.#isBusy || this.#givenUp !== undefined || isBounded(wait)) {
      return this.#sendInTurn(bytes, all, wait);
    }
    this.#isBusy = true;
    return this.#conn.write(bytes).then((sent) => {
      if (!all || sent === bytes.length) {
        this.#pass();
        return sent;
      }
      return this.#parts(bytes, all, sent).finally(() => this.#pass());
    }, (error) => {
      this.#pass();
      throw error;
    });
  }

  /**
   * Shuts down the sending side once everything before is written.
   *
   * @param wait how long
   */
  async shutdown(wait?: Wait): Promise<void> {
    await this.#turn(wait);
    try {
      await bounded(this.#conn.closeWrite(), wait?.timeout ?? 0, wait?.signal);
    } finally {
      this.#pass();
    }
  }

  async #sendInTurn(
    bytes: Uint8Array,
    all: boolean,
    wait?: Wait,
  ): Promise<number> {
    await this.#turn(wait);
    try {
      return await this.#parts(bytes, all, 0, wait);
    } finally {
      this.#pass();
    }
  }

  /** Writes what is left. As long as the peer takes some, each part has time. */
  async #parts(
    bytes: Uint8Array,
    all: boolean,
    done: number,
    wait?: Wait,
  ): Promise<number> {
    const most = all && wait?.timeout ? PART_BYTES : bytes.length;
    let sent = done;
    do {
      sent += await this.#part(bytes.subarray(sent, sent + most), wait);
    } while (all && sent < bytes.length);
    return sent;
  }

  async #part(bytes: Uint8Array, wait: Wait = {}): Promise<number> {
    let hasFailed = false;
    const writing = this.#conn.write(bytes);
    writing.catch(() => void (hasFailed = true));
    try {
      return await bounded(writing, wait.timeout ?? 0, wait.signal);
    } catch (reason) {
      if (!hasFailed) this.#givenUp = { reason };
      throw reason;
    }
  }

  /** Waits until those before are done. */
  async #turn(wait: Wait = {}): Promise<void> {
    if (this.#isBusy) {
      const waiters = this.#waiters ??= new Set();
      const waiter = new Waiter<void>(wait, (self) => waiters.delete(self));
      waiters.add(waiter);
      await waiter.promise;
    }
    this.#isBusy = true;
    if (this.#givenUp === undefined) return;
    this.#pass();
    throw new Deno.errors.BrokenPipe(
      "An earlier write was given up, and broke the stream for writing",
      { cause: this.#givenUp.reason },
    );
  }

  /** Lets the next one have its turn. */
  #pass(): void {
    if (this.#waiters === undefined || this.#waiters.size === 0) {
      this.#isBusy = false;
      return;
    }
    const [next] = this.#waiters;
    this.#waiters.delete(next!);
    next!.resolve();
  }
}
