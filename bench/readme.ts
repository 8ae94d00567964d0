/** The tables in the READMEs. */

import type { Words } from "./work.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

const SECTIONS = {
  en: { file: "README.md", heading: "Benchmarks", before: "## Dependencies" },
  ko: { file: "README.ko.md", heading: "성능", before: "## 의존성" },
} as const;

/** Puts text between the markers; they are added where they are missing. */
function placed(
  readme: string,
  text: string,
  heading: string,
  before: string,
): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END, begin);
  if (begin >= 0 && end >= 0) {
    return `${readme.slice(0, begin + BEGIN.length)}\n\n${text}\n${
      readme.slice(end)
    }`;
  }
  const section = `## ${heading}\n\n${BEGIN}\n\n${text}\n${END}\n\n`;
  const at = readme.indexOf(before);
  if (at < 0) return `${readme}\n${section.trimEnd()}\n`;
  return readme.slice(0, at) + section + readme.slice(at);
}

/** Writes the text of each language into its README, and formats it. */
export async function writeReadmes(texts: Words): Promise<void> {
  const root = new URL("..", import.meta.url);
  const files = (["en", "ko"] as const).map((language) => {
    const { file, heading, before } = SECTIONS[language];
    const url = new URL(file, root);
    const readme = Deno.readTextFileSync(url);
    Deno.writeTextFileSync(
      url,
      placed(readme, texts[language], heading, before),
    );
    return file;
  });
  // It knows how wide the letters are.
  const args = ["fmt", "--quiet", ...files];
  await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
}
