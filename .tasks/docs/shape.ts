/** What stays the same in an output from one run to the next. */

const DAY = "(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)";
const MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";

/** What differs from run to run, and what stands for it. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`${DAY} ${MONTH} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}`, "g"),
    "CTIME",
  ],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "RFC3339"],
  [/^ *\d+\.\d{3,6} (?=\S| {2}\S)/, "SECONDS "],
  // What took next to no time has none.
  [/ <\d+\.\d+ ms>/g, ""],
  [/\d+(?:\.\d+)? ms\b/g, "MS"],
  [/"milliseconds":[\d.]+/g, '"milliseconds":MS'],
  [/"pid":\d+/g, '"pid":PID'],
  [/ *\bprocess \d+ */g, " process PID "],
  // The ports that systems hand out by themselves.
  [/(?<="port":|\]:|\d:)(?:3[2-9]|[45]\d|6[0-6])\d{3}\b/g, "PORT"],
  // curl and browsers say more with each version.
  [/^Received \d+ bytes\.$/, "Received BYTES."],
];

/**
 * Returns a line with what differs from run to run replaced: times, dates,
 * process ids, ports that the system chose.
 */
export function shapeOf(line: string): string {
  let shape = line.trimEnd();
  for (const [pattern, name] of CHANGING) shape = shape.replace(pattern, name);
  return shape;
}

/** Whether two outputs have the same shape. */
export function isSameShape(
  a: readonly string[],
  b: readonly string[],
): boolean {
  return a.length === b.length &&
    a.every((line, at) => shapeOf(line) === shapeOf(b[at]!));
}
