/** Answers HTTP requests with the local time. */

import { defineProgram, main } from "../lib/program/program.ts";
import { runServer, serverOptions } from "../lib/program/stream_server.ts";
import { timeAnswer } from "../lib/conversations/time_answer.ts";

export const program = defineProgram({
  name: "time_server",
  summary: "answers HTTP requests with the local time",
  options: serverOptions(8080),
  example: "time_server    (then open http://localhost:8080/)",
  permissions: ["--allow-net=[::]:8080,0.0.0.0:8080"],
  server: true,
  run: (context) => runServer(context, timeAnswer(context)),
});

if (import.meta.main) await main(program);
