/** The tables in the documentation. */

import type { Words } from "./work.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

const FILES = {
  en: "docs/benchmarks.md",
  ko: "docs/ko/benchmarks.md",
} as const;

/** Puts text between the markers. */
function placed(page: string, text: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`a page lacks ${BEGIN}, ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n${
    page.slice(end)
  }`;
}

/** Writes the text of each language into its page, and formats it. */
export async function writePages(texts: Words): Promise<void> {
  const root = new URL("..", import.meta.url);
  for (const language of ["en", "ko"] as const) {
    const url = new URL(FILES[language], root);
    const page = Deno.readTextFileSync(url);
    Deno.writeTextFileSync(url, placed(page, texts[language]));
  }
  // It knows how wide the letters are.
  const args = ["fmt", "--quiet", ...Object.values(FILES)];
  await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
}
