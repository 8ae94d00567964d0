/**
 * Installs the programs as commands, with completions for bash, zsh and fish and
 * manual pages: `deno task install [--force] [PROGRAM…]`, by default all.
 */

import { fileURLToPath } from "node:url";
import { programs } from "../cmd/parley.ts";
import { parseCommandLine } from "../lib/program/command_line.ts";
import { PARLEY } from "../lib/program/completions/suite.ts";
import { manualPage, parleyPage } from "../lib/program/manual_page.ts";
import { nearest } from "../lib/program/nearest.ts";
import { flag } from "../lib/program/options.ts";
import { commandsOf, pagesOf } from "./install/files.ts";
import { install } from "./install/install.ts";
import { notesOn } from "./install/notes.ts";
import { findDeno, placesIn, Refusal } from "./install/places.ts";
import { attempt } from "./install/attempt.ts";

await attempt("install", async () => {
  const { force, names } = readArgs(Deno.args);
  const deno = await findDeno(Deno.env.get("PATH") ?? "");
  const places = placesIn((name) => Deno.env.get(name));
  const checkout = fileURLToPath(new URL("..", import.meta.url))
    .replace(/[\\/]$/, "");
  const loaded = await Promise.all(
    Object.values(programs).map((load) => load()),
  );
  const manuals = loaded.map(({ program }) => program);
  const others = Object.keys(programs);
  const page = (name: string) => {
    const manual = manuals.find((manual) => manual.name === name);
    return manual === undefined
      ? parleyPage(manuals)
      : manualPage(manual, others);
  };
  const replaced = await install(
    [
      ...await commandsOf(deno, names, checkout, places),
      ...pagesOf(names, manuals, page, places),
    ],
    places,
    force,
  );
  for (const path of replaced) console.log(`replaced ${path}`);
  console.log(`installed in ${places.bin}: ${names.join(", ")}`);
  console.log(
    `They run what is in ${checkout}: keep it there, or install again.`,
  );
  for (const note of notesOn(names, places)) console.log(note);
});

/** Reads the command line. */
function readArgs(
  args: readonly string[],
): { force: boolean; names: string[] } {
  const known = [PARLEY, ...Object.keys(programs)];
  const { options, operands: words, problem } = parseCommandLine(args, {
    force: flag("replace what is not from here"),
  });
  if (problem !== undefined) {
    throw new Refusal(`${problem.message}: install [--force] [PROGRAM…]`);
  }
  for (const word of words) {
    if (known.includes(word)) continue;
    const near = nearest(word, known);
    const meant = near === undefined
      ? `one of ${known.join(", ")}`
      : `did you mean ${near}?`;
    throw new Refusal(`unknown program ${JSON.stringify(word)}: ${meant}`);
  }
  const { force } = options;
  return { force, names: words.length > 0 ? [...new Set(words)] : known };
}
