/**
 * What the programs that serve streams have in common.
 *
 * @module
 */

import { type Platform, platform } from "../calls/platform.ts";
import { listenStream, listenStreamTls } from "../sockets/streams/listen.ts";
import { addresses, asUsageError, host } from "./hosts.ts";
import { count, flag, many, text, UsageError } from "./options.ts";
import { port } from "./ports.ts";
import type { Context } from "./spec.ts";
import { serveStream } from "../sockets/serving/serve.ts";
import type { ServeHandler } from "../sockets/serving/serve_options.ts";
import type { StreamListener } from "../sockets/streams/stream_listener.ts";
import { loadCertificate } from "./tls_files.ts";

/**
 * The options of a stream server.
 *
 * @param defaultPort the port it listens on where none is given
 * @returns the table
 */
export function serverOptions(defaultPort: number) {
  return {
    port: port("listen on PORT; 0 = any free", defaultPort, "stream", 0),
    host: many(host("listen only there; may be repeated")),
    count: count("N", "exit after N connections"),
    "max-connections": count(
      "N",
      "serve at most N at once (default: 1024)",
      1024,
    ),
    "max-per-host": count("N", "serve at most N at once of one address"),
    allow: addresses("serve only these networks; refuse these networks"),
    deny: addresses(""),
    backlog: count(
      "N",
      "let at most N wait (default: 4096)",
      4096,
      2 ** 31 - 1,
    ),
    "reuse-port": flag("share the port with other processes (Linux)"),
    cert: text("FILE", "enable TLS: certificate (PEM); key of --cert (PEM)"),
    key: text("FILE", ""),
  };
}

type ServerContext = Context<ReturnType<typeof serverOptions>>;

/**
 * Makes sure that processes can share a port: elsewhere Deno would listen
 * without saying that nobody else can.
 *
 * @param platform the system
 * @throws {UsageError} if they can't
 */
export function requireSharedPorts({ sharesPorts }: Platform): void {
  if (sharesPorts) return;
  throw new UsageError("--reuse-port: processes share a port on Linux only");
}

/** Listens where the options say. */
async function openListener(context: ServerContext): Promise<StreamListener> {
  const { options, family, timeout, observer, signal } = context;
  if (options["reuse-port"]) requireSharedPorts(platform);
  const certificate = await loadCertificate(options.cert, options.key);
  const where = {
    port: options.port,
    hostname: options.host,
    backlog: options.backlog,
    reusePort: options["reuse-port"],
    family,
    timeout,
    signal,
    observer,
  };
  try {
    return certificate === undefined
      ? await listenStream(where)
      : await listenStreamTls({ ...where, ...certificate });
  } catch (error) {
    throw asUsageError(error);
  }
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
    maxPerHost: options["max-per-host"],
    allow: options.allow,
    deny: options.deny,
    count: options.count,
    grace: timeout,
    family,
    signal,
    observer,
  });
  await server.finished;
}
