/**
 * What shells complete, as the option tables have it.
 *
 * @module
 */

import type { Manual } from "../help.ts";
import type { Option, OptionTable } from "../options.ts";

/** What a value is, as far as a shell can complete it. */
export type ValueKind = "words" | "file" | "host" | "other";

/** An option, as a shell completes it. */
export interface OptionEntry {
  /** Its name without the dashes. */
  readonly name: string;
  /** Its letter, if it has one. */
  readonly short: string | undefined;
  /** What it does. */
  readonly help: string;
  /** Its value in the help, as in `PORT`; missing for one that takes none. */
  readonly value: string | undefined;
  /** Whether its value can only come behind `=`. */
  readonly isBare: boolean;
  /** What its value is. */
  readonly kind: ValueKind;
  /** The values that there are, for `words`. */
  readonly words: readonly string[];
  /** Whether it may be repeated. */
  readonly repeats: boolean;
}

/** An operand, as a shell completes it. */
export interface OperandEntry {
  /** Its name, as in `HOST`. */
  readonly name: string;
  /** What it is. */
  readonly kind: ValueKind;
  /** Whether it may be left out. */
  readonly isOptional: boolean;
  /** Whether there may be several. */
  readonly repeats: boolean;
}

/** What values of this name are. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  FILE: "file",
  HOST: "host",
  ADDRESS: "host",
};

/**
 * Lists the options of a program.
 *
 * @param manual the program
 */
export function optionsOf({ options }: Pick<Manual, "options">): OptionEntry[] {
  const helps = helpsOf(options);
  return Object.entries(options).map(([name, option]) =>
    entryOf(name, option, helps.get(name) ?? "")
  );
}

/**
 * Says of each option what it does. Those that stand on one line of the help
 * have each their part of it, or all of them the whole.
 *
 * @param options the options
 */
export function helpsOf(options: OptionTable): Map<string, string> {
  const lines: { help: string; names: string[] }[] = [];
  for (const [name, { help }] of Object.entries(options)) {
    const last = lines.at(-1);
    if (help === "" && last !== undefined) last.names.push(name);
    else lines.push({ help, names: [name] });
  }
  return new Map(lines.flatMap(({ help, names }) => {
    const parts = help.split("; ");
    const isParted = parts.length === names.length;
    return names.map((name, at) =>
      [name, isParted ? parts[at] ?? "" : help] as const
    );
  }));
}

function entryOf(
  name: string,
  { short, value, bare, words = [], repeats = false }: Option<unknown>,
  help: string,
): OptionEntry {
  const kind = words.length > 0 ? "words" : KINDS[value ?? ""] ?? "other";
  const isBare = bare !== undefined;
  return { name, short, help, value, isBare, kind, words, repeats };
}

/**
 * Lists the names of the options whose next word is their value.
 *
 * @param manual the program
 * @returns as in `--port`
 */
export function optionsWithValue(manual: Pick<Manual, "options">): string[] {
  return optionsOf(manual)
    .filter(({ value, isBare }) => value !== undefined && !isBare)
    .map(({ name }) => `--${name}`);
}

/**
 * Lists the operands of a program.
 *
 * @param manual the program
 */
export function operandsOf(
  { operands = "" }: Pick<Manual, "operands">,
): OperandEntry[] {
  return operands.split(" ").filter((word) => word !== "").map((word) => {
    const name = word.replace(/[[\]…]/g, "");
    return {
      name,
      kind: KINDS[name] ?? "other",
      isOptional: word.startsWith("["),
      repeats: word.includes("…"),
    };
  });
}
