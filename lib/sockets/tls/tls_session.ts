/**
 * TLS by Node, over a connection of ours.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { duplexOf } from "./duplex.ts";
import { closeSocket } from "../close.ts";
import { Change } from "../../calls/change.ts";
import { bounded } from "../../calls/deadline.ts";
import { NodeStream } from "../node_stream.ts";
import type { RawConn } from "../raw_conn.ts";
import { type TlsInfo, tlsInfoOf } from "../tls_info.ts";

/**
 * How long a closed session takes to say so, in milliseconds: longer only if
 * the peer takes nothing.
 */
const FAREWELL = 1_000;

/** How a session begins. */
export interface SessionOptions {
  /** What was read of the connection already. */
  readonly beginning?: Uint8Array | undefined;
  /** Makes Node's socket over the connection. */
  readonly open: (duplex: Duplex) => TLSSocket;
  /** Whether the peer's certificate is to be checked here; `connect` does it. */
  readonly checksPeer?: boolean | undefined;
  /** The event that Node's socket emits when the handshake is done. */
  readonly done: "secure" | "secureConnect";
}

/**
 * Says what is wrong with the peer's certificate. `tls.Server` asks its sockets
 * the same, and there is no public way to; who can't be asked is not trusted.
 */
function verifyError(socket: TLSSocket): Error | undefined {
  const { _handle } = socket as unknown as {
    readonly _handle?: { verifyError?(): unknown };
  };
  const error = _handle?.verifyError === undefined
    ? "the certificate can't be checked"
    : _handle.verifyError();
  if (!error) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}

/** Lets a socket take in no more than it has room for. */
class Gate {
  readonly #taken = new Change();
  #socket: TLSSocket | undefined;

  /** Begins to watch a socket; Node reads the first bytes before it is made. */
  watch(socket: TLSSocket): TLSSocket {
    return this.#socket = socket;
  }

  /** Is told that somebody has read something. */
  taken(): void {
    this.#taken.happened();
  }

  /** Waits until there is room, if there is none. */
  room(): Promise<void> | undefined {
    const socket = this.#socket;
    if (socket === undefined) return undefined;
    const isFull = () => socket.readableLength >= socket.readableHighWaterMark;
    if (!isFull()) return undefined;
    return (async () => {
      while (isFull()) await this.#taken.next;
    })();
  }
}

/** TLS over a connection, which is closed with it. */
export class TlsSession extends NodeStream implements RawConn {
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  readonly #conn: RawConn;
  readonly #socket: TLSSocket;
  readonly #gate: Gate;
  #isSecure = false;
  readonly #secured = Promise.withResolvers<void>();

  /**
   * Begins a session.
   *
   * @param conn the connection under it
   * @param options how it begins
   */
  constructor(conn: RawConn, options: SessionOptions) {
    const { beginning, open, done, checksPeer = false } = options;
    const gate = new Gate();
    const onEnd = (error?: unknown) => {
      // Nobody is left to finish the handshake with, and Node waits forever.
      if (error !== undefined || !this.#isSecure) this.fail(error);
    };
    const duplex = duplexOf(conn, beginning, onEnd, () => gate.room());
    const socket = gate.watch(open(duplex));
    super(socket);
    this.#gate = gate;
    this.#conn = conn;
    this.localAddr = conn.localAddr;
    this.remoteAddr = conn.remoteAddr;
    this.#socket = socket;
    socket.once(done, () => {
      const wrong = checksPeer ? verifyError(socket) : undefined;
      if (wrong !== undefined) return this.fail(wrong);
      this.#isSecure = true;
      this.#secured.resolve();
    });
    // A handshake that fails is reported here, and to nobody who reads or writes.
    socket.once("_tlsError", (error: unknown) => this.fail(error));
    duplex.on("error", (error) => this.fail(error));
  }

  override read(buffer: Uint8Array): Promise<number | null> {
    return super.read(buffer).finally(() => this.#gate.taken());
  }

  /** Waits for the handshake. */
  async handshake(): Promise<TlsInfo> {
    await this.unlessFailed(this.#secured.promise);
    return tlsInfoOf(this.#socket);
  }

  /**
   * Ends the session: calls that wait fail at once. The peer hears that this is
   * the end (`close_notify`), or it would take what came for cut off; the
   * connection under it is closed when that is sent.
   */
  override close(): void {
    const socket = this.#socket;
    const isCut = this.isOver || !this.#isSecure || socket.writableLength > 0;
    const isTold = isCut || socket.writableEnded;
    this.refuse();
    const end = () => {
      super.close();
      closeSocket(this.#conn);
    };
    if (isTold) return end();
    const told = new Promise<void>((resolve) => socket.end(() => resolve()));
    bounded(told, FAREWELL).then(end, end);
  }

  override fail(error: unknown = new Deno.errors.ConnectionReset()): void {
    super.fail(error);
  }
}
