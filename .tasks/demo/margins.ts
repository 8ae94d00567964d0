/** Lines of two ends, each in a margin of its own, in the order of their times. */

import { charWidth, textWidth } from "../../lib/pictures/text_width.ts";

/** A margin: the server's is on the left, the client's on the right. */
export type Margin = "left" | "right";

/** How long a line waits for an earlier one of the other end, in milliseconds. */
const HOLD = 50;

/** The columns between the margins. */
const GAP = 2;

interface Line {
  /** In RFC 3339 with microseconds, so that texts compare as times do. */
  readonly time: string;
  readonly margin: Margin;
  readonly text: string;
}

/** Where lines are shown. */
export interface Screen {
  /** Its width. */
  readonly columns: number;
  /** Writes a line, without its newline. */
  readonly write: (line: string) => void;
  /** Colours the text of a margin. */
  readonly colour: (margin: Margin, text: string) => string;
}

/** Shows lines as they come, after at most {@linkcode HOLD} milliseconds. */
export class Margins {
  readonly #screen: Screen;
  readonly #width: number;
  #lines: Line[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#width = Math.floor((screen.columns - GAP) / 2);
  }

  /**
   * Adds a line.
   *
   * @param margin where it stands
   * @param time when it was said, in RFC 3339 with microseconds
   * @param text what was said, without control characters
   */
  add(margin: Margin, time: string, text: string): void {
    this.#lines.push({ time, margin, text });
    this.#timer ??= setTimeout(() => this.flush(), HOLD);
  }

  /** Shows all that was added. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines.toSorted((a, b) =>
      a.time < b.time ? -1 : Number(a.time > b.time)
    );
    this.#lines = [];
    for (const { margin, text } of lines) {
      const indent = margin === "left" ? "" : " ".repeat(this.#width + GAP);
      for (const row of wrapText(text, this.#width)) {
        const line = row === "" ? "" : this.#screen.colour(margin, row);
        this.#screen.write(line === "" ? "" : indent + line);
      }
    }
  }
}

/**
 * Breaks text into rows: at a space if there is one, else wherever it is full.
 *
 * @param text text without control characters
 * @param columns how wide a row is at most, 2 or more
 * @returns one row or more
 */
export function wrapText(text: string, columns: number): string[] {
  const rows: string[] = [];
  let rest = text;
  while (textWidth(rest) > columns) {
    const full = lengthOf(rest, columns);
    const space = rest.lastIndexOf(" ", full);
    const end = space >= full / 2 ? space : full;
    rows.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...rows, rest];
}

/** How many code units of a text fill so many columns. */
function lengthOf(text: string, columns: number): number {
  let width = 0;
  let length = 0;
  for (const char of text) {
    width += charWidth(char.codePointAt(0)!);
    if (width > columns) break;
    length += char.length;
  }
  return length;
}
