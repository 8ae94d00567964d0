/** Connects over TCP and shows what the server says. */

import { collect } from "../lib/conversations/collect.ts";
import { connectStream } from "../lib/sockets/connect.ts";
import {
  count,
  flag,
  requirePort,
  requireText,
  text,
} from "../lib/program/options.ts";
import { pipe } from "../lib/conversations/pipe.ts";
import { defineProgram, Exit, main } from "../lib/program/program.ts";
import { connectStreamTls } from "../lib/sockets/tls.ts";
import { loadClientTls } from "../lib/program/tls_files.ts";

export const program = defineProgram({
  name: "client",
  summary: "connects over TCP and shows what the server says",
  operands: "HOST [PORT]",
  options: {
    interactive: flag("stdin to the peer, the peer to stdout", "i"),
    "max-bytes": count("N", "receive at most N bytes (1048576)", 1 << 20),
    tls: flag("speak TLS"),
    ca: text("FILE", "trust the certificates in this file too, PEM"),
    "server-name": text("NAME", "the certificate's name (HOST)"),
  },
  example: "client localhost    (where server runs)",
  permissions: [
    "--allow-net",
    "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf",
    "--allow-sys=networkInterfaces",
  ],
  raw: ({ interactive }) => interactive,
  async run({ options, operands, family, timeout, observer, flush }) {
    const hostname = requireText(operands[0]!, "HOST");
    const port = requirePort(operands[1] ?? "3490", "PORT", "stream", 1);
    const target = { hostname, port, family, timeout, observer };
    const tls = await loadClientTls(options);
    const conn = tls === undefined
      ? await connectStream(target)
      : await connectStreamTls({ ...target, ...tls });
    try {
      if (options.interactive) {
        await pipe(conn, { input: Deno.stdin, flush, observer });
        return Exit.Ok;
      }
      const maxBytes = options["max-bytes"];
      const complete = await collect(conn, { maxBytes, timeout, observer });
      return complete ? Exit.Ok : Exit.Failure;
    } finally {
      conn.close();
    }
  },
});

if (import.meta.main) await main(program);
