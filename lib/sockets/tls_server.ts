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
import { within } from "../calls/deadline.ts";
import { closeSocket } from "./close.ts";
import type { RawConn, RawListener } from "./raw_conn.ts";

/** As much as is read from the socket at once, in bytes: little when idle. */
const CHUNK_BYTES = 2048;

/**
 * A connection as Node's streams have it.
 *
 * @param conn the connection
 * @param beginning what was read of it
 * @param onEnd is called when no more can be read, with the error if one is why
 */
function duplexOf(
  conn: RawConn,
  beginning: Uint8Array,
  onEnd: (error?: unknown) => void,
): Duplex {
  let first: Uint8Array | undefined = beginning;
  // Node's TLS is not prepared to be given something in the turn it is made.
  const next = async (): Promise<Uint8Array | null> => {
    if (first !== undefined) {
      const bytes = first;
      first = undefined;
      return bytes;
    }
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
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    final(done) {
      conn.closeWrite().then(() => done(), done);
    },
  });
}

/** TLS over a connection whose peer has begun to speak. */
class Session {
  readonly #socket: TLSSocket;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #secured = Promise.withResolvers<void>();
  readonly #failed = new AbortController();

  constructor(
    conn: RawConn,
    secureContext: SecureContext,
    beginning: Uint8Array,
  ) {
    let isSecure = false;
    const duplex = duplexOf(conn, beginning, (error) => {
      // Nobody is left to finish the handshake with, and Node waits for ever.
      if (error !== undefined || !isSecure) this.fail(error);
    });
    const socket = new TLSSocket(duplex, { isServer: true, secureContext });
    this.#socket = socket;
    this.#chunks = socket[Symbol.asyncIterator]();
    socket.once("secure", () => {
      isSecure = true;
      this.#secured.resolve();
    });
    // A handshake that fails is told here, and to nobody who reads or writes.
    socket.once("_tlsError", (error: unknown) => this.fail(error));
    for (const stream of [duplex, socket]) {
      stream.on("error", (error) => this.fail(error));
    }
  }

  handshake(): Promise<void> {
    return this.#unlessFailed(this.#secured.promise);
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#unlessFailed(this.#chunks.next());
    return done ? undefined : value;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#unlessFailed(
      new Promise((resolve, reject) =>
        this.#socket.write(bytes, (error) => error ? reject(error) : resolve())
      ),
    );
  }

  end(): Promise<void> {
    return this.#unlessFailed(
      new Promise((resolve) => this.#socket.end(() => resolve())),
    );
  }

  /**
   * Ends the session.
   *
   * @param error what went wrong, if it is known; only the first one counts, as
   * what Node says afterwards says less
   */
  fail(error: unknown = new Deno.errors.ConnectionReset()): void {
    this.#failed.abort(error);
    this.#socket.destroy();
  }

  /** Node may leave unanswered what it was asked before a session failed. */
  #unlessFailed<T>(answer: Promise<T>): Promise<T> {
    return within(answer, this.#failed.signal);
  }
}

/** A connection over TLS. */
class TlsServerConn implements RawConn {
  readonly #conn: RawConn;
  readonly #secureContext: SecureContext;
  #session: Promise<Session> | undefined;
  #rest: Uint8Array = new Uint8Array();

  constructor(conn: RawConn, secureContext: SecureContext) {
    this.#conn = conn;
    this.#secureContext = secureContext;
  }

  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  /** A peer that says nothing costs no more than it does without TLS. */
  #open(): Promise<Session> {
    return this.#session ??= (async () => {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = await this.#conn.read(chunk);
      if (length === null) throw new Deno.errors.ConnectionReset();
      const beginning = chunk.subarray(0, length);
      return new Session(this.#conn, this.#secureContext, beginning);
    })();
  }

  async handshake(): Promise<void> {
    await (await this.#open()).handshake();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const next = await (await this.#open()).read();
      if (next === undefined) return null;
      this.#rest = next;
    }
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await (await this.#open()).write(bytes);
    return bytes.length;
  }

  async closeWrite(): Promise<void> {
    await (await this.#open()).end();
  }

  close(): void {
    this.#session?.then((session) => session.fail(), () => {});
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
  listener: Deno.TcpListener,
  certificate: { readonly cert: string; readonly key: string },
): RawListener {
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
  };
}
