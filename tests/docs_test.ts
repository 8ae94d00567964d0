/** What the documentation shows is what happens. */

import { changesOf } from "../.tasks/docs.ts";
import {
  commandsOf,
  type Options,
  optionsIn,
  problemWith,
} from "../.tasks/docs/commands.ts";
import { brokenLinks } from "../.tasks/docs/links.ts";
import { mayMakeMachines } from "../.tasks/docs/machine.ts";
import { type Block, readPage, withBlocks } from "../.tasks/docs/page.ts";
import { pairs, read } from "../.tasks/docs/pages.ts";
import { linesOf, scenesOf, stepsOf } from "../.tasks/docs/scene.ts";
import { isSameShape, shapeOf } from "../.tasks/docs/shape.ts";
import { unreadable } from "../.tasks/docs/syntax.ts";
import { programs } from "../cmd/parley.ts";
import { TLS_REASONS } from "../lib/calls/tls_reasons.ts";
import { assert, assertEquals, assertThrows } from "./assert.ts";
import { isInstalled, run } from "./harness.ts";

const root = new URL("..", import.meta.url);
const isRequired = Deno.env.get("PARLEY_REQUIRE_PEERS") === "1";

/** The files of a folder and of those in it that end so, by their paths. */
function pathsBelow(folder: string, end: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))]
    .filter(({ name }) => name !== "node_modules" && name !== ".git")
    .flatMap(({ name, isDirectory }) =>
      isDirectory
        ? pathsBelow(`${folder}${name}/`, end)
        : name.endsWith(end)
        ? [`${folder}${name}`]
        : []
    );
}

const pages = pathsBelow("./", ".md").map((path) => path.slice(2)).sort();

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, root));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Returns whether this machine has every command that a page types. */
function hasCommands(blocks: readonly Block[]): boolean {
  const typed = scenesOf(blocks).flatMap(({ terminals }) =>
    terminals.flatMap(({ steps }) => steps.flatMap(({ typed }) => typed))
  );
  const ours = ["deno", "parley", ...Object.keys(programs)];
  const names = commandsOf(typed.join("\n"))
    .map((words) => words.find(({ text }) => !/^\w+=/.test(text))?.text ?? ":")
    .filter((name) => !ours.includes(name));
  const script = 'for name; do command -v "$name" || exit 1; done';
  const args = ["-c", script, "bash", ...new Set(names)];
  const options = { args, stdout: "null" } as const;
  return new Deno.Command("bash", options).outputSync().success;
}

for (const { english } of pairs()) {
  const { blocks } = readPage(read(english));
  if (!blocks.some(({ language }) => language === "console")) continue;
  Deno.test({
    name: `${english} shows what its commands show`,
    ignore: !isRequired && !(mayMakeMachines() && hasCommands(blocks)),
    async fn() {
      const changes = (await changesOf(english))
        .map(({ block, difference }) =>
          `${english}:${block.line}\n${difference}`
        );
      const cure = "run `deno task docs`, and look at what it changed";
      assert(changes.length === 0, `${changes.join("\n")}\n${cure}`);
    },
  });
}

Deno.test("the pages of both languages have the same code blocks", () => {
  // What is only shown may be in the page's language.
  const free = ["text", "mermaid"];
  const blocks = (path: string) =>
    readPage(read(path)).blocks.map(({ language, title, lines }) => (
      { language, title, lines: free.includes(language) ? [] : lines }
    ));
  for (const { english, korean } of pairs()) {
    assertEquals(blocks(korean), blocks(english), korean);
  }
});

Deno.test("a page and its translation lead to each other", () => {
  for (const { english, korean } of pairs()) {
    for (const [from, to] of [[english, korean], [korean, english]] as const) {
      const here = new URL(from, root);
      const { links } = readPage(read(from));
      assertEquals(
        new URL(links[0]?.target ?? "", here).href,
        new URL(to, root).href,
        from,
      );
    }
  }
});

Deno.test("docs/errors.md has the reason of every error, in both languages", () => {
  // An errno or an EAI code, and its words.
  const row = /^ {2}E[A-Z_]+: "([^"]+)",$/gm;
  for (const table of ["lib/calls/errno.ts", "lib/calls/platform.ts"]) {
    const text = Deno.readTextFileSync(new URL(table, root));
    const reasons = [...text.matchAll(row)].map(([, reason = ""]) => reason);
    assert(reasons.length > 5, table);
    for (const page of ["docs/errors.md", "docs/ko/errors.md"]) {
      const found = read(page);
      for (const reason of reasons) assert(found.includes(reason), reason);
    }
  }
});

/** The words of each mistake that a source reports, without what differs. */
function mistakesIn(source: string): string[][] {
  const made =
    /(?<!(?:\*|class|function) .*)(?:UsageError|RecordingError|fileError)\(([^;]*)/g;
  return [...source.matchAll(made)].flatMap(([, args = ""]) => {
    const texts = [...args.matchAll(/"([^"\n]*)"|`([^`]*)`/g)]
      .map(([, plain, template]) => plain ?? template ?? "");
    const parts = texts.join("").split(/\$\{[^}]*\}|: /)
      .map((part) => part.trim().replace(/^(?:(?:-|FILE|and\b)\S* )+/, ""))
      .map((part) => part.replace(/ (?:--\S+|[A-Z]+)$/, ""))
      .map((part) => part.split(" ").slice(0, 4).join(" "))
      .filter((part) => /^[a-z]+ [a-z]/i.test(part));
    return parts.length > 0 ? [parts] : [];
  });
}

Deno.test("docs/tls.md has every reason of a handshake, in both languages", () => {
  for (const page of ["docs/tls.md", "docs/ko/tls.md"]) {
    const text = read(page);
    const missing = TLS_REASONS
      .filter((reason) => !text.includes(`| \`${reason}\` `));
    assertEquals(missing, [], page);
  }
});

Deno.test("docs/errors.md has what servers count, in both languages", () => {
  const steps = pathsBelow("lib/", ".ts")
    .flatMap((
      path,
    ) => [...read(path).matchAll(/new Tally\(\{\s*step: "(.+)"/g)])
    .map(([, step = ""]) => step);
  assertEquals(steps.length, 3);
  for (const page of ["docs/errors.md", "docs/ko/errors.md"]) {
    for (const step of steps) assert(read(page).includes(`### \`${step}: N `));
  }
});

Deno.test("the pages have every mistake that a program reports, in both languages", () => {
  const sources = ["cmd/", "lib/program/", "lib/pictures/"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, root))]
      .filter(({ name }) => name.endsWith(".ts"))
      .map(({ name }) => `${folder}${name}`)
  );
  const mistakes = sources.flatMap((path) => mistakesIn(read(path)));
  assert(mistakes.length > 20, `${mistakes.length}`);
  for (const folder of ["docs/", "docs/ko/"]) {
    const text = read(`${folder}errors.md`) + read(`${folder}tls.md`);
    const missing = mistakes
      .filter((parts) => !parts.some((part) => text.includes(part)));
    assertEquals(missing, [], folder);
  }
});

Deno.test("docs/json.md has every event, in both languages", () => {
  const types = pathsBelow("lib/", ".ts")
    .flatMap((path) => [...read(path).matchAll(/readonly event: "(\w+)"/g)])
    .map(([, event = ""]) => event);
  assert(types.length > 25, `${types.length}`);
  for (const page of ["docs/json.md", "docs/ko/json.md"]) {
    const rows = read(page).split("\n").map((line) => line.split("|")[1] ?? "");
    const missing = types
      .filter((event) => !rows.some((row) => row.includes(`\`${event}\``)));
    assertEquals(missing, [], page);
  }
});

Deno.test("every block says what it is", () => {
  const known = ["console", "sh", "text", "ts", "c", "json", "mermaid", "ini"];
  for (const path of pages) {
    for (const { language, title, line } of readPage(read(path)).blocks) {
      assert(known.includes(language), `${path}:${line}: ${language}`);
      const titles = { console: /^(terminal \d)?$/, sh: /^(run)?$/ }[language];
      assert((titles ?? /^$/).test(title), `${path}:${line}: ${title}`);
    }
  }
});

/** The commands of the pages, each with where it is. */
function scripts(): { where: string; script: string }[] {
  return pages.flatMap((path) => {
    const { blocks, spans } = readPage(read(path));
    const typed = blocks.flatMap((block) => {
      const where = `${path}:${block.line}`;
      const script = block.language === "console"
        ? stepsOf(block).map(({ typed }) => typed.join("\n")).join("\n")
        : block.lines.join("\n");
      const isTyped = ["console", "sh"].includes(block.language);
      return isTyped ? [{ where, script }] : [];
    });
    const named = spans.filter(({ target }) =>
      /^deno (?!.*(?:…|NAME))/.test(target)
    )
      .map(({ target, line }) => (
        { where: `${path}:${line}`, script: target.replaceAll("\n", " ") }
      ));
    return [...typed, ...named];
  });
}

for (const shell of ["bash", "zsh"] as const) {
  Deno.test({
    name: `${shell} can read every command of the pages`,
    ignore: !isRequired && !isInstalled(shell),
    async fn() {
      const all = scripts().map(({ script }) => script);
      assert(all.length > 20);
      assertEquals(await unreadable(shell, all), []);
      assertEquals(await unreadable(shell, ["echo a", "echo 'a"]), ["echo 'a"]);
    },
  });
}

/** The options of every program. */
async function programOptions(): Promise<Options> {
  const names = Object.keys(programs);
  const helps = await Promise.all(names.map((name) => run(name, ["--help"])));
  return new Map(
    names.map((name, at) => [name, optionsIn(helps[at]!.stdout)] as const),
  );
}

Deno.test("every command of the pages names tasks and options that exist", async () => {
  const options = await programOptions();
  const problems = scripts().flatMap(({ where, script }) =>
    commandsOf(script).flatMap((words) => {
      const problem = problemWith(words, options);
      return problem === undefined ? [] : [`${where}: ${problem}`];
    })
  );
  assertEquals(problems, []);

  const all = new Set([...options.values()].flatMap((each) => [...each]));
  const foreign = /^--(allow|unstable|deny|cert|config|doc|lock|frozen)/;
  const unknown = pages.flatMap((path) =>
    readPage(read(path)).spans.flatMap(({ target, line }) => {
      const [, option = ""] = /^(--[a-z][\w-]*)[^ ]*$/.exec(target) ?? [];
      const isKnown = option === "" || all.has(option) || foreign.test(option);
      return isKnown ? [] : [`${path}:${line}: ${target}`];
    })
  );
  assertEquals(unknown, []);
});

Deno.test("every link of the pages leads somewhere", () => {
  assertEquals(pages.flatMap((path) => brokenLinks(path, read, exists)), []);
});

Deno.test("every page of docs/ is reached from its index", () => {
  for (const folder of ["docs/", "docs/ko/"]) {
    const index = readPage(read(`${folder}README.md`)).links
      .map(({ target }) => target.replace(/#.*/, ""));
    for (const path of pages) {
      const name = path.slice(folder.length);
      const isListed = !path.startsWith(folder) || /\/|^README/.test(name) ||
        index.includes(name);
      assert(isListed, `${folder}README.md does not name ${name}`);
    }
  }
});

Deno.test("every exercise of the tutorial has a folded answer", () => {
  const exercises = (folder: string) =>
    pages.filter((path) => path.startsWith(`${folder}tutorial`))
      .flatMap((path) => exercisesIn(read(path))).sort();
  const exercisesIn = (text: string) =>
    [...text.matchAll(/^\*\*(\d+\.\d+)\*\* [^<]+(<details>)?/gm)]
      .map(([, number, answer]) => `${number} ${answer}`);
  const english = exercises("docs/");
  assert(english.length > 25);
  assertEquals(english.filter((each) => !each.endsWith("<details>")), []);
  assertEquals(exercises("docs/ko/"), english);
});

Deno.test("README.md has no more than 150 lines", () => {
  for (const path of ["README.md", "README.ko.md"]) {
    const { length } = read(path).trimEnd().split("\n");
    assert(length <= 150, `${path}: ${length}`);
  }
});

const PAGE = `# A \`b\` c

- in a list

  \`\`\`console terminal 1
  $ one \\
  > more
  out
  \`\`\`

\`\`\`console terminal 2
$ two
$ three
> out
\`\`\`

# A b c!

[a link](b.md#c) and \`[no](link)\`
`;

Deno.test("readPage() finds blocks, headings and links", () => {
  const { blocks, anchors, links } = readPage(PAGE);
  assertEquals(blocks.map(({ title, line }) => [title, line]), [
    ["terminal 1", 5],
    ["terminal 2", 11],
  ]);
  assertEquals([...anchors], ["a-b-c", "a-b-c-1"]);
  assertEquals(links, [{ target: "b.md#c", line: 19 }]);
  assertThrows(() => readPage("```sh\n"), Error, "line 1");
});

Deno.test("withBlocks() replaces what is inside of blocks", () => {
  const [first, second] = readPage(PAGE).blocks;
  assert(first !== undefined && second !== undefined);
  const changes = new Map([[first, ["$ a", "", "b"]], [second, []]]);
  const text = withBlocks(PAGE, changes);
  assert(text.includes("  ```console terminal 1\n  $ a\n\n  b\n  ```\n"), text);
  assert(text.includes("```console terminal 2\n```\n"), text);
});

Deno.test("scenesOf() puts terminals in a row together", () => {
  const { blocks } = readPage(PAGE);
  const [scene, ...others] = scenesOf(blocks);
  assertEquals(others, []);
  assertEquals(scene?.terminals.map(({ steps }) => steps), [
    [{ typed: ["one \\", "more"], output: ["out"] }],
    [
      { typed: ["two"], output: [] },
      { typed: ["three"], output: ["> out"] },
    ],
  ]);
  for (const { block, steps } of scene?.terminals ?? []) {
    assertEquals(linesOf(steps), block.lines);
  }
  const wrong = [...blocks].reverse();
  assertThrows(() => scenesOf(wrong), Error, "no terminal 1 before");
});

Deno.test("shapeOf() leaves out what differs from run to run", () => {
  const same = [
    ["Local time is: Sun Nov 22 01:52:19 2026", "Mon Dec  1 23:59:59 2036"],
    ["2026-11-22T01:52:19+00:00", "2027-01-01T00:00:00.123456Z"],
    ["accept(3) = 4 127.0.0.1:57182 <3007.31 ms>", "127.0.0.1:40000"],
    ["process 1        process 12", "process 123    process 4"],
    ["   process 1818   process 1786", "    process 830    process 816"],
    ['"pid":4711,"port":57182', '"pid":1,"port":33000'],
    ["  0.003 socket()", " 12.345678 socket()"],
  ] as const;
  for (const [a, b] of same) {
    const [x, y] = [shapeOf(a), shapeOf(b)];
    assert(x.endsWith(y) || x === y, `${x}, ${y}`);
  }
  const different = [
    ["server: listening on [::]:3490", "server: listening on [::]:8080"],
    ["send(4, 13) = 13 <0.05 ms>", "send(4, 13) = 12 <0.05 ms>"],
    ['"port":3490', '"port":4950'],
  ] as const;
  for (const [a, b] of different) assert(!isSameShape([a], [b]), a);
  assert(!isSameShape(["a"], ["a", "b"]));
});

Deno.test("problemWith() finds tasks and options that do not exist", () => {
  const options = new Map([["server", new Set(["--port", "-q"])]]);
  const problem = (script: string) =>
    commandsOf(script).map((words) => problemWith(words, options))
      .find((each) => each !== undefined);
  const right = [
    "deno task -q server --port 80 > log 2>&1",
    "npx --yes deno@2.9.6 task test",
    "FOO=1 deno run '--allow-net=[::]:80' cmd/server.ts -q # --never",
    "server --port=0 | grep -x a && [ -f b ]",
    "deno run -A hello.ts --any",
    "deno task -q server \\\n  --port 1 -- --text",
  ];
  for (const script of right) assertEquals(problem(script), undefined, script);
  const wrong = [
    ["deno task serve", "no task serve"],
    ["echo; deno task -q server --prot 1", "server has no option --prot"],
    ["deno task parley server -x", "server has no option -x"],
    ["deno run cmd/serve.ts", "no program serve"],
    ["a=1 server --x", "server has no option --x"],
    ["echo --a=[::]:1", "zsh takes --a=[::]:1 for a pattern"],
  ] as const;
  for (const [script, expected] of wrong) {
    assertEquals(problem(script), expected, script);
  }
});

Deno.test("brokenLinks() finds files and headings that do not exist", () => {
  const files: Record<string, string> = {
    "a.md": "[1](#x) [2](b/c.md#y) [3](b/d.md) [4](https://e.example) [5](#y)",
    "b/c.md": "# y",
  };
  const found = brokenLinks("a.md", (path) => files[path]!, (p) => p in files);
  assertEquals(found, [
    "a.md:1: #x: no such heading",
    "a.md:1: b/d.md: no such file",
    "a.md:1: #y: no such heading",
  ]);
});
