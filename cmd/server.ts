/**
 * Sends a greeting to every TCP client, all served at the same time.
 *
 * @module
 */

import type { ProgramEvent } from "../lib/conversations/events.ts";
import { greeting } from "../lib/conversations/greeting.ts";
import { readNamedFile, requireRead } from "../lib/program/files.ts";
import { picture } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { message } from "../lib/program/messages.ts";
import { requireText, text, UsageError } from "../lib/program/options.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import { runServer, serverOptions } from "../lib/program/stream_server.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "server",
  summary: "sends a greeting to every TCP client",
  options: {
    ...serverOptions(3490),
    message: message(
      "send TEXT (default: Hello, world!)",
      "write it to a file and give --message-file",
    ),
    "message-file": text("FILE", "send what is in FILE"),
  },
  example: "server --message 'Welcome'    (then: client localhost)",
  permissions: ["--allow-net=[::]:3490,0.0.0.0:3490"],
  server: true,
  unit: "connections",
  picture: picture(() => import("../lib/pictures/live.ts")),
  says: () =>
    sentences<ProgramEvent>({
      listening: ({ address }) => `server: listening on ${address}\n`,
      waiting: () => "server: waiting for connections...\n",
      accepted: ({ peer }) => `server: got connection from ${peer.address}\n`,
    }),
  lastWords: ({ step }) =>
    step === "bind" || step === "socket" ? "failed to bind" : undefined,
  async run(context) {
    const { message: text, "message-file": file } = context.options;
    const message = greetingOf(text, file);
    const { timeout, observer } = context;
    await runServer(context, greeting({ message, timeout, observer }));
  },
});

/** Reads the greeting from where it was given. */
function greetingOf(
  text: string | undefined,
  file: string | undefined,
): Uint8Array {
  if (file === undefined) {
    return new TextEncoder().encode(text ?? "Hello, world!");
  }
  if (text !== undefined) {
    throw new UsageError(
      "--message and --message-file cannot be used together",
    );
  }
  requireRead([requireText(file, "--message-file")]);
  return readNamedFile("--message-file", file);
}

if (import.meta.main) await main(program);
