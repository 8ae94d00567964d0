/**
 * The word that somebody meant who misspelt it.
 *
 * @module
 */

/** A word has at least this many letters for each slip. */
const LETTERS_PER_SLIP = 3;

/**
 * Finds the word that was meant.
 *
 * A slip is a letter too many, one too few, another one, or two that changed
 * places. A word of three letters may have one, one of six two, and so on; upper
 * and lower case are the same. Otherwise the start of one word is enough, and so
 * is one word with more behind it.
 *
 * @param text what was given
 * @param words the words that there are
 * @returns the only word that is as near; `undefined` if none is near, or if
 * several are
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("prot", ["port", "host"]), "port");
 * assertEquals(nearest("max-conn", ["max-connections"]), "max-connections");
 * assertEquals(nearest("bogus", ["port", "host"]), undefined);
 * ```
 */
export function nearest<T extends string>(
  text: string,
  words: Iterable<T>,
): T | undefined {
  const given = text.toLowerCase();
  const known = [...words];
  const near = misspelt(given, known);
  if (near.length > 0 || given === "") return only(near);
  return only(known.filter((word) => {
    if (word.startsWith(given)) return true;
    return word.length >= LETTERS_PER_SLIP && given.startsWith(word);
  }));
}

/** Returns what there is one of. */
function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Finds the words that are nearest by slips. */
function misspelt<T extends string>(given: string, words: readonly T[]): T[] {
  let least = Math.max(1, Math.floor(given.length / LETTERS_PER_SLIP));
  let found: T[] = [];
  for (const word of words) {
    // A word of which half is slips is another word.
    const most = Math.min(least, Math.floor(word.length / 2));
    if (Math.abs(word.length - given.length) > most) continue;
    const slips = slipsBetween(given, word.toLowerCase());
    if (slips > most) continue;
    if (slips < least) found = [];
    least = slips;
    found.push(word);
  }
  return found;
}

/** Counts the slips between two words (Damerau and Levenshtein). */
function slipsBetween(a: string, b: string): number {
  // The counts for each start of `b`, and one and two letters of `a` less.
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const slips = Math.min(
        next[j - 1]! + 1,
        row[j]! + 1,
        row[j - 1]! + (isSame ? 0 : 1),
      );
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] &&
        a[i - 2] === b[j - 1];
      next.push(isSwapped ? Math.min(slips, before[j - 2]! + 1) : slips);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
