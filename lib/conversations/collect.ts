/**
 * The stream client's conversation: all that the peer has to say.
 *
 * @module
 */

import { startWait } from "../calls/deadline.ts";
import { numbered } from "../calls/descriptors.ts";
import { errorEvent, type FailureEvent } from "../calls/errors.ts";
import { emit } from "../calls/observer.ts";
import type { StreamConn } from "../sockets/streams/stream.ts";
import type { ConversationObserver } from "./events.ts";

/** How much is taken from a peer. */
export interface CollectOptions {
  /** The most to take, in bytes. */
  readonly maxBytes: number;
  /** The longest wait for one read, in milliseconds; 0 is no limit. */
  readonly timeout: number;
  /**
   * After how long without a word what has come is reported, in milliseconds.
   *
   * @default {1_000}
   */
  readonly quiet?: number | undefined;
  /** What has come is reported at once if it aborts; nothing else ends. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what came. */
  readonly observer?: ConversationObserver | undefined;
}

/** How much room there is at first, in bytes. */
const INITIAL_BYTES = 16 * 1024;

/**
 * Receives until the peer closes, and reports what came: when the peer has been
 * quiet for a while, when the signal aborts, and at the end. What came before an
 * error is reported before the error; an empty answer is reported as one.
 *
 * @param conn the connection
 * @param options how much to take
 * @returns whether the peer ended it, and within the limit
 */
export async function collect(
  conn: StreamConn,
  { maxBytes, timeout, quiet = 1_000, signal, observer }: CollectOptions,
): Promise<boolean> {
  const answer = new Answer(conn, maxBytes, observer);
  const report = () => {
    if (answer.hasUnreported) answer.report();
  };
  signal?.addEventListener("abort", report);
  let failure: FailureEvent | undefined;
  while (failure === undefined) {
    const room = answer.room();
    const endWait = answer.hasUnreported ? startWait(quiet, report) : undefined;
    try {
      const length = await conn.read(room, { timeout });
      if (length === null) break;
      answer.add(length);
      if (answer.isTooLong) failure = tooLong(maxBytes);
    } catch (error) {
      failure = errorEvent(error);
    } finally {
      endWait?.();
    }
  }
  signal?.removeEventListener("abort", report);
  answer.end(failure === undefined);
  if (failure !== undefined) emit(observer, "event", failure);
  return failure === undefined;
}

/** What a peer sends, and how much of it was reported. */
class Answer {
  readonly #conn: StreamConn;
  readonly #maxBytes: number;
  readonly #observer: ConversationObserver | undefined;
  #bytes = new Uint8Array(INITIAL_BYTES);
  /** Where in the bytes what was not reported begins, and where it ends. */
  #from = 0;
  #to = 0;
  /** How many bytes were reported and thrown away. */
  #gone = 0;
  #wasReported = false;

  constructor(
    conn: StreamConn,
    maxBytes: number,
    observer: ConversationObserver | undefined,
  ) {
    this.#conn = conn;
    this.#maxBytes = maxBytes;
    this.#observer = observer;
  }

  get hasUnreported(): boolean {
    return this.#to > this.#from;
  }

  get isTooLong(): boolean {
    return this.#gone + this.#to > this.#maxBytes;
  }

  /** Makes room to receive into; nobody may be receiving. */
  room(): Uint8Array {
    if (!this.hasUnreported) {
      this.#gone += this.#to;
      this.#from = this.#to = 0;
    }
    if (this.#to === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#to);
  }

  /** Takes what was received into that room. */
  add(length: number): void {
    this.#to += length;
  }

  /** Reports what was not, as far as it may be taken. */
  report(): void {
    const end = Math.min(this.#to, this.#maxBytes - this.#gone);
    const data = this.#bytes.subarray(this.#from, end);
    this.#from = this.#to;
    this.#wasReported = true;
    const { peer } = this.#conn;
    const message = { event: "message", peer, data } as const;
    emit(this.#observer, "event", numbered(this.#conn, message));
  }

  /** Reports what is left, and that nothing came if it is a whole answer. */
  end(isWhole: boolean): void {
    const isLeft = this.hasUnreported &&
      this.#gone + this.#from < this.#maxBytes;
    if (isLeft || (isWhole && !this.#wasReported)) this.report();
  }
}

function tooLong(maxBytes: number): FailureEvent {
  return {
    event: "error",
    step: "recv",
    code: "EMSGSIZE",
    message: `more than ${maxBytes} bytes (--max-bytes) were sent`,
  };
}
