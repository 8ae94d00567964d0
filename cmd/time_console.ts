/**
 * Prints the local time, as `ctime(3)` writes it.
 *
 * @module
 */

import { ctime, rfc3339 } from "../lib/conversations/clock.ts";
import type { TimeEvent } from "../lib/conversations/events.ts";
import { main } from "../lib/program/main.ts";
import { flag } from "../lib/program/options.ts";
import { defineProgram, type Program } from "../lib/program/program.ts";
import { sentences } from "../lib/program/sentences.ts";

/** @ignore */
export const program: Program = defineProgram({
  name: "time_console",
  summary: "prints the local time",
  options: {
    utc: flag("print the time in UTC"),
    iso: flag("print it as RFC 3339 has it, with the offset"),
  },
  example: "time_console --iso",
  permissions: [],
  offline: true,
  says: () =>
    sentences<TimeEvent>({ time: ({ text }) => `Local time is: ${text}\n` }),
  results: ({ text }) => `${text}\n`,
  run({ options, observer }) {
    const format = options.iso ? rfc3339 : ctime;
    observer.event({ event: "time", text: format(new Date(), options.utc) });
    return Promise.resolve();
  },
});

if (import.meta.main) await main(program);
