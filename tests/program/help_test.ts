import {
  helpText,
  usageErrorText,
  usageLine,
  versionText,
} from "../../lib/program/help.ts";
import { choice } from "../../lib/program/choice.ts";
import { count, flag } from "../../lib/program/options.ts";
import { assertEquals, assertMatch } from "../assert.ts";

const SPEC = {
  name: "parrot",
  summary: "repeats a word",
  operands: "WORD [TIMES]",
  example: "parrot hello",
  permissions: ["--allow-net=[::]:1,0.0.0.0:1", "--allow-read=/etc/hosts"],
};

Deno.test("help shows usage, options, an example and the flags", () => {
  const table = {
    times: count("N", "repeat N times (default: 1)", 1),
    loud: flag("shout", "l"),
  };
  assertEquals(
    helpText(SPEC, table, "posix"),
    `parrot: repeats a word
usage: parrot [OPTION…] WORD [TIMES]

      --times N               repeat N times (default: 1)
  -l, --loud                  shout

Example: parrot hello
Permissions: deno run '--allow-net=[::]:1,0.0.0.0:1' --allow-read=/etc/hosts \\
             cmd/parrot.ts hello
`,
  );
});

Deno.test("help for Windows quotes as its shells do, on one line", () => {
  assertEquals(
    helpText(SPEC, {}, "windows").split("\n").slice(-2),
    [
      'Permissions: deno run "--allow-net=[::]:1,0.0.0.0:1" ' +
      "--allow-read=/etc/hosts cmd/parrot.ts hello",
      "",
    ],
  );
});

Deno.test("a program may need neither operands nor permissions", () => {
  const spec = { name: "clock", summary: "x", example: "x", permissions: [] };
  assertEquals(usageLine(spec), "usage: clock [OPTION…]");
  assertMatch(helpText(spec, {}), /\nPermissions: none\n$/);
});

Deno.test("help shows that an option may be given without a value", () => {
  const table = { pace: choice("PACE", "how fast", ["slow"], "slow", "slow") };
  const line = /^ {6}--pace\[=PACE\] +how fast$/m;
  assertMatch(helpText(SPEC, table), line);
});

Deno.test("a usage error says where help is", () => {
  assertEquals(
    usageErrorText("parrot", usageLine(SPEC), "parrot: missing operand WORD"),
    "parrot: missing operand WORD\nusage: parrot [OPTION…] WORD [TIMES]\n" +
      "Try 'parrot --help'.\n",
  );
});

Deno.test("a version has three numbers", () => {
  assertMatch(versionText("parrot"), /^parrot \(Parley\) \d+\.\d+\.\d+\n$/);
});
