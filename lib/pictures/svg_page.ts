/**
 * The elements of a picture in SVG, as they are added from above.
 *
 * @module
 */

/**
 * Makes text safe inside an element.
 *
 * @param text printable text
 * @returns the same for XML
 */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** What is drawn, and how far down. */
export class SvgPage {
  /** How far down it is filled. */
  y = 8;
  readonly #parts: string[] = [];

  /** All elements. */
  get content(): string {
    return this.#parts.join("");
  }

  /**
   * Adds an element.
   *
   * @param element its text
   */
  add(element: string): void {
    this.#parts.push(element + "\n");
  }

  /**
   * Adds a line of text.
   *
   * @param kind its classes
   * @param x where it begins, is centred or ends
   * @param y its base line
   * @param text what it says
   */
  text(kind: string, x: number, y: number, text: string): void {
    this.add(`<text class="${kind}" x="${x}" y="${y}">${escaped(text)}</text>`);
  }
}
