/**
 * The server's side of TLS.
 *
 * `Deno.listenTls` would do, but to close one of its connections does nothing
 * until the peer has finished the handshake: one that never does holds a
 * descriptor for as long as it likes. Here the socket under it is ours to close.
 *
 * @module
 */

import {
  createSecureContext,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import { closeSocket } from "../close.ts";
import { CHUNK_BYTES } from "./duplex.ts";
import type { RawConn, RawListener } from "../raw_conn.ts";
import { requireCertificate, requireCertificates } from "./pem.ts";
import type { Certificate } from "./tls.ts";
import type { TlsInfo } from "../tls_info.ts";
import { TlsSession } from "./tls_session.ts";

/**
 * How a server speaks TLS.
 *
 * @category TLS
 */
export interface ServerTlsOptions extends Certificate {
  /**
   * The protocols above TLS that it speaks (ALPN), the preferred one first.
   *
   * @default {undefined} it does not say
   */
  readonly alpnProtocols?: readonly string[] | undefined;
  /**
   * Certificates, PEM, one of which must have signed the peer's own.
   *
   * @default {undefined} peers are not asked for a certificate
   */
  readonly clientCaCerts?: readonly string[] | undefined;
}

/** A connection over TLS. */
class TlsServerConn implements RawConn {
  readonly #conn: RawConn;
  readonly #options: TLSSocketOptions;
  #session: Promise<TlsSession> | undefined;
  /** The session, once the peer has begun it. */
  #opened: TlsSession | undefined;

  constructor(conn: RawConn, options: TLSSocketOptions) {
    this.#conn = conn;
    this.#options = options;
  }

  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  /** A peer that says nothing costs no more than it does without TLS. */
  #open(): Promise<TlsSession> {
    return this.#session ??= (async () => {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = await this.#conn.read(chunk);
      if (length === null) throw new Deno.errors.ConnectionReset();
      const beginning = chunk.subarray(0, length);
      return this.#opened = new TlsSession(this.#conn, {
        beginning,
        done: "secure",
        checksPeer: this.#options.requestCert,
        open: (duplex) => new TLSSocket(duplex, this.#options),
      });
    })();
  }

  async handshake(): Promise<TlsInfo> {
    return await (await this.#open()).handshake();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    return await (await this.#open()).read(buffer);
  }

  async write(bytes: Uint8Array): Promise<number> {
    return await (await this.#open()).write(bytes);
  }

  async closeWrite(): Promise<void> {
    await (await this.#open()).closeWrite();
  }

  close(): void {
    if (this.#opened !== undefined) return this.#opened.close();
    this.#session?.then((session) => session.close(), () => {
      // The caller that asked for the session got the error.
    });
    closeSocket(this.#conn);
  }
}

/**
 * Makes ready what every handshake of a server takes.
 *
 * @param options the certificate chain and its key, and what is asked of peers
 * @returns the options of Node's sockets
 * @throws {TypeError} if a certificate or the key can't be read, or don't belong
 * together
 */
export async function serverTls(
  options: ServerTlsOptions,
): Promise<TLSSocketOptions> {
  const { cert, key, alpnProtocols, clientCaCerts } = options;
  await requireCertificate({ cert, key });
  requireCertificates("clientCaCerts", clientCaCerts ?? []);
  const isAsked = clientCaCerts !== undefined;
  const ca = isAsked ? { ca: [...clientCaCerts] } : {};
  return {
    isServer: true,
    secureContext: createSecureContext({ cert, key, ...ca }),
    requestCert: isAsked,
    rejectUnauthorized: isAsked,
    ...(alpnProtocols && { ALPNProtocols: [...alpnProtocols] }),
  };
}

/**
 * A listener whose connections are over TLS.
 *
 * @param listener accepts the connections under them; closing either closes it
 * @param options as `serverTls()` returns them
 * @returns the listener
 */
export function overTls(
  listener: Deno.TcpListener,
  options: TLSSocketOptions,
): RawListener {
  return {
    addr: listener.addr,
    async accept() {
      const conn = await listener.accept();
      // An answer's second record would wait for the first to be acknowledged.
      conn.setNoDelay(true);
      return new TlsServerConn(conn, options);
    },
    close: () => listener.close(),
  };
}
