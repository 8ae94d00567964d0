/**
 * A picture as text, drawn with the characters for boxes.
 *
 * @module
 */

import { type BoxLine, boxLines } from "./box_lines.ts";
import { Canvas } from "./canvas.ts";
import {
  type Arrow,
  type Box,
  type Break,
  otherSide,
  type Picture,
  type Scene,
  type Side,
} from "./picture.ts";
import { cutText, foldText, textWidth } from "./text_width.ts";

/** The narrowest and the widest picture, in columns. */
const NARROWEST = 56;
const WIDEST = 120;

/**
 * Renders a picture as text.
 *
 * @param picture the picture
 * @param columns how wide it may be; 56 to 120 of them are used
 * @returns lines, each ended by a newline
 */
export function renderText(picture: Picture, columns: number): string {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.floor(columns)));
  const canvas = new Canvas(width);
  canvas.center(0, width, 0, picture.title);
  for (const scene of picture.scenes) {
    new SceneText(canvas, scene, canvas.height + 1).draw();
  }
  let text = canvas.toString();
  for (const note of picture.notes) text += `\n${wrapped(note, width)}`;
  return text;
}

function wrapped(text: string, width: number): string {
  let lines = "";
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && textWidth(`${line} ${word}`) > width) {
      lines += `${cutText(line, width)}\n`;
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return `${lines}${cutText(line, width)}\n`;
}

/** Where one side's boxes are. */
interface Column {
  /** Its first column. */
  readonly x: number;
  /** That of the lifeline. */
  readonly middle: number;
  readonly lifeline: string;
}

/** Draws one scene, from a line on. */
class SceneText {
  readonly #canvas: Canvas;
  readonly #scene: Scene;
  /** How wide a box is. */
  readonly #box: number;
  readonly #columns: Readonly<Record<Side, Column>>;
  #top: number;
  /** The line above each row, and below the last one. */
  #lines: number[] = [];
  /** How many arrows went down so far. */
  #bends = 0;
  readonly #boxAt: Readonly<Record<Side, (Box | undefined)[]>>;

  constructor(canvas: Canvas, scene: Scene, top: number) {
    this.#canvas = canvas;
    this.#scene = scene;
    this.#top = top;
    const { width } = canvas;
    this.#box = Math.min(36, Math.max(22, Math.floor(width * 0.365)));
    const column = (side: Side) => {
      const x = side === "left" ? 0 : width - this.#box;
      const lifeline = scene[side]?.recorded ? "│" : "┊";
      return { x, middle: x + (this.#box >> 1), lifeline };
    };
    this.#columns = { left: column("left"), right: column("right") };
    this.#boxAt = { left: [], right: [] };
    for (const box of scene.boxes) {
      for (let row = box.first; row <= box.last; row++) {
        this.#boxAt[box.side][row] = box;
      }
    }
  }

  draw(): void {
    this.#heading();
    this.#measure();
    for (const side of ["left", "right"] as const) this.#lifeline(side);
    for (const box of this.#scene.boxes) this.#words(box);
    for (const each of this.#scene.breaks) this.#break(each);
    // Those that go down come last, as they cross the others.
    const later = ({ departs, arrives = departs }: Arrow) => arrives - departs;
    for (
      const arrow of this.#scene.arrows.toSorted((a, b) => later(a) - later(b))
    ) {
      this.#arrow(arrow);
    }
  }

  #heading(): void {
    const { heading } = this.#scene;
    const canvas = this.#canvas;
    if (heading !== undefined) {
      const text = `── ${heading} `;
      const rule = "─".repeat(Math.max(0, canvas.width - textWidth(text)));
      canvas.put(0, this.#top, text + rule);
      this.#top += 2;
    }
    let height = 0;
    for (const side of ["left", "right"] as const) {
      const lifeline = this.#scene[side];
      if (lifeline === undefined) continue;
      const lines = [lifeline.name, ...lifeline.details]
        .flatMap((line) => foldText(line, this.#box));
      height = Math.max(height, lines.length);
      for (const [i, line] of lines.entries()) {
        canvas.center(this.#columns[side].x, this.#box, this.#top + i, line);
      }
    }
    this.#top += height;
  }

  /** Finds how high each row must be. */
  #measure(): void {
    const heights = new Array<number>(this.#scene.rows).fill(1);
    for (const box of this.#scene.boxes) {
      const { top, bottom } = boxLines(box, this.#box - 4);
      heights[box.first] = Math.max(heights[box.first]!, top.length);
      heights[box.last] = Math.max(heights[box.last]!, bottom.length);
    }
    let line = this.#top;
    this.#lines = [line];
    for (const height of heights) {
      line += height + 1;
      this.#lines.push(line);
    }
  }

  /** Draws the outlines of a side's boxes, and the line that joins them. */
  #lifeline(side: Side): void {
    if (this.#scene[side] === undefined) return;
    const { x, middle, lifeline } = this.#columns[side];
    const canvas = this.#canvas;
    const inner = this.#box - 2;
    const left = "─".repeat(this.#box / 2 - 1);
    const right = "─".repeat(inner - left.length - 1);
    const at = this.#boxAt[side];
    for (let row = 0; row <= this.#scene.rows; row++) {
      const above = at[row - 1];
      const below = row < this.#scene.rows ? at[row] : undefined;
      const y = this.#lines[row]!;
      if (above === undefined && below === undefined) {
        canvas.put(middle, y, lifeline);
      } else if (above === below) {
        canvas.put(x, y, `│${" ".repeat(inner)}│`);
      } else if (above === undefined) {
        canvas.put(x, y, `┌${left}┴${right}┐`);
      } else if (below === undefined) {
        canvas.put(x, y, `└${left}┬${right}┘`);
      } else {
        canvas.put(x, y, `├${left}─${right}┤`);
      }
      const end = this.#lines[row + 1] ?? y + 1;
      for (let line = y + 1; line < end; line++) {
        if (below === undefined) canvas.put(middle, line, lifeline);
        else canvas.put(x, line, `│${" ".repeat(inner)}│`);
      }
    }
  }

  /** Writes what a box says. */
  #words(box: Box): void {
    const { x } = this.#columns[box.side];
    const width = this.#box - 4;
    const { top, bottom } = boxLines(box, width);
    const put = (lines: readonly BoxLine[], row: number) => {
      for (const [i, { text, time = "" }] of lines.entries()) {
        const y = this.#lines[row]! + 1 + i;
        this.#canvas.put(x + 2, y, text);
        this.#canvas.put(x + 2 + width - textWidth(time), y, time);
      }
    };
    put(top, box.first);
    put(bottom, box.last);
    if (!box.waits) return;
    const from = this.#lines[box.first]! + 1 + top.length;
    for (let y = from; y <= this.#lines[box.last]!; y++) {
      const text = y === from ? "┆ waits" : "┆";
      this.#canvas.put(x + 2, y, text);
    }
  }

  #break({ row, side, text }: Break): void {
    const y = this.#lines[row]! + 1;
    if (side !== undefined) {
      this.#canvas.put(this.#columns[side].middle, y, `⋮ ${text}`);
      return;
    }
    for (const side of ["left", "right"] as const) {
      if (this.#scene[side] === undefined) continue;
      this.#canvas.put(this.#columns[side].middle, y, "⋮");
    }
    this.#canvas.center(this.#box, this.#gutter, y, text);
  }

  get #gutter(): number {
    return this.#canvas.width - 2 * this.#box;
  }

  /** The column beside a side's box, or beside its lifeline if there is none. */
  #edge(side: Side, row: number): number {
    const { x, middle } = this.#columns[side];
    const hasBox = this.#boxAt[side][row] !== undefined;
    if (side === "left") return hasBox ? x + this.#box : middle + 1;
    return hasBox ? x - 1 : middle - 1;
  }

  /** Joins an arrow to the box that it comes from. */
  #joint(side: Side, row: number): void {
    const y = this.#lines[row]! + 1;
    const beside = this.#edge(side, row) + (side === "left" ? -1 : 1);
    const hasBox = this.#boxAt[side][row] !== undefined;
    if (hasBox) this.#canvas.put(beside, y, side === "left" ? "├" : "┤");
  }

  #arrow(arrow: Arrow): void {
    const { from, departs, arrives = departs, kind, data } = arrow;
    const to = otherSide(from);
    const canvas = this.#canvas;
    const y = this.#lines[arrives]! + 1;
    const end = this.#edge(to, arrives);
    let start = this.#edge(from, departs);
    this.#joint(from, departs);
    if (arrow.arrives !== undefined && arrives > departs) {
      const bend = this.#bend(from);
      const above = this.#lines[departs]! + 1;
      this.#line(start, bend, above);
      canvas.put(bend, above, from === "left" ? "┐" : "┌");
      canvas.down(bend, above + 1, y, "│");
      canvas.put(bend, y, from === "left" ? "└" : "┘");
      start = bend + (from === "left" ? 1 : -1);
    }
    const tip = arrow.arrives === undefined ? this.#lostAt(from) : end;
    this.#line(start, tip, y);
    if (arrow.arrives === undefined) canvas.put(tip, y, "╳");
    else canvas.put(tip, y, from === "left" ? "►" : "◄");
    if (kind === "handshake") {
      canvas.put(start, y, from === "left" ? "◄" : "►");
    }
    const x = Math.min(start, tip);
    const width = Math.abs(tip - start) + 1;
    const label = cutText(arrow.label, width - 4);
    canvas.center(x, width, y, ` ${label} `);
    if (data === undefined) return;
    const below = this.#lines[arrives + 1]!;
    // What is too wide goes on beside the box, if that is high enough.
    const lost = arrow.arrives === undefined && this.#boxAt[from][departs];
    const bottom = this.#lines[(lost ? lost.last : arrives) + 1]!;
    const lines = foldText(data, width - 2, bottom - y);
    const top = Math.max(y, below - lines.length) + 1;
    for (const [i, line] of lines.entries()) {
      canvas.center(x + 1, width - 2, top + i, line);
    }
  }

  /** The column in which an arrow that does not arrive ends. */
  #lostAt(from: Side): number {
    return from === "left" ? this.#box + this.#gutter - 2 : this.#box + 1;
  }

  /** Finds a column in which an arrow that arrives later goes down. */
  #bend(from: Side): number {
    const shift = 3 + this.#bends++ % 3;
    const right = this.#box + this.#gutter - 1;
    return from === "left" ? this.#box + shift : right - shift;
  }

  #line(from: number, to: number, y: number): void {
    const start = Math.min(from, to);
    this.#canvas.put(start, y, "─".repeat(Math.abs(to - from) + 1));
  }
}
