/**
 * A connection that knows whose turn it is.
 *
 * @module
 */

import type { RawConn } from "../raw_conn.ts";

/** A peer that takes no byte for this long is idle, in milliseconds. */
const SLOW = 1000;

/** Whose turn it is in a conversation. */
export type Turn =
  /** Ours: what the peer asked for is being answered. */
  | "ours"
  /** The peer's: it has yet to say something, or to take what it is sent. */
  | "peer's"
  /** Nobody's: it was answered, and our half is ended. */
  | "over";

/**
 * A connection as the system has it, which remembers what it waits for. So a
 * server knows which connection it can close without cutting an answer.
 */
export class WatchedConn implements RawConn {
  readonly #raw: RawConn;
  readonly #onClose: () => void;
  #pendingReads = 0;
  #pendingWrites = 0;
  #isEnded = false;
  /** When the last read, write or end began. */
  #since = performance.now();

  // Reader and writer get the system's own promise, and no later.
  readonly #heard = () => void this.#pendingReads--;
  readonly #written = () => void this.#pendingWrites--;

  /**
   * Takes over a connection.
   *
   * @param raw the connection
   * @param onClose is called when it is about to be closed at this end
   */
  constructor(raw: RawConn, onClose: () => void) {
    this.#raw = raw;
    this.#onClose = onClose;
  }

  get localAddr(): Deno.NetAddr {
    return this.#raw.localAddr;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#raw.remoteAddr;
  }

  /** Since when nothing new was begun, on the clock of `performance.now()`. */
  get since(): number {
    return this.#since;
  }

  /**
   * Says whose turn it is.
   *
   * @param now the time, on the clock of `performance.now()`
   */
  turn(now: number): Turn {
    if (this.#pendingWrites > 0) {
      return now - this.#since >= SLOW ? "peer's" : "ours";
    }
    if (this.#isEnded) return "over";
    return this.#pendingReads > 0 ? "peer's" : "ours";
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#hearing(this.#raw.read(buffer));
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#since = performance.now();
    this.#pendingWrites++;
    const writing = this.#raw.write(bytes);
    writing.then(this.#written, this.#written);
    return writing;
  }

  /** Waits for the handshake of TLS; missing over TCP. */
  get handshake(): RawConn["handshake"] {
    const raw = this.#raw;
    return raw.handshake && (() => this.#hearing(raw.handshake!()));
  }

  get setNoDelay(): RawConn["setNoDelay"] {
    return this.#raw.setNoDelay?.bind(this.#raw);
  }

  get setKeepAlive(): RawConn["setKeepAlive"] {
    return this.#raw.setKeepAlive?.bind(this.#raw);
  }

  closeWrite(): Promise<void> {
    this.#since = performance.now();
    this.#isEnded = true;
    return this.#raw.closeWrite();
  }

  close(): void {
    this.#onClose();
    this.#raw.close();
  }

  #hearing<T>(coming: Promise<T>): Promise<T> {
    // What comes while it lingers says nothing new.
    if (!this.#isEnded) this.#since = performance.now();
    this.#pendingReads++;
    coming.then(this.#heard, this.#heard);
    return coming;
  }
}
