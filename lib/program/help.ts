/**
 * What programs print about themselves.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { shellQuoted } from "../calls/errors.ts";
import { platform, type Shell } from "../calls/platform.ts";
import type { Option, OptionTable } from "./options.ts";

/** What a program's help is made of. */
export interface HelpSpec {
  /** The program's name. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** Its operands in the usage line, as in `HOST [PORT]`. */
  readonly operands?: string | undefined;
  /** A command line to begin with, and what it does. */
  readonly example: string;
  /** The flags of `deno run` with which it works, without its options. */
  readonly permissions: readonly string[];
}

/** All that there is to know of a program to use it. */
export interface Manual extends HelpSpec {
  /** All its options, in the order of the help. */
  readonly options: OptionTable;
}

/**
 * Writes the usage line, without a newline.
 *
 * @param spec the program
 */
export function usageLine(
  { name, operands = "" }: Pick<HelpSpec, "name" | "operands">,
): string {
  return `usage: ${name} [OPTION…]${operands && ` ${operands}`}`;
}

/**
 * Writes the help.
 *
 * @param spec the program
 * @param table all its options
 * @param shell whose command lines it shows; by default that of this system
 * @returns lines of at most 80 characters; on Windows the last one is longer,
 * because no character breaks a line in all of its shells
 */
export function helpText(
  spec: HelpSpec,
  table: OptionTable,
  shell: Shell = platform.shell,
): string {
  const { name, summary, example, permissions } = spec;
  const command = permissions.length === 0 ? ["none"] : commandOf(spec, shell);
  const lines = shell === "windows"
    ? ["Permissions:", ...command].join(" ")
    : fold("Permissions:", command);
  return `${name}: ${summary}\n${usageLine(spec)}\n\n${optionLines(table)}\n` +
    `Example: ${example}\n${lines}\n`;
}

/** The words of the command that runs a program with what it needs. */
function commandOf(
  { name, operands = "", example, permissions }: HelpSpec,
  shell: Shell,
): string[] {
  const [, args = ""] = /^\S+ (.*?)(?: {2,}|$)/.exec(example) ?? [];
  const script = `cmd/${name}.ts`;
  return [
    ...["deno", "run"],
    ...permissions.map((flag) => shellQuoted(flag, shell)),
    script,
    ...operands === "" || args === "" ? [] : [args],
  ];
}

/** How many characters a line has at most, with the backslash at its end. */
const COLUMNS = 80;

/** Folds a command, so that it can be pasted, into lines behind a title. */
function fold(title: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = title;
  for (const word of words) {
    if (`${line} ${word} \\`.length > COLUMNS) {
      lines.push(`${line} \\`);
      line = " ".repeat(title.length);
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

/** Writes a line for each option; one without help stands beside the last. */
function optionLines(table: OptionTable): string {
  const lines: { names: string; help: string }[] = [];
  for (const [name, option] of Object.entries(table)) {
    const last = lines.at(-1);
    const names = namesOf(name, option);
    if (option.help === "" && last !== undefined) {
      last.names += `  ${names.trimStart()}`;
    } else {
      lines.push({ names, help: option.help });
    }
  }
  return lines.map(({ names, help }) => `  ${names.padEnd(27)} ${help}\n`)
    .join("");
}

function namesOf(name: string, option: Option<unknown>): string {
  const short = option.short ? `-${option.short}, ` : "    ";
  return `${short}--${name}${valueOf(option)}`;
}

/**
 * Writes an option's value as it follows its name.
 *
 * @param option the option
 * @returns as in ` PORT`, or `[=WHEN]` if it may be left out; "" if it has none
 */
export function valueOf({ value, bare }: Option<unknown>): string {
  if (value === undefined) return "";
  return bare === undefined ? ` ${value}` : `[=${value}]`;
}

/**
 * Writes the lines that say what was wrong with a command line.
 *
 * @param name the program's name
 * @param usage its usage line
 * @param problem the program and what is wrong, made safe to print
 */
export function usageErrorText(
  name: string,
  usage: string,
  problem: string,
): string {
  return `${problem}\n${usage}\nTry '${name} --help'.\n`;
}

/**
 * Writes the version.
 *
 * @param name the program's name
 */
export function versionText(name: string): string {
  return `${name} (Parley) ${config.version}\n`;
}
