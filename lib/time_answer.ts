/**
 * The time server's conversation: one HTTP request, one answer.
 *
 * @module
 */

import { ctime } from "./clock.ts";
import type { Observer } from "./events.ts";
import { type HeadStatus, RequestHead } from "./http_head.ts";
import type { ServeHandler } from "./serve.ts";
import { type Deadline, deadline, isTimeout, within } from "./deadline.ts";
import { SocketError } from "./errors.ts";
import { linger, receive, send, type StreamConn } from "./socket.ts";

const encoder = new TextEncoder();

const HEAD = encoder.encode(
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n",
);
const BEGINNING = new Uint8Array([
  ...HEAD,
  ...encoder.encode("Local time is: "),
]);

/** The answers to requests that are none. */
const REFUSALS: ReadonlyMap<HeadStatus | 408, Uint8Array> = new Map(
  ([
    [400, "Bad Request", ""],
    [405, "Method Not Allowed", "Allow: GET, HEAD\r\n"],
    [408, "Request Timeout", ""],
    [431, "Request Header Fields Too Large", ""],
  ] as const).map(([status, reason, fields]) => [
    status,
    encoder.encode(
      `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n` +
        `Content-Type: text/plain\r\nContent-Length: ${reason.length + 1}\r\n` +
        `${fields}\r\n${reason}\n`,
    ),
  ]),
);

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

/** How the time is told. */
export interface TimeAnswerOptions {
  /** The longest wait for a whole head, in milliseconds; 0 waits for ever. */
  readonly timeout: number;
  /** Is told each step. */
  readonly observer?: Observer | undefined;
}

/** What came of reading a request. */
interface Request {
  /** What it earns; `undefined` where the peer left without a word. */
  readonly status: HeadStatus | 408 | undefined;
  readonly method: string;
  /** Whether the peer sends more than the head. */
  readonly hasMore: boolean;
  /** How many bytes came. */
  readonly bytes: number;
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
    observer?.event({ event: "reading", connection });
    const { status, method, hasMore, bytes } = await readRequest(conn, options);
    observer?.event({ event: "received", connection, bytes });
    if (status === undefined) return;

    const answer = async (part: Uint8Array) => {
      const bytes = await send(conn, part, { timeout, observer });
      const of = part.length;
      observer?.event({ event: "sent", connection, bytes, of });
    };
    observer?.event({ event: "sending", connection });
    if (status !== 200) {
      await answer(REFUSALS.get(status)!);
    } else if (method === "HEAD") {
      await answer(HEAD);
    } else {
      await answer(BEGINNING);
      await answer(timeLine());
    }
    // TLS has an end of its own to tell.
    if (status !== 200 || hasMore || conn.tls) {
      await linger(conn, { timeout, observer });
    }
  };
}

/** Buffers that no connection reads into: allocating one takes long. */
const spare: Uint8Array[] = [];

/** Reads one head, wherever its packets were split. */
async function readRequest(
  conn: StreamConn,
  { timeout, observer }: TimeAnswerOptions,
): Promise<Request> {
  const head = new RequestHead();
  const buffer = spare.pop() ?? new Uint8Array(BUFFER_BYTES);
  const started = performance.now();
  let bytes = 0;
  const outcome = (status: Request["status"]): Request => {
    const { method, hasMore } = head;
    return { status, method, hasMore, bytes };
  };
  // Nearly every head comes whole. Where it does not, the rest has the time
  // that its first part left over.
  let limit: Deadline | undefined;
  try {
    for (;;) {
      const length = limit === undefined
        ? await receive(conn, buffer, { timeout, observer })
        : await within(receive(conn, buffer, { observer }), limit.signal);
      bytes += length;
      const status = head.feed(buffer.subarray(0, length));
      if (status !== undefined) {
        spare.push(buffer);
        return outcome(status);
      }
      // The peer has said all that it will: nothing, or half a head.
      if (length === 0) return outcome(bytes > 0 ? 400 : undefined);
      if (timeout === 0 || limit !== undefined) continue;
      const left = timeout - (performance.now() - started);
      limit = deadline(Math.max(1, left));
    }
  } catch (error) {
    const cause = error instanceof SocketError ? error.cause : error;
    if (isTimeout(cause)) return outcome(408);
    throw error;
  } finally {
    limit?.[Symbol.dispose]();
  }
}
