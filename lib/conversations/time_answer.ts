/**
 * The time server's conversation: one HTTP request, one answer.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { ctime } from "./clock.ts";
import type { ConversationObserver } from "./events.ts";
import { type HeadStatus, RequestHead } from "./http_head.ts";
import { refusal, type RefusalStatus } from "./http_refusal.ts";
import type { ServeHandler } from "../sockets/serve.ts";
import { bounded, isTimeout } from "../calls/deadline.ts";
import { sendInTime } from "../sockets/send_in_time.ts";
import type { StreamConn } from "../sockets/stream.ts";

const encoder = new TextEncoder();

const HEAD = encoder.encode(
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n",
);
const BEGINNING = new Uint8Array([
  ...HEAD,
  ...encoder.encode("Local time is: "),
]);

/** As much as is read at once, in bytes: most heads, and little when idle. */
const BUFFER_BYTES = 512;

let toldSecond = NaN;
let toldTime = new Uint8Array();

/** The time and a newline; made once a second, however many ask for it. */
function timeLine(): Uint8Array {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== toldSecond) {
    toldSecond = second;
    toldTime = encoder.encode(`${ctime(new Date(now))}\n`);
  }
  return toldTime;
}

/** What is sent, part by part: the time is read when its turn comes. */
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

/** How the time is told. */
export interface TimeAnswerOptions {
  /** The longest wait for a whole head, in milliseconds; 0 waits for ever. */
  readonly timeout: number;
  /** Is told each step. */
  readonly observer?: ConversationObserver | undefined;
}

/** Buffers that no connection reads into: allocating one takes long. */
const spare: Uint8Array[] = [];

/** A request as it comes in. */
class Request {
  readonly head = new RequestHead();
  /** How many bytes came. */
  bytes = 0;

  /**
   * Reads the head, wherever its packets were split.
   *
   * @returns what it earns; `undefined` where the peer left without a word
   */
  async read(conn: StreamConn): Promise<HeadStatus | undefined> {
    const buffer = spare.pop() ?? new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const length = await conn.read(buffer);
      // The peer has said all that it will: nothing, or half a head.
      if (length === null) return this.bytes > 0 ? 400 : undefined;
      this.bytes += length;
      const status = this.head.feed(buffer.subarray(0, length));
      if (status === undefined) continue;
      spare.push(buffer);
      return status;
    }
  }
}

/**
 * Makes the handler that answers HTTP requests with the local time.
 *
 * A GET is answered with two writes: what never changes, made beforehand, then
 * the time, read last, so that it is as fresh as it can be.
 *
 * @param options how the time is told
 * @returns the handler, for `serveStream`
 */
export function timeAnswer(options: TimeAnswerOptions): ServeHandler {
  const { timeout, observer } = options;
  return async (conn, { connection }) => {
    emit(observer, "event", { event: "reading", connection });
    const request = new Request();
    let status: 200 | RefusalStatus | undefined;
    try {
      status = await bounded(request.read(conn), timeout);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      status = 408;
    }
    const { head, bytes } = request;
    emit(observer, "event", { event: "received", connection, bytes });
    if (status === undefined) return;

    emit(observer, "event", { event: "sending", connection });
    await sendInTime(conn, timeout, async () => {
      for (const part of answerTo(status, head.method)) {
        const bytes = await conn.writeAll(part);
        const of = part.length;
        emit(observer, "event", { event: "sent", connection, bytes, of });
      }
    });
    // TLS has an end of its own to tell.
    if (status !== 200 || head.hasMore || conn.isTls) {
      await conn.linger({ timeout });
    }
  };
}
