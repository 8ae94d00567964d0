/**
 * The answers to requests that are refused.
 *
 * @module
 */

import type { HeadStatus } from "./http_head.ts";

/** Why a request is refused; 408 says that it was not finished in time. */
export type RefusalStatus = Exclude<HeadStatus, 200> | 408;

/** The words of RFC 9110 section 15, and of RFC 6585 for 431. */
const REASONS: Readonly<Record<RefusalStatus, string>> = {
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

const encoder = new TextEncoder();

/**
 * Makes a whole answer that says why a request is refused.
 *
 * @param status why
 * @param method the method, as far as it was read: a HEAD gets no content
 * @param date the present time
 * @returns the answer's bytes
 */
export function refusal(
  status: RefusalStatus,
  method: string,
  date = new Date(),
): Uint8Array {
  const reason = REASONS[status];
  const content = `${reason}\n`;
  return encoder.encode(
    // toUTCString() writes the IMF-fixdate of RFC 9110 section 5.6.7.
    `HTTP/1.1 ${status} ${reason}\r\nDate: ${date.toUTCString()}\r\n` +
      "Connection: close\r\nContent-Type: text/plain\r\n" +
      `Content-Length: ${content.length}\r\n` +
      (status === 405 ? "Allow: GET, HEAD\r\n" : "") +
      `\r\n${method === "HEAD" ? "" : content}`,
  );
}
