/**
 * A command line, read once and checked.
 *
 * @module
 */

import {
  type Mistake,
  type OptionTable,
  type Parsed,
  quoted,
  UsageError,
} from "./options.ts";

/** A command line, read. */
export interface CommandLine<O extends OptionTable> {
  /** The options' values; those that were not given have their defaults. */
  readonly options: Parsed<O>;
  /** What is no option, in its order. */
  readonly operands: readonly string[];
  /** The first thing that is wrong with it, if anything is. */
  readonly problem: UsageError | undefined;
}

/**
 * Reads a command line. Options may be anywhere; `--` ends them. If an option
 * is repeated the last one counts, unless the option collects its values.
 *
 * It is read to its end whatever is wrong with it, so that the options that
 * say how to answer (`--help`, `--json`) are known.
 *
 * @param args the arguments
 * @param table the options that there are
 * @returns the options' values, the operands, and the first problem
 */
export function parseCommandLine<O extends OptionTable>(
  args: readonly string[],
  table: O,
): CommandLine<O> {
  const reader = new Reader(table);
  const rest = args.values();
  for (const arg of rest) {
    if (arg === "--") reader.operands.push(...rest);
    else if (arg === "-" || !arg.startsWith("-")) reader.operands.push(arg);
    else if (arg.startsWith("--")) reader.readLong(arg, rest);
    else reader.readLetters(arg);
  }
  const { values, operands, problem } = reader;
  return {
    // TypeScript cannot see that each value came from the option of its name.
    options: Object.fromEntries(values) as Parsed<O>,
    operands,
    problem,
  };
}

/** Collects what a command line says. */
class Reader {
  readonly operands: string[] = [];
  readonly values = new Map<string, unknown>();
  problem: UsageError | undefined;
  readonly #table: OptionTable;
  readonly #letters = new Map<string, string>();

  constructor(table: OptionTable) {
    this.#table = table;
    for (const [name, option] of Object.entries(table)) {
      this.values.set(name, option.default);
      if (option.short !== undefined) this.#letters.set(option.short, name);
    }
  }

  /** Reads `--name`, `--name=value`, or `--name` and the next argument. */
  readLong(arg: string, rest: Iterator<string>): void {
    const equals = arg.indexOf("=");
    const name = arg.slice(2, equals < 0 ? undefined : equals);
    if (!Object.hasOwn(this.#table, name)) {
      this.#noteUnknown(arg, `--${name}`);
      return;
    }
    const { value, bare } = this.#table[name]!;
    if (value === undefined) {
      if (equals < 0) this.#give(name, "");
      else this.#note(`--${name} takes no value`);
      return;
    }
    if (bare !== undefined && equals < 0) {
      this.values.set(name, bare);
      return;
    }
    const text = equals < 0 ? rest.next().value : arg.slice(equals + 1);
    if (text !== undefined) this.#give(name, text);
    else this.#note(`--${name} needs a value: --${name} ${value}`);
  }

  /** Reads `-q` or `-q4`; letters take no values. */
  readLetters(arg: string): void {
    for (const letter of arg.slice(1)) {
      const name = this.#letters.get(letter);
      if (name === undefined) this.#noteUnknown(arg, `-${letter}`);
      else this.#give(name, "");
    }
  }

  #give(name: string, text: string): void {
    const option = this.#table[name]!;
    try {
      const before = this.values.get(name);
      this.values.set(name, option.parse(text, `--${name}`, before));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.problem ??= error;
    }
  }

  #noteUnknown(arg: string, option: string): void {
    this.#note(`unknown option ${option}`, { kind: "option", arg, option });
  }

  #note(problem: string, mistake?: Mistake): void {
    this.problem ??= new UsageError(problem, mistake);
  }
}

/**
 * Makes sure that there are as many operands as a program takes.
 *
 * @param usage the operands in the usage line, as in `HOST [PORT]` or `[FILE…]`
 * @param given the operands that were given
 * @throws {UsageError} if one is missing or one is too many
 */
export function checkOperands(usage: string, given: readonly string[]): void {
  const words = usage.split(" ").filter((word) => word !== "");
  const needed = words.filter((word) => !word.startsWith("["));
  const missing = needed[given.length];
  if (missing !== undefined) {
    throw new UsageError(`missing operand ${missing.replace("…", "")}`);
  }
  const extra = given[words.length];
  if (extra !== undefined && !/…\]?$/.test(usage)) {
    throw new UsageError(`unexpected operand ${quoted(extra)}`, {
      kind: "operand",
      text: extra,
      operands: given,
    });
  }
}
