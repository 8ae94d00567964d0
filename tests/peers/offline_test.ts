/** The programs without a network, on a machine where they ran once. */

import { assertEquals, assertMatch } from "../assert.ts";
import { assertResult } from "../cmd/support.ts";
import { Running } from "../harness.ts";
import { finish, namespaceTest } from "./peers.ts";

/** A package, as `deno info --json` describes it. */
interface Package {
  readonly name: string;
  readonly localPath: string;
}

/** Runs Deno, and reads the JSON that it prints. */
async function denoJson<T>(...args: string[]): Promise<T> {
  const { code, stdout } = await finish(new Running(Deno.execPath(), args));
  assertEquals(code, 0);
  return JSON.parse(stdout);
}

/** Makes a cache that has the packages of the programs, and nothing else. */
async function makeCache(): Promise<string> {
  const { denoDir } = await denoJson<{ denoDir: string }>("info", "--json");
  const { modules, npmPackages } = await denoJson<{
    // Of all packages of the lock file only those count that are imported.
    modules: { npmPackage?: string }[];
    npmPackages: Record<string, Package>;
  }>("info", "--json", "cmd/parley.ts");
  const cache = await Deno.makeTempDir();
  const imported = new Set(modules.map(({ npmPackage = "" }) => npmPackage));
  for (const [id, { name, localPath }] of Object.entries(npmPackages)) {
    if (!imported.has(id)) continue;
    // Beside the versions is the description of the package.
    const folder = localPath.slice(0, localPath.indexOf(`/${name}/`));
    const copy = folder.replace(denoDir, cache);
    await Deno.mkdir(copy, { recursive: true });
    await Deno.symlink(`${folder}/${name}`, `${copy}/${name}`);
  }
  return cache;
}

namespaceTest(
  [],
  "a program starts without a network, and prints nothing of Deno's",
  async () => {
    const cache = await makeCache();
    try {
      const line = ["--net", Deno.execPath(), "run"];
      const start = (...args: string[]) =>
        finish(
          new Running("unshare", [...line, ...args], {
            env: { DENO_DIR: cache, TZ: "UTC" },
            stdin: "",
          }),
        );
      const time = await start("cmd/time_console.ts");
      assertMatch(time.stdout, /^Local time is: .{24}\n$/);
      assertResult(time, { stdout: time.stdout });
      assertResult(await start("cmd/showip.ts", "127.1"), {
        stdout: "IP addresses for 127.1:\n\n  IPv4: 127.0.0.1\n",
      });
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
);
