import { choice } from "../../lib/program/choice.ts";
import { completions } from "../../lib/program/completions/completions.ts";
import {
  helpsOf,
  operandsOf,
  optionsOf,
  optionsWithValue,
} from "../../lib/program/completions/entries.ts";
import { SHELLS } from "../../lib/program/completions/suite.ts";
import { flag, many, text } from "../../lib/program/options.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const PARROT = {
  name: "parrot",
  summary: "repeats: what it's told",
  operands: "HOST [FILE…]",
  example: "parrot a",
  permissions: [],
  options: {
    allow: many(text("ADDRESS", "[this] or that")),
    deny: many(text("ADDRESS", "")),
    when: choice("WHEN", "it's now", ["now", "later"], "now", "later"),
    form: choice("FORM", "form", ["a", "b"], "a"),
    loud: flag("shout", "l"),
  },
};
const COCKATOO = { ...PARROT, name: "cockatoo" };

Deno.test("an option is completed by its words, its value's name, or not", () => {
  assertEquals(
    optionsOf(PARROT).map((entry) =>
      [entry.name, entry.kind, entry.help, entry.repeats, entry.isBare] as const
    ),
    [
      ["allow", "host", "[this] or that", true, false],
      ["deny", "host", "[this] or that", true, false],
      ["when", "words", "it's now", false, true],
      ["form", "words", "form", false, false],
      ["loud", "other", "shout", false, false],
    ],
  );
  assertEquals(optionsWithValue(PARROT), ["--allow", "--deny", "--form"]);
});

Deno.test("options on one line of the help have each their part of it", () => {
  const options = {
    a: flag("do this; do that"),
    b: flag(""),
    c: flag("do this; and that"),
    d: flag("do one; another; a third"),
    e: flag(""),
  };
  assertEquals([...helpsOf(options)], [
    ["a", "do this"],
    ["b", "do that"],
    ["c", "do this; and that"],
    ["d", "do one; another; a third"],
    ["e", "do one; another; a third"],
  ]);
});

Deno.test("operands are read from the usage line", () => {
  const entry = { isOptional: false, repeats: false };
  assertEquals(operandsOf({ operands: "HOST [PORT] [FILE…]" }), [
    { ...entry, name: "HOST", kind: "host" },
    { ...entry, name: "PORT", kind: "other", isOptional: true },
    { name: "FILE", kind: "file", isOptional: true, repeats: true },
  ]);
  assertEquals(operandsOf({}), []);
});

Deno.test("a file of completions is for its commands only", () => {
  const manuals = [PARROT, COCKATOO];
  for (const shell of SHELLS) {
    const one = completions(shell, { manuals, commands: ["parrot"] });
    assertStringIncludes(one, "parrot");
    assert(!one.includes("cockatoo"), shell);
    assert(!one.includes("complete -c parley"), shell);
    const all = completions(shell, { manuals, commands: ["parley"] });
    assertStringIncludes(all, "cockatoo");
  }
});

Deno.test("what a shell would read as its own is quoted", () => {
  const suite = { manuals: [PARROT], commands: ["parley", "parrot"] };
  const zsh = completions("zsh", suite);
  assertStringIncludes(
    zsh,
    String.raw`'*--allow=[\[this\] or that]:ADDRESS:_hosts'`,
  );
  assertStringIncludes(
    zsh,
    String.raw`'--when=-[it'\''s now]::WHEN:(now later)'`,
  );
  assertStringIncludes(zsh, String.raw`'parrot:repeats\: what it'\''s told'`);
  const fish = completions("fish", suite);
  assertStringIncludes(fish, String.raw`-l when -a 'now later' -d 'it\'s now'`);
  assertStringIncludes(
    fish,
    String.raw`-a parrot -d 'repeats: what it\'s told'`,
  );
});
