/**
 * What a stream takes in.
 *
 * @module
 */

import { type Wait, Waiter } from "../../calls/waiter.ts";
import type { RawConn } from "../raw_conn.ts";
import type { Want } from "./wants.ts";

/** The most that is read at once into a buffer of the stream's own, in bytes. */
const MOST_AT_ONCE = 64 * 1024;

/** Somebody who waits for bytes, and for which. */
class Reader<R> {
  readonly #want: Want<R>;
  readonly waiter: Waiter<R>;

  constructor(want: Want<R>, wait: Wait, leave: () => void) {
    this.#want = want;
    this.waiter = new Waiter(wait, leave);
  }

  /** How much to read for it, in bytes. */
  room(have: number): number {
    return this.#want.room(have);
  }

  /**
   * Offers what has come.
   *
   * @returns how many bytes it took, or `undefined` if it waits for more
   */
  offer(bytes: Uint8Array, isEnd: boolean): number | undefined {
    try {
      const count = this.#want.count(bytes, isEnd);
      if (count === undefined) return undefined;
      this.waiter.resolve(this.#want.take(bytes.subarray(0, count)));
      return count;
    } catch (error) {
      this.waiter.reject(error);
      return 0;
    }
  }

  /** Ends its wait with an error. */
  fail(error: unknown): void {
    this.waiter.reject(error);
  }
}

/** A reader, whatever it makes of its bytes. */
type AnyReader = Pick<Reader<unknown>, "room" | "offer" | "fail">;

/**
 * Reads a stream into a buffer of its own, and hands the bytes to those who
 * wait, in their order.
 *
 * The read of one who stopped waiting is left where it is; what it brings, and
 * what a reader left over, is kept for the next one.
 */
export class ByteInbox {
  readonly #conn: Pick<RawConn, "read">;
  readonly #readers = new Set<AnyReader>();
  #buffer = new Uint8Array();
  /** Where in the buffer the bytes that nobody took begin, and end. */
  #from = 0;
  #to = 0;
  #isReading = false;
  /** A read that was made past it and has not returned. */
  #kept: Promise<void> | undefined;
  #isEnd = false;
  #failure: { readonly error: unknown } | undefined;

  /**
   * Makes an inbox with nothing in it.
   *
   * @param conn where the bytes come from
   */
  constructor(conn: Pick<RawConn, "read">) {
    this.#conn = conn;
  }

  /** Whether nothing is kept and nobody waits: one may read past this inbox. */
  get isIdle(): boolean {
    return this.#from === this.#to && !this.#isReading &&
      this.#kept === undefined && this.#readers.size === 0 &&
      this.#failure === undefined;
  }

  /**
   * Waits for bytes.
   *
   * @param want which
   * @param wait how long
   * @returns what was made of them
   * @throws what the stream's read threw, once; what the want throws; a
   * `TimeoutError`; the signal's reason
   */
  next<R>(want: Want<R>, wait: Wait = {}): Promise<R> {
    const reader = new Reader(want, wait, () => {
      this.#readers.delete(reader);
      // What was not enough for it may do for the next one.
      if (this.#from < this.#to) this.#serve();
    });
    this.#readers.add(reader);
    this.#serve();
    return reader.waiter.promise;
  }

  /**
   * Takes over a read that was made past this inbox, and whose reader has left.
   *
   * @param buffer where it puts what comes
   * @param reading how many bytes come, `null` at the end
   */
  keep(buffer: Uint8Array, reading: Promise<number | null>): void {
    this.#kept = this.#takeIn(buffer, reading).then(() => {
      this.#kept = undefined;
      this.#serve();
    });
  }

  /**
   * Takes back what a reader was handed that had left in the same turn.
   *
   * @param bytes what it took; they come before all others
   */
  giveBack(bytes: Uint8Array): void {
    const others = this.#buffer.subarray(this.#from, this.#to);
    this.#buffer = new Uint8Array(bytes.length + others.length);
    this.#buffer.set(bytes);
    this.#buffer.set(others, bytes.length);
    this.#from = 0;
    this.#to = this.#buffer.length;
    this.#serve();
  }

  #serve(): void {
    for (const reader of this.#readers) {
      const bytes = this.#buffer.subarray(this.#from, this.#to);
      const taken = reader.offer(bytes, this.#isEnd);
      if (taken !== undefined) {
        this.#from += taken;
        this.#shrink();
      } else if (this.#failure !== undefined) {
        reader.fail(this.#failure.error);
        this.#failure = undefined;
      } else {
        // A read behind the kept one may be answered in the same turn as that.
        const isAwaited = this.#isReading || this.#kept !== undefined;
        if (!isAwaited) this.#read(reader.room(bytes.length));
        return;
      }
      this.#readers.delete(reader);
    }
  }

  #read(room: number): void {
    const most = Math.min(room, MOST_AT_ONCE);
    this.#makeRoom(most);
    this.#isReading = true;
    // No more than what is waited for: that is what the trace says.
    const buffer = this.#buffer.subarray(this.#to, this.#to + most);
    const reading = this.#conn.read(buffer);
    this.#takeIn(buffer, reading, () => this.#kept).then(() => {
      this.#isReading = false;
      this.#serve();
    });
  }

  /** Waits for a read, and for one that began before it; keeps what it brings. */
  #takeIn(
    buffer: Uint8Array,
    reading: Promise<number | null>,
    before?: () => Promise<void> | undefined,
  ): Promise<void> {
    return reading.then((length) => {
      const take = () => {
        if (length === null) this.#isEnd = true;
        else this.#append(buffer.subarray(0, length));
      };
      const earlier = before?.();
      return earlier === undefined ? take() : earlier.then(take);
    }, (error) => {
      this.#failure = { error };
    });
  }

  /** Keeps bytes, which are behind the kept ones already as a rule. */
  #append(bytes: Uint8Array): void {
    const isInPlace = bytes.buffer === this.#buffer.buffer &&
      bytes.byteOffset === this.#to;
    if (!isInPlace) {
      const kept = this.#buffer.subarray(this.#from, this.#to);
      // Not into the buffer of a read that is under way.
      this.#buffer = new Uint8Array(kept.length + bytes.length);
      this.#buffer.set(kept);
      this.#buffer.set(bytes, kept.length);
      this.#from = 0;
      this.#to = kept.length;
    }
    this.#to += bytes.length;
  }

  /** A connection that had much to take in once does not keep room for it. */
  #shrink(): void {
    if (this.#from < this.#to || this.#buffer.length <= MOST_AT_ONCE) return;
    this.#buffer = new Uint8Array();
    this.#from = 0;
    this.#to = 0;
  }

  /** Makes room behind the kept bytes, as much again as there are of them. */
  #makeRoom(room: number): void {
    const kept = this.#buffer.subarray(this.#from, this.#to);
    if (this.#buffer.length < kept.length + room) {
      const larger = new Uint8Array(kept.length + Math.max(room, kept.length));
      larger.set(kept);
      this.#buffer = larger;
    } else if (this.#from > 0) {
      this.#buffer.copyWithin(0, this.#from, this.#to);
    }
    this.#from = 0;
    this.#to = kept.length;
  }
}
