/**
 * An option whose value is one of a few words.
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
 */
export function choice<T extends string>(
  value: string,
  help: string,
  words: readonly T[],
  fallback: T,
): Option<T> {
  return {
    value,
    help,
    default: fallback,
    parse(text, name) {
      const word = words.find((each) => each === text);
      if (word !== undefined) return word;
      const known = words.join(", ");
      throw new UsageError(`${name}: ${quoted(text)} is none of ${known}`);
    },
  };
}
