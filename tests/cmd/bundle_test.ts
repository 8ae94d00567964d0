/** Programs that were bundled, away from the checkout. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { CLOSED_PORT, Running } from "../harness.ts";
import { finish, required } from "../peers/peers.ts";
import { assertResult } from "./support.ts";

/** Bundles programs as the task does, and returns what it left behind. */
function bundle(folder: string, ...names: string[]) {
  const line = ["run", "--quiet", "--allow-all", ".tasks/bundle.ts"];
  const args = [...line, `--folder=${folder}`, ...names];
  return finish(new Running(Deno.execPath(), args, { stdin: "" }));
}

Deno.test("bundled programs need neither a configuration nor a package", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const names = ["time_console", "client"];
    const made = await bundle(folder, ...names);
    // Deno downloads esbuild once.
    if (!required && made.stderr.includes("esbuild")) return;
    const scripts = names.map((name) => `${folder}/${name}.bundle/${name}.js`);
    assertResult(made, { stdout: scripts.map((each) => each + "\n").join("") });
    const [console = "", client = ""] = scripts;
    const run = (...args: string[]) =>
      finish(
        new Running(Deno.execPath(), ["run", "--cached-only", ...args], {
          env: { DENO_DIR: `${folder}/cache`, NO_COLOR: "" },
          stdin: "",
        }),
      );
    const time = await run(console);
    assertMatch(time.stdout, /^Local time is: .{24}\n$/);
    assertResult(time, { stdout: time.stdout });
    // Help, colours and the trace are in parts of their own.
    assertMatch((await run(client, "--help")).stdout, /^usage: client .*HOST/m);
    const address = ["127.0.0.1", CLOSED_PORT];
    const options = ["--trace", "--color=always", ...address];
    const { code, stderr } = await run("--allow-net", client, ...options);
    assertEquals(code, 2);
    // deno-lint-ignore no-control-regex
    assertMatch(stderr, /^\x1b\S*getaddrinfo\x1b\S*\("127.0.0.1", "1"/m);
    // deno-lint-ignore no-control-regex
    assertMatch(stderr, /^\x1b\S*mclient: failed to connect\x1b\S*$/m);
    assert(!stderr.includes("Download"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bundle refuses a program that there is not", async () => {
  const { code, stdout, stderr } = await bundle("dist", "telnet");
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  assertMatch(
    stderr,
    /^bundle: unknown program "telnet": one of parley, .*\n$/,
  );
});
