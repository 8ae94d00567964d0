/**
 * What somebody meant who used a program wrongly.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import { shellQuoted } from "../calls/errors.ts";
import { nearest } from "./nearest.ts";
import { type Mistake, type OptionTable, UsageError } from "./options.ts";

/** What is asked of a program to know what was meant. */
export interface Usage {
  /** The program's name. */
  readonly name: string;
  /** Its operands in the usage line, as in `HOST [PORT]`. */
  readonly operands?: string | undefined;
  /** All its options. */
  readonly options: OptionTable;
  /** Says what to write instead of one operand too many. */
  readonly tooMany?:
    | ((operands: readonly string[]) => string)
    | undefined;
}

/** The flags of `deno run` that are most often given to the program. */
const DENO_FLAG = /^--(?:allow|deny|unstable|no-prompt|cached-only)\b|^-A$/;

/**
 * Adds what was meant to a usage error.
 *
 * @param error what is wrong
 * @param usage the program
 * @returns the error, or one that says what was meant as well
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { flag, UsageError } from "./options.ts";
 *
 * const options = { loud: flag("shout") };
 * const error = new UsageError("unknown option --lout", {
 *   kind: "option",
 *   arg: "--lout",
 *   option: "--lout",
 * });
 * assertEquals(
 *   withAdvice(error, { name: "parrot", options }).message,
 *   "unknown option --lout: did you mean --loud?",
 * );
 * ```
 */
export function withAdvice(error: UsageError, usage: Usage): UsageError {
  const { message, mistake } = error;
  const advice = mistake && adviceOn(mistake, usage);
  return advice === undefined ? error : new UsageError(`${message}: ${advice}`);
}

function adviceOn(mistake: Mistake, usage: Usage): string | undefined {
  const { options, tooMany } = usage;
  switch (mistake.kind) {
    case "option":
      return adviceOnOption(mistake.arg, mistake.option, usage);
    case "operand":
      return tooMany?.(mistake.operands) ??
        didYouMean(optionFor(mistake.text, options));
    case "word":
      return didYouMean(nearest(mistake.text, mistake.words));
  }
}

function didYouMean(text: string | undefined): string | undefined {
  return text && `did you mean ${text}?`;
}

function adviceOnOption(
  arg: string,
  option: string,
  { name, operands = "", options }: Usage,
): string | undefined {
  if (DENO_FLAG.test(option)) {
    return `a flag of Deno's comes before the script: deno run ` +
      `${shellQuoted(arg)} cmd/${name}.ts`;
  }
  const word = option.replace(/^-+/, "");
  const isLetter = !option.startsWith("--");
  const operand = operands.match(/\w+/g)?.find((operand) =>
    isLetter
      ? operand.toLowerCase().startsWith(word)
      : operand.toLowerCase() === word
  );
  const meant = isLetter ? meantByLetter(arg, word, options) : undefined;
  if (meant === undefined && operand !== undefined) {
    return `${operand} is an operand`;
  }
  const near = isLetter ? meant : nearest(word, Object.keys(options));
  return didYouMean(near && `--${near}`);
}

/** Finds the option of `-port`, and the only one that begins with a letter. */
function meantByLetter(
  arg: string,
  letter: string,
  options: OptionTable,
): string | undefined {
  const name = arg.slice(1).replace(/=.*/s, "");
  if (Object.hasOwn(options, name)) return name;
  const names = Object.keys(options).filter((each) => each.startsWith(letter));
  return names.length === 1 ? names[0] : undefined;
}

/** Finds the option that an operand was meant for. */
function optionFor(text: string, options: OptionTable): string | undefined {
  const [, name = ""] = /^([\w-]+)=/.exec(text) ?? [];
  if (Object.hasOwn(options, name)) return `--${shellQuoted(text)}`;
  const isHost = text === "localhost" || IpAddress.tryParse(text) !== undefined;
  const option = /^[0-9]+$/.test(text) ? "port" : isHost ? "host" : undefined;
  if (option === undefined || !Object.hasOwn(options, option)) return undefined;
  return `--${option} ${text}`;
}
