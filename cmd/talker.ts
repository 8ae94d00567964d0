/**
 * Sends one datagram, and waits for an answer if it is asked to.
 *
 * @module
 */

import { numbered } from "../lib/calls/descriptors.ts";
import type { ProgramEvent } from "../lib/conversations/events.ts";
import { shellQuoted } from "../lib/calls/errors.ts";
import { requireDatagramFlag } from "../lib/calls/permission.ts";
import { parsePort } from "../lib/names/services.ts";
import { displayBytes, displayText } from "../lib/program/display.ts";
import { picture } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { requireHost, unresolved } from "../lib/program/hosts.ts";
import { readWhole, requireExact } from "../lib/program/messages.ts";
import { flag, UsageError } from "../lib/program/options.ts";
import { port } from "../lib/program/ports.ts";
import { CLIENT_PERMISSIONS } from "../lib/program/common.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import {
  connectDatagram,
  sendDatagram,
} from "../lib/sockets/datagrams/connect_datagram.ts";
import { MAX_DATAGRAM_BYTES } from "../lib/sockets/datagrams/datagram.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "talker",
  summary: "sends one UDP datagram",
  operands: "HOST MESSAGE",
  tooMany([host = "", ...words]) {
    const quote = `quote the message: talker ${shellQuoted(host)} ${
      shellQuoted(words.join(" "))
    }`;
    const [port = ""] = words;
    if (parsePort(port) === undefined) return quote;
    return `${quote}; a port is an option: --port ${port}`;
  },
  options: {
    port: port("send to this UDP port", 4950, "datagram", 1),
    connect: flag("accept only that peer's answer, and wait for it"),
  },
  example: "talker localhost hello    (where listener runs)",
  permissions: CLIENT_PERMISSIONS,
  picture: picture(() => import("../lib/pictures/live.ts")),
  says: () =>
    sentences<ProgramEvent>({
      connected: ({ peer }) => `talker: connected to ${peer.address}\n`,
      sent: ({ bytes, to = "" }) =>
        `talker: sent ${bytes} bytes to ${displayText(to)}\n`,
      message: ({ data }) => `talker: received "${displayBytes(data)}"\n`,
    }),
  results: sentences<ProgramEvent, Uint8Array>({ message: (e) => e.data }),
  lastWords: unresolved,
  async run({ options, operands, family, timeout, observer }) {
    const hostname = requireHost(
      operands[0]!,
      "HOST",
      (host, port) => `talker ${port && `--port ${port} `}${host} MESSAGE`,
    );
    requireDatagramFlag();
    const first = await messageOf(operands[1]!);
    const { port } = options;
    const target = { hostname, port, family, timeout, observer };
    if (!options.connect) {
      await sendDatagram({ ...target, data: first });
      return;
    }
    using socket = await connectDatagram({ ...target, first });
    const { peer } = socket;
    const data = await socket.receive({ timeout });
    const message = { event: "message", peer, data } as const;
    observer.event(numbered(socket, message));
  },
});

/** Reads MESSAGE, or stdin if it is `-`. */
async function messageOf(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (text === "-") return await readWhole(Deno.stdin, MAX_DATAGRAM_BYTES);
  requireExact(text, "MESSAGE", "write - and give it on stdin");
  const data = new TextEncoder().encode(text);
  if (data.length <= MAX_DATAGRAM_BYTES) return data;
  throw new UsageError(
    `MESSAGE has ${data.length} bytes: a datagram holds at most ` +
      `${MAX_DATAGRAM_BYTES}`,
  );
}

if (import.meta.main) await main(program);
