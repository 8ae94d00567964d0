/**
 * The output of a server, which no slow or failing reader ends.
 *
 * @module
 */

import { bounded, pause } from "../calls/deadline.ts";
import { platform } from "../calls/platform.ts";
import {
  BUFFER_BYTES,
  bytesOf,
  type Chunk,
  Chunks,
  lengthOf,
  writeAll,
} from "./chunks.ts";
import type {
  Output,
  Stream,
  WriteOptions,
  Writer,
  Writers,
} from "./output.ts";
import { ownStreams } from "./standard_output.ts";

/** How much may wait to be written to each stream, in characters and bytes. */
const LIMIT = 8 << 20;
/**
 * At most this many characters are joined for one write: a pipe takes so many
 * bytes whole or not at all, so it is known what of them was shown.
 */
const { pipeBytes: PIPE_BYTES } = platform;
/**
 * How long to wait for more before a write that would not be full, in ms: each
 * write goes through another thread, and under load a few large ones are made
 * sooner than many small ones.
 */
const GATHERING = 1;

/** What a server's output is made with. */
export interface ServerOutputOptions {
  /**
   * How much may wait in a queue, in characters and bytes; what comes beyond is
   * refused until half of it is written.
   *
   * @default {8388608}
   */
  readonly limit?: number;
  /**
   * Whether what goes to both streams is kept in its order, and written to
   * stderr: for streams that end in the same place.
   *
   * @default {false}
   */
  readonly inOrder?: boolean;
  /**
   * Receives why stdout could not be written, once until it can be again. It is
   * not called for a reader that left, nor if all is written to stderr.
   */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Gives each stream a queue of its own, so that errors are shown even if nobody
 * reads the narration, and refuses what does not fit.
 */
export class ServerOutput implements Output {
  readonly #queues: Readonly<Record<Stream, Queue>>;

  /**
   * Makes an output.
   *
   * @param writers where to write; the process's own streams by default
   * @param options how much may wait, and in which order
   */
  constructor(
    writers: Writers = ownStreams,
    { limit = LIMIT, inOrder = false, onFailure }: ServerOutputOptions = {},
  ) {
    const stderr = new Queue("stderr", writers.stderr, limit);
    const stdout = inOrder
      ? stderr
      : new Queue("stdout", writers.stdout, limit, onFailure);
    this.#queues = { stdout, stderr };
  }

  /** How much was lost, as in {@linkcode Output}. */
  get lost(): number {
    const { stdout, stderr } = this.#queues;
    return stdout.lost + (stderr === stdout ? 0 : stderr.lost);
  }

  set lost(value: number) {
    this.#queues.stderr.lost = 0;
    this.#queues.stdout.lost = value;
  }

  /** Queues text or bytes, as in {@linkcode Output}. */
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

  /** Gives up what waits for stdout, as in {@linkcode Output}. */
  async giveUp(patience: number): Promise<void> {
    await this.#queues.stdout.giveUp(patience);
  }
}

/** What waits to be written, in its order. */
class Queue {
  lost = 0;
  readonly #stream: Stream;
  readonly #writer: Writer;
  readonly #limit: number;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #chunks = new Chunks(PIPE_BYTES);
  /** The streams from which nothing more is taken. */
  readonly #closed = new Set<Stream>();
  #isBroken = false;
  /** Whether the last write failed. */
  #isFailing = false;
  /** What was lost in the writes that failed since one did not. */
  #failed = 0;
  /** What is being written. */
  #current: Chunk | undefined;
  #waiting = 0;
  #isFull = false;
  #writing: Promise<void> | undefined;

  constructor(
    stream: Stream,
    writer: Writer,
    limit: number,
    onFailure?: (error: unknown) => void,
  ) {
    this.#stream = stream;
    this.#writer = writer;
    this.#limit = limit;
    this.#onFailure = onFailure;
  }

  /** Whether what is being written is not worth it any more. */
  get #isClosed(): boolean {
    return this.#isBroken || this.#closed.has(this.#stream);
  }

  write(
    stream: Stream,
    data: string | Uint8Array,
    { units = 0, lent = false, goesOn = false }: WriteOptions,
  ): boolean {
    const isTaken = !this.#isBroken && !this.#closed.has(stream);
    if (data.length === 0 || !isTaken) return !this.#isFull;
    this.#isFull ||= this.#waiting + data.length > this.#limit;
    if (this.#isFull && !goesOn) {
      this.lost += units;
      return false;
    }
    this.#waiting += data.length;
    this.#chunks.add(this.#stream, data, units, lent);
    this.#writing ??= this.#drain();
    return true;
  }

  async flush(): Promise<void> {
    await this.#writing;
    this.#countFailed();
  }

  async giveUp(patience: number): Promise<void> {
    this.lost += this.#chunks.clear();
    // There is room for the last words on stderr.
    this.#waiting = this.#current === undefined ? 0 : lengthOf(this.#current);
    this.#isFull = false;
    await bounded(this.flush(), patience).catch(() => {
      this.lost += this.#current?.units ?? 0;
      this.#writing = undefined;
    });
    this.#closed.add("stdout");
  }

  async #drain(): Promise<void> {
    // What is queued in the same turn is written in one go.
    await Promise.resolve();
    for (const chunk of this.#chunks.take()) {
      this.#current = chunk;
      await this.#writeChunk(chunk);
      this.#current = undefined;
      this.#waiting -= lengthOf(chunk);
      this.#chunks.recycle(chunk);
      this.#isFull &&= this.#waiting > this.#limit / 2;
      const enough = chunk.text === "" ? BUFFER_BYTES : PIPE_BYTES;
      const isGathering = this.#chunks.isJoining && this.#waiting < enough;
      if (isGathering) await pause(GATHERING);
    }
    this.#writing = undefined;
  }

  async #writeChunk(chunk: Chunk): Promise<void> {
    try {
      await writeAll(this.#writer, bytesOf(chunk), () => this.#isClosed);
      if (!this.#isFailing) return;
      this.#isFailing = false;
      this.#countFailed();
    } catch (error) {
      // A disk that is full may have room again; a reader that left does not
      // come back, and nobody misses what it would have read.
      if (error instanceof Deno.errors.BrokenPipe) this.#isBroken = true;
      else this.#fail(error, chunk.units);
    }
  }

  /** Reports the first of several failures; they are counted when it is over. */
  #fail(error: unknown, units: number): void {
    this.#failed += units;
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#onFailure?.(error);
  }

  #countFailed(): void {
    this.lost += this.#failed;
    this.#failed = 0;
  }
}

/** The descriptors of stdout and stderr. */
const STREAMS = [1, 2] as const;

/**
 * Finds out whether stdout and stderr are the same terminal, file or pipe. It
 * takes no permission.
 */
export async function endInOnePlace(): Promise<boolean> {
  // The module takes a while to load, and only this needs it.
  const { fstatSync } = await import("node:fs");
  try {
    const [stdout, stderr] = STREAMS.map((fd) => {
      const { dev, ino } = fstatSync(fd, { bigint: true });
      // Where the system numbers nothing, two terminals are the console.
      return ino === 0n ? isTerminal(fd) && "console" : `${dev} ${ino}`;
    });
    return stdout === stderr && stdout !== false;
  } catch {
    // One of them is closed.
    return false;
  }
}

function isTerminal(fd: typeof STREAMS[number]): boolean {
  return (fd === 1 ? Deno.stdout : Deno.stderr).isTerminal();
}
