/**
 * The server's side of TLS.
 *
 * `Deno.listenTls` would do, but to close one of its connections does nothing
 * until the peer has finished the handshake: whoever never does holds a
 * descriptor for as long as it likes. Here the socket under it is ours to close.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { closeSocket, type StreamConn, type StreamListener } from "./socket.ts";

/** How much is read from the socket at once, in bytes. */
const CHUNK_BYTES = 16 * 1024;

/**
 * A connection as Node's streams have it.
 *
 * @param conn the connection
 * @param onEnd is called when no more can be read, with the error if one is why
 */
function duplexOf(
  conn: StreamConn,
  onEnd: (error?: unknown) => void,
): Duplex {
  return new Duplex({
    read() {
      const chunk = new Uint8Array(CHUNK_BYTES);
      conn.read(chunk).then((length) => {
        this.push(length === null ? null : chunk.subarray(0, length));
        if (length === null) onEnd();
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
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    final(done) {
      conn.closeWrite().then(() => done(), done);
    },
  });
}

/** A connection over TLS, whose handshake is made with the first call. */
class TlsServerConn implements StreamConn {
  readonly tls = true;
  readonly #conn: StreamConn;
  readonly #socket: TLSSocket;
  readonly #chunks: AsyncIterator<Buffer>;
  #secured = false;
  /** Whether the peer left before the handshake was done. */
  #isLeft = false;
  /** Why nothing more comes, in the system's words: Node's say less. */
  #failure: unknown;
  #rest: Uint8Array = new Uint8Array();

  constructor(conn: StreamConn, secureContext: SecureContext) {
    this.#conn = conn;
    const duplex = duplexOf(conn, (error) => {
      this.#failure = error;
      if (error !== undefined || this.#secured) return;
      // Nobody is left to finish the handshake with, and nothing else says so.
      this.#failure = new Deno.errors.ConnectionReset();
      this.#isLeft = true;
      this.#socket.destroy();
    });
    this.#socket = new TLSSocket(duplex, { isServer: true, secureContext });
    this.#socket.once("secure", () => this.#secured = true);
    this.#chunks = this.#socket[Symbol.asyncIterator]();
    // Whoever reads or writes is told of an error; nobody else need be.
    for (const stream of [duplex, this.#socket]) stream.on("error", () => {});
  }

  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const next = await this.#next();
      if (next === undefined) return null;
      this.#rest = next;
    }
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#chunks.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      if (this.#isLeft) return undefined;
      throw this.#failure ?? error;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#failure ?? error);
        else resolve(bytes.length);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#socket.destroy();
    closeSocket(this.#conn);
  }
}

/**
 * A listener whose connections are over TLS.
 *
 * @param listener accepts the connections under them; closing either closes it
 * @param certificate the certificate chain and its key, PEM
 * @returns the listener
 */
export function overTls(
  listener: StreamListener,
  certificate: { readonly cert: string; readonly key: string },
): StreamListener {
  const { cert, key } = certificate;
  const secureContext = createSecureContext({ cert, key });
  return {
    addr: listener.addr,
    async accept() {
      return new TlsServerConn(await listener.accept(), secureContext);
    },
    close: () => listener.close(),
    [Symbol.dispose]: () => listener.close(),
  };
}
