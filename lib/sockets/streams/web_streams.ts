/**
 * A stream connection as web streams.
 *
 * @module
 */

/** What the web streams need of a connection. */
interface Ends {
  read(buffer: Uint8Array): Promise<number | null>;
  writeAll(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

/** How much is read at once, in bytes; as `Deno.TcpConn.readable` does. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Makes the stream of what a connection takes in.
 *
 * @param conn the connection
 * @returns a byte stream; it reads only when somebody wants bytes
 */
export function readableOf(
  conn: Ends,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      const buffer = view
        ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
        : new Uint8Array(CHUNK_BYTES);
      const length = await conn.read(buffer);
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
  }, { highWaterMark: 0 });
}

/**
 * Makes the stream that a connection sends.
 *
 * @param conn the connection
 * @returns a stream; to close it ends our half, to abort it the connection
 */
export function writableOf(conn: Ends): WritableStream<Uint8Array> {
  return new WritableStream({
    async write(bytes) {
      await conn.writeAll(bytes);
    },
    close: () => conn.closeWrite(),
    abort: () => conn.close(),
  });
}
