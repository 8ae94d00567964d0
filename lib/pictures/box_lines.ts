/**
 * What stands in a box of text.
 *
 * @module
 */

import type { Box } from "./picture.ts";
import { cutText, textWidth } from "./text_width.ts";

/** A line: what stands at its left, and at its right. */
export interface BoxLine {
  readonly text: string;
  readonly time?: string;
}

/** The lines in the first and in the last row of a box. */
export interface BoxLines {
  readonly top: readonly BoxLine[];
  readonly bottom: readonly BoxLine[];
}

/** The most lines that a call with its arguments has. */
const MOST_LINES = 4;

/**
 * Writes a box's words into lines.
 *
 * @param box the box
 * @param width how many columns a line has
 * @returns the lines; a box of one row has only first ones
 */
export function boxLines(box: Box, width: number): BoxLines {
  const { name, outcome = "", time = "", emulated, first, last } = box;
  const what = [outcome, emulated ? "(emulated)" : ""]
    .filter((word) => word !== "").join(" ");
  if (last > first) {
    return { top: wrap(name, width), bottom: ending(what, time, width) };
  }
  const lines = wrap(name, width);
  const line = lines.pop()!.text;
  const whole = what === "" ? line : `${line} ${what}`;
  const rest = textWidth(whole) <= width
    ? ending(whole, time, width)
    : [{ text: line }, ...ending(what, time, width)];
  return { top: [...lines, ...rest], bottom: [] };
}

/** Puts the time at the right of a line, or of one more. */
function ending(text: string, time: string, width: number): BoxLine[] {
  if (time === "") return text === "" ? [] : wrap(text, width);
  const fits = textWidth(text) + 1 + textWidth(time) <= width;
  return fits ? [{ text, time }] : [...wrap(text, width), { text: "", time }];
}

/** Breaks text after spaces, where it can be. */
function wrap(text: string, width: number): BoxLine[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<= )/)) {
    if (line !== "" && textWidth((line + word).trimEnd()) > width) {
      lines.push(line);
      line = word;
    } else {
      line += word;
    }
  }
  lines.push(line);
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] += "…";
  return shown.map((each) => ({ text: cutText(each.trimEnd(), width) }));
}
