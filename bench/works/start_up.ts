/** How long it takes to start and be done. */

import { wordsOf } from "../../tests/tasks.ts";
import { runTimed, takesPart } from "../process.ts";
import { type Contender, median, type Work } from "../work.ts";

/** A turn is so short that it is made of several runs. */
const RUNS = 5;

/** The command line of a task, with the permissions that users give it. */
function task(name: "showip" | "time_console", ...args: string[]): string[] {
  const [, ...words] = wordsOf(name);
  return [Deno.execPath(), ...words, ...args];
}

const EMPTY = "empty Deno script";

export const startUp: Work = {
  name: "start-up",
  title: { en: "a whole run, from start to exit", ko: "실행 시간(시작~종료)" },
  unit: { en: "ms", ko: "ms" },
  start(): Promise<Contender[]> {
    const empty = "bench/contenders/empty";
    const lines: [string, string[]][] = [
      ["time_console", task("time_console")],
      ["showip 127.0.0.1", task("showip", "127.0.0.1")],
      // Without a configuration: a package in its lock file would cost time.
      [EMPTY, [Deno.execPath(), "run", "--no-config", `${empty}.ts`]],
    ];
    if (takesPart("node")) {
      lines.push(["empty Node script", ["node", `${empty}.mjs`]]);
    }
    return Promise.resolve(lines.map(([name, line]) => ({
      name,
      async measure() {
        const times: number[] = [];
        for (let run = 0; run < RUNS; run++) times.push(await runTimed(line));
        return { value: median(times)! };
      },
    })));
  },
  targets: ["time_console", "showip 127.0.0.1"].map((ours) => (
    { ours, theirs: EMPTY, bound: "most", times: 1.5 }
  )),
};
