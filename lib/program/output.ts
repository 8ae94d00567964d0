/**
 * Where a program writes.
 *
 * @module
 */

/** The two streams that a program writes to. */
export type Stream = "stdout" | "stderr";

/** Somewhere to write: the part of `Deno.stdout` that is used. */
export interface Writer {
  /** Writes some of the bytes, and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** A writer for each stream. */
export type Writers = Readonly<Record<Stream, Writer>>;

/** What is known of text or bytes that are to be written. */
export interface WriteOptions {
  /**
   * How many connections or datagrams they are about.
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
   * Whether they go on with what was taken before: they are then not refused.
   *
   * @default {false}
   */
  readonly goesOn?: boolean;
}

/** Writes without making the program wait for a slow reader. */
export interface Output {
  /**
   * How many connections or datagrams were in output that was not written:
   * refused, failed or given up. The reporter sets it back.
   */
  lost: number;
  /**
   * Queues text or bytes.
   *
   * @param stream where they go
   * @param data what to write
   * @param options what is known of it
   * @returns whether there was room
   */
  write(
    stream: Stream,
    data: string | Uint8Array,
    options?: WriteOptions,
  ): boolean;
  /** Waits until all that is queued was written. */
  flush(): Promise<void>;
  /**
   * Gives up what waits for stdout, and counts it as lost. What is being written
   * counts only if nobody takes it in time.
   *
   * @param patience the longest wait for that, in milliseconds; 0 is no limit
   */
  giveUp(patience: number): Promise<void>;
}
