/** Greets whoever connects over TCP, all at the same time. */

import { greeting } from "../lib/conversations/greeting.ts";
import { text } from "../lib/program/options.ts";
import { defineProgram, main } from "../lib/program/program.ts";
import { runServer, serverOptions } from "../lib/program/stream_server.ts";

export const program = defineProgram({
  name: "server",
  summary: "greets whoever connects over TCP",
  options: {
    ...serverOptions(3490),
    message: text("TEXT", "the greeting (Hello, world!)", "Hello, world!"),
  },
  example: "server --message 'Welcome'    (then: client localhost)",
  permissions: ["--allow-net=[::]:3490,0.0.0.0:3490"],
  server: true,
  failedToBind: "failed to bind",
  run: (context) =>
    runServer(context, greeting({ ...context, ...context.options })),
});

if (import.meta.main) await main(program);
