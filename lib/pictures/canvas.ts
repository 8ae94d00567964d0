/**
 * A page of characters on which text is put anywhere.
 *
 * @module
 */

import { charWidth, cutText, textWidth } from "./text_width.ts";

/** A page of characters in columns and lines. */
export class Canvas {
  /** How many columns it has. */
  readonly width: number;
  readonly #lines: string[][] = [];

  /** @param width how many columns it has */
  constructor(width: number) {
    this.width = width;
  }

  /** How many lines are in use. */
  get height(): number {
    return this.#lines.length;
  }

  /**
   * Puts text over what is there. What does not fit in the width is cut.
   *
   * @param x the column, from 0
   * @param y the line, from 0
   * @param text printable text
   */
  put(x: number, y: number, text: string): void {
    const line = this.#line(y);
    let at = x;
    for (const char of cutText(text, this.width - x)) {
      const width = charWidth(char.codePointAt(0)!);
      if (width === 0) {
        if (at > 0) line[at - 1] += char;
        continue;
      }
      // A wide character that loses a half leaves a blank.
      if (line[at] === "") line[at - 1] = " ";
      if (line[at + width] === "") line[at + width] = " ";
      line[at] = char;
      if (width === 2) line[at + 1] = "";
      at += width;
    }
  }

  /**
   * Puts text in the middle of some columns.
   *
   * @param x the first column
   * @param width how many columns
   * @param y the line
   * @param text printable text; what does not fit is cut
   */
  center(x: number, width: number, y: number, text: string): void {
    const shown = cutText(text, width);
    this.put(x + (width - textWidth(shown) >> 1), y, shown);
  }

  /**
   * Draws a vertical line, which leaves text as it is and crosses lines.
   *
   * @param x the column
   * @param from the first line
   * @param to the line behind the last one
   * @param char what it is made of
   */
  down(x: number, from: number, to: number, char: string): void {
    for (let y = from; y < to; y++) {
      const line = this.#line(y);
      if (line[x] === " ") line[x] = char;
      else if (line[x] === "─") line[x] = "┼";
    }
  }

  /** Returns the page as text, without blanks at the ends of lines. */
  toString(): string {
    return this.#lines.map((line) => line.join("").trimEnd() + "\n").join("");
  }

  #line(y: number): string[] {
    while (this.#lines.length <= y) {
      this.#lines.push(new Array<string>(this.width).fill(" "));
    }
    return this.#lines[y]!;
  }
}
