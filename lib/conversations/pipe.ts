/**
 * What telnet does: both ways at once, untouched.
 *
 * @module
 */

import { pause, startWait, timeoutError } from "../calls/deadline.ts";
import { giveUp, numbered } from "../calls/descriptors.ts";
import { SocketError } from "../calls/errors.ts";
import { type Input, readInput } from "../calls/input.ts";
import { emit } from "../calls/observer.ts";
import type { StreamConn } from "../sockets/streams/stream.ts";
import type { ConversationObserver } from "./events.ts";

/** What a connection is joined to. */
export interface PipeOptions {
  /** Where the bytes for the peer come from. */
  readonly input: Input;
  /**
   * Whether the end of the peer is the end of it all, as on a terminal; else
   * the input is still sent to its end, or until the peer refuses it.
   */
  readonly endsWithPeer: boolean;
  /**
   * The longest silence of the peer after the end of the input, in
   * milliseconds; 0 is no limit.
   */
  readonly timeout: number;
  /** Receives what the peer sends, as it comes. */
  readonly observer: ConversationObserver;
  /** Flushes what the observer received. */
  readonly flush: () => Promise<void>;
}

/**
 * How much is moved at once, in bytes. Reading stdin and writing stdout go
 * through another thread each time: the more at once, the less that costs.
 */
const BUFFER_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array();

/**
 * Sends the input to the peer while it reports what the peer sends. The end of
 * the input closes our sending half; it is over when both have ended.
 *
 * @param conn the connection; it is left to the caller to close, and with it
 * what was still waited for
 * @param options what it is joined to
 * @throws {SocketError} `read` if the input can't be read, `send` if the peer
 * refused some of it, `recv` if the connection broke or the peer was silent for
 * too long
 */
export function pipe(conn: StreamConn, options: PipeOptions): Promise<void> {
  return new Pipe(conn, options).run();
}

/** A connection joined to an input. */
class Pipe {
  readonly #conn: StreamConn;
  readonly #options: PipeOptions;
  /** Rejects with what ends it all at once. */
  readonly #broken = Promise.withResolvers<never>();
  /** Whether nothing is sent any more. */
  #isSent = false;
  #sendFailure: unknown;
  /** Whether the peer has ended its half. */
  #isReceived = false;
  /** Whether the peer is waited for. */
  #isReceiving = false;
  #isOver = false;
  /** Ends the wait for a silent peer. */
  #endWait: (() => void) | undefined;

  constructor(conn: StreamConn, options: PipeOptions) {
    this.#conn = conn;
    this.#options = options;
  }

  async run(): Promise<void> {
    try {
      // The one that comes second ends when the connection is closed; what it
      // throws then goes to the race, which is over.
      await Promise.race([this.#talk(), this.#broken.promise]);
    } finally {
      this.#isOver = true;
      this.#endWait?.();
    }
  }

  /** Goes both ways until both are over. */
  async #talk(): Promise<void> {
    const sent = this.#sendInput();
    let truncated: unknown;
    try {
      await this.#receiveAll();
    } catch (error) {
      if (!isTruncated(error)) throw error;
      truncated = error;
    }
    this.#isReceived = true;
    // The system reports a reset only once, to a send perhaps that is just
    // failing, while a receive sees a clean end.
    await (this.#options.endsWithPeer ? pause(0) : sent);
    const failure = this.#sendFailure ?? truncated;
    if (failure !== undefined) throw failure;
  }

  /** Sends the input and closes our half; a failure is kept or ends it all. */
  async #sendInput(): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    try {
      for (;;) {
        const length = await readInput(this.#options.input, buffer);
        if (length === null) break;
        await this.#conn.writeAll(buffer.subarray(0, length));
      }
      // A send returns before the peer refuses it. Once the peer's half has
      // ended, only another send fails for that.
      if (this.#isReceived) await this.#conn.write(NOTHING);
      await this.#shutdown();
    } catch (error) {
      // A peer that takes no more may still have something to say.
      this.#sendFailure = error;
      const isInput = error instanceof SocketError && error.step === "read";
      if (isInput) this.#broken.reject(error);
    }
    this.#isSent = true;
    if (this.#isReceiving) this.#startWait();
  }

  async #shutdown(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      // The peer is gone, and all was sent: what it says of that is received.
      const isGone = error instanceof SocketError && error.code === "ENOTCONN";
      if (!isGone) throw error;
    }
  }

  /** Reports what the peer sends, to its end. */
  async #receiveAll(): Promise<void> {
    const { observer, flush } = this.#options;
    const { peer } = this.#conn;
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      this.#isReceiving = true;
      if (this.#isSent) this.#startWait();
      const length = await this.#conn.read(buffer);
      this.#isReceiving = false;
      this.#endWait?.();
      if (length === null || this.#isOver) return;
      const data = buffer.subarray(0, length);
      const message = { event: "message", peer, data } as const;
      emit(observer, "event", numbered(this.#conn, message));
      await flush();
    }
  }

  #startWait(): void {
    const { timeout } = this.#options;
    if (timeout === 0 || this.#isOver) return;
    this.#endWait = startWait(timeout, () => {
      giveUp(this.#conn);
      this.#broken.reject(new SocketError("recv", timeoutError()));
    });
  }
}

/** Whether a peer's half ended over TLS without a word, which may be a cut. */
function isTruncated(error: unknown): boolean {
  return error instanceof SocketError &&
    error.cause instanceof Deno.errors.UnexpectedEof;
}
