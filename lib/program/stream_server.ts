/**
 * What the programs that serve streams have in common.
 *
 * @module
 */

import { listenStream, listenStreamTls } from "../sockets/listen.ts";
import { host } from "./hosts.ts";
import { count, flag, text } from "./options.ts";
import { port } from "./ports.ts";
import type { Context } from "./spec.ts";
import { type ServeHandler, serveStream } from "../sockets/serve.ts";
import type { StreamListener } from "../sockets/stream_listener.ts";
import { loadCertificate } from "./tls_files.ts";

/**
 * The options of a stream server.
 *
 * @param defaultPort the port it listens on where none is given
 * @returns the table
 */
export function serverOptions(defaultPort: number) {
  return {
    port: port("port to listen on; 0 = any free", defaultPort, "stream", 0),
    host: host("listen only on this address"),
    count: count("N", "exit after N connections"),
    "max-connections": count(
      "N",
      "serve at most N at once (default: 1024)",
      1024,
    ),
    backlog: count("N", "let at most N wait (default: 511)", 511, 2 ** 31 - 1),
    "reuse-port": flag("share the port with other processes (Linux)"),
    cert: text("FILE", "enable TLS with this certificate (PEM)"),
    key: text("FILE", "the certificate's private key (PEM)"),
  };
}

type ServerContext = Context<ReturnType<typeof serverOptions>>;

/** Listens where the options say. */
async function openListener(context: ServerContext): Promise<StreamListener> {
  const { options, family, observer, signal } = context;
  const certificate = await loadCertificate(options.cert, options.key);
  const where = {
    port: options.port,
    hostname: options.host,
    backlog: options.backlog,
    reusePort: options["reuse-port"],
    family,
    signal,
    observer,
  };
  return certificate === undefined
    ? await listenStream(where)
    : await listenStreamTls({ ...where, ...certificate });
}

/**
 * Listens where the options say, and serves until it is stopped.
 *
 * @param context what the program is run with
 * @param handler talks to one peer
 */
export async function runServer(
  context: ServerContext,
  handler: ServeHandler,
): Promise<void> {
  const { options, family, timeout, observer, signal } = context;
  const listener = await openListener(context);
  const server = serveStream(listener, handler, {
    maxConnections: options["max-connections"],
    count: options.count,
    grace: timeout,
    family,
    signal,
    observer,
  });
  await server.finished;
}
