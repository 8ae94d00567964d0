/**
 * Answers HTTP requests with the local time.
 *
 * @module
 */

import type { ProgramEvent } from "../lib/conversations/events.ts";
import { timeAnswer } from "../lib/conversations/time_answer.ts";
import { urlOf } from "../lib/program/display.ts";
import { picture } from "../lib/program/live_picture.ts";
import { main } from "../lib/program/main.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";
import { runServer, serverOptions } from "../lib/program/stream_server.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "time_server",
  summary: "answers HTTP requests with the local time",
  options: serverOptions(8080),
  example: "time_server    (then open http://localhost:8080/)",
  permissions: ["--allow-net=[::]:8080,0.0.0.0:8080"],
  server: true,
  unit: "connections",
  blocks: true,
  picture: picture(() => import("../lib/pictures/live.ts")),
  says: () => {
    // A second socket is news only if it is to be found elsewhere.
    const urls = new Set<string>();
    return sentences<ProgramEvent>({
      configuring: () => "Configuring local address...\n",
      creating: () => "Creating socket...\n",
      binding: () => "Binding socket to local address...\n",
      openingListener: () => "Listening...\n",
      listening({ address, tls }) {
        const url = urlOf(address, tls ? "https" : "http");
        if (urls.has(url)) return undefined;
        urls.add(url);
        return `Open ${url}\n`;
      },
      waiting: () => "Waiting for connection...\n",
      accepted: ({ peer }) => `Client is connected... ${peer.address}\n`,
      reading: () => "Reading request...\n",
      received: ({ bytes }) => `Received ${bytes} bytes.\n`,
      sending: () => "Sending response...\n",
      sent: ({ bytes, of }) => `Sent ${bytes} of ${of} bytes.\n`,
      closing: () => "Closing connection...\n",
      closingListener: () => "Closing listening socket...\n",
      finished: () => "Finished.\n",
    });
  },
  run: (context) =>
    runServer(
      context,
      timeAnswer({ timeout: context.timeout, observer: context.observer }),
    ),
});

if (import.meta.main) await main(program);
