/**
 * How many columns of a terminal text fills.
 *
 * @module
 */

import { WIDTHS } from "./width_table.ts";

/** One run of characters of one width. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly columns: 0 | 2;
}

let runs: readonly Run[] | undefined;

/** Reads the table, once somebody asks. */
function readRuns(): readonly Run[] {
  let end = 0;
  return Array.from(
    WIDTHS.matchAll(/([-+])([0-9a-z]+)\.([0-9a-z]+)/g),
    ([, mark, gap, length]) => {
      const first = end + parseInt(gap!, 36);
      end = first + parseInt(length!, 36);
      return { first, last: end - 1, columns: mark === "-" ? 0 : 2 };
    },
  );
}

/**
 * Finds how many columns of a terminal a character fills.
 *
 * @param code the character's code point
 * @returns 0 for marks, controls and formats, 2 for the wide and full-width
 * characters of Unicode Standard Annex 11 (Hangul, Han, most emoji), else 1
 */
export function charWidth(code: number): 0 | 1 | 2 {
  if (code >= 0x20 && code < 0x7f) return 1;
  runs ??= readRuns();
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = low + high >> 1;
    const { first, last, columns } = runs[middle]!;
    if (code < first) high = middle - 1;
    else if (code > last) low = middle + 1;
    else return columns;
  }
  return 1;
}

/**
 * Finds how many columns of a terminal text fills.
 *
 * @param text text without control characters
 * @returns the sum of its characters' widths
 */
export function textWidth(text: string): number {
  let columns = 0;
  for (const char of text) columns += charWidth(char.codePointAt(0)!);
  return columns;
}

/** Marks that may stand on one character before they are cut. */
const MARKS = 8;

/**
 * Cuts text to a width.
 *
 * @param text text without control characters
 * @param columns the most that it may fill
 * @returns the text, or its beginning and `…`; never more than a few marks for
 * each column, which fill none
 */
export function cutText(text: string, columns: number): string {
  let width = 0;
  let marks = 0;
  let end = 0; // where the text must end if a … follows
  let at = 0;
  for (const char of text) {
    const own = charWidth(char.codePointAt(0)!);
    marks = own === 0 ? marks + 1 : 0;
    if (width + own > columns || marks > MARKS) {
      return columns < 1 ? "" : text.slice(0, end) + "…";
    }
    width += own;
    at += char.length;
    if (width < columns) end = at;
  }
  return text;
}

/** The most lines that a text is broken into, unless it is said. */
const MOST_LINES = 3;

/**
 * Breaks text into a few lines, behind colons and spaces where it can be.
 *
 * @param text text without control characters
 * @param columns the most that a line may fill
 * @param most how many lines there may be
 * @returns the lines, at least one; the last one is cut if it is too wide
 */
export function foldText(
  text: string,
  columns: number,
  most = MOST_LINES,
): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < most - 1) {
    const cut = cutText(rest, columns);
    if (cut === rest || cut === "…" || cut === "") break;
    const length = cut.length - 1; // without the …
    const last = cut.slice(0, length).search(/[: ][^: ]*$/) + 1;
    const end = last > length / 2 ? last : length;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end);
  }
  return [...lines, cutText(rest, columns)];
}
