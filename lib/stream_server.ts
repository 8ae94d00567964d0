/**
 * What the programs that serve streams have in common.
 *
 * @module
 */

import { listenStream } from "./listen.ts";
import { count, host, port } from "./options.ts";
import type { Context } from "./program.ts";
import { type ServeHandler, serveStream } from "./serve.ts";

/**
 * The options of a stream server.
 *
 * @param defaultPort the port it listens on where none is given
 * @returns the table
 */
export function serverOptions(defaultPort: number) {
  return {
    port: port("port to listen on; 0 is any", defaultPort, "stream", 0),
    host: host("listen on this address alone"),
    count: count("N", "exit after N connections"),
    "max-connections": count("N", "at most N at a time (1024)", 1024),
    backlog: count("N", "at most N wait (511)", 511, 2 ** 31 - 1),
  };
}

/**
 * Listens where the options say, and serves until it is stopped.
 *
 * @param context what the program is run with
 * @param handler talks to one peer
 */
export async function runServer(
  context: Context<ReturnType<typeof serverOptions>>,
  handler: ServeHandler,
): Promise<void> {
  const { options, family, timeout, observer, signal } = context;
  const listener = await listenStream({
    port: options.port,
    hostname: options.host,
    backlog: options.backlog,
    family,
    signal,
    observer,
  });
  await serveStream(listener, handler, {
    maxConnections: options["max-connections"],
    count: options.count,
    grace: timeout,
    family,
    signal,
    observer,
  });
}
