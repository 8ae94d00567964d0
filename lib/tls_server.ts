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

/** A connection over TLS, for whose handshake is to be waited first. */
class TlsServerConn implements StreamConn {
  readonly #conn: StreamConn;
  readonly #socket: TLSSocket;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #secured = Promise.withResolvers<void>();
  /** What went wrong first: what Node says afterwards says less. */
  #failure: unknown;
  #rest: Uint8Array = new Uint8Array();

  constructor(conn: StreamConn, secureContext: SecureContext) {
    this.#conn = conn;
    let isSecure = false;
    const duplex = duplexOf(conn, (error) => {
      // Nobody is left to finish the handshake with, and Node waits for ever.
      if (error !== undefined) this.#failure ??= error;
      else if (!isSecure) this.#fail(new Deno.errors.ConnectionReset());
    });
    const socket = new TLSSocket(duplex, { isServer: true, secureContext });
    this.#socket = socket;
    this.#chunks = socket[Symbol.asyncIterator]();
    socket.once("secure", () => {
      isSecure = true;
      this.#secured.resolve();
    });
    // A handshake that fails is told here, and to nobody who reads or writes.
    socket.once("_tlsError", (error: unknown) => this.#fail(error));
    for (const stream of [duplex, socket]) {
      stream.on("error", (error) => void (this.#failure ??= error));
    }
    socket.once("close", () => this.#secured.reject(this.#reason()));
    this.#secured.promise.catch(() => {});
  }

  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  handshake(): Promise<void> {
    return this.#secured.promise;
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
      throw this.#reason(error);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      const close = () => reject(this.#reason());
      this.#socket.once("close", close);
      this.#socket.write(bytes, (error) => {
        this.#socket.off("close", close);
        if (error) reject(this.#reason(error));
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

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#socket.destroy();
  }

  #reason(error?: unknown): unknown {
    return this.#failure ?? error ?? new Deno.errors.ConnectionReset();
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
  listener: Deno.TcpListener,
  certificate: { readonly cert: string; readonly key: string },
): StreamListener {
  const { cert, key } = certificate;
  const secureContext = createSecureContext({ cert, key });
  return {
    addr: listener.addr,
    async accept() {
      const conn = await listener.accept();
      // An answer's second record would wait for the first to be acknowledged.
      conn.setNoDelay(true);
      return new TlsServerConn(conn, secureContext);
    },
    close: () => listener.close(),
    [Symbol.dispose]: () => listener.close(),
  };
}
