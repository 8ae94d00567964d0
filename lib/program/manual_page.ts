/**
 * The manual pages of the programs, in mdoc(7).
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import {
  ACTIONS,
  PARLEY,
  PARLEY_OPTIONS,
  PARLEY_SUMMARY,
} from "./completions/suite.ts";
import { helpsOf } from "./completions/entries.ts";
import type { Manual } from "./help.ts";
import type { Option, OptionTable } from "./options.ts";

/** When what is said below was last changed. */
const DATE = "November 29, 2026";

/** The exit statuses, and what they mean. */
const STATUSES = [
  ["0", "It did its job."],
  [
    "1",
    "It was used wrongly, or lacks a permission; nothing was opened or sent.",
  ],
  [
    "2",
    "The network or the system refused: the name does not resolve, the port is taken, nobody answered in time.",
  ],
  ["130", "A client was stopped by SIGINT (143: by SIGTERM)."],
] as const;

/** The variables that every program heeds. */
const VARIABLES = [
  ["NO_COLOR", "Output is not coloured."],
  ["FORCE_COLOR", "Output is coloured, on a terminal or not."],
  ["TZ", "The zone of local times."],
] as const;

/**
 * Writes the manual page of a program.
 *
 * @param manual the program
 * @param others the programs to see as well
 * @returns the page, for `man` to format
 */
export function manualPage(
  manual: Manual,
  others: readonly string[],
): string {
  const { name, summary, operands = "", example, permissions } = manual;
  const flags = permissions.length === 0
    ? "It needs no permissions."
    : "It needs these permissions, given to\n.Ic deno run :\n" +
      `.Bd -literal -offset indent\n${
        permissions.map((flag) => `${text(flag)}\n`).join("")
      }.Ed`;
  return page(name, summary, [
    `.Sh SYNOPSIS\n.Nm\n.Op Ar OPTION ...\n${synopsis(operands)}`,
    `.Sh DESCRIPTION\n.Nm\n${text(summary)}.\n.Pp\n${
      optionList(manual.options)
    }`,
    `.Sh PERMISSIONS\n${flags}`,
    ENVIRONMENT,
    EXIT_STATUS,
    `.Sh EXAMPLES\n.Dl ${argument(example)}`,
    seeAlso([PARLEY, ...others.filter((other) => other !== name)]),
  ]);
}

/**
 * Writes the manual page of parley itself.
 *
 * @param manuals the programs that it runs
 */
export function parleyPage(manuals: readonly Manual[]): string {
  const names = manuals.map(({ name }) => name);
  const actions = ACTIONS.map(([action, operand]) =>
    `.Nm\n.Cm ${action}\n.Ar ${operand}\n`
  );
  return page(PARLEY, PARLEY_SUMMARY, [
    `.Sh SYNOPSIS\n.Nm\n.Ar PROGRAM\n.Op Ar OPTION ...\n.Op Ar OPERAND ...\n` +
    actions.join(""),
    `.Sh DESCRIPTION\n.Nm\n${
      text(PARLEY_SUMMARY)
    }.\nEach has the permissions of\n` +
    `.Nm\nitself, and a manual page of its own:\n${
      list(manuals.map(({ name, summary }) => [`.Ic ${name}`, summary]))
    }\n.Pp\nInstead of a program it takes:\n${
      list(ACTIONS.map(([action, operand, does]) => [
        `.Cm ${action} Ar ${operand}`,
        does,
      ]))
    }\n.Pp\n${optionList(PARLEY_OPTIONS)}`,
    EXIT_STATUS,
    `.Sh EXAMPLES\n.Dl ${PARLEY} showip localhost`,
    seeAlso(names),
  ]);
}

/** Joins the sections of a page. */
function page(
  name: string,
  summary: string,
  sections: readonly string[],
): string {
  return `.Dd ${DATE}\n.Dt ${name.toUpperCase()} 1\n.Os Parley ${config.version}\n` +
    `.Sh NAME\n.Nm ${name}\n.Nd ${argument(summary)}\n` +
    sections.map((section) => `${section.trimEnd()}\n`).join("");
}

/** Writes the operands, as in `HOST [PORT]`. */
function synopsis(operands: string): string {
  return operands.split(" ").filter((word) => word !== "").map((word) => {
    const name = word.replace(/[[\]…]/g, "") +
      (word.includes("…") ? " ..." : "");
    return word.startsWith("[") ? `.Op Ar ${name}\n` : `.Ar ${name}\n`;
  }).join("");
}

/** Writes a list of options; those that do the same stand together. */
function optionList(table: OptionTable): string {
  const helps = helpsOf(table);
  const items: [head: string, body: string][] = [];
  for (const [name, option] of Object.entries(table)) {
    const help = helps.get(name) ?? "";
    const last = items.at(-1);
    if (last?.[1] === help) last[0] += ` , ${flagsOf(name, option)}`;
    else items.push([`.${flagsOf(name, option)}`, help]);
  }
  return `The options are:\n${list(items)}`;
}

/** Writes an option, as in `Fl q , Fl -quiet`. */
function flagsOf(
  name: string,
  { short, value, bare }: Option<unknown>,
): string {
  const letter = short === undefined ? "" : `Fl ${short} , `;
  const long = `${letter}Fl -${name}`;
  if (value === undefined) return long;
  // What is in brackets would have to be parsed anew: it is put between them.
  return bare === undefined
    ? `${long} Ar ${argument(value)}`
    : `${long} Ns Oo = Ns Ar ${argument(value)} Oc`;
}

/** Writes a list of words and what each means. */
function list(
  items: readonly (readonly [head: string, body: string])[],
): string {
  return `.Bl -tag -width Ds\n${
    items.map(([head, body]) =>
      `.It ${head.slice(1)}\n${text(sentence(body))}\n`
    )
      .join("")
  }.El`;
}

/** Makes a sentence of a few words. */
function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}

const EXIT_STATUS = `.Sh EXIT STATUS\n${
  list(STATUSES.map(([status, meaning]) => [`.${status}`, meaning]))
}`;

const ENVIRONMENT = `.Sh ENVIRONMENT\n${
  list(VARIABLES.map(([name, meaning]) => [`.Ev ${name}`, meaning]))
}`;

function seeAlso(names: readonly string[]): string {
  const references = names.toSorted().map((name) => `.Xr ${name} 1`);
  return `.Sh SEE ALSO\n${references.join(" ,\n")}`;
}

/** Escapes a line of text. */
function text(line: string): string {
  const escaped = line.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replace(/[^\x20-\x7e]/gu, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    });
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** Escapes words on a line with a macro, so that none is taken for another. */
function argument(words: string): string {
  return words.split(" ")
    .map((word) =>
      /^[A-Z%][A-Za-z0-9]{1,2}$|^[.,:;()[\]?!|]$/.test(word)
        ? `\\&${text(word)}`
        : text(word).replaceAll('"', "\\(dq")
    ).join(" ");
}
