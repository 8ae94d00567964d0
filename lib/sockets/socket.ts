/**
 * Reading, writing and closing, told as C's calls and bounded in time.
 *
 * @module
 */

import { bounded, startWait, timeoutError } from "../calls/deadline.ts";
import { SocketError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import { traced, tracedSync } from "../calls/call.ts";

/** A connection, over TCP or TLS: what `Deno.TcpConn` has of it, and more. */
export interface StreamConn {
  /** Our end. */
  readonly localAddr: Deno.NetAddr;
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr;
  /** Waits for the handshake, where the connection is over TLS. */
  handshake?(): Promise<unknown>;
  /** Reads what has come; `null` is the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends our half. */
  closeWrite(): Promise<void>;
  /** Closes both halves. */
  close(): void;
}

/** How a call on a connected socket is bounded and told. */
export interface CallOptions {
  /**
   * The longest wait, in milliseconds; 0 waits for ever.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Is told the call. */
  readonly observer?: Observer | undefined;
}

/**
 * Waits for the handshake of a connection over TLS; without TLS there is none.
 *
 * @param conn the connection
 * @param options the longest wait, and whom to tell
 * @throws {SocketError} where it failed, or was not done in time
 */
export async function handshake(
  conn: StreamConn,
  { timeout = 0, observer }: CallOptions = {},
): Promise<void> {
  const shake = conn.handshake?.bind(conn);
  if (shake === undefined) return;
  await traced(
    observer,
    () => ({ call: "handshake", arguments: [] }),
    async () => {
      try {
        await bounded(shake(), timeout);
      } catch (error) {
        throw new SocketError("handshake", error);
      }
    },
    () => 0,
  );
}

/**
 * Reads what has come, as `recv(2)` does.
 *
 * Where the time is over the read itself goes on until the connection is
 * closed: only writing may follow.
 *
 * @param conn the connection
 * @param buffer where to put it
 * @param options the longest wait, and whom to tell
 * @returns how many bytes came; 0 at the end of the stream
 * @throws {SocketError} where the connection broke, or nothing came in time
 */
export function receive(
  conn: StreamConn,
  buffer: Uint8Array,
  { timeout = 0, observer }: CallOptions = {},
): Promise<number> {
  return traced(
    observer,
    () => ({ call: "recv", arguments: [String(buffer.length)] }),
    () => read(conn, buffer, timeout),
    (length) => length,
  );
}

// Not async, as it takes twice as long, and a busy server reads and writes more
// than anything else.
function read(
  conn: StreamConn,
  buffer: Uint8Array,
  timeout: number,
): Promise<number> {
  return bounded(conn.read(buffer), timeout).then(orEnd, recvFailed);
}

function orEnd(length: number | null): number {
  return length ?? 0;
}

function recvFailed(error: unknown): never {
  throw new SocketError("recv", error);
}

/**
 * Writes all of some bytes, as `send(2)` does on a blocking socket. Where the
 * peer takes none of them in time, the connection is closed.
 *
 * @param conn the connection
 * @param bytes what to send
 * @param options the longest wait, and whom to tell
 * @returns how many bytes were sent: all of them
 * @throws {SocketError} where the connection broke, or the peer did not take
 * them in time
 */
export function send(
  conn: StreamConn,
  bytes: Uint8Array,
  { timeout = 0, observer }: CallOptions = {},
): Promise<number> {
  return traced(
    observer,
    () => ({ call: "send", arguments: [String(bytes.length)] }),
    () =>
      timeout === 0 ? write(conn, bytes) : writeInTime(conn, bytes, timeout),
    (length) => length,
  );
}

function write(conn: StreamConn, bytes: Uint8Array): Promise<number> {
  return conn.write(bytes).then((sent) => {
    if (sent === bytes.length) return sent;
    return write(conn, bytes.subarray(sent)).then((rest) => sent + rest);
  }, sendFailed);
}

function sendFailed(error: unknown): never {
  throw new SocketError("send", error);
}

async function writeInTime(
  conn: StreamConn,
  bytes: Uint8Array,
  timeout: number,
): Promise<number> {
  let sent = 0;
  // As long as the peer takes some, each part has the whole time.
  do {
    const part = bytes.subarray(sent);
    sent += await sendInTime(
      conn,
      timeout,
      () => conn.write(part).catch(sendFailed),
    );
  } while (sent < bytes.length);
  return sent;
}

/**
 * Runs short sends, all of which have to be taken in some time. Where the peer
 * does not take them, the connection is closed.
 *
 * @param conn the connection
 * @param timeout the longest wait, in milliseconds; 0 waits for ever
 * @param run sends, and leaves the time to this
 * @returns what `run` gave
 * @throws {SocketError} what `run` throws, or that the time is over
 */
export async function sendInTime<T>(
  conn: StreamConn,
  timeout: number,
  run: () => Promise<T>,
): Promise<T> {
  let late = false;
  const end = timeout === 0 ? undefined : startWait(timeout, () => {
    late = true;
    closeSocket(conn);
  });
  try {
    return await run();
  } catch (error) {
    throw late ? new SocketError("send", timeoutError()) : error;
  } finally {
    end?.();
  }
}

/**
 * Ends our half of a connection, as `shutdown(fd, SHUT_WR)` does.
 *
 * @param conn the connection
 * @param options whom to tell
 * @throws {SocketError} where the peer is gone
 */
export function shutdownWrite(
  conn: StreamConn,
  { observer }: CallOptions = {},
): Promise<void> {
  return traced(
    observer,
    () => ({ call: "shutdown", arguments: ["SHUT_WR"] }),
    () => conn.closeWrite().catch(shutdownFailed),
    () => 0,
  );
}

function shutdownFailed(error: unknown): never {
  throw new SocketError("shutdown", error);
}

/**
 * Closes a socket, as `close(2)` does. Closing it again does nothing.
 *
 * @param socket a connection, a listener or a datagram socket
 * @param observer is told the call
 */
export function closeSocket(
  socket: { close(): void },
  observer?: Observer,
): void {
  tracedSync(observer, () => ({ call: "close", arguments: [] }), () => {
    try {
      socket.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  });
}

/** Where a lingering close throws away what comes; nobody looks at it. */
const discarded = new Uint8Array(16 * 1024);

/**
 * Ends our half and throws away what the peer still sends until it ends its
 * own, or the time is over.
 *
 * Closing with bytes unread makes the system reset the connection, and a reset
 * makes the peer lose the answer that it has not read yet (RFC 9112 section
 * 9.6).
 *
 * @param conn the connection; it is left to the caller to close, or closed when
 * the time is over
 * @param options the longest wait, and whom to tell
 */
export async function linger(
  conn: StreamConn,
  { timeout = 0, observer }: CallOptions = {},
): Promise<void> {
  const end = timeout === 0
    ? undefined
    : startWait(timeout, () => closeSocket(conn));
  try {
    await shutdownWrite(conn, { observer });
    while (await receive(conn, discarded, { observer }) > 0);
  } catch {
    // Whatever went wrong, the connection ends here.
  } finally {
    end?.();
  }
}
