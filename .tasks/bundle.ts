/**
 * Bundles programs, each into a folder of its own: they start faster, and need
 * neither a configuration nor a package.
 * `deno task bundle [--folder=FOLDER] [PROGRAM…]`, by default all of them into
 * `dist/`.
 */

import { parseArgs } from "@std/cli/parse-args";
import { programs } from "../cmd/parley.ts";
import { fail } from "./fail.ts";

// The package comes without types.
const { folder, _: words }: { folder: string; _: string[] } = parseArgs(
  Deno.args,
  {
    string: ["folder", "_"],
    default: { folder: "dist" },
    unknown: (arg: string, option?: string) =>
      option === undefined || fail("bundle", 1, `unknown option ${arg}`),
  },
);
const known = ["parley", ...Object.keys(programs)];
const names = words.length === 0 ? known : words;
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) {
  const list = known.join(", ");
  fail(
    "bundle",
    1,
    `unknown program ${JSON.stringify(unknown)}: one of ${list}`,
  );
}
for (const name of names) await bundle(name);

async function bundle(name: string): Promise<void> {
  const own = `${folder}/${name}.bundle`;
  // The parts' names change with what is in them.
  await Deno.remove(own, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    // Split, a part that needs a module of Node's is run only if it is used.
    args: ["bundle", "--quiet", "--minify", "--code-splitting", "--outdir", own]
      .concat(`cmd/${name}.ts`),
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return console.log(`${own}/${name}.js`);
  const text = new TextDecoder().decode(stderr).trim();
  const [line = ""] = text.split("\n");
  fail(
    "bundle",
    2,
    text.includes("esbuild")
      ? "esbuild, which deno bundle uses, could not be downloaded"
      : line,
  );
}
