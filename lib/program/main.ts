/**
 * A program as a process.
 *
 * @module
 */

import { errorEvent } from "../calls/errors.ts";
import { displayText } from "./display.ts";
import { Exit } from "./ending.ts";
import type { Program } from "./program.ts";

/** The oldest Deno that works: before it, a send that is stuck never ends. */
const LEAST_DENO = [2, 9, 5] as const;

/**
 * Runs a program as this process: its exit status is the process's.
 *
 * @param program the program
 * @param args the command line
 */
export async function main(
  { name, run }: Pick<Program, "name" | "run">,
  args: readonly string[] = Deno.args,
): Promise<never> {
  if (!isNewEnough(Deno.version.deno)) {
    const least = LEAST_DENO.join(".");
    die(name, `needs Deno ${least}, and this is ${Deno.version.deno}`, 1);
  }
  // A mistake of ours is reported in one line as well, never as a stack trace.
  const fail = (event: Event, error: unknown) => {
    event.preventDefault();
    die(name, `internal: ${errorEvent(error).message}`, Exit.Failure);
  };
  addEventListener("error", (event) => fail(event, event.error));
  addEventListener("unhandledrejection", (event) => fail(event, event.reason));
  Deno.exit(await run(args));
}

/** Ends the process with one line. */
function die(name: string, reason: string, status: number): never {
  const line = displayText(`${name}: ${reason}`) + "\n";
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  Deno.exit(status);
}

/**
 * Says whether a Deno is new enough for Parley.
 *
 * @param version its version, as in `2.9.6` or `2.9.6+a1b2c3d`
 */
export function isNewEnough(version: string): boolean {
  // What follows the third number is not a part of it.
  const own = version.split(".").map((part) => parseInt(part));
  for (const [i, least] of LEAST_DENO.entries()) {
    const number = own[i] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}
