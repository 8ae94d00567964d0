/**
 * The programs for which completions are written, and the one that runs them.
 *
 * @module
 */

import { COMMON } from "../common.ts";
import type { Manual } from "../help.ts";

/** The name of the program that runs each of the others. */
export const PARLEY = "parley";

/** What it does, in one sentence. */
export const PARLEY_SUMMARY = "runs the classic socket programs";

/** The shells for which there are completions. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
/** One of them. */
export type Shell = typeof SHELLS[number];

/** What parley does besides running a program: the words, and what they do. */
export const ACTIONS = [
  ["help", "PROGRAM", "shows how a program is used"],
  ["man", "PROGRAM", "prints the manual page of a program"],
  ["completions", "SHELL", "prints completions for bash, zsh or fish"],
] as const;

/** The options of parley itself. */
export const PARLEY_OPTIONS = { help: COMMON.help, version: COMMON.version };

/** What a file of completions is for. */
export interface Suite {
  /** The programs that can be run, by themselves or by parley. */
  readonly manuals: readonly Manual[];
  /** The commands that are completed, parley among them or not. */
  readonly commands: readonly string[];
}

/**
 * Returns the programs that a file of completions describes.
 *
 * @param suite what it is for
 * @returns all if parley is completed, else those that are completed themselves
 */
export function described({ manuals, commands }: Suite): readonly Manual[] {
  if (commands.includes(PARLEY)) return manuals;
  return manuals.filter(({ name }) => commands.includes(name));
}

/**
 * Returns the words of which one can be behind an action of parley.
 *
 * @param operand the action's operand
 * @param manuals the programs
 */
export function wordsFor(
  operand: typeof ACTIONS[number][1],
  manuals: readonly Manual[],
): readonly string[] {
  if (operand === "SHELL") return SHELLS;
  return [...manuals.map(({ name }) => name), PARLEY];
}
