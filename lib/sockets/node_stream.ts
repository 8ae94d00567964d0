/**
 * A stream of Node's, called as Deno's connections are.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { bounded } from "../calls/deadline.ts";

/** A stream of Node's, called as Deno's connections are. */
export class NodeStream {
  readonly #stream: Duplex;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #failed = new AbortController();
  #rest: Uint8Array = new Uint8Array();
  /** The last read that was asked for: each leaves its rest to the next. */
  #reading: Promise<unknown> = Promise.resolve();

  /**
   * Takes over a stream.
   *
   * @param stream a socket of Node's, over TCP or TLS
   */
  constructor(stream: Duplex) {
    this.#stream = stream;
    // The end of one half is not the end of the other.
    this.#chunks = stream.iterator({ destroyOnReturn: false });
    stream.on("error", (error) => this.fail(error));
  }

  /** Reads what has come; `null` is the end. */
  read(buffer: Uint8Array): Promise<number | null> {
    const reading = this.#reading.then(() => this.#read(buffer));
    this.#reading = reading.catch(() => {
      // Who asked for it got the error.
    });
    return reading;
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.unlessFailed(this.#chunks.next());
      if (done) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  /** Writes all of the bytes; resolves to how many once they are sent. */
  async write(bytes: Uint8Array): Promise<number> {
    // Node goes on reading them after a write that somebody gave up.
    const written = new Promise<void>((resolve, reject) =>
      this.#stream.write(bytes, (error) => error ? reject(error) : resolve())
    );
    await this.unlessFailed(written);
    return bytes.length;
  }

  /** Shuts down the sending side. */
  closeWrite(): Promise<void> {
    return this.unlessFailed(
      new Promise((resolve) => this.#stream.end(() => resolve())),
    );
  }

  /**
   * Ends the stream.
   *
   * @param error what went wrong; only the first one counts, as what Node says
   * afterwards says less
   */
  fail(error: unknown): void {
    this.#failed.abort(error);
    this.#stream.destroy();
  }

  /** Ends the stream at this end: calls that wait fail as Deno's do. */
  close(): void {
    this.refuse();
    this.#stream.destroy();
  }

  /** Whether its calls fail. */
  protected get isOver(): boolean {
    return this.#failed.signal.aborted;
  }

  /** Fails the calls that wait, and all that come, and leaves the stream open. */
  protected refuse(): void {
    this.#failed.abort(
      new Deno.errors.BadResource("The connection was closed"),
    );
  }

  /** Node may leave unanswered what it was asked before a stream failed. */
  unlessFailed<T>(answer: Promise<T>): Promise<T> {
    return bounded(answer, 0, this.#failed.signal);
  }
}
