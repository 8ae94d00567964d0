/**
 * Runs the tests: `deno task test [FILE…]`, by default all of them. Options are
 * those of `deno test`.
 */

import { fail } from "./fail.ts";

const FLAGS = [
  ...["--config", "tests/deno.json", "--frozen", "--quiet", "--parallel"],
  ...["--sanitize-ops", "--sanitize-resources", "--allow-all", "--doc"],
];

for (const [i, arg] of Deno.args.entries()) {
  // The word behind an option may be its value.
  const isFile = !arg.startsWith("-") && !Deno.args[i - 1]?.startsWith("-");
  if (isFile && !/[*?]/.test(arg) && !exists(arg)) {
    fail("test", 1, `no such file or folder: ${arg}`);
  }
}
if (!hasIPv6()) {
  console.error("test: no ::1 on this machine: what needs IPv6 will fail");
}
const child = new Deno.Command(Deno.execPath(), {
  args: ["test", ...FLAGS, ...Deno.args],
  // Where the first is set, as many CI services do, programs colour what tests
  // read; with a locale that is not installed bash warns of it.
  env: { FORCE_COLOR: "", LC_ALL: "C" },
}).spawn();
// A Ctrl-C is for the tests, and their status is this one's.
Deno.addSignalListener("SIGINT", () => {});
Deno.exit((await child.status).code);

function hasIPv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
