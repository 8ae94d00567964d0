/** The configurations of the folders, and what each makes Deno fetch. */

import bench from "../bench/deno.json" with { type: "json" };
import root from "../deno.json" with { type: "json" };
import { programs } from "../cmd/parley.ts";
import { assertEquals, assertMatch } from "./assert.ts";
import tests from "./deno.json" with { type: "json" };
import { filesBelow } from "./house.ts";

/** A configuration, as far as all have it. */
interface Configuration {
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, boolean>>;
  readonly unstable: readonly string[];
}

const FOLDERS: Readonly<Record<string, Configuration>> = {
  "": root,
  "bench/": bench,
  "tests/": tests,
};

/** The packages in a folder's lock file. */
async function lockedIn(folder: string): Promise<string[]> {
  const url = new URL(`../${folder}deno.lock`, import.meta.url);
  const lock: { readonly npm: object } = JSON.parse(
    await Deno.readTextFile(url),
  );
  return Object.keys(lock.npm);
}

/** The packages that a folder's import map names. */
function importedIn(folder: string): string[] {
  const targets = Object.values(FOLDERS[folder]?.imports ?? {});
  const packages = targets.filter((target) => target.startsWith("npm:"))
    .map((target) => target.slice("npm:".length).split("/")[0] ?? "");
  return [...new Set(packages)].sort();
}

Deno.test("a program makes Deno fetch no package but the standard library", async () => {
  // At its first start Deno fetches all that the lock file names.
  assertEquals(await lockedIn(""), importedIn(""));
  assertEquals(importedIn("").length, 1);
  assertMatch(importedIn("")[0] ?? "", /^deno-std@/);
});

Deno.test("tests and benchmarks have their packages for themselves", async () => {
  for (const folder of ["bench/", "tests/"]) {
    const locked = await lockedIn(folder);
    for (const each of importedIn(folder)) {
      assertEquals(locked.includes(each), true, `${folder}: ${each}`);
    }
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
