/** Pages of documentation: their code blocks, headings and links. */

/** A fenced code block. */
export interface Block {
  /** The first word behind the fence, as in `console`. */
  readonly language: string;
  /** The words behind that, as in `terminal 1`. */
  readonly title: string;
  /** The text before each of its lines, in a list for example. */
  readonly indent: string;
  /** The lines inside of the fences, without the indentation. */
  readonly lines: readonly string[];
  /** The number of the line of the first fence, from 1. */
  readonly line: number;
}

/** A link in a page. */
export interface Link {
  readonly target: string;
  /** The number of its line, from 1. */
  readonly line: number;
}

/** A page, read. */
export interface Page {
  readonly blocks: readonly Block[];
  /** The headings, as the part of a link behind `#` names them. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Link[];
  /** Everything outside of code blocks and code spans. */
  readonly prose: string;
  /** The code spans. */
  readonly spans: readonly Link[];
}

const FENCE = /^( *)```(\S*) *(.*)$/;

/** Reads a page. */
export function readPage(text: string): Page {
  const blocks: Block[] = [];
  const outside: string[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const [, indent, language = "", title = ""] = FENCE.exec(lines[at]!) ?? [];
    if (indent === undefined) {
      outside.push(lines[at]!);
      continue;
    }
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: the code block has no end`);
    blocks.push({
      language,
      title,
      indent,
      lines: lines.slice(at + 1, end).map((line) => line.slice(indent.length)),
      line: at + 1,
    });
    // An empty line for each, so that the numbers of lines stay true.
    outside.push(...lines.slice(at, end + 1).map(() => ""));
    at = end;
  }
  return { blocks, ...readProse(outside) };
}

/** Reads what is outside of code blocks. */
function readProse(lines: readonly string[]): Omit<Page, "blocks"> {
  const text = lines.join("\n");
  const prose = text.replace(/`[^`]+`/g, (span) => span.replace(/[^\n]/g, "x"));
  const lineOf = (index: number) => text.slice(0, index).split("\n").length;
  const links = [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(({ 1: target = "", index }) => ({ target, line: lineOf(index) }));
  const spans = [...text.matchAll(/`([^`]+)`/g)]
    .map(({ 1: target = "", index }) => ({ target, line: lineOf(index) }));
  return { anchors: anchorsOf(lines), links, prose, spans };
}

/** The names under which forges link to headings. */
function anchorsOf(lines: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const line of lines) {
    const heading = /^#{1,6} +(.*?) *$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const name = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
    let anchor = name;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${name}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Puts other lines into blocks of a page. */
export function withBlocks(
  text: string,
  changes: ReadonlyMap<Block, readonly string[]>,
): string {
  const lines = text.split("\n");
  // From the last to the first, so that the numbers of lines stay true.
  for (const [block, content] of [...changes].reverse()) {
    const { indent, line, lines: old } = block;
    const indented = content.map((each) => each && indent + each);
    lines.splice(line, old.length, ...indented);
  }
  return lines.join("\n");
}
