/**
 * Connects over TCP and shows what the server sends.
 *
 * @module
 */

import { collect } from "../lib/conversations/collect.ts";
import type { ProgramEvent } from "../lib/conversations/events.ts";
import { pipe } from "../lib/conversations/pipe.ts";
import { displayBytes } from "../lib/program/display.ts";
import { Exit } from "../lib/program/ending.ts";
import { picture } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { requireHost, unresolved } from "../lib/program/hosts.ts";
import { count, flag, text } from "../lib/program/options.ts";
import { requirePort } from "../lib/program/ports.ts";
import { CLIENT_PERMISSIONS } from "../lib/program/common.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import { loadClientTls } from "../lib/program/tls_files.ts";
import { connectStream } from "../lib/sockets/streams/connect.ts";
import { connectStreamTls } from "../lib/sockets/tls/tls.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "client",
  summary: "connects over TCP and shows what the server sends",
  operands: "HOST [PORT]",
  options: {
    interactive: flag("connect stdin and stdout to the peer, like telnet", "i"),
    "max-bytes": count(
      "N",
      "receive at most N bytes (default: 1048576)",
      1 << 20,
    ),
    tls: flag("speak TLS"),
    ca: text("FILE", "also trust the certificates in FILE (PEM)"),
    "server-name": text(
      "NAME",
      "expect the certificate of NAME (default: HOST)",
    ),
  },
  example: "client localhost    (where server runs)",
  permissions: CLIENT_PERMISSIONS,
  raw: ({ interactive }) => interactive,
  picture: picture(() => import("../lib/pictures/live.ts")),
  says: () =>
    sentences<ProgramEvent>({
      connected: ({ peer }) => `client: connecting to ${peer.address}\n`,
      message: ({ data }) => `client: received '${displayBytes(data)}'\n`,
    }),
  results: sentences<ProgramEvent, Uint8Array>({ message: (e) => e.data }),
  asides: sentences<ProgramEvent>({
    trying: ({ peer }) => `client: trying ${peer}...\n`,
  }),
  lastWords: unresolved,
  async run({ options, operands: [host, service], ...context }) {
    const { family, timeout, observer, signal, flush } = context;
    const hostname = requireHost(
      host!,
      "HOST",
      (host, port) => `client ${host} ${port || (service ?? "")}`.trimEnd(),
    );
    const port = requirePort(service ?? "3490", "PORT", "stream", 1);
    const tls = await loadClientTls(options);
    const target = { hostname, port, family, timeout, observer };
    const conn = tls === undefined
      ? await connectStream(target)
      : await connectStreamTls({ ...target, ...tls });
    try {
      if (options.interactive) {
        const { stdin } = Deno;
        await pipe(conn, {
          input: stdin,
          endsWithPeer: stdin.isTerminal(),
          timeout,
          flush,
          observer,
        });
        return Exit.Ok;
      }
      const maxBytes = options["max-bytes"];
      const complete = await collect(conn, {
        maxBytes,
        timeout,
        signal,
        observer,
      });
      return complete ? Exit.Ok : Exit.Failure;
    } finally {
      conn.close();
    }
  },
});

if (import.meta.main) await main(program);
