/**
 * What stands in a box of text.
 *
 * @module
 */

import type { Box } from "./picture.ts";
import { cutText, textWidth } from "./text_width.ts";

/** The lines in the first and in the last row of a box. */
export interface BoxLines {
  readonly top: readonly string[];
  readonly bottom: readonly string[];
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
  const whole = what === "" ? name : `${name} ${what}`;
  if (textWidth(whole) <= width) {
    return { top: ending(whole, time, width), bottom: [] };
  }
  return {
    top: [...wrap(name, width), ...ending(what, time, width)],
    bottom: [],
  };
}

/** Puts the time at the right of a line, or below it. */
function ending(text: string, time: string, width: number): string[] {
  const room = width - textWidth(text) - textWidth(time);
  if (time === "") return text === "" ? [] : wrap(text, width);
  if (room >= 1) return [text + " ".repeat(room) + time];
  return [...wrap(text, width), time.padStart(width)];
}

/** Breaks text after spaces, where it can be. */
function wrap(text: string, width: number): string[] {
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
  return shown.map((each) => cutText(each.trimEnd(), width));
}
