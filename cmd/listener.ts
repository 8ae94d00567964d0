/**
 * Shows the datagrams that come in.
 *
 * @module
 */

import { requireDatagramFlag } from "../lib/calls/permission.ts";
import { Echo, requireEcho } from "../lib/conversations/echo.ts";
import type { ProgramEvent } from "../lib/conversations/events.ts";
import { displayBytes } from "../lib/program/display.ts";
import { picture } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { asUsageError, host } from "../lib/program/hosts.ts";
import { count, flag, many } from "../lib/program/options.ts";
import { port } from "../lib/program/ports.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import { listenDatagram } from "../lib/sockets/datagrams/listen_datagram.ts";
import { serveDatagram } from "../lib/sockets/datagrams/serve_datagram.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "listener",
  summary: "shows the UDP datagrams that come in",
  options: {
    port: port("bind this UDP port; 0 = any free", 4950, "datagram", 0),
    host: many(host("bind only there; may be repeated")),
    count: count("N", "exit after N datagrams"),
    echo: flag("send each datagram back (needs --allow-net)"),
  },
  example: "listener --count 1    (then: talker localhost hello)",
  permissions: ["--allow-net=[::]:4950,0.0.0.0:4950"],
  server: true,
  unit: "datagrams",
  picture: picture(() => import("../lib/pictures/live.ts")),
  says: () =>
    sentences<ProgramEvent>({
      bound: ({ address }) => `listener: bound to ${address}\n`,
      waiting: () => "listener: waiting to recvfrom...\n",
      datagram: ({ peer, data }) =>
        `listener: got packet from ${peer.address}\n` +
        `listener: packet is ${data.length} bytes long\n` +
        `listener: packet contains "${displayBytes(data)}"\n`,
    }),
  results: sentences<ProgramEvent, Uint8Array>({ datagram: (e) => e.data }),
  lastWords: ({ step }) =>
    step === "bind" || step === "socket" ? "failed to bind socket" : undefined,
  async run({ options, family, timeout, observer, signal }) {
    const { port, host: hostname, count } = options;
    requireDatagramFlag();
    if (options.echo) requireEcho();
    const where = { port, hostname, family, timeout, signal, observer };
    const socket = await listenDatagram(where).catch((error) => {
      throw asUsageError(error);
    });
    using echo = options.echo ? new Echo(socket, { observer }) : undefined;
    const server = serveDatagram(socket, (datagram) => echo?.answer(datagram), {
      count,
      family,
      signal,
      observer,
    });
    await server.finished;
  },
});

if (import.meta.main) await main(program);
