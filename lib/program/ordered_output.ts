/**
 * The output of a program that does its job and ends.
 *
 * @module
 */

import { bounded } from "../calls/deadline.ts";
import { bytesOf, Chunks, writeAll } from "./chunks.ts";
import type { Output, Stream, WriteOptions, Writers } from "./output.ts";
import { ownStreams } from "./standard_output.ts";

/**
 * Keeps the order of what goes to both streams, and refuses nothing. A stdout
 * that fails ends the program.
 */
export class OrderedOutput implements Output {
  /** How much was lost, as in {@linkcode Output}. */
  lost = 0;
  readonly #writers: Writers;
  readonly #onFailure: (error: unknown) => void;
  readonly #chunks = new Chunks(Infinity);
  readonly #closed = new Set<Stream>();
  #writing: Promise<void> | undefined;

  /**
   * Makes an output.
   *
   * @param onFailure receives the error when stdout fails; nothing is written to
   * it from then on
   * @param writers where to write; the process's own streams by default
   */
  constructor(
    onFailure: (error: unknown) => void,
    writers: Writers = ownStreams,
  ) {
    this.#onFailure = onFailure;
    this.#writers = writers;
  }

  /** Queues text or bytes, as in {@linkcode Output}; there is always room. */
  write(
    stream: Stream,
    data: string | Uint8Array,
    { units = 0, lent = false }: WriteOptions = {},
  ): boolean {
    if (data.length > 0 && !this.#closed.has(stream)) {
      this.#chunks.add(stream, data, units, lent);
      this.#writing ??= this.#drain();
    }
    return true;
  }

  /** Waits until all that is queued was written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Gives up what waits, as in {@linkcode Output}. */
  async giveUp(patience: number): Promise<void> {
    this.lost += this.#chunks.clear();
    await bounded(this.flush(), patience).catch(() => {
      // Its reader is stalled; the program ends in spite of it.
      this.#writing = undefined;
    });
    this.#closed.add("stdout");
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (const chunk of this.#chunks.take()) {
      const { stream } = chunk;
      const isClosed = () => this.#closed.has(stream);
      try {
        await writeAll(this.#writers[stream], bytesOf(chunk), isClosed);
      } catch (error) {
        this.#closed.add(stream);
        // Without a stderr there is nobody to report its error to.
        if (stream === "stdout") this.#onFailure(error);
      }
      this.#chunks.recycle(chunk);
    }
    this.#writing = undefined;
  }
}
