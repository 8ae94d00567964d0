/** Numbers as tables. */

import {
  isMet,
  median,
  ratioOf,
  type Result,
  type Words,
  type Work,
} from "./work.ts";

/** A heading, and the cells under it. */
interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

type Language = keyof Words;

const HEADINGS = {
  work: { en: "work", ko: "작업" },
  who: { en: "by", ko: "대상" },
  median: { en: "median", ko: "중앙값" },
  cpu: { en: "CPU each", ko: "건당 CPU" },
  lost: { en: "lost", ko: "손실" },
  ratio: { en: "ratio", ko: "비율" },
  target: { en: "target", ko: "목표" },
  least: { en: "at least", ko: "최소" },
  most: { en: "at most", ko: "최대" },
  met: { en: "", ko: "" },
  missed: { en: "missed", ko: "미달" },
} satisfies Record<string, Words>;

/** One of Markdown's tables, its columns in line. */
function table(columns: readonly Column[], rows: readonly string[][]): string {
  const widths = columns.map(({ heading }, at) =>
    Math.max(3, heading.length, ...rows.map((row) => row[at]!.length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, at) =>
        columns[at]!.align === "left"
          ? cell.padEnd(widths[at]!)
          : cell.padStart(widths[at]!)
      ).join(" | ")
    } |\n`;
  const rule = columns.map(({ align }, at) =>
    align === "left"
      ? "-".repeat(widths[at]!)
      : "-".repeat(widths[at]! - 1) + ":"
  );
  return [columns.map(({ heading }) => heading), rule, ...rows]
    .map(line).join("");
}

/** Three digits are all that such a measurement is good for. */
function rounded(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(value)));
  const text = value >= 1000
    ? Number(value.toPrecision(3)).toLocaleString("en")
    : value.toFixed(Math.min(digits, 2));
  return text;
}

/** The median of what the samples have; `undefined` if they have none. */
function middle(
  { samples }: Result,
  of: "value" | "cpu" | "lost",
): number | undefined {
  return median(samples.flatMap((sample) => sample[of] ?? []));
}

/** A server that lost one answer in a thousand rounds has lost one. */
function share(result: Result): string {
  const worst = Math.max(...result.samples.map(({ lost }) => lost ?? -1));
  if (worst < 0) return "";
  if (worst === 0) return "0";
  const percent = middle(result, "lost")! * 100;
  return percent < 0.1 ? "<0.1%" : `${percent.toFixed(1)}%`;
}

/** What each contender came to. */
export function resultTable(
  results: readonly Result[],
  language: Language,
): string {
  let last: Work | undefined;
  const rows = results.map((result) => {
    const { work, name } = result;
    const title = work === last ? "" : work.title[language];
    last = work;
    const cpu = rounded(middle(result, "cpu"));
    return [
      title,
      `\`${name}\``,
      work.unit[language].replace("#", rounded(middle(result, "value"))),
      cpu && `${cpu} µs`,
      share(result),
    ];
  });
  const heading = (of: keyof typeof HEADINGS) => HEADINGS[of][language];
  return table([
    { heading: heading("work"), align: "left" },
    { heading: heading("who"), align: "left" },
    { heading: heading("median"), align: "right" },
    { heading: heading("cpu"), align: "right" },
    { heading: heading("lost"), align: "right" },
  ], rows);
}

/** How ours did beside the others. */
export function targetTable(
  results: readonly Result[],
  language: Language,
): string {
  const heading = (of: keyof typeof HEADINGS) => HEADINGS[of][language];
  const rows: string[][] = [];
  for (const work of new Set(results.map(({ work }) => work))) {
    const own = results.filter((result) => result.work === work);
    let title = work.title[language];
    for (const target of work.targets) {
      const ratio = ratioOf(target, own);
      if (ratio === undefined) continue;
      const { ours, theirs, bound, times } = target;
      rows.push([
        title,
        `\`${ours}\` : \`${theirs}\``,
        ratio.toFixed(2),
        `${heading(bound)} ${times}`,
        heading(isMet(target, ratio) ? "met" : "missed"),
      ]);
      title = "";
    }
  }
  return table([
    { heading: heading("work"), align: "left" },
    { heading: heading("who"), align: "left" },
    { heading: heading("ratio"), align: "right" },
    { heading: heading("target"), align: "right" },
    { heading: "", align: "left" },
  ], rows);
}
