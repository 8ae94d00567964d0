/**
 * A connection as one of Node's streams.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { RawConn } from "../raw_conn.ts";

/** How much is read from the socket at once, in bytes: little when idle. */
export const CHUNK_BYTES = 2048;

/**
 * Shows a connection as one of Node's streams.
 *
 * @param conn the connection
 * @param beginning what was read of it
 * @param onEnd is called when no more can be read, with the error if one is why,
 * and with the error of a write
 * @param room resolves when more may be read; `undefined` if it may at once.
 * Node's TLS takes in what it is given, whether anybody reads it or not
 */
export function duplexOf(
  conn: RawConn,
  beginning: Uint8Array | undefined,
  onEnd: (error?: unknown) => void,
  room: () => Promise<void> | undefined,
): Duplex {
  let first: Uint8Array | undefined = beginning;
  // Node's TLS can't be given something in the turn in which it is made.
  const next = async (): Promise<Uint8Array | null> => {
    if (first !== undefined) {
      const bytes = first;
      first = undefined;
      return bytes;
    }
    await room();
    const chunk = new Uint8Array(CHUNK_BYTES);
    const length = await conn.read(chunk);
    return length === null ? null : chunk.subarray(0, length);
  };
  return new Duplex({
    read() {
      next().then((bytes) => {
        this.push(bytes);
        if (bytes === null) onEnd();
      }, (error) => {
        onEnd(error);
        this.destroy(error);
      });
    },
    async write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) {
          at += await conn.write(chunk.subarray(at));
        }
        done();
      } catch (error) {
        // Node calls back as if all were written, and only then reports this.
        onEnd(error);
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    final(done) {
      conn.closeWrite().then(() => done(), done);
    },
  });
}
