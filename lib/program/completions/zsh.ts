/**
 * Completions for zsh.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };
import { shellQuoted } from "../../calls/errors.ts";
import type { Manual } from "../help.ts";
import {
  operandsOf,
  type OptionEntry,
  optionsOf,
  type ValueKind,
} from "./entries.ts";
import {
  ACTIONS,
  described,
  PARLEY,
  PARLEY_OPTIONS,
  type Suite,
  wordsFor,
} from "./suite.ts";

/**
 * Writes the completions for zsh.
 *
 * @param suite what they are for
 * @returns a file for a folder of `fpath`, named after the first command with an
 * underscore before it; it can be sourced as well
 */
export function zshCompletions(suite: Suite): string {
  const { manuals, commands } = suite;
  const [first = PARLEY] = commands;
  const names = commands.join(" ");
  const programs = described(suite);
  const cases = commands.includes(PARLEY)
    ? `    ${PARLEY}) __parley ;;\n    *) __parley_$service ;;\n`
    : `    *) __parley_$service ;;\n`;
  return `#compdef ${names}
# Completions for zsh, by Parley ${config.version}.

${programs.map(functionOf).join("\n")}
${commands.includes(PARLEY) ? `${parleyFunction(manuals)}\n` : ""}_${first}() {
  case $service in
${cases}  esac
}

# In a folder of fpath this file is the function; else it was sourced.
if [[ $funcstack[1] == _${first} ]]; then
  _${first} "$@"
else
  compdef _${first} ${names}
fi
`;
}

/** These completions may be printed on any system. */
function quotedForZsh(word: string): string {
  return shellQuoted(word, "posix");
}

/** Writes the function that completes a program behind its name. */
function functionOf(manual: Manual): string {
  const operands = operandsOf(manual).map((operand, at) => {
    const { name, kind, isOptional, repeats } = operand;
    const place = repeats ? "*" : `${at + 1}${isOptional ? ":" : ""}`;
    return quotedForZsh(`${place}:${name}:${actionOf(kind, [])}`);
  });
  const specs = [...optionsOf(manual).map(specOf), ...operands];
  return `__parley_${manual.name}() {
  _arguments -s -S : \\
    ${specs.join(" \\\n    ")}
}
`;
}

/** Describes an option as `_arguments` has it. */
function specOf(option: OptionEntry): string {
  const { name, short, help, value, isBare, kind, words, repeats } = option;
  const what = `[${help.replace(/[[\]\\]/g, "\\$&")}]`;
  if (value === undefined) {
    return short === undefined
      ? quotedForZsh(`--${name}${what}`)
      : `'(-${short} --${name})'{-${short},--${name}}${quotedForZsh(what)}`;
  }
  const separator = isBare ? "=-" : "=";
  const colon = isBare ? "::" : ":";
  const values = `${escaped(value)}:${actionOf(kind, words)}`;
  return quotedForZsh(
    `${repeats ? "*" : ""}--${name}${separator}${what}${colon}${values}`,
  );
}

/** What completes the values of one kind. */
function actionOf(kind: ValueKind, words: readonly string[]): string {
  switch (kind) {
    case "words":
      return `(${words.join(" ")})`;
    case "file":
      return "_files";
    case "host":
      return "_hosts";
    case "other":
      return " ";
  }
}

/** Writes the function that completes parley itself. */
function parleyFunction(manuals: readonly Manual[]): string {
  const names = manuals.map(({ name }) => name);
  const what = [
    ...manuals.map(({ name, summary }) => [name, summary] as const),
    ...ACTIONS.map(([action, , does]) => [action, does] as const),
  ].map(([name, does]) => quotedForZsh(`${name}:${escaped(does)}`));
  const options = optionsOf({ options: PARLEY_OPTIONS })
    .map((option) => specOf(option).replace(/^'\([^)]*\)'/, "'(- *)'"));
  const actions = ACTIONS.map(([action, operand]) => {
    const words = wordsFor(operand, manuals).join(" ");
    return `        ${action}) _arguments ': :(${words})' ;;\n`;
  });
  return `__parley() {
  local curcontext=$curcontext state line
  local -a programs=(
    ${what.join("\n    ")}
  )
  _arguments -C : \\
    ${options.join(" \\\n    ")} \\
    '1:PROGRAM:->program' '*:: :->rest'
  case $state in
    program) _describe -t commands program programs ;;
    rest)
      case $words[1] in
        ${names.join(" | ")}) __parley_$words[1] ;;
${actions.join("")}      esac
      ;;
  esac
}
`;
}

/** Escapes what would part a description. */
function escaped(text: string): string {
  return text.replace(/[\\:]/g, "\\$&");
}
