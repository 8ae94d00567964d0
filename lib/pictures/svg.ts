/**
 * A picture in SVG.
 *
 * @module
 */

import { type BoxLine, boxLines } from "./box_lines.ts";
import {
  type Arrow,
  type Box,
  type Break,
  otherSide,
  type Picture,
  type Scene,
  type Side,
} from "./picture.ts";
import { drawHead, headOf } from "./svg_head.ts";
import { escaped, SvgPage } from "./svg_page.ts";
import { DEFINITIONS, STYLE } from "./svg_style.ts";
import { cutText, foldText, textWidth } from "./text_width.ts";
import { amountText } from "./words.ts";

/** Lengths, in the picture's own pixels. */
const WIDTH = 1200;
const MARGIN = 24;
const BOX = 400;
const BOX_HEIGHT = 38;
/** Between two rows, and below one with a quoted message. */
const GAP = 10;
const QUOTE_GAP = 26;
const LINE = 25;
const NOTE_LINE = 23;
/** How wide a character of a call is. */
const COLUMN = 12.1;
/** How many of them fit in a box, and how many smaller ones beside it. */
const BOX_COLUMNS = Math.floor((BOX - 24) / COLUMN);
const NOTE_COLUMNS = 115;
const DATA_COLUMN = 9.1;
const LABEL_COLUMN = 9.5;

/**
 * Renders a picture as SVG: one file without scripts or anything from
 * elsewhere, for light and dark screens and for paper.
 *
 * @param picture the picture
 * @returns the file's text
 */
export function renderSvg(picture: Picture): string {
  const page = new SvgPage();
  page.text("t", WIDTH / 2, page.y + 34, cutText(picture.title, 64));
  page.y += 62;
  for (const scene of picture.scenes) new SceneSvg(page, scene).draw();
  for (const note of picture.notes) {
    for (const line of foldText(note, NOTE_COLUMNS)) {
      page.text("d", WIDTH / 2, page.y + 18, line);
      page.y += NOTE_LINE;
    }
    page.y += 5;
  }
  const height = Math.ceil(page.y + 16);
  return `<svg xmlns="http://www.w3.org/2000/svg" class="pic" role="img" ` +
    `aria-labelledby="pic-title pic-desc" width="${WIDTH}" height="${height}" ` +
    `viewBox="0 0 ${WIDTH} ${height}" style="max-width:100%;height:auto">\n` +
    `<title id="pic-title">${escaped(picture.title)}</title>\n` +
    `<desc id="pic-desc">${escaped(describe(picture))}</desc>\n` +
    `<style>${STYLE}</style>\n${DEFINITIONS}\n` +
    `<rect class="g" width="${WIDTH}" height="${height}"/>\n` +
    `${page.content}</svg>\n`;
}

/** The picture in a sentence or two, for who cannot see it. */
function describe({ scenes, notes }: Picture): string {
  const calls = scenes.reduce((sum, { boxes }) => sum + boxes.length, 0);
  const arrows = scenes.reduce((sum, each) => sum + each.arrows.length, 0);
  const names = (side: Side) =>
    [...new Set(scenes.map((scene) => scene[side]?.name))]
      .filter((name) => name !== undefined).slice(0, 4).join(", ") || "nobody";
  return [
    `A sequence diagram: ${names("left")} on the left, ${names("right")} on ` +
    `the right; ${amountText(calls, "call")}, ${amountText(arrows, "arrow")}.`,
    ...notes,
  ].join(" ");
}

/** Where one side's boxes begin, and its lifeline. */
const COLUMNS: Readonly<Record<Side, { x: number; middle: number }>> = {
  left: { x: MARGIN, middle: MARGIN + BOX / 2 },
  right: { x: WIDTH - MARGIN - BOX, middle: WIDTH - MARGIN - BOX / 2 },
};

/** Draws one scene at the end of a page. */
class SceneSvg {
  readonly #page: SvgPage;
  readonly #scene: Scene;
  /** Where each row begins, and behind them where the scene ends. */
  readonly #tops: number[] = [];
  /** Where the boxes of each row end. */
  readonly #bottoms: number[] = [];
  readonly #hasBox: Readonly<Record<Side, Set<number>>>;

  constructor(page: SvgPage, scene: Scene) {
    this.#page = page;
    this.#scene = scene;
    this.#hasBox = { left: new Set(), right: new Set() };
    for (const { side, first, last } of scene.boxes) {
      for (let row = first; row <= last; row++) this.#hasBox[side].add(row);
    }
  }

  draw(): void {
    this.#heading();
    const from = this.#page.y;
    this.#measure();
    for (const side of ["left", "right"] as const) {
      const lifeline = this.#scene[side];
      if (lifeline === undefined) continue;
      const { middle } = COLUMNS[side];
      const kind = lifeline.recorded ? `v ${side[0]}` : "v u";
      const to = this.#page.y;
      this.#page.add(
        `<path class="${kind}" d="M${middle} ${from}V${to}"/>`,
      );
    }
    for (const box of this.#scene.boxes) this.#box(box);
    for (const each of this.#scene.breaks) this.#break(each);
    for (const arrow of this.#scene.arrows) this.#arrow(arrow);
    this.#page.y += 24;
  }

  #heading(): void {
    const page = this.#page;
    const { heading } = this.#scene;
    if (heading !== undefined) {
      page.add(`<path class="n" d="M${MARGIN} ${page.y}H${WIDTH - MARGIN}"/>`);
      page.text("h", MARGIN, page.y + 30, cutText(heading, 100));
      page.y += 46;
    }
    const heads = (["left", "right"] as const).flatMap((side) => {
      const lifeline = this.#scene[side];
      return lifeline === undefined ? [] : [headOf(side, lifeline)];
    });
    const height = Math.max(0, ...heads.map((head) => head.height));
    for (const head of heads) {
      drawHead(page, head, COLUMNS[head.side].x, BOX, height);
    }
    page.y += height;
  }

  #measure(): void {
    const lines = new Array<number>(this.#scene.rows).fill(1);
    for (const box of this.#scene.boxes) {
      const { top, bottom } = boxLines(box, BOX_COLUMNS);
      lines[box.first] = Math.max(lines[box.first]!, top.length);
      lines[box.last] = Math.max(lines[box.last]!, bottom.length);
    }
    const quotes = new Set(
      this.#scene.arrows.filter(({ data }) => data !== undefined)
        .map(({ departs, arrives = departs }) => arrives),
    );
    let y = this.#page.y + 12;
    for (const [row, count] of lines.entries()) {
      const height = BOX_HEIGHT + (count - 1) * LINE;
      this.#tops.push(y);
      this.#bottoms.push(y + height);
      y += height + (quotes.has(row) ? QUOTE_GAP : GAP);
    }
    this.#tops.push(y);
    this.#page.y = y + 8;
  }

  /** The height at which an arrow leaves or reaches a row. */
  #middleOf(row: number): number {
    return this.#tops[row]! + BOX_HEIGHT / 2;
  }

  #box(box: Box): void {
    const { side, first, last, failed, emulated, waits } = box;
    const { x } = COLUMNS[side];
    const y = this.#tops[first]!;
    const height = this.#bottoms[last]! - y;
    const shape = `x="${x}" y="${y}" width="${BOX}" height="${height}" rx="6"`;
    const kind = (failed ? "f" : side[0]) + (emulated ? " e" : "");
    this.#page.add(`<rect class="${kind}" ${shape}/>`);
    const { top, bottom } = boxLines(box, BOX_COLUMNS);
    if (waits) this.#wait(box, top.length, bottom.length);
    this.#lines(x, y, top, failed && bottom.length === 0);
    this.#lines(x, this.#tops[last]!, bottom, failed);
  }

  /** Hatches the part of a box in which nothing happens. */
  #wait({ side, first, last }: Box, above: number, below: number): void {
    const { x } = COLUMNS[side];
    const y = this.#tops[first]! + 13 + LINE * above;
    const gap = below === 0 ? BOX_HEIGHT - 6 : 4;
    const height = this.#tops[last]! + gap - y;
    if (height < 8) return;
    this.#page.add(
      `<rect class="w${side[0]}" x="${x + 12}" y="${y}" ` +
        `width="${BOX - 24}" height="${height}" rx="4"/>`,
    );
    if (height < 30) return;
    const text = y + height / 2 + 6;
    this.#page.text("k i", x + BOX / 2, text, "waits");
  }

  #lines(
    x: number,
    y: number,
    lines: readonly BoxLine[],
    failed: boolean,
  ): void {
    for (const [i, { text, time }] of lines.entries()) {
      const base = y + 26 + i * LINE;
      const kind = failed ? "c x" : "c";
      if (text !== "") this.#page.text(kind, x + 12, base, text);
      if (time !== undefined) this.#page.text("o", x + BOX - 12, base, time);
    }
  }

  #break({ row, side, text }: Break): void {
    const y = this.#middleOf(row);
    if (side === undefined) {
      this.#page.add(`<path class="n" d="M${MARGIN} ${y}H${WIDTH - MARGIN}"/>`);
      this.#page.text("k", WIDTH / 2, y + 6, text);
      return;
    }
    this.#page.text("k i", COLUMNS[side].middle, y + 6, text);
  }

  /** Where an arrow touches a side's box, or its lifeline if there is none. */
  #edge(side: Side, row: number): number {
    const { x, middle } = COLUMNS[side];
    if (!this.#hasBox[side].has(row)) return middle;
    return side === "left" ? x + BOX : x;
  }

  #arrow(arrow: Arrow): void {
    const { from, departs, arrives = departs, kind, label, data } = arrow;
    const { failed } = arrow;
    const isLost = arrow.arrives === undefined;
    const sign = from === "left" ? 1 : -1;
    const x1 = this.#edge(from, departs);
    const y1 = this.#middleOf(departs);
    const gap = COLUMNS.right.x - MARGIN - BOX;
    const x2 = isLost
      ? WIDTH / 2 + sign * (gap / 2 - 36)
      : this.#edge(otherSide(from), arrives);
    const y2 = this.#middleOf(arrives);
    const stroke = failed ? "b" : "a";
    const head = `="url(#pic-${stroke})"`;
    const tail = kind === "handshake" ? ` marker-start${head}` : "";
    this.#page.add(
      isLost
        ? `<path class="b" d="M${x1} ${y1}H${x2}m-9-9 18 18m0-18-18 18"/>`
        : `<path class="${stroke}" d="M${x1} ${y1} ${x2} ${y2}"${tail} ` +
          `marker-end${head}/>`,
    );
    const length = Math.abs(x2 - x1);
    const room = length - 40;
    const shown = cutText(label, Math.floor(room / LABEL_COLUMN));
    const quoted = data && cutText(data, Math.floor((room + 20) / DATA_COLUMN));
    const width = Math.max(
      textWidth(shown) * LABEL_COLUMN,
      textWidth(quoted ?? "") * DATA_COLUMN,
    );
    // What is said of an arrow that slopes stands beside its head, where it does
    // not cover what is said of those that it crosses.
    const share = y1 === y2
      ? 0.5
      : Math.max(0.5, 1 - (width / 2 + 12) / length);
    const middle = x1 + (x2 - x1) * share;
    const y = y1 + (y2 - y1) * share;
    const red = failed ? " x" : "";
    this.#page.text(`k${red}`, middle, y - 8, shown);
    if (quoted !== undefined) this.#page.text("q", middle, y + 20, quoted);
  }
}
