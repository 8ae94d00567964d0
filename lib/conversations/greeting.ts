/**
 * The stream server's conversation: a greeting, and good-bye.
 *
 * @module
 */

import { numbered } from "../calls/descriptors.ts";
import { emit } from "../calls/observer.ts";
import type { ServeHandler } from "../sockets/serving/serve_options.ts";
import type { ConversationObserver } from "./events.ts";

/** How peers are greeted. */
export interface GreetingOptions {
  /** What is sent. */
  readonly message: Uint8Array;
  /** The longest wait for one step, in milliseconds; 0 is no limit. */
  readonly timeout: number;
  /** Receives that it was sent. */
  readonly observer?: ConversationObserver | undefined;
}

/**
 * Makes the handler that sends a greeting and closes.
 *
 * @param options how peers are greeted
 * @returns the handler, for `serveStream`
 */
export function greeting(options: GreetingOptions): ServeHandler {
  const { message, timeout, observer } = options;
  const of = message.length;
  return async (conn, { connection }) => {
    if (conn.isTls) await conn.handshake({ timeout });
    const bytes = await conn.writeAll(message, { timeout });
    const sent = { event: "sent", connection, bytes, of } as const;
    emit(observer, "event", numbered(conn, sent));
    // A peer that talks first must not lose the greeting to a reset.
    await conn.linger({ timeout });
  };
}
