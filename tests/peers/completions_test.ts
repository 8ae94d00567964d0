/** Completions in real shells, and manual pages as mandoc reads them. */

import { programs } from "../../cmd/parley.ts";
import { assert, assertEquals } from "../assert.ts";
import { run, Running } from "../harness.ts";
import { finish, peerTest } from "./peers.ts";

/** The text before the cursor, and what is offered there. */
const LINES: readonly (readonly [line: string, ...offered: string[]])[] = [
  ["client --ser", "--server-name"],
  ["picture --format s", "svg"],
  ["client --color=al", "always"],
  ["server --trace=sh", "short", "short,time"],
  ["client loca", "localhost"],
  ["client --color loca", "localhost"],
  ["client --max-bytes 3 loca", "localhost"],
  ["client localhost loca"],
  ["client localhost 80 loca"],
  ["showip a.example loca", "localhost"],
  ["server --host loca", "localhost"],
  ["server --count loca"],
  ["talker --port=3 loca", "localhost"],
  ["talker localhost loca"],
  ["talker -- --po"],
  ["parley sh", "showip"],
  ["parley comp", "completions"],
  ["parley completions f", "fish"],
  ["parley help tal", "talker"],
  ["parley man parl", "parley"],
  ["parley showip --can", "--canonical"],
  ["parley talker --port 3 loca", "localhost"],
  ["parley talker localhost loca"],
  ["parley nobody --q"],
];

/** How a script of each shell is run without anybody's settings. */
const CLEAN = { bash: "--norc", zsh: "-f", fish: "--no-config" } as const;

/** Completes the lines in a shell, and returns what it prints for each. */
async function offersOf(shell: keyof typeof CLEAN): Promise<string[]> {
  const { code, stdout, stderr } = await run("parley", ["completions", shell]);
  assertEquals([code, stderr], [0, ""]);
  const file = await Deno.makeTempFile({ prefix: "completions of " });
  try {
    await Deno.writeTextFile(file, stdout);
    const script = `tests/peers/shells/complete.${shell}`;
    const lines = LINES.map(([line]) => line);
    const args = [CLEAN[shell], script, file, ...lines];
    const result = await finish(new Running(shell, args, { stdin: "" }));
    assertEquals([result.code, result.stderr], [0, ""]);
    return result.stdout.split("\n").slice(0, -1);
  } finally {
    await Deno.remove(file);
  }
}

/** A hosts file may have localhost in two lines, and names that go on. */
function ofEveryMachine(offered: string): string {
  return [...new Set(offered.split(" "))]
    .filter((word) => !/^localhost./.test(word)).join(" ");
}

peerTest(
  ["bash"],
  "bash offers what an option and an operand can be",
  async () => {
    assertEquals(
      (await offersOf("bash")).map(ofEveryMachine),
      LINES.map(([, ...offered]) => offered.join(" ")),
    );
  },
);

peerTest(
  ["fish"],
  "fish offers what an option and an operand can be",
  async () => {
    assertEquals(
      (await offersOf("fish")).map(ofEveryMachine),
      LINES.map(([, ...offered]) => offered.join(" ")),
    );
  },
);

peerTest(
  ["zsh"],
  "zsh completes what an option and an operand can be",
  async () => {
    const completed = LINES.map(([line, ...offered]) => {
      const [word = ""] = /[^ =]*$/.exec(line) ?? [];
      if (offered.length === 0) return line;
      return line.slice(0, line.length - word.length) + offered[0];
    });
    // What may follow, a space or the = of a value, is the shell's affair.
    const lines = await offersOf("zsh");
    assertEquals(lines.map((line) => line.replace(/[ =]$/, "")), completed);
  },
);

peerTest(
  ["mandoc"],
  "mandoc finds nothing wrong with any manual page",
  async () => {
    for (const name of [...Object.keys(programs), "parley"]) {
      const { code, stdout } = await run("parley", ["man", name]);
      assertEquals(code, 0);
      const lint = ["-Tlint", "-W", "warning"];
      const found = await finish(
        new Running("mandoc", lint, { stdin: stdout }),
      );
      assertEquals([found.code, found.stdout, found.stderr], [0, "", ""], name);
      const shown = await finish(
        new Running("mandoc", ["-Tutf8"], { stdin: stdout }),
      );
      const text = shown.stdout.replace(/.[\b]/g, "");
      for (const title of ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"]) {
        assert(text.includes(`\n${title}\n`), `${name} ${title}`);
      }
    }
  },
);
