/**
 * Runs many command lines in one process, one after the other. Reads them from
 * stdin, as JSON; behind what each writes to stdout and stderr stands
 * {@linkcode END}, on stdout its exit status and a newline after it.
 */

import { programs } from "../../cmd/parley.ts";

/** What no program writes. */
export const END = "\u0000end\u0000";

if (import.meta.main) {
  const lines: string[][] = await new Response(Deno.stdin.readable).json();
  const encoder = new TextEncoder();
  for (const [name = "", ...args] of lines) {
    const { program } = await programs[name]!();
    const status = await program.run(args);
    Deno.stdout.writeSync(encoder.encode(`${END}${status}\n`));
    Deno.stderr.writeSync(encoder.encode(END));
  }
  Deno.exit(0);
}
