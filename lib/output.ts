/**
 * What a program writes, through one queue.
 *
 * @module
 */

/** The two streams that a program writes to. */
export type Stream = "stdout" | "stderr";

/** Somewhere to write: the part of `Deno.stdout` that is used. */
export interface Writer {
  write(bytes: Uint8Array): Promise<number>;
}

/** One stretch of output for one stream. */
interface Chunk {
  readonly stream: Stream;
  text: string;
  bytes?: Uint8Array;
}

const encoder = new TextEncoder();

/** How {@linkcode Output} writes. */
export interface OutputOptions {
  /**
   * How many characters and bytes may wait to be written; what comes beyond is
   * refused.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
  /** Is called when stdout cannot be written to any more. */
  readonly onFailure?: (error: unknown) => void;
  /** Where to write. */
  readonly writers?: Readonly<Record<Stream, Writer>>;
}

/**
 * A queue that keeps the order of what goes to stdout and stderr, and never
 * makes the program wait for a slow reader.
 */
export class Output {
  readonly #limit: number;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #writers: Readonly<Record<Stream, Writer>>;
  readonly #closed = new Set<Stream>();
  #queue: Chunk[] = [];
  #waiting = 0;
  #writing: Promise<void> | undefined;

  /** @param options how to write */
  constructor(options: OutputOptions = {}) {
    this.#limit = options.limit ?? Infinity;
    this.#onFailure = options.onFailure;
    this.#writers = options.writers ?? Deno;
  }

  /**
   * Queues text or bytes.
   *
   * @param stream where they go
   * @param data what to write
   * @returns whether there was room for it
   */
  write(stream: Stream, data: string | Uint8Array): boolean {
    if (data.length === 0 || this.#closed.has(stream)) return true;
    if (this.#waiting + data.length > this.#limit) return false;
    this.#waiting += data.length;
    const last = this.#queue.at(-1);
    if (typeof data !== "string") {
      // A copy: the caller's buffer is about to be read into again.
      this.#queue.push({ stream, text: "", bytes: data.slice() });
    } else if (last?.stream === stream && last.bytes === undefined) {
      last.text += data;
    } else {
      this.#queue.push({ stream, text: data });
    }
    this.#writing ??= this.#drain();
    return true;
  }

  /** Waits until all that is queued was written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (let chunk = this.#queue[0]; chunk; chunk = this.#queue[0]) {
      this.#queue.shift();
      const { stream, text, bytes = encoder.encode(text) } = chunk;
      await this.#writeAll(stream, bytes);
      this.#waiting -= chunk.bytes?.length ?? text.length;
    }
    this.#writing = undefined;
  }

  async #writeAll(stream: Stream, bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length && !this.#closed.has(stream);) {
        at += await this.#writers[stream].write(bytes.subarray(at));
      }
    } catch (error) {
      this.#closed.add(stream);
      if (stream === "stdout") this.#onFailure?.(error);
    }
  }
}
