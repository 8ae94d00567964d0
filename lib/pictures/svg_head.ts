/**
 * The head of a lifeline in SVG: who it is.
 *
 * @module
 */

import type { Lifeline, Side } from "./picture.ts";
import type { SvgPage } from "./svg_page.ts";
import { foldText } from "./text_width.ts";

/** How high a line of the name is, and one of the details, in pixels. */
const NAME = 31;
const DETAIL = 23;
/** How many characters of them fit in a line. */
const NAME_COLUMNS = 23;
const DETAIL_COLUMNS = 38;

/** A name and its details, in lines. */
export interface Head {
  /** The lifeline's side. */
  readonly side: Side;
  /** The lines of the name. */
  readonly names: readonly string[];
  /** The lines of the details. */
  readonly details: readonly string[];
  /** Whether the lifeline's calls are known. */
  readonly recorded: boolean;
  /** How high its box must be. */
  readonly height: number;
}

/**
 * Breaks a lifeline's name and details into lines.
 *
 * @param side the lifeline's side
 * @param lifeline the lifeline
 * @returns its head
 */
export function headOf(
  side: Side,
  { name, details, recorded }: Lifeline,
): Head {
  const names = foldText(name, NAME_COLUMNS);
  const lines = details.flatMap((line) => foldText(line, DETAIL_COLUMNS));
  const height = NAME * names.length + DETAIL * lines.length + 11;
  return { side, names, details: lines, recorded, height };
}

/**
 * Draws a head where a page is filled up to.
 *
 * @param page the page
 * @param head the head
 * @param x where its box begins
 * @param width how wide the box is
 * @param height how high it is
 */
export function drawHead(
  page: SvgPage,
  { side, names, details, recorded }: Head,
  x: number,
  width: number,
  height: number,
): void {
  const kind = recorded ? side[0] : "u";
  page.add(
    `<rect class="${kind}" x="${x}" y="${page.y}" width="${width}" ` +
      `height="${height}" rx="12"/>`,
  );
  const middle = x + width / 2;
  let { y } = page;
  for (const name of names) page.text("p", middle, y += NAME, name);
  for (const each of details) page.text("d", middle, y += DETAIL, each);
}
