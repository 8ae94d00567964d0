/** Greets whoever connects over TCP, all at the same time. */

import type { ProgramEvent } from "../lib/conversations/events.ts";
import { greeting } from "../lib/conversations/greeting.ts";
import { main } from "../lib/program/main.ts";
import { text } from "../lib/program/options.ts";
import { defineProgram } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import { runServer, serverOptions } from "../lib/program/stream_server.ts";

export const program = defineProgram({
  name: "server",
  summary: "greets whoever connects over TCP",
  options: {
    ...serverOptions(3490),
    message: text(
      "TEXT",
      "the greeting (default: Hello, world!)",
      "Hello, world!",
    ),
  },
  example: "server --message 'Welcome'    (then: client localhost)",
  permissions: ["--allow-net=[::]:3490,0.0.0.0:3490"],
  server: true,
  unit: "connections",
  says: () =>
    sentences<ProgramEvent>({
      listening: ({ address }) => `server: listening on ${address}\n`,
      waiting: () => "server: waiting for connections...\n",
      accepted: ({ peer }) => `server: got connection from ${peer.address}\n`,
    }),
  lastWords: ({ step }) => step === "bind" ? "failed to bind" : undefined,
  run(context) {
    const { options: { message }, timeout } = context;
    return runServer(context, greeting({ message, timeout }));
  },
});

if (import.meta.main) await main(program);
