import { choice, choices } from "../../lib/program/choice.ts";
import { manualPage, parleyPage } from "../../lib/program/manual_page.ts";
import { count, flag, text } from "../../lib/program/options.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

const PARROT = {
  name: "parrot",
  summary: "repeats a word, \\ and -",
  operands: "WORD… [TIMES]",
  example: "parrot Ar hello",
  permissions: ["--allow-net=[::]:1", "--allow-read=/etc/hosts"],
  options: {
    times: count("N", "repeat N times", 1),
    loud: flag("shout", "l"),
    silent: flag("", "s"),
    when: choice("WHEN", "now…", ["now", "later"], "now", "later"),
    how: choices("how", ["fast", "slow"]),
    file: text("FILE", "'in' a file"),
  },
};

Deno.test("a manual page has the program's options, its flags and an example", () => {
  const page = manualPage(PARROT, ["parrot", "cockatoo"]);
  assertMatch(page, /^\.Dd \w+ \d+, \d{4}\n\.Dt PARROT 1\n\.Os Parley \d/);
  const parts = [
    ".Nm parrot\n.Nd repeats a word, \\e and \\-\n",
    ".Nm\n.Op Ar OPTION ...\n.Ar WORD ...\n.Op Ar TIMES\n",
    ".It Fl -times Ar N\nRepeat N times.\n",
    ".It Fl l , Fl -loud , Fl s , Fl -silent\nShout.\n",
    ".It Fl -when Ns Oo = Ns Ar WHEN Oc\nNow\\[u2026].\n",
    ".It Fl -how Ns Oo = Ns Ar fast,slow Oc\nHow.\n",
    ".It Fl -file Ar FILE\n\\&'in' a file.\n",
    "\\-\\-allow\\-net=[::]:1\n\\-\\-allow\\-read=/etc/hosts\n.Ed\n",
    ".Dl parrot \\&Ar hello\n",
    ".Sh SEE ALSO\n.Xr cockatoo 1 ,\n.Xr parley 1\n",
  ];
  for (const part of parts) assertStringIncludes(page, part);
});

Deno.test("a program without permissions says so in its manual page", () => {
  const page = manualPage({ ...PARROT, permissions: [] }, []);
  assertStringIncludes(page, ".Sh PERMISSIONS\nIt needs no permissions.\n");
});

Deno.test("parley's manual page lists the programs and what else it does", () => {
  const page = parleyPage([PARROT]);
  const parts = [
    ".Nm parley\n.Nd runs the classic socket programs\n",
    ".It Ic parrot\nRepeats a word, \\e and \\-.\n",
    ".It Cm completions Ar SHELL\n",
    ".It Fl h , Fl -help\nShow this help.\n",
    ".It Fl V , Fl -version\nShow the version.\n",
    ".Xr parrot 1\n",
  ];
  for (const part of parts) assertStringIncludes(page, part);
  assertEquals(page.includes("\n\n"), false);
});
