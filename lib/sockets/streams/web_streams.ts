/**
 * A stream connection as web streams.
 *
 * @module
 */

import type { Wait } from "../../calls/waiter.ts";

/** What the stream of what comes needs of a connection. */
interface Incoming {
  readonly isIdle: boolean;
  read(buffer: Uint8Array, wait?: Wait): Promise<number | null>;
  keep(buffer: Uint8Array, reading: Promise<number | null>): void;
  giveBack(bytes: Uint8Array): void;
}

/** What the stream to write to needs of a connection. */
interface Outgoing {
  writeAll(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

/** How much is read at once, in bytes; as `Deno.TcpConn.readable` does. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Makes the stream of what a connection takes in.
 *
 * @param calls the calls of the connection
 * @returns a byte stream; it reads only when somebody wants bytes
 */
export function readableOf(
  calls: Incoming,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelled = new AbortController();
  const { signal } = cancelled;
  let keep: (() => void) | undefined;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      const buffer = view
        ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
        : new Uint8Array(CHUNK_BYTES);
      // The system's own read can't be taken back; one that waits here can.
      const isOwn = calls.isIdle;
      const reading = calls.read(buffer, isOwn ? undefined : { signal });
      keep = isOwn ? () => calls.keep(buffer, reading) : undefined;
      const length = await reading;
      if (signal.aborted) {
        if (!isOwn) calls.giveBack(buffer.subarray(0, length ?? 0));
        return;
      }
      keep = undefined;
      if (length === null) {
        controller.close();
        // A reader with a buffer of its own hears of the end only so.
        request?.respond(0);
      } else if (request) {
        request.respond(length);
      } else {
        controller.enqueue(buffer.subarray(0, length));
      }
    },
    cancel() {
      keep?.();
      cancelled.abort();
    },
  }, { highWaterMark: 0 });
}

/**
 * Makes the stream that a connection sends.
 *
 * @param conn the connection
 * @returns a stream; to close it ends our half, to abort it the connection
 */
export function writableOf(conn: Outgoing): WritableStream<Uint8Array> {
  return new WritableStream({
    start(controller) {
      // An abort() of its own would wait for the write that is under way.
      controller.signal.addEventListener("abort", () => conn.close());
    },
    async write(bytes) {
      await conn.writeAll(bytes);
    },
    close: () => conn.closeWrite(),
  });
}
