import { assertEquals } from "../assert.ts";
import { type Result, Running } from "../harness.ts";
import { END } from "./many.ts";
import { utf8 } from "./support.ts";

/** A program and its command line. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** Runs command lines in one process, and returns what each left behind. */
export async function runMany(
  lines: readonly CommandLine[],
): Promise<Result[]> {
  const args = ["run", "--quiet", "--allow-all", "tests/cmd/many.ts"];
  await using process = new Running(Deno.execPath(), args, {
    stdin: JSON.stringify(lines),
  });
  const { code, stdout, stderr } = await process.end();
  assertEquals(code, 0, stderr);
  const errors = stderr.split(END);
  return stdout.split(END).slice(0, -1).map((text, i) => {
    const [, out = "", status] = /^([^]*?)(\d+)$/.exec(text) ?? [];
    return {
      code: Number(status),
      stdout: out,
      stderr: errors[i]!,
      bytes: utf8(out),
    };
  });
}
