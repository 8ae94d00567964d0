/**
 * The time server's conversation: one HTTP request, one answer.
 *
 * @module
 */

import { bounded, isTimeout } from "../calls/deadline.ts";
import { giveUp, numbered } from "../calls/descriptors.ts";
import { emit } from "../calls/observer.ts";
import { sendInTime } from "../sockets/streams/send_in_time.ts";
import type { ServeHandler } from "../sockets/serving/serve_options.ts";
import type { StreamConn } from "../sockets/streams/stream.ts";
import { ctime } from "./clock.ts";
import type { ConversationObserver, ProgramEvent } from "./events.ts";
import { type HeadStatus, RequestHead } from "./http_head.ts";
import { refusal, type RefusalStatus } from "./http_refusal.ts";

const encoder = new TextEncoder();

const HEAD = encoder.encode(
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n",
);
const BEGINNING = new Uint8Array([
  ...HEAD,
  ...encoder.encode("Local time is: "),
]);

/** How much is read at once, in bytes: all of most heads, and little when idle. */
const BUFFER_BYTES = 512;

let lastSecond = NaN;
let lastLine = new Uint8Array();

/** Returns the time and a newline, made once a second, however many ask. */
function timeLine(): Uint8Array {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastLine = encoder.encode(`${ctime(new Date(now))}\n`);
  }
  return lastLine;
}

/** Yields what is sent, part by part: the time is read when its turn comes. */
function* answerTo(
  status: 200 | RefusalStatus,
  method: string,
): Generator<Uint8Array> {
  if (status !== 200) {
    yield refusal(status, method);
  } else if (method === "HEAD") {
    yield HEAD;
  } else {
    yield BEGINNING;
    yield timeLine();
  }
}

/** How {@linkcode timeAnswer} answers. */
export interface TimeAnswerOptions {
  /**
   * The longest wait for a whole head, over TLS the handshake included, in
   * milliseconds; 0 is no limit.
   */
  readonly timeout: number;
  /** Receives each step. */
  readonly observer?: ConversationObserver | undefined;
}

/** Buffers that no connection reads into: allocating one takes long. */
const spare: Uint8Array[] = [];

/** A request as it comes in. */
class Request {
  readonly head = new RequestHead();
  /** How many bytes came. */
  bytes = 0;
  #isLate = false;

  /**
   * Reads the head, wherever its packets were split.
   *
   * @param conn the connection
   * @param timeout the longest wait for all of it, in milliseconds
   * @returns what it earns; `undefined` if the peer left without a word
   * @throws {SocketError} if the connection broke
   */
  async read(
    conn: StreamConn,
    timeout: number,
  ): Promise<HeadStatus | 408 | undefined> {
    try {
      return await bounded(this.#readHead(conn), timeout);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      this.#isLate = true;
      giveUp(conn);
      return 408;
    }
  }

  async #readHead(conn: StreamConn): Promise<HeadStatus | undefined> {
    const buffer = spare.pop() ?? new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const length = await conn.read(buffer);
      // The peer has said all that it will: nothing, or half a head.
      if (length === null) return this.bytes > 0 ? 400 : undefined;
      // It was answered: the rest is left to those who throw it away.
      if (this.#isLate) return undefined;
      this.bytes += length;
      const status = this.head.feed(buffer.subarray(0, length));
      if (status === undefined) continue;
      spare.push(buffer);
      return status;
    }
  }
}

/**
 * Waits for the handshake of TLS.
 *
 * @returns what is left of the time; 0 is no limit
 */
async function handshake(conn: StreamConn, timeout: number): Promise<number> {
  const started = performance.now();
  await conn.handshake({ timeout });
  if (timeout === 0) return 0;
  return Math.max(1, timeout - (performance.now() - started));
}

/**
 * Makes the handler that answers HTTP requests with the local time.
 *
 * A GET is answered with two writes: what never changes, made beforehand, then
 * the time, read last, so that it is as fresh as it can be.
 *
 * @param options how it answers
 * @returns the handler, for `serveStream`
 */
export function timeAnswer(options: TimeAnswerOptions): ServeHandler {
  const { timeout, observer } = options;
  return async (conn, { connection }) => {
    const left = conn.isTls ? await handshake(conn, timeout) : timeout;
    const report = (event: ProgramEvent) =>
      emit(observer, "event", numbered(conn, event));
    report({ event: "reading", connection });
    const request = new Request();
    const status = await request.read(conn, left);
    const { head, bytes } = request;
    report({ event: "received", connection, bytes });
    if (status === undefined) return;

    report({ event: "sending", connection });
    await sendInTime(conn, timeout, async () => {
      for (const part of answerTo(status, head.method)) {
        const bytes = await conn.writeAll(part);
        const of = part.length;
        report({ event: "sent", connection, bytes, of });
      }
    });
    // TLS has an end of its own to send.
    if (status !== 200 || head.hasMore || conn.isTls) {
      await conn.linger({ timeout });
    }
  };
}
