/** How long it takes to start and be done. */

import { wordsOf } from "../../tests/tasks.ts";
import { runTimed, takesPart } from "../process.ts";
import { type Contender, median, type Work } from "../work.ts";

/** A turn is so short that it is made of several runs. */
const RUNS = 5;

const PROGRAMS = ["time_console", "showip"] as const;
type Program = typeof PROGRAMS[number];

/** The command line of a task, with the permissions that users give it. */
function task(name: Program, ...args: string[]): string[] {
  const [, ...words] = wordsOf(name);
  return [Deno.execPath(), ...words, ...args];
}

/** The permissions that users give a program. */
function permissions(name: Program): string[] {
  return wordsOf(name).filter((word) => word.startsWith("--"));
}

/** Bundles a program as `deno task bundle` does, if that is possible. */
async function bundled(name: Program): Promise<string | undefined> {
  const line = [Deno.execPath(), "task", "--quiet", "bundle", name];
  try {
    await runTimed(line);
    return `dist/${name}.bundle/${name}.js`;
  } catch {
    console.log(`${name} could not be bundled`);
    return undefined;
  }
}

const EMPTY = "empty Deno script";

export const startUp: Work = {
  name: "start-up",
  title: { en: "a whole run, from start to exit", ko: "실행 시간(시작~종료)" },
  unit: { en: "# ms", ko: "# ms" },
  async start(): Promise<Contender[]> {
    const empty = "bench/contenders/empty";
    const lines: [string, string[]][] = [
      ["time_console", task("time_console")],
      ["showip 127.0.0.1", task("showip", "127.0.0.1")],
      // Without a configuration: a package in its lock file would cost time.
      [EMPTY, [Deno.execPath(), "run", "--no-config", `${empty}.ts`]],
    ];
    for (const name of PROGRAMS) {
      const script = await bundled(name);
      if (script === undefined) continue;
      const args = name === "showip" ? ["127.0.0.1"] : [];
      const line = [Deno.execPath(), "run", ...permissions(name)];
      lines.push([`${name}, bundled`, [...line, script, ...args]]);
    }
    if (takesPart("node")) {
      lines.push(["empty Node script", ["node", `${empty}.mjs`]]);
    }
    return lines.map(([name, line]) => ({
      name,
      async measure() {
        const times: number[] = [];
        for (let run = 0; run < RUNS; run++) times.push(await runTimed(line));
        return { value: median(times)! };
      },
    }));
  },
  targets: ([
    ["time_console", 1.25],
    ["time_console, bundled", 1.25],
    ["showip 127.0.0.1", 1.3],
    ["showip, bundled", 1.3],
  ] as const).map(([ours, times]) => (
    { ours, theirs: EMPTY, bound: "most", times }
  )),
};
