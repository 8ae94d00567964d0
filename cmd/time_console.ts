/** Tells the local time, as `ctime(3)` writes it. */

import { ctime, rfc3339 } from "../lib/conversations/clock.ts";
import { flag } from "../lib/program/options.ts";
import { defineProgram, main } from "../lib/program/program.ts";

export const program = defineProgram({
  name: "time_console",
  summary: "tells the local time",
  options: {
    utc: flag("the time in UTC"),
    iso: flag("RFC 3339, with the offset"),
  },
  example: "time_console --iso",
  permissions: [],
  run({ options, observer }) {
    const format = options.iso ? rfc3339 : ctime;
    observer.event({ event: "time", text: format(new Date(), options.utc) });
    return Promise.resolve();
  },
});

if (import.meta.main) await main(program);
