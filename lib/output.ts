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
   * the narration; and what comes while something is written is gathered.
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
  /** Text, where it is not bytes. */
  text: string;
  /** Bytes that nobody will change. */
  readonly bytes?: Uint8Array;
  /** Or copies of some, which fill the beginning of a buffer. */
  readonly buffer?: Uint8Array;
  filled: number;
}

const encoder = new TextEncoder();

/** How many bytes are joined for one write at the most. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Lets more come, for a millisecond: each write goes through another thread,
 * and a server under load has a few large ones made sooner than many small.
 */
function gather(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** What waits to be written, in its order. */
class Queue {
  readonly #limit: number;
  readonly #writers: Readonly<Record<Stream, Writer>>;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #closed = new Set<Stream>();
  readonly #chunks: Chunk[] = [];
  /** A buffer that was written, for the next bytes. */
  #spare: Uint8Array | undefined;
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
    if (typeof data === "string") this.#addText(stream, data);
    else if (lent) this.#add({ stream, bytes: data });
    else if (data.length > BUFFER_BYTES) {
      this.#add({ stream, bytes: data.slice() });
    } else this.#addCopy(stream, data);
    this.#writing ??= this.#drain();
    return true;
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  #add(chunk: Partial<Chunk> & Pick<Chunk, "stream">): void {
    this.#chunks.push({ text: "", filled: 0, ...chunk });
  }

  #addText(stream: Stream, text: string): void {
    const last = this.#chunks.at(-1);
    if (last?.stream === stream && last.text !== "") last.text += text;
    else this.#add({ stream, text });
  }

  /** Copies bytes behind those that wait: fewer and larger writes. */
  #addCopy(stream: Stream, bytes: Uint8Array): void {
    const last = this.#chunks.at(-1);
    if (
      last?.stream === stream && last.buffer !== undefined &&
      last.filled + bytes.length <= BUFFER_BYTES
    ) {
      last.buffer.set(bytes, last.filled);
      last.filled += bytes.length;
      return;
    }
    const buffer = this.#spare ?? new Uint8Array(BUFFER_BYTES);
    this.#spare = undefined;
    buffer.set(bytes);
    this.#add({ stream, buffer, filled: bytes.length });
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (
      let chunk = this.#chunks.shift();
      chunk !== undefined;
      chunk = this.#chunks.shift()
    ) {
      const { stream, text, buffer, filled } = chunk;
      const bytes = chunk.bytes ?? buffer?.subarray(0, filled);
      await this.#writeAll(stream, bytes ?? encoder.encode(text));
      this.#waiting -= bytes?.length ?? text.length;
      this.#spare = buffer ?? this.#spare;
      this.#full &&= this.#waiting > this.#limit / 2;
      if (this.#limit === Infinity || this.#waiting === 0) continue;
      if (this.#waiting < BUFFER_BYTES) await gather();
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
