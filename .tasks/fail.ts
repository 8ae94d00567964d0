/** How a task ends that cannot do its work. */

import { COLOURS } from "../lib/program/colours.ts";

/** Prints why a task failed, in one line, and ends it. */
export function fail(task: string, status: number, reason: string): never {
  const line = `${task}: ${reason}`;
  console.error(Deno.stderr.isTerminal() ? COLOURS.failure(line) : line);
  Deno.exit(status);
}
