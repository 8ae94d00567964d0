/**
 * The forms of a picture. A new one is a file beside this one, and a line here.
 *
 * @module
 */

import { renderMermaid } from "./mermaid.ts";
import type { Picture } from "./picture.ts";
import { renderSvg } from "./svg.ts";
import { renderText } from "./text.ts";

/** A form. */
export interface Form {
  /**
   * Renders a picture.
   *
   * @param picture the picture
   * @param columns how wide a terminal is
   * @returns what to write
   */
  readonly render: (picture: Picture, columns: number) => string;
  /** The most rows that a picture of this form should have. */
  readonly rows: number;
}

/** Every form by its name. */
export const FORMS = {
  text: { render: renderText, rows: 500 },
  svg: { render: renderSvg, rows: 500 },
  // GitHub draws no diagram of more than 50,000 characters.
  mermaid: { render: renderMermaid, rows: 200 },
} as const satisfies Record<string, Form>;

/** The name of a form. */
export type FormName = keyof typeof FORMS;

/** Mermaid in a page of Markdown. */
const MARKDOWN: Form = {
  ...FORMS.mermaid,
  render: (picture) => "```mermaid\n" + renderMermaid(picture) + "```\n",
};

/**
 * Finds the form of a file by the ending of its name.
 *
 * @param path as in `tcp.svg`, `tcp.mmd`, `tcp.md` (Mermaid in Markdown)
 * @returns the form; text for any other name
 */
export function formOf(path: string): Form {
  if (/\.svg$/i.test(path)) return FORMS.svg;
  if (/\.mmd$/i.test(path)) return FORMS.mermaid;
  if (/\.md$/i.test(path)) return MARKDOWN;
  return FORMS.text;
}
