/** Sends one datagram, and waits for an answer where it is to. */

import {
  connectDatagram,
  sendDatagram,
} from "../lib/sockets/connect_datagram.ts";
import { MAX_DATAGRAM_BYTES } from "../lib/sockets/datagram.ts";
import { flag, port, requireText, UsageError } from "../lib/program/options.ts";
import { defineProgram, main } from "../lib/program/program.ts";

export const program = defineProgram({
  name: "talker",
  summary: "sends one UDP datagram",
  operands: "HOST MESSAGE",
  options: {
    port: port("port to send to", 4950, "datagram", 1),
    connect: flag("hear that peer alone, and wait for its answer"),
  },
  example: "talker localhost hello    (where listener runs)",
  permissions: [
    "--allow-net",
    "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf",
    "--allow-sys=networkInterfaces",
  ],
  async run({ options, operands, family, timeout, observer }) {
    const hostname = requireText(operands[0]!, "HOST");
    const data = new TextEncoder().encode(operands[1]);
    if (data.length > MAX_DATAGRAM_BYTES) {
      throw new UsageError(
        `MESSAGE has ${data.length} bytes: a datagram holds at most ` +
          `${MAX_DATAGRAM_BYTES}`,
      );
    }
    const bytes = data.length;
    const target = {
      hostname,
      port: options.port,
      family,
      timeout,
      observer,
    };
    const sent = { event: "sent", to: hostname, bytes, of: bytes } as const;
    if (!options.connect) {
      await sendDatagram({ ...target, data });
      observer.event(sent);
      return;
    }
    using socket = await connectDatagram({ ...target, first: data });
    const { peer } = socket;
    observer.event({ event: "connected", peer });
    observer.event(sent);
    const answer = await socket.receive({ timeout });
    observer.event({ event: "message", peer, data: answer });
  },
});

if (import.meta.main) await main(program);
