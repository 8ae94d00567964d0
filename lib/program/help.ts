/**
 * What programs print about themselves.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { shellQuoted } from "../calls/errors.ts";
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
  /** The flags of `deno run` with which it works. */
  readonly permissions: readonly string[];
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
 * @returns lines of at most 80 characters
 */
export function helpText(spec: HelpSpec, table: OptionTable): string {
  const { name, summary, example, permissions } = spec;
  const options = optionLines(table);
  // One flag a line, so that all of them fit the screen.
  const flags = permissions.length === 0
    ? "none"
    : permissions.map(shellQuoted).join("\n" + " ".repeat(13));
  return `${name}: ${summary}\n${usageLine(spec)}\n\n${options}\n` +
    `Example: ${example}\nPermissions: ${flags}\n`;
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
  const { value, bare } = option;
  if (value === undefined) return `${short}--${name}`;
  return `${short}--${name}${bare === undefined ? ` ${value}` : `[=${value}]`}`;
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
