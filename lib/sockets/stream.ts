/**
 * A stream connection, over TCP or TLS.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import { call, type CallText } from "../calls/call.ts";
import { startWait } from "../calls/deadline.ts";
import type { Step } from "../calls/errors.ts";
import { isBounded, type Wait } from "../calls/waiter.ts";
import { ByteInbox } from "./byte_inbox.ts";
import { ByteOutbox } from "./byte_outbox.ts";
import { closeSocket } from "./close.ts";
import type { Observer } from "./events.ts";
import type { RawConn } from "./raw_conn.ts";
import { everything, exactly, some, until, type Want } from "./wants.ts";
import { readableOf, writableOf } from "./web_streams.ts";

/** How much is read, and for how long. */
export interface ReadOptions extends Wait {
  /**
   * The most that is read, in bytes, 1 or more.
   *
   * @default {1_048_576}
   */
  readonly maxBytes?: number | undefined;
}

/** As much as is read at the most if nobody says more, in bytes. */
const MAX_BYTES = 1024 * 1024;

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
  readonly #inbox: ByteInbox;
  readonly #outbox: ByteOutbox;
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
    this.#inbox = new ByteInbox(raw);
    this.#outbox = new ByteOutbox(raw);
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
   * To cancel it ends the reading and leaves the connection open.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= readableOf(this);
  }

  /**
   * Where to write, as a web stream. To close it ends our half, to abort it
   * closes the connection.
   */
  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableOf(this);
  }

  /**
   * Waits for the handshake of TLS, which the first read or write would make as
   * well; over TCP there is none.
   *
   * @param wait how long
   * @throws {SocketError} `handshake` if it failed or was not done in time
   */
  async handshake(wait?: Wait): Promise<void> {
    const { timeout, signal } = wait ?? {};
    const observer = this.#observer;
    await call("handshake", () => Promise.resolve(this.#raw.handshake?.()), {
      timeout,
      signal,
      observer: this.isTls ? observer : undefined,
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
    // Nobody waits, nothing is kept: the bytes need not be copied.
    const isShort = buffer.length === 0 ||
      (!isBounded(wait) && this.#inbox.isIdle);
    const run = isShort
      ? () => this.#raw.read(buffer)
      : () => this.#inbox.next(some(buffer), wait);
    const text = () => ({ arguments: [String(buffer.length)] });
    return this.#call("recv", run, text, wait, (length) => length ?? 0);
  }

  /**
   * Reads so many bytes, as `recv(2)` does with `MSG_WAITALL`.
   *
   * @param length how many, 0 or more
   * @param wait how long, for all of them
   * @returns the bytes
   * @throws {SocketError} `recv` with `ENODATA` if the peer ended before; what
   * came stays to be read
   * @throws {RangeError} if the length is no whole number from 0
   */
  readExactly(length: number, wait?: Wait): Promise<Uint8Array<ArrayBuffer>> {
    if (!Number.isSafeInteger(length) || length < 0) {
      return Promise.reject(new RangeError(`A length is not ${length}`));
    }
    const text = () => ({ arguments: [String(length), "MSG_WAITALL"] });
    return this.#take(exactly(length), text, wait);
  }

  /**
   * Reads up to a delimiter, as up to the end of a line.
   *
   * @param delimiter a text or bytes, not empty
   * @param options how much at the most, the delimiter counted, and how long
   * @returns the bytes, the delimiter at their end; `null` if the stream ended
   * and nothing was left
   * @throws {SocketError} `recv` with `EMSGSIZE` if there are too many bytes,
   * with `ENODATA` if the peer ended before the delimiter; what came stays to be
   * read
   * @throws {RangeError} if the delimiter is empty, or `maxBytes` below 1
   */
  readUntil(
    delimiter: string | Uint8Array,
    options: ReadOptions = {},
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const { maxBytes = MAX_BYTES } = options;
    const end = typeof delimiter === "string"
      ? new TextEncoder().encode(delimiter)
      : delimiter;
    if (end.length === 0) {
      return Promise.reject(new RangeError("A delimiter is not empty"));
    }
    return this.#takeMost(until(end, maxBytes), maxBytes, options);
  }

  /**
   * Reads up to the end of the stream.
   *
   * @param options how much at the most, and how long
   * @returns the bytes
   * @throws {SocketError} `recv` with `EMSGSIZE` if there are too many; they
   * stay to be read
   * @throws {RangeError} if `maxBytes` is below 1
   */
  readAll(options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = MAX_BYTES } = options;
    return this.#takeMost(everything(maxBytes), maxBytes, options);
  }

  /**
   * Writes some of the bytes, as `send(2)` does: all of them, unless the system
   * has not room for so many.
   *
   * @param bytes what to send
   * @param wait how long
   * @returns how many were written
   * @throws {SocketError} `send` if the connection broke, or the peer took
   * nothing in time
   */
  write(bytes: Uint8Array, wait?: Wait): Promise<number> {
    return this.#send(bytes, false, wait);
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
    return this.#send(bytes, true, wait);
  }

  /**
   * Ends our half, as `shutdown(fd, SHUT_WR)` does: the peer's next read is at
   * the end. What it still sends can be read.
   *
   * @param wait how long
   * @throws {SocketError} `shutdown` if the peer is gone
   */
  closeWrite(wait?: Wait): Promise<void> {
    const text = () => ({ arguments: ["SHUT_WR"] });
    const run = () => this.#outbox.shutdown(wait);
    return this.#call("shutdown", run, text, wait, () => 0);
  }

  /**
   * Ends our half and throws away what the peer still sends until it ends its
   * own, or the wait is over; then the connection is closed. Throws nothing.
   *
   * Closing with bytes unread makes the system reset the connection, and a
   * reset makes the peer lose the answer that it has not read yet (RFC 9112
   * section 9.6).
   *
   * @param wait how long
   */
  async linger({ timeout = 0, signal }: Wait = {}): Promise<void> {
    const end = timeout === 0
      ? undefined
      : startWait(timeout, () => closeSocket(this.#raw));
    const abort = () => closeSocket(this.#raw);
    signal?.addEventListener("abort", abort);
    try {
      await this.closeWrite({ signal });
      while (await this.read(discarded, { signal }) !== null);
    } catch {
      // Whatever went wrong, the connection ends here; the trace has the call.
    } finally {
      end?.();
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Sends small writes at once (`TCP_NODELAY`), or gathers them.
   *
   * @param on whether at once
   * @throws {TypeError} over TLS: it is an option when the socket is opened
   * @throws {SocketError} `setsockopt` if the system refused
   */
  setNoDelay(on = true): void {
    this.#set("IPPROTO_TCP", "TCP_NODELAY", this.#raw.setNoDelay, on);
  }

  /**
   * Asks a silent peer now and then whether it is there (`SO_KEEPALIVE`).
   *
   * @param on whether to ask
   * @throws {TypeError} over TLS: it is an option when the socket is opened
   * @throws {SocketError} `setsockopt` if the system refused
   */
  setKeepAlive(on = true): void {
    this.#set("SOL_SOCKET", "SO_KEEPALIVE", this.#raw.setKeepAlive, on);
  }

  /** Closes the connection; calls that wait then fail. Twice is harmless. */
  close(): void {
    closeSocket(this.#raw, this.#observer);
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  #send(bytes: Uint8Array, all: boolean, wait?: Wait): Promise<number> {
    const run = () => this.#outbox.send(bytes, all, wait);
    const text = () => ({ arguments: [String(bytes.length)] });
    return this.#call("send", run, text, wait);
  }

  #takeMost<R extends Uint8Array | null>(
    want: Want<R>,
    maxBytes: number,
    wait: Wait,
  ): Promise<R> {
    if (!(maxBytes >= 1)) {
      return Promise.reject(new RangeError(`maxBytes is not ${maxBytes}`));
    }
    return this.#take(want, () => ({ arguments: [String(maxBytes)] }), wait);
  }

  #take<R extends Uint8Array | null>(
    want: Want<R>,
    text: () => CallText,
    wait?: Wait,
  ): Promise<R> {
    const run = () => this.#inbox.next(want, wait);
    return this.#call("recv", run, text, wait, (bytes) => bytes?.length ?? 0);
  }

  /** Makes a call that ends its own wait. */
  #call<T>(
    step: Step,
    run: () => Promise<T>,
    text: () => CallText,
    wait: Wait | undefined,
    result: (value: T) => number = Number,
  ): Promise<T> {
    return call(step, run, {
      timeout: wait?.timeout,
      signal: wait?.signal,
      endsItself: true,
      observer: this.#observer,
      text,
      result,
    });
  }

  #set(
    level: string,
    option: string,
    set: ((on?: boolean) => void) | undefined,
    on: boolean,
  ): void {
    if (set === undefined) {
      throw new TypeError(
        "Over TLS noDelay and keepAlive are options of the connection's opening",
      );
    }
    call("setsockopt", () => set.call(this.#raw, on), {
      observer: this.#observer,
      text: () => ({ arguments: [level, option, on ? "1" : "0"] }),
    });
  }
}

/** Where a lingering close throws away what comes; nobody looks at it. */
const discarded = new Uint8Array(16 * 1024);
