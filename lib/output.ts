/**
 * What a program writes.
 *
 * @module
 */

/** The two streams that a program writes to. */
export type Stream = "stdout" | "stderr";

/** Somewhere to write: the part of `Deno.stdout` that is used. */
export interface Writer {
  write(bytes: Uint8Array): Promise<number>;
}

/** How {@linkcode Output} writes. */
export interface OutputOptions {
  /**
   * How many characters and bytes may wait to be written to each stream; what
   * comes beyond is refused until half of them are written.
   *
   * Without a limit what goes to both streams keeps its order. With one each
   * stream has a queue of its own, so that errors are told where nobody reads
   * the narration.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
  /** Is called when stdout cannot be written to any more. */
  readonly onFailure?: (error: unknown) => void;
  /** Where to write. */
  readonly writers?: Readonly<Record<Stream, Writer>>;
}

/** What a program writes; it never makes the program wait for a slow reader. */
export class Output {
  readonly #queues: Readonly<Record<Stream, Queue>>;

  /** @param options how to write */
  constructor(options: OutputOptions = {}) {
    const { limit = Infinity, onFailure, writers = Deno } = options;
    const queue = () => new Queue(limit, writers, onFailure);
    const stdout = queue();
    this.#queues = { stdout, stderr: limit === Infinity ? stdout : queue() };
  }

  /**
   * Queues text or bytes.
   *
   * @param stream where they go
   * @param data what to write
   * @param lent whether bytes stay as they are until they are flushed; else
   * they are copied
   * @returns whether there was room for it
   */
  write(stream: Stream, data: string | Uint8Array, lent = false): boolean {
    return this.#queues[stream].write(stream, data, lent);
  }

  /** Waits until all that is queued was written. */
  async flush(): Promise<void> {
    await this.#queues.stdout.flush();
    await this.#queues.stderr.flush();
  }
}

/** One stretch of output for one stream. */
interface Chunk {
  readonly stream: Stream;
  text: string;
  readonly bytes?: Uint8Array;
}

const encoder = new TextEncoder();

/** How many bytes are joined for one write at the most. */
const JOINED_BYTES = 64 * 1024;

/** What waits to be written, in its order. */
class Queue {
  readonly #limit: number;
  readonly #writers: Readonly<Record<Stream, Writer>>;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #closed = new Set<Stream>();
  readonly #chunks: Chunk[] = [];
  #waiting = 0;
  #full = false;
  #writing: Promise<void> | undefined;

  constructor(
    limit: number,
    writers: Readonly<Record<Stream, Writer>>,
    onFailure: ((error: unknown) => void) | undefined,
  ) {
    this.#limit = limit;
    this.#writers = writers;
    this.#onFailure = onFailure;
  }

  write(stream: Stream, data: string | Uint8Array, lent: boolean): boolean {
    if (data.length === 0 || this.#closed.has(stream)) return !this.#full;
    this.#full ||= this.#waiting + data.length > this.#limit;
    if (this.#full) return false;
    this.#waiting += data.length;
    const last = this.#chunks.at(-1);
    if (typeof data !== "string") {
      const bytes = lent ? data : data.slice();
      this.#chunks.push({ stream, text: "", bytes });
    } else if (last?.stream === stream && last.bytes === undefined) {
      last.text += data;
    } else {
      this.#chunks.push({ stream, text: data });
    }
    this.#writing ??= this.#drain();
    return true;
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (
      let chunk = this.#chunks.shift();
      chunk !== undefined;
      chunk = this.#chunks.shift()
    ) {
      const { stream, text } = chunk;
      const bytes = chunk.bytes && this.#withNext(stream, chunk.bytes);
      await this.#writeAll(stream, bytes ?? encoder.encode(text));
      this.#waiting -= bytes?.length ?? text.length;
      this.#full &&= this.#waiting > this.#limit / 2;
    }
    this.#writing = undefined;
  }

  /** Bytes joined with those that wait behind them: fewer and larger writes. */
  #withNext(stream: Stream, bytes: Uint8Array): Uint8Array {
    const parts = [bytes];
    let length = bytes.length;
    for (
      let next = this.#chunks[0];
      next?.bytes !== undefined && next.stream === stream &&
      length + next.bytes.length <= JOINED_BYTES;
      next = this.#chunks[0]
    ) {
      parts.push(next.bytes);
      length += next.bytes.length;
      this.#chunks.shift();
    }
    if (parts.length === 1) return bytes;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
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
