import { assert, assertEquals } from "./assert.ts";
import {
  filesBelow,
  parseSource,
  readSource,
  resolved,
  type Source,
} from "./house.ts";

/**
 * The rooms of `lib/`, and the others that each may import. The arrows go one
 * way: address ◀ calls ◀ names ◀ sockets ◀ conversations and program ◀ cmd.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  address: [],
  calls: ["address"],
  names: ["address", "calls"],
  sockets: ["address", "calls", "names"],
  conversations: ["address", "calls", "names", "sockets"],
  program: ["address", "calls", "names", "sockets"],
  pictures: ["address", "calls"],
};

const MOST_LINES = 300;
const MOST_LINES_OF_FUNCTION = 50;

/** Files that are still too long; none may be added. */
const LONG_FILES: readonly string[] = [];

const paths = [
  "mod.ts",
  ...await filesBelow("lib"),
  ...await filesBelow("cmd"),
];
const sources = new Map<string, Source>();
for (const path of paths) sources.set(path, await readSource(path));
const library = [...sources.values()]
  .filter(({ path }) => path.startsWith("lib/"));

/** The room of a file in `lib/`; "" for any other. */
function roomOf(path: string): string {
  return /^lib\/([^/]+)\/.+\.ts$/.exec(path)?.[1] ?? "";
}

/** The files that a file imports; with `"values"`, those it runs with. */
function neighbours(
  path: string,
  kind: "imports" | "values" = "imports",
): string[] {
  return (sources.get(path)?.[kind] ?? [])
    .filter((specifier) => /^\..*\.ts$/.test(specifier))
    .map((specifier) => resolved(path, specifier));
}

/** Every file that a file reaches, itself among them. */
function reachedFrom(
  path: string,
  kind: "imports" | "values" = "imports",
  reached = new Set<string>(),
): Set<string> {
  if (reached.has(path)) return reached;
  reached.add(path);
  for (const next of neighbours(path, kind)) reachedFrom(next, kind, reached);
  return reached;
}

Deno.test("Every file of lib/ is in a room", () => {
  for (const { path } of library) {
    assert(roomOf(path) in MAY_IMPORT, `${path} is in no room`);
  }
});

Deno.test("Imports between rooms go in one direction", () => {
  const wrong = library.flatMap(({ path }) =>
    neighbours(path).filter((target) => {
      const [from, to] = [roomOf(path), roomOf(target)];
      return from !== to && !MAY_IMPORT[from]?.includes(to);
    }).map((target) => `${path} imports ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("Every room has a README.md that names the rooms it imports, and files that exist", async () => {
  for (const room of new Set(library.map(({ path }) => roomOf(path)))) {
    const path = `lib/${room}/README.md`;
    const text = await Deno.readTextFile(
      new URL(`../${path}`, import.meta.url),
    );
    for (const other of MAY_IMPORT[room] ?? []) {
      assert(text.includes(`\`${other}\``), `${path} does not name ${other}`);
    }
    const files = library.map(({ path }) => path)
      .filter((each) => each.startsWith(`lib/${room}/`));
    for (const [, file] of text.matchAll(/`([a-z_/]+\.ts)`/g)) {
      const exists = files.some((each) => each.endsWith(`/${file}`));
      assert(exists, `${path} names ${file}`);
    }
  }
});

Deno.test("Every import leads to a file", () => {
  for (const path of sources.keys()) {
    for (const target of neighbours(path)) {
      assert(sources.has(target), `${path} imports ${target}`);
    }
  }
});

Deno.test("No file imports itself through others, types aside", () => {
  const circles = [...sources.keys()].filter((path) =>
    neighbours(path, "values")
      .some((next) => reachedFrom(next, "values").has(path))
  );
  assertEquals(circles, []);
});

Deno.test("mod.ts reaches neither the programs nor what they say", () => {
  const rooms = new Set([...reachedFrom("mod.ts")].map(roomOf));
  assertEquals(
    [...rooms].filter((room) => room !== "").sort(),
    ["address", "calls", "names", "sockets"],
  );
});

Deno.test("mod.ts needs no import map", () => {
  // What is imported by path or URL has no deno.json of ours.
  for (const path of reachedFrom("mod.ts")) {
    for (const specifier of sources.get(path)?.imports ?? []) {
      assert(/^(\.\.?\/|node:)/.test(specifier), `${path}: ${specifier}`);
    }
  }
});

Deno.test("lib/address touches neither Deno, nor I/O, nor time", () => {
  const outside = [
    ...["Deno", "performance", "Date", "Temporal", "setTimeout"],
    ...["setInterval", "queueMicrotask", "fetch", "console", "process"],
  ];
  for (const { path, names, imports } of library) {
    if (roomOf(path) !== "address") continue;
    for (const name of outside) assert(!names.has(name), `${path}: ${name}`);
    for (const specifier of imports) assert(specifier.startsWith("."), path);
  }
});

Deno.test("Only lib/address asks what is in the text of an address", () => {
  const asking = [...sources.values()].filter(({ path, addressTexts }) =>
    addressTexts.length > 0 && roomOf(path) !== "address"
  ).map(({ path, addressTexts }) => `${path}: ${addressTexts.join(", ")}`);
  assertEquals(asking, []);
});

Deno.test("No file of lib/ has more than 300 lines", () => {
  const long = library
    .filter(({ path, lines }) =>
      lines > MOST_LINES && !LONG_FILES.includes(path)
    )
    .map(({ path, lines }) => `${path}: ${lines}`);
  assertEquals(long, []);
});

Deno.test("No function of lib/ and cmd/ has more than 50 lines", () => {
  const long = [...sources.values()].flatMap(({ path, functions }) =>
    functions.filter(({ lines }) => lines > MOST_LINES_OF_FUNCTION)
      .map(({ name, lines }) => `${path} ${name}(): ${lines}`)
  );
  assertEquals(long, []);
});

Deno.test("parseSource() finds imports of every kind, and none in comments", () => {
  const { imports, values } = parseSource(
    "lib/a.ts",
    `/** import { not } from "not.ts" */
    import { b } from "./b.ts";
    import type { C } from "./c.ts";
    import "./d.ts";
    export * from "./e.ts";
    export type { F } from "./f.ts";
    const g: import("./g.ts").G = await import("./h.ts");
    import { type I } from "./i.ts";
    import { j, type J } from "./j.ts";
    export { type K } from "./k.ts";
    const text = 'import { not } from "not.ts"';`,
  );
  assertEquals(
    imports.toSorted(),
    [..."bcdefghijk"].map((name) => `./${name}.ts`),
  );
  assertEquals(
    values.toSorted(),
    [..."bdehj"].map((name) => `./${name}.ts`),
  );
});

Deno.test("parseSource() finds questions about the text of an address", () => {
  const asking = [
    ...['t.includes(":")', 't.startsWith("::ffff:")', 't.replace(/%.*$/, "")'],
    ...['t.split("%")', 't?.indexOf("%")', 't.lastIndexOf(":")', "/:/.test(t)"],
    ...["t.match(/^::ffff:/)", "/%/.exec(t)", 't.startsWith("::")'],
  ];
  const others = [
    ...['t.split(": ")', "/[a-z]+:\\/\\//.test(t)", 't.replace("[", "")'],
    ...["t.includes(colon)", '":".concat(t)'],
  ];
  for (const text of asking) {
    assertEquals(parseSource("a.ts", text).addressTexts, [text]);
  }
  for (const text of others) {
    assertEquals(parseSource("a.ts", text).addressTexts, [], text);
  }
});

Deno.test("parseSource() measures functions with what is inside of them", () => {
  const { functions, lines } = parseSource(
    "a.ts",
    `function declared() {
  return () => {
  };
}
class A {
  method() {
  }
  #field = () => {};
}
const named = function () {
  // é
};
`,
  );
  assertEquals(lines, 12);
  assertEquals(
    functions.map(({ name, lines }) => [name, lines] as const),
    [
      ["declared", 4],
      ["(no name)", 2],
      ["method", 2],
      ["field", 1],
      ["named", 3],
    ],
  );
});

Deno.test("parseSource() finds names of types and members as well", () => {
  const { names } = parseSource("a.ts", "let a: Deno.NetAddr = b.now();");
  assertEquals([...names].sort(), ["Deno", "NetAddr", "a", "b", "now"]);
});
