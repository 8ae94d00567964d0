/**
 * TLS by Node, over a connection of ours.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { duplexOf } from "./duplex.ts";
import { NodeStream } from "./node_stream.ts";
import type { RawConn } from "./raw_conn.ts";
import { type TlsInfo, tlsInfoOf } from "./tls_info.ts";

/** How a session begins. */
export interface SessionOptions {
  /** What was read of the connection already. */
  readonly beginning?: Uint8Array | undefined;
  /** Makes Node's socket over the connection. */
  readonly open: (duplex: Duplex) => TLSSocket;
  /** The event that Node's socket emits when the handshake is done. */
  readonly done: "secure" | "secureConnect";
}

/** TLS over a connection. */
export class TlsSession extends NodeStream {
  readonly #socket: TLSSocket;
  readonly #secured = Promise.withResolvers<void>();

  /**
   * Begins a session.
   *
   * @param conn the connection under it
   * @param options how it begins
   */
  constructor(conn: RawConn, { beginning, open, done }: SessionOptions) {
    let isSecure = false;
    const duplex = duplexOf(conn, beginning, (error) => {
      // Nobody is left to finish the handshake with, and Node waits for ever.
      if (error !== undefined || !isSecure) this.fail(error);
    });
    const socket = open(duplex);
    super(socket);
    this.#socket = socket;
    socket.once(done, () => {
      isSecure = true;
      this.#secured.resolve();
    });
    // A handshake that fails is told here, and to nobody who reads or writes.
    socket.once("_tlsError", (error: unknown) => this.fail(error));
    duplex.on("error", (error) => this.fail(error));
  }

  /** Waits for the handshake. */
  async handshake(): Promise<TlsInfo> {
    await this.unlessFailed(this.#secured.promise);
    return tlsInfoOf(this.#socket);
  }

  override fail(error: unknown = new Deno.errors.ConnectionReset()): void {
    super.fail(error);
  }
}
