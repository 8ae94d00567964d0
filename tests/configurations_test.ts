/** The configurations of the folders, and what each makes Deno fetch. */

import { fileURLToPath } from "node:url";
import bench from "../bench/deno.json" with { type: "json" };
import tasks from "../.tasks/deno.json" with { type: "json" };
import root from "../deno.json" with { type: "json" };
import { programs } from "../cmd/parley.ts";
import { assert, assertEquals, assertMatch } from "./assert.ts";
import { assertResult } from "./cmd/support.ts";
import tests from "./deno.json" with { type: "json" };
import { Running } from "./harness.ts";
import { filesBelow, readSource } from "./house.ts";

/** A configuration, as far as all have it. */
interface Configuration {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, boolean>>;
  readonly unstable: readonly string[];
}

const FOLDERS: Readonly<Record<string, Configuration>> = {
  "": root,
  ".tasks/": tasks,
  "bench/": bench,
  "tests/": tests,
};

/** The packages in a folder's lock file. */
async function lockedIn(folder: string): Promise<string[]> {
  const url = new URL(`../${folder}deno.lock`, import.meta.url);
  const lock: { readonly npm?: object } = JSON.parse(
    await Deno.readTextFile(url),
  );
  return Object.keys(lock.npm ?? {});
}

/** The packages that a folder's import map names. */
function importedIn(folder: string): string[] {
  const targets = Object.values(FOLDERS[folder]?.imports ?? {});
  const packages = targets.filter((target) => target.startsWith("npm:"))
    .map((target) => target.slice("npm:".length).split("/")[0] ?? "");
  return [...new Set(packages)].sort();
}

Deno.test("programs and the library import no package", async () => {
  const paths = await Promise.all(["lib", "cmd", "examples"].map(filesBelow));
  for (const path of ["mod.ts", ...paths.flat()]) {
    const { values } = await readSource(path);
    const packages = values.filter((each) => !/^(\.|node:)/.test(each));
    const own = packages.filter((each) => each !== "@parley/parley");
    assertEquals(own, [], path);
  }
});

Deno.test("programs and their tasks make Deno fetch nothing", async () => {
  // `deno task` fetches all that the configuration of this folder names.
  assertEquals(importedIn(""), []);
  assertEquals(await lockedIn(""), []);
});

Deno.test("install and uninstall start without a network", async () => {
  const table = {
    install: 'unknown program "x": one of parley, ',
    uninstall: 'unexpected operand "x"\n',
  };
  const folder = await Deno.makeTempDir();
  try {
    for (const [task, refusal] of Object.entries(table)) {
      await using process = new Running(
        Deno.execPath(),
        ["run", "--quiet", "--cached-only", "-A", `.tasks/${task}.ts`, "x"],
        { env: { DENO_DIR: folder, HOME: folder }, stdin: "" },
      );
      const { code, stderr } = await process.end();
      assertEquals(code, 1);
      assertEquals(stderr.slice(0, stderr.indexOf(refusal)), `${task}: `);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("tests, benchmarks and tasks have packages of their own", async () => {
  for (const folder of [".tasks/", "bench/", "tests/"]) {
    const locked = await lockedIn(folder);
    const imported = importedIn(folder);
    assert(imported.length > 0, folder);
    for (const each of imported) assert(locked.includes(each), each);
  }
});

Deno.test("every configuration has the same options and versions", () => {
  const versions = new Map<string, string>();
  for (const { imports, compilerOptions, unstable } of Object.values(FOLDERS)) {
    assertEquals(compilerOptions, root.compilerOptions);
    assertEquals(unstable, root.unstable);
    for (const [name, target] of Object.entries(imports)) {
      if (!target.startsWith("npm:")) continue;
      assertMatch(target, /^npm:[^@/]+@\d+\.\d+\.\d+(\/|$)/, name);
      assertEquals(target, versions.get(name) ?? target);
      versions.set(name, target);
    }
  }
});

Deno.test("of the standard library only these parts are used", () => {
  for (const { imports } of Object.values(FOLDERS)) {
    for (const [name, target] of Object.entries(imports)) {
      const [, part] = /^npm:deno-std@[\d.]+\/(.*)\.js$/.exec(target) ?? [];
      if (part === undefined) continue;
      const own = part.replace(/\/mod$/, "").replaceAll("_", "-");
      assertEquals(name, `@std/${own}`);
      assertMatch(name, /^@std\/(assert|cli|fmt)(\/|$)/);
    }
  }
});

Deno.test("packages are named in the configurations, and nowhere else", async () => {
  const folders = ["lib", "cmd", "examples", ".tasks", "bench", "tests"];
  const paths = await Promise.all(folders.map(filesBelow));
  for (const path of ["mod.ts", ...paths.flat()]) {
    const text = await Deno.readTextFile(
      new URL(`../${path}`, import.meta.url),
    );
    const [direct] = /(from|import)[\s(]*"(npm|jsr|https?):.*/.exec(text) ?? [];
    assertEquals(direct, undefined, path);
  }
});

Deno.test("the package exports the library and each program, by its name", () => {
  const names = [...Object.keys(programs), "parley"];
  assertEquals<Record<string, string>>(root.exports, {
    ".": "./mod.ts",
    ...Object.fromEntries(
      names.map((name) => [`./${name}`, `./cmd/${name}.ts`]),
    ),
  });
});

Deno.test("what is published is what users need", async () => {
  const line = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  await using process = new Running(Deno.execPath(), line, { stdin: "" });
  const { code, stderr } = await process.end();
  assertEquals(code, 0, stderr);
  const root = new URL("..", import.meta.url).href;
  const published = [...stderr.matchAll(/(file:.+) \(/g)]
    .map(([, url = ""]) => decodeURI(url).slice(root.length));
  const needed = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];
  needed.push("mod.ts", "cmd/server.ts", "examples/server.ts");
  needed.push("docs/ko/security.md", "deploy/Containerfile");
  for (const path of needed) assert(published.includes(path), path);
  const others = published.filter((path) => /^(\.|tests|bench)/.test(path));
  assertEquals(others, []);
});

Deno.test("a program runs by its name in the package", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const links = [fileURLToPath(new URL("..", import.meta.url))];
    const text = JSON.stringify({ links });
    await Deno.writeTextFile(`${folder}/deno.json`, text);
    for (const name of ["time_console", "parley"]) {
      const script = `jsr:${root.name}/${name}`;
      const config = `${folder}/deno.json`;
      const line = ["run", "--quiet", "--config", config, script, "--version"];
      await using running = new Running(Deno.execPath(), line, { stdin: "" });
      assertResult(await running.end(), {
        stdout: `${name} (Parley) ${root.version}\n`,
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
