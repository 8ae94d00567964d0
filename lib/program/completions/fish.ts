/**
 * Completions for fish.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };
import type { Manual } from "../help.ts";
import {
  operandsOf,
  type OptionEntry,
  optionsOf,
  optionsWithValue,
  type ValueKind,
} from "./entries.ts";
import {
  ACTIONS,
  PARLEY,
  PARLEY_OPTIONS,
  type Suite,
  wordsFor,
} from "./suite.ts";

const SHARED = `
function __parley_runs --description 'Whether parley is to run this program'
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]
end

# $argv: the place of the program's name, how many operands come before the one
# that is asked for, and the options whose next word is their value.
function __parley_operand --description 'Whether this operand comes next'
    set -l at 0
    set -l operands 0
    set -l skipped false
    set -l ended false
    for word in (commandline -opc)
        set at (math $at + 1)
        if test $at -le $argv[1]
            continue
        else if test $skipped = true
            set skipped false
        else if test $ended = true
            set operands (math $operands + 1)
        else if test "$word" = --
            set ended true
        else if contains -- "$word" $argv[3..-1]
            set skipped true
        else if not string match -q -- '-?*' "$word"
            set operands (math $operands + 1)
        end
    end
    test $operands -eq $argv[2]
end
`;

/**
 * Writes the completions for fish.
 *
 * @param suite what they are for
 * @returns a script for fish to source; in a folder of completions it is named
 * after its one command
 */
export function fishCompletions({ manuals, commands }: Suite): string {
  const parts = commands.map((command) => {
    if (command === PARLEY) return parleyLines(manuals);
    const lines = manuals.filter(({ name }) => name === command)
      .flatMap((manual) => linesOf(manual, command));
    return [`complete -c ${command} -f`, ...lines].join("\n") + "\n";
  });
  const head = `# Completions for fish, by Parley ${config.version}.\n`;
  return [head + SHARED, ...parts].join("\n");
}

/** Writes the lines that complete a program behind its name, or in parley. */
function linesOf(manual: Manual, command: string): string[] {
  const isOwn = command === manual.name;
  const runs = `__parley_runs ${manual.name}`;
  const options = optionsOf(manual).map((option) =>
    `complete -c ${command} ${isOwn ? "" : `-n '${runs}' `}${wordsOf(option)}`
  );
  const taking = optionsWithValue(manual).join(" ");
  const operands = operandsOf(manual).flatMap(({ kind, repeats }, at) => {
    const next = `__parley_operand ${isOwn ? 1 : 2} ${at} ${taking}`;
    const conditions = [...isOwn ? [] : [runs], ...repeats ? [] : [next]];
    const offer = operandOffers[kind];
    if (offer === undefined) return [];
    const condition = conditions.length === 0
      ? ""
      : `-n '${conditions.join("; and ")}' `;
    return [`complete -c ${command} ${condition}${offer}`];
  });
  return [...options, ...operands];
}

/** What completes the operands of one kind. */
const operandOffers: Readonly<Partial<Record<ValueKind, string>>> = {
  file: "-F",
  host: "-a 'localhost (__fish_print_hostnames)'",
};

/** Describes an option as `complete` has it. */
function wordsOf(
  { name, short, help, value, isBare, kind, words }: OptionEntry,
): string {
  const names = `${short === undefined ? "" : `-s ${short} `}-l ${name}`;
  const description = ` -d ${quoted(help)}`;
  if (value === undefined) return names + description;
  // -x: a value is needed, and it is no file; -r -F: it is one.
  const needs = isBare ? "" : kind === "file" ? " -r -F" : " -x";
  const offer = kind === "words"
    ? ` -a '${words.join(" ")}'`
    : kind === "host"
    ? " -a 'localhost (__fish_print_hostnames)'"
    : "";
  return names + needs + offer + description;
}

/** Writes the lines that complete parley itself. */
function parleyLines(manuals: readonly Manual[]): string {
  const first = `-n '__parley_operand 1 0'`;
  const what = [
    ...manuals.map(({ name, summary }) => [name, summary] as const),
    ...ACTIONS.map(([action, , does]) => [action, does] as const),
  ];
  const lines = [
    ...what.map(([name, does]) => `${first} -a ${name} -d ${quoted(does)}`),
    ...optionsOf({ options: PARLEY_OPTIONS })
      .map((option) => `${first} ${wordsOf(option)}`),
    ...ACTIONS.map(([action, operand]) => {
      const words = wordsFor(operand, manuals).join(" ");
      const when = `__parley_runs ${action}; and __parley_operand 2 0`;
      return `-n '${when}' -a '${words}'`;
    }),
  ].map((line) => `complete -c ${PARLEY} ${line}`);
  const programs = manuals.flatMap((manual) => linesOf(manual, PARLEY));
  return [`complete -c ${PARLEY} -f`, ...lines, ...programs].join("\n") + "\n";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
