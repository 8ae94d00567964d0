/**
 * Builds native programs into `dist/`, their permissions compiled in:
 * `deno task compile [PROGRAM…]`, by default the multi-call `parley`.
 */

import { programs } from "../cmd/parley.ts";
import { fail } from "./fail.ts";

const names = Deno.args.length === 0 ? ["parley"] : Deno.args;
const known = ["parley", ...Object.keys(programs)];
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) {
  fail(
    "compile",
    1,
    `unknown program ${JSON.stringify(unknown)}: one of ${known.join(", ")}`,
  );
}
for (const name of names) await compile(name);

async function compile(name: string): Promise<void> {
  const output = `dist/${name}`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      ...await permissionsOf(name),
      ...["--output", output, `cmd/${name}.ts`],
    ],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  if (success && await runs(output)) {
    console.log(output);
    return;
  }
  if (success) await Deno.remove(output);
  const text = new TextDecoder().decode(stderr);
  if (!success && !text.includes("denort")) {
    fail("compile", 2, text.trim().split("\n", 1)[0]!);
  }
  const given = Deno.env.get("DENORT_BIN");
  fail(
    "compile",
    2,
    given === undefined
      ? "the runtime could not be downloaded; name one of this Deno's version " +
        "with DENORT_BIN=/path/to/denort"
      : `DENORT_BIN=${given} is not a runtime of this Deno's version`,
  );
}

/** Whether what was built is a program of ours: any file passes as a runtime. */
async function runs(path: string): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"] })
      .output();
    return new TextDecoder().decode(stdout).includes("(Parley)");
  } catch {
    return false;
  }
}

/** The flags of one program; for `parley` those of all of them together. */
async function permissionsOf(name: string): Promise<string[]> {
  const flags = new Set<string>();
  for (const [key, load] of Object.entries(programs)) {
    if (name !== key && name !== "parley") continue;
    for (const flag of (await load()).program.permissions) flags.add(flag);
  }
  // All of the network includes each part of it.
  if (flags.has("--allow-net")) {
    for (const flag of flags) {
      if (flag.startsWith("--allow-net=")) flags.delete(flag);
    }
  }
  return [...flags];
}
