/**
 * What a program writes.
 *
 * @module
 */

import { bounded, pause } from "../calls/deadline.ts";

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
   * comes beyond is refused until half of them are written. It is for servers,
   * which no failing stream ends.
   *
   * Without a limit what goes to both streams keeps its order. With one each
   * stream has a queue of its own, so that errors are told where nobody reads
   * the narration; and what comes while something is written is gathered.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
  /** Is called when stdout cannot be written to any more, without a limit. */
  readonly onFailure?: (error: unknown) => void;
  /** Where to write. */
  readonly writers?: Readonly<Record<Stream, Writer>>;
}

/** What is written, besides itself. */
export interface WriteOptions {
  /**
   * How many connections or datagrams it tells of.
   *
   * @default {0}
   */
  readonly units?: number;
  /**
   * Whether bytes stay as they are until they are flushed; else they are copied.
   *
   * @default {false}
   */
  readonly lent?: boolean;
  /**
   * Whether it goes on with what was taken before: it is not refused then.
   *
   * @default {false}
   */
  readonly goesOn?: boolean;
}

/** What a program writes; it never makes the program wait for a slow reader. */
export class Output {
  /**
   * How many connections or datagrams were told of in what was not written:
   * refused, failed or given up. Whoever tells that sets it back.
   */
  lost = 0;
  readonly #queues: Readonly<Record<Stream, Queue>>;

  /** @param options how to write */
  constructor(options: OutputOptions = {}) {
    const { limit = Infinity, onFailure, writers = Deno } = options;
    const lose = (units: number) => void (this.lost += units);
    const queue = () => new Queue(limit, writers, lose, onFailure);
    const stdout = queue();
    this.#queues = { stdout, stderr: limit === Infinity ? stdout : queue() };
  }

  /**
   * Queues text or bytes.
   *
   * @param stream where they go
   * @param data what to write
   * @param options what is known of it
   * @returns whether there was room for it
   */
  write(
    stream: Stream,
    data: string | Uint8Array,
    options: WriteOptions = {},
  ): boolean {
    return this.#queues[stream].write(stream, data, options);
  }

  /** Waits until all that is queued was written. */
  async flush(): Promise<void> {
    await this.#queues.stdout.flush();
    await this.#queues.stderr.flush();
  }

  /**
   * Gives up what waits for stdout, and counts it as lost. What is just being
   * written is counted only where nobody takes it in time.
   *
   * @param patience the longest wait for that, in milliseconds; 0 is for ever
   */
  async giveUp(patience: number): Promise<void> {
    await this.#queues.stdout.giveUp(patience);
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
  units: number;
}

const encoder = new TextEncoder();

/** How many bytes are joined for one write at the most. */
const BUFFER_BYTES = 256 * 1024;
/**
 * How many characters are, for a server: a pipe takes a write of so many bytes
 * whole or not at all, so it is known what of them was shown.
 */
const PIPE_BYTES = 4096;
/**
 * For how long more is let come where a write would not be full, in
 * milliseconds: each goes through another thread, and under load a few large
 * ones are made sooner than many small.
 */
const GATHERING = 1;
/** After how long a stream that takes nothing now is tried again, in ms. */
const RETRY = 10;

/** What waits to be written, in its order. */
class Queue {
  readonly #limit: number;
  readonly #writers: Readonly<Record<Stream, Writer>>;
  readonly #lose: (units: number) => void;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #closed = new Set<Stream>();
  readonly #chunks: Chunk[] = [];
  /** What is being written. */
  #current: Chunk | undefined;
  /** A buffer that was written, for the next bytes. */
  #spare: Uint8Array | undefined;
  #waiting = 0;
  #full = false;
  #writing: Promise<void> | undefined;

  constructor(
    limit: number,
    writers: Readonly<Record<Stream, Writer>>,
    lose: (units: number) => void,
    onFailure: ((error: unknown) => void) | undefined,
  ) {
    this.#limit = limit;
    this.#writers = writers;
    this.#lose = lose;
    this.#onFailure = onFailure;
  }

  get #isLimited(): boolean {
    return this.#limit < Infinity;
  }

  write(
    stream: Stream,
    data: string | Uint8Array,
    { units = 0, lent = false, goesOn = false }: WriteOptions,
  ): boolean {
    if (data.length === 0 || this.#closed.has(stream)) return !this.#full;
    this.#full ||= this.#waiting + data.length > this.#limit;
    if (this.#full && !goesOn) {
      this.#lose(units);
      return false;
    }
    this.#waiting += data.length;
    if (typeof data === "string") {
      this.#addText(stream, data, units);
    } else if (lent || data.length > BUFFER_BYTES) {
      this.#add({ stream, bytes: lent ? data : data.slice(), units });
    } else {
      this.#addCopy(stream, data, units);
    }
    this.#writing ??= this.#drain();
    return true;
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  async giveUp(patience: number): Promise<void> {
    for (const { units } of this.#chunks.splice(0)) this.#lose(units);
    await bounded(this.flush(), patience).catch(() => {
      this.#lose(this.#current?.units ?? 0);
      this.#writing = undefined;
    });
    this.#closed.add("stdout");
  }

  #add(chunk: Partial<Chunk> & Pick<Chunk, "stream" | "units">): void {
    this.#chunks.push({ text: "", filled: 0, ...chunk });
  }

  #addText(stream: Stream, text: string, units: number): void {
    const last = this.#chunks.at(-1);
    const most = this.#isLimited ? PIPE_BYTES : Infinity;
    if (
      last?.stream === stream && last.text !== "" &&
      last.text.length + text.length <= most
    ) {
      last.text += text;
      last.units += units;
    } else {
      this.#add({ stream, text, units });
    }
  }

  /** Copies bytes behind those that wait: fewer and larger writes. */
  #addCopy(stream: Stream, bytes: Uint8Array, units: number): void {
    const last = this.#chunks.at(-1);
    if (
      last?.stream === stream && last.buffer !== undefined &&
      last.filled + bytes.length <= BUFFER_BYTES
    ) {
      last.buffer.set(bytes, last.filled);
      last.filled += bytes.length;
      last.units += units;
      return;
    }
    const buffer = this.#spare ?? new Uint8Array(BUFFER_BYTES);
    this.#spare = undefined;
    buffer.set(bytes);
    this.#add({ stream, buffer, filled: bytes.length, units });
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (
      let chunk = this.#chunks.shift();
      chunk !== undefined;
      chunk = this.#chunks.shift()
    ) {
      const { stream, text, buffer, filled, units } = chunk;
      const bytes = chunk.bytes ?? buffer?.subarray(0, filled);
      this.#current = chunk;
      await this.#writeAll(stream, bytes ?? encoder.encode(text), units);
      this.#current = undefined;
      this.#waiting -= bytes?.length ?? text.length;
      this.#spare = buffer ?? this.#spare;
      this.#full &&= this.#waiting > this.#limit / 2;
      const enough = text === "" ? BUFFER_BYTES : PIPE_BYTES;
      if (this.#isLimited && this.#waiting > 0 && this.#waiting < enough) {
        await pause(GATHERING);
      }
    }
    this.#writing = undefined;
  }

  async #writeAll(
    stream: Stream,
    bytes: Uint8Array,
    units: number,
  ): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#closed.has(stream);) {
      try {
        at += await this.#writers[stream].write(bytes.subarray(at));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) {
          await pause(RETRY);
          continue;
        }
        // A disk that is full may have room again; a reader that left may not.
        if (this.#isLimited && !(error instanceof Deno.errors.BrokenPipe)) {
          this.#lose(units);
          return;
        }
        this.#closed.add(stream);
        if (stream === "stdout" && !this.#isLimited) this.#onFailure?.(error);
      }
    }
  }
}
