/**
 * The stream server's conversation: a greeting, and good-bye.
 *
 * @module
 */

import type { ServeHandler } from "../sockets/serving/serve_options.ts";

/** How peers are greeted. */
export interface GreetingOptions {
  /** What is sent. */
  readonly message: Uint8Array;
  /** The longest wait for one step, in milliseconds; 0 is no limit. */
  readonly timeout: number;
}

/**
 * Makes the handler that sends a greeting and closes.
 *
 * @param options how peers are greeted
 * @returns the handler, for `serveStream`
 */
export function greeting(options: GreetingOptions): ServeHandler {
  const { message, timeout } = options;
  return async (conn) => {
    if (conn.isTls) await conn.handshake({ timeout });
    await conn.writeAll(message, { timeout });
    // A peer that talks first must not lose the greeting to a reset.
    await conn.linger({ timeout });
  };
}
