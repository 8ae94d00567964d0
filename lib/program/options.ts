/**
 * The kinds of options that programs have.
 *
 * @module
 */

import { MAX_MILLISECONDS } from "../calls/deadline.ts";

/** What was given in the place of something else, to say what was meant. */
export type Mistake =
  | { readonly kind: "option"; readonly arg: string; readonly option: string }
  | {
    readonly kind: "operand";
    readonly text: string;
    readonly operands: readonly string[];
  }
  | { readonly kind: "port"; readonly text: string }
  | {
    readonly kind: "word";
    readonly text: string;
    readonly words: readonly string[];
  };

/** A program was used wrongly. */
export class UsageError extends Error {
  /** The name of this class. */
  override readonly name = "UsageError";
  /** What was given, if there is a way to find out what was meant. */
  readonly mistake: Mistake | undefined;

  /**
   * Makes the error.
   *
   * @param message what is wrong
   * @param mistake what was given, if there is a way to find out what was meant
   */
  constructor(message: string, mistake?: Mistake) {
    super(message);
    this.mistake = mistake;
  }
}

/** One option. */
export interface Option<T> {
  /**
   * What it does, in a few words; "" if the option before it says so, after a
   * semicolon for each of them or in one.
   */
  readonly help: string;
  /** Its value in the help, as in `PORT`; missing for one that takes none. */
  readonly value?: string;
  /**
   * What it is if it is given without a value, for one that may be. Its value
   * then comes behind `=` only: the next argument is never taken for it.
   */
  readonly bare?: T;
  /** The values that it takes, if they can be counted. */
  readonly words?: readonly string[];
  /** Whether it may be repeated, and collects its values. */
  readonly repeats?: boolean;
  /** Its one-letter form. */
  readonly short?: string;
  /** Its value if it is not given. */
  readonly default: T;
  /**
   * Reads its value.
   *
   * @param text what was given; "" for an option that takes no value
   * @param name the option as it is called, as in `--port`
   * @param before the value so far, from equal options before it
   * @returns the value
   * @throws {UsageError} if the text is no such value
   */
  // A method, so that a table can hold options of all types.
  parse(text: string, name: string, before: T): T;
}

/** The options of a program by their long names. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What the options of a table were given. */
export type Parsed<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/**
 * Makes an option that is given or not.
 *
 * @param help what it does
 * @param short its one-letter form
 */
export function flag(help: string, short?: string): Option<boolean> {
  return {
    help,
    default: false,
    parse: () => true,
    ...(short !== undefined && { short }),
  };
}

/**
 * Makes an option that takes any text.
 *
 * @param value its value in the help
 * @param help what it does
 * @param fallback its value if it is not given
 */
export function text(value: string, help: string): Option<string | undefined>;
export function text(
  value: string,
  help: string,
  fallback: string,
): Option<string>;
export function text(
  value: string,
  help: string,
  fallback?: string,
): Option<string | undefined> {
  return { value, help, default: fallback, parse: (text) => text };
}

/**
 * Makes an option that may be repeated, and collects its values.
 *
 * @param one the option as it is given once
 */
export function many<T>(
  one: Option<T>,
): Option<readonly Exclude<T, undefined>[]> {
  return {
    help: one.help,
    default: [],
    repeats: true,
    ...(one.value !== undefined && { value: one.value }),
    parse(text, name, before) {
      const value = one.parse(text, name, one.default);
      return [...before, value as Exclude<T, undefined>];
    },
  };
}

/**
 * Refuses an empty text.
 *
 * @param text what was given
 * @param name what it was given for
 * @returns the text
 * @throws {UsageError} if it is empty
 */
export function requireText(text: string, name: string): string {
  if (text === "") throw new UsageError(`${name} is empty`);
  return text;
}

/**
 * Makes an option that takes a whole number from 1.
 *
 * @param value its value in the help
 * @param help what it does
 * @param fallback its value if it is not given
 * @param max the largest number that it takes
 */
export function count(value: string, help: string): Option<number | undefined>;
export function count(
  value: string,
  help: string,
  fallback: number,
  max?: number,
): Option<number>;
export function count(
  value: string,
  help: string,
  fallback?: number,
  max: number = Number.MAX_SAFE_INTEGER,
): Option<number | undefined> {
  return {
    value,
    help,
    default: fallback,
    parse(text, name) {
      const number = Number(text);
      if (/^[0-9]+$/.test(text) && number >= 1 && number <= max) return number;
      throw new UsageError(
        `${name}: ${quoted(text)} is not a number from 1 to ${max}`,
      );
    },
  };
}

const MAX_SECONDS = Math.floor(MAX_MILLISECONDS / 1000);

/**
 * Makes an option that takes seconds and is read in milliseconds.
 *
 * @param help what it does
 * @param fallback its value if it is not given, in seconds
 */
export function seconds(help: string, fallback: number): Option<number> {
  return {
    value: "SECONDS",
    help,
    default: fallback * 1000,
    parse(text, name) {
      const number = Number(text);
      if (/^[0-9]+(\.[0-9]+)?$/.test(text) && number <= MAX_SECONDS) {
        // Less than a millisecond is not "no limit", which 0 means.
        return number === 0 ? 0 : Math.max(1, Math.round(number * 1000));
      }
      throw new UsageError(
        `${name}: ${quoted(text)} is not a number of seconds ` +
          `from 0 to ${MAX_SECONDS}`,
      );
    },
  };
}

/**
 * Puts what was given into quotes.
 *
 * @param text what was given
 */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
