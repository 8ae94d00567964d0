/**
 * A stream connection, over TCP or TLS.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { call } from "../../calls/call.ts";
import { type Descriptor, descriptorFor } from "../../calls/descriptors.ts";
import { isObserved } from "../../calls/shown_call.ts";
import type { Wait } from "../../calls/waiter.ts";
import { closeSocket } from "../close.ts";
import type { Observer } from "../events.ts";
import { setOption } from "./socket_option.ts";
import { StreamCalls } from "./stream_calls.ts";
import { linger } from "./linger.ts";
import { endsOf, type RawConn } from "../raw_conn.ts";
import {
  everything,
  exactly,
  MAX_BYTES,
  type ReadOptions,
  until,
} from "./wants.ts";
import type { TlsInfo } from "../tls_info.ts";
import { readableOf, writableOf } from "./web_streams.ts";

/**
 * A stream connection, over TCP or TLS.
 *
 * Calls that wait are served in their order. All of them take a time limit and
 * a signal, and throw a {@linkcode SocketError}: `ETIMEDOUT` if the time is
 * over; an aborted signal's own reason is passed through.
 *
 * A read that ended so loses nothing: the next one gets what came. A write that
 * ended so can't be taken back, and breaks the stream for writing: each later
 * write throws `EPIPE`.
 *
 * @category Streams
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connectStream, listenStream } from "@parley/parley";
 *
 * using listener = await listenStream({ hostname: "127.0.0.1", port: 0 });
 * const { hostname, port } = listener.addr;
 * using client = await connectStream({ hostname, port });
 * using server = await listener.accept();
 *
 * await client.writeAll(new TextEncoder().encode("one\ntwo"));
 * await client.closeWrite();
 * const line = await server.readUntil("\n", { maxBytes: 80, timeout: 5_000 });
 * assertEquals(line, new TextEncoder().encode("one\n"));
 * assertEquals((await server.readAll()).length, 3);
 * ```
 */
export class StreamConn implements Disposable {
  readonly #raw: RawConn;
  readonly #observer: Observer | undefined;
  readonly #descriptor: Descriptor | undefined;
  readonly #calls: StreamCalls;
  #isClosed = false;
  #local: Endpoint | undefined;
  #peer: Endpoint | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /**
   * Takes over a connection.
   *
   * @param raw a connection, as `Deno.connect` returns it
   * @param observer receives each call
   */
  constructor(raw: RawConn, observer?: Observer) {
    this.#raw = raw;
    this.#observer = observer;
    this.#descriptor = isObserved(observer)
      ? descriptorFor(raw, () => endsOf(raw))
      : undefined;
    this.#descriptor?.belongsTo(this);
    this.#calls = new StreamCalls(raw, observer, this.#descriptor);
  }

  /** Our end, as Deno has it. */
  get localAddr(): Deno.NetAddr {
    return this.#raw.localAddr;
  }

  /** The other end, as Deno has it. */
  get remoteAddr(): Deno.NetAddr {
    return this.#raw.remoteAddr;
  }

  /** Our end. */
  get local(): Endpoint {
    return this.#local ??= Endpoint.from(this.#raw.localAddr);
  }

  /** The other end; a peer that came over IPv4 is shown as such. */
  get peer(): Endpoint {
    return this.#peer ??= Endpoint.from(this.#raw.remoteAddr);
  }

  /** Whether it is over TLS. */
  get isTls(): boolean {
    return this.#raw.handshake !== undefined;
  }

  /**
   * What comes, as a web stream; it takes the same bytes that `read` would.
   * To cancel it ends the reading and leaves the connection open: what comes
   * then is for the next `read`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableOf(this.#calls);
  }

  /**
   * Where to write, as a web stream. To close it ends our half; to abort it
   * closes the connection at once, and a write that waits fails.
   */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableOf(this);
  }

  /**
   * Waits for the handshake of TLS, which the first read or write would make as
   * well; over TCP there is none.
   *
   * @param wait how long
   * @returns what it agreed on; `undefined` over TCP
   * @throws {SocketError} `handshake` if it failed or was not done in time
   */
  handshake(wait?: Wait): Promise<TlsInfo | undefined> {
    return call("handshake", async () => await this.#raw.handshake?.(), {
      timeout: wait?.timeout,
      signal: wait?.signal,
      observer: this.isTls ? this.#observer : undefined,
      descriptor: this.#descriptor,
      result: () => 0,
    });
  }

  /**
   * Reads what has come, as `recv(2)` does.
   *
   * @param buffer where to put it
   * @param wait how long
   * @returns how many bytes came; `null` at the end of the stream
   * @throws {SocketError} `recv` if the connection broke, or nothing came in
   * time
   */
  read(buffer: Uint8Array, wait?: Wait): Promise<number | null> {
    return this.#calls.read(buffer, wait);
  }

  /**
   * Reads a number of bytes, as `recv(2)` does with `MSG_WAITALL`.
   *
   * @param length how many, 0 or more
   * @param wait how long, for all of them
   * @returns the bytes
   * @throws {SocketError} `recv` with `ENODATA` if the peer ended before; what
   * came stays
   * @throws {RangeError} if the length is no whole number from 0
   */
  async readExactly(
    length: number,
    wait?: Wait,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const args = [String(length), "MSG_WAITALL"];
    return await this.#calls.take(exactly(length), args, wait);
  }

  /**
   * Reads up to a delimiter, as up to the end of a line.
   *
   * @param delimiter a text or bytes, not empty
   * @param options the most to read, the delimiter counted, and how long
   * @returns the bytes, the delimiter at their end; `null` at the stream's end
   * @throws {SocketError} `recv` with `EMSGSIZE` if there are too many bytes,
   * `ENODATA` if the peer ended in the middle; what came stays to be read
   * @throws {RangeError} if the delimiter is empty, or `maxBytes` below 1
   */
  async readUntil(
    delimiter: string | Uint8Array,
    options: ReadOptions = {},
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const { maxBytes = MAX_BYTES } = options;
    const want = until(delimiter, maxBytes);
    return await this.#calls.take(want, [String(maxBytes)], options);
  }

  /**
   * Reads up to the end of the stream.
   *
   * @param options the most to read, and how long
   * @returns the bytes
   * @throws {SocketError} `recv` with `EMSGSIZE` if there are too many; they
   * stay to be read
   * @throws {RangeError} if `maxBytes` is below 1
   */
  async readAll(options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = MAX_BYTES } = options;
    const want = everything(maxBytes);
    return await this.#calls.take(want, [String(maxBytes)], options);
  }

  /**
   * Writes some of the bytes, as `send(2)` does: all of them, unless the system
   * has no room for all.
   *
   * @param bytes what to send
   * @param wait how long
   * @returns how many were written
   * @throws {SocketError} `send` if the connection broke, or the peer took
   * nothing in time
   */
  write(bytes: Uint8Array, wait?: Wait): Promise<number> {
    return this.#calls.send(bytes, false, wait);
  }

  /**
   * Writes all of the bytes, as `send(2)` does on a blocking socket. As long as
   * the peer takes some of them the time limit starts anew.
   *
   * @param bytes what to send
   * @param wait how long
   * @returns how many were written: all of them
   * @throws {SocketError} `send` if the connection broke, or the peer took
   * nothing in time
   */
  writeAll(bytes: Uint8Array, wait?: Wait): Promise<number> {
    return this.#calls.send(bytes, true, wait);
  }

  /**
   * Shuts down the sending side, as `shutdown(fd, SHUT_WR)` does: the peer reads
   * the end of the stream. What it still sends can be read.
   *
   * @param wait how long
   * @throws {SocketError} `shutdown` if the peer is gone
   */
  closeWrite(wait?: Wait): Promise<void> {
    return this.#calls.shutdown(wait);
  }

  /**
   * Shuts down the sending side and discards what the peer sends until it ends its
   * own, or the wait is over and the connection closed. A call of it that fails is
   * not thrown.
   *
   * Closing with bytes unread makes the system reset the connection, and the
   * peer lose the answer that it has not read yet (RFC 9112 section 9.6).
   *
   * @param wait how long
   * @throws {RangeError} if the timeout is out of its range
   */
  linger(wait?: Wait): Promise<void> {
    return linger(this, wait);
  }

  /**
   * Sends small writes at once (`TCP_NODELAY`), or gathers them.
   *
   * @throws {TypeError} over TLS: it is an option of the opening
   * @throws {SocketError} `setsockopt` if the system refused
   */
  setNoDelay(on = true): void {
    setOption(this.#raw, "setNoDelay", on, this.#observer);
  }

  /**
   * Asks a silent peer now and then whether it is there (`SO_KEEPALIVE`).
   *
   * @throws {TypeError} over TLS: it is an option of the opening
   * @throws {SocketError} `setsockopt` if the system refused
   */
  setKeepAlive(on = true): void {
    setOption(this.#raw, "setKeepAlive", on, this.#observer);
  }

  /** Closes the connection; calls that wait then fail. Twice is harmless. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSocket(this.#raw, this.#observer);
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }
}
