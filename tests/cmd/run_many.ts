import { assertEquals } from "../assert.ts";
import { type Result, Running } from "../harness.ts";
import { END } from "./many.ts";
import { utf8 } from "./support.ts";

/** A program and its command line. */
export type CommandLine = readonly [program: string, ...args: string[]];

/**
 * Runs command lines in one process, and returns what each left behind.
 *
 * @param lines the command lines, run one after the other
 * @param flags for `deno run`; everything is allowed by default
 */
export async function runMany(
  lines: readonly CommandLine[],
  flags: readonly string[] = ["--allow-all"],
): Promise<Result[]> {
  const args = ["run", "--quiet", ...flags, "tests/cmd/many.ts"];
  await using process = new Running(Deno.execPath(), args, {
    stdin: JSON.stringify(lines),
  });
  const { code, stdout, stderr } = await process.end();
  assertEquals(code, 0, stderr);
  const errors = stderr.split(END);
  // Behind an end are an exit status and a newline.
  const parts = stdout.matchAll(new RegExp(`([^]*?)${END}(\\d+)\n`, "g"));
  return [...parts].map(([, out = "", status], i) => (
    { code: Number(status), stdout: out, stderr: errors[i]!, bytes: utf8(out) }
  ));
}
