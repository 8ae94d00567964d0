/**
 * What somebody meant who used a program wrongly.
 *
 * @module
 */

import { parseAuthority } from "../address/authority.ts";
import { IpAddress } from "../address/ip_address.ts";
import { shellQuoted } from "../calls/errors.ts";
import { parsePort } from "../names/services.ts";
import type { Manual } from "./help.ts";
import { nearest } from "./nearest.ts";
import { type Mistake, type OptionTable, UsageError } from "./options.ts";

/** What is asked of a program to know what was meant. */
export interface Usage extends Pick<Manual, "name" | "operands" | "options"> {
  /** The operands that were given. */
  readonly given?: readonly string[];
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
      if (isOption(mistake.text, options)) return "options come before --";
      return tooMany?.(mistake.operands) ??
        didYouMean(optionFor(mistake.text, options));
    case "port":
      return changedPlaces(mistake.text, usage) ??
        didYouMean(optionOfWord(mistake.text, options));
    case "word":
      return didYouMean(nearest(mistake.text, mistake.words));
  }
}

/** Says how to write a host and its port that have changed places. */
function changedPlaces(
  text: string,
  { name, given: [first = "", second] = [] }: Usage,
): string | undefined {
  if (text !== second || parsePort(first) === undefined) return undefined;
  return `write '${name} ${shellQuoted(text)} ${first}'`;
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
  // The whole of -port is a name; its letters mean nothing.
  const whole = arg.slice(1).replace(/=.*/s, "");
  if (isLetter && Object.hasOwn(options, whole)) {
    return didYouMean(`--${whole}`);
  }
  const places: readonly string[] = operands.match(/\w+/g) ?? [];
  const names = Object.keys(options);
  const near = isLetter
    ? places.find((place) => place.toLowerCase().startsWith(word))
    : nearest(word, [...places, ...names]);
  if (near !== undefined && places.includes(near)) {
    return `${near} is an operand`;
  }
  if (isLetter) {
    return didYouMean(oneOf(names.filter((name) => name.startsWith(word))));
  }
  return didYouMean(near && `--${near}`);
}

/** Joins the names of options, as in `--a, --b or --c`. */
function oneOf(names: readonly string[]): string | undefined {
  const words = names.map((name) => `--${name}`);
  const last = words.pop();
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

/** Returns whether an operand would be an option if it were not behind `--`. */
function isOption(text: string, options: OptionTable): boolean {
  const [, name = ""] = /^--([\w-]+)(?:=|$)/.exec(text) ?? [];
  return Object.hasOwn(options, name) ||
    Object.values(options).some(({ short }) => text === `-${short}`);
}

/** Finds the option that an operand was meant for. */
function optionFor(text: string, options: OptionTable): string | undefined {
  const [, name = ""] = /^([\w-]+)=/.exec(text) ?? [];
  if (Object.hasOwn(options, name)) return `--${shellQuoted(text)}`;
  const ofWord = optionOfWord(text, options);
  if (ofWord !== undefined) return ofWord;
  const { host = "", port = "" } = parseAuthority(text) ?? {};
  if (host !== "" && parsePort(port) !== undefined) {
    const both = ["host", "port"].every((name) => Object.hasOwn(options, name));
    return both ? `--host ${shellQuoted(host)} --port ${port}` : undefined;
  }
  const isHost = text === "localhost" || IpAddress.tryParse(text) !== undefined;
  const option = /^[0-9]+$/.test(text) ? "port" : isHost ? "host" : undefined;
  if (option === undefined || !Object.hasOwn(options, option)) return undefined;
  return `--${option} ${text}`;
}

/** Finds the option whose value was written after a blank, not after `=`. */
function optionOfWord(text: string, options: OptionTable): string | undefined {
  for (const [name, { bare, words = [] }] of Object.entries(options)) {
    if (bare !== undefined && words.includes(text)) return `--${name}=${text}`;
  }
  return undefined;
}
