/**
 * Options whose values are one or some of a few words.
 *
 * @module
 */

import { type Option, quoted, UsageError } from "./options.ts";

/**
 * Makes an option that takes one of a few words.
 *
 * @param value its value in the help
 * @param help what it does
 * @param words the words that there are
 * @param fallback the one that counts if it is not given
 * @param bare the one that counts if it is given without a value; by default it
 * needs one
 */
export function choice<T extends string>(
  value: string,
  help: string,
  words: readonly T[],
  fallback: T,
  bare?: T,
): Option<T> {
  return {
    value,
    help,
    words,
    default: fallback,
    ...(bare !== undefined && { bare }),
    parse: (text, name) => requireWord(text, name, words),
  };
}

/**
 * Makes an option that takes some of a few words, parted by commas, or none.
 *
 * @param help what it does
 * @param words the words that there are
 * @returns the option; its value is `undefined` if it is not given
 */
export function choices<T extends string>(
  help: string,
  words: readonly T[],
): Option<readonly T[] | undefined> {
  return {
    value: words.join(","),
    help,
    words: [...words, words.join(",")],
    default: undefined,
    bare: [],
    parse: (text, name) =>
      text.split(",").map((word) => requireWord(word, name, words)),
  };
}

function requireWord<T extends string>(
  text: string,
  name: string,
  words: readonly T[],
): T {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new UsageError(
    `${name}: ${quoted(text)} is none of ${words.join(", ")}`,
    { kind: "word", text, words },
  );
}
