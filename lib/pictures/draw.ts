/**
 * Draws recordings.
 *
 * @module
 */

import { joinEnds, type Pair } from "./join.ts";
import type { Picture, Scene } from "./picture.ts";
import { printable } from "./printable.ts";
import type { RecordedProcess, Recordings } from "./recordings.ts";
import { drawScene } from "./scene.ts";
import { amountText } from "./words.ts";

/** What is drawn. */
export interface DrawOptions {
  /** The picture's title; by default the programs and how they talked. */
  readonly title?: string | undefined;
  /**
   * Whether messages are quoted, as far as they were recorded.
   *
   * @default {false}
   */
  readonly data?: boolean;
  /**
   * Whether all calls are drawn, with their arguments.
   *
   * @default {false}
   */
  readonly calls?: boolean;
  /**
   * Whether durations are drawn.
   *
   * @default {true}
   */
  readonly times?: boolean;
  /**
   * Whether process ids and ports are drawn: two runs differ in them.
   *
   * @default {true}
   */
  readonly identifiers?: boolean;
  /**
   * The most rows, 40 or more.
   *
   * @default {500}
   */
  readonly rows?: number;
}

/** How many conversations are drawn: the first and the last ones. */
const FIRST = 40;
const LAST = 8;
/** The fewest rows that a conversation has room for. */
const LEAST_ROWS = 10;
/** The most rows that a single conversation has. */
const MOST_ROWS = 40;

/**
 * Draws recordings.
 *
 * @param recordings what was read
 * @param options what is drawn
 * @returns the picture
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { drawPicture } from "./draw.ts";
 * import { readLine } from "./recording.ts";
 * import { Recordings } from "./recordings.ts";
 * import { renderText } from "./text.ts";
 *
 * const recordings = new Recordings();
 * recordings.add(0, readLine(
 *   '{"program":"client","pid":7,"event":"call","time":"2026-01-01T00:00:00Z",' +
 *     '"call":"getaddrinfo","arguments":[],"result":"2 addresses",' +
 *     '"milliseconds":0.5}',
 * ));
 * const text = renderText(drawPicture(recordings), 80);
 * assertStringIncludes(text, "│ getaddrinfo()     0.50 ms │");
 * ```
 */
export function drawPicture(
  recordings: Recordings,
  options: DrawOptions = {},
): Picture {
  const { data = false, calls = false, times = true } = options;
  const { identifiers = true, rows: most = 500 } = options;
  const pairs = joinEnds(recordings.processes);
  const first = pairs.slice(0, FIRST);
  const last = pairs.slice(Math.max(FIRST, pairs.length - LAST));
  const shown = [...first, ...last];
  const rows = Math.min(
    MOST_ROWS,
    Math.max(LEAST_ROWS, Math.floor(most / shown.length)),
  );
  const scene = { data, calls, times, identifiers, rows };
  const left = pairs.length - shown.length + skippedIn(recordings);
  const scenes = shown.map((pair, i) => {
    const heading = headingOf(i, shown.length, left);
    return { ...heading, ...drawScene(pair, scene) };
  });
  return {
    title: printable(options.title ?? titleOf(pairs)),
    scenes,
    notes: notesOf(recordings, pairs, identifiers),
  };
}

/** How many conversations were not kept while reading. */
function skippedIn({ processes }: Recordings): number {
  return Math.max(
    0,
    ...processes.map(({ history }) => history.chapters.skipped),
  );
}

/** Numbers a scene that is not the only one. */
function headingOf(
  at: number,
  total: number,
  left: number,
): Pick<Scene, "heading"> {
  if (total === 1) return {};
  const number = at + 1 + (at < FIRST ? 0 : left);
  const isGap = at === FIRST && left > 0;
  const gap = isGap ? `… ${amountText(left, "more conversation")} … ` : "";
  return { heading: `${gap}Conversation ${number}` };
}

function titleOf(pairs: readonly Pair[]): string {
  const ends = pairs.flatMap(({ client, server }) => [client, server])
    .filter((end) => end !== undefined);
  const names = ends.map(({ process }) => process.program);
  const transports = new Set(
    ends.map(({ conversation }) => conversation?.transport)
      .filter((transport) => transport !== undefined),
  );
  const who = listText(names);
  return transports.size === 0
    ? who
    : `${who} over ${[...transports].join(" and ")}`;
}

/** Lists names; of many only the first ones. */
function listText(names: readonly string[]): string {
  const shown = [...new Set(names)].map(printable);
  if (shown.length > 4) {
    shown.splice(3, shown.length, `${shown.length - 3} more`);
  }
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** What the viewer must know. */
function notesOf(
  recordings: Recordings,
  pairs: readonly Pair[],
  identifiers: boolean,
): string[] {
  const { processes, left, repeated } = recordings;
  const notes: string[] = [];
  const untraced = processes.filter(({ hasCalls }) => !hasCalls);
  if (untraced.length > 0) {
    const names = listText(untraced.map(({ program }) => program));
    notes.push(
      `The calls of ${names} were not recorded (--trace does): ` +
        "what is drawn are its events.",
    );
  }
  const friends = friendsIn(pairs, true);
  const beside = friendsIn(pairs, false);
  // One that held no conversation has no ends.
  const strangers = processes.filter((each) =>
    !friends.has(each) &&
    (each.history.chapters.total > 0 || beside.has(each))
  );
  if (processes.length > 1 && strangers.length > 0) {
    const names = listText(strangers.map((each) => nameOf(each, identifiers)));
    const isWhole = left === 0 && skippedIn(recordings) === 0;
    notes.push(
      !isWhole
        ? `The other end of what ${names} recorded may be left out.`
        : friends.size === 0
        ? "These recordings do not belong together: " +
          "no end of one is the other end of another."
        : `No end of what ${names} recorded is the other end of another's.`,
    );
  }
  if (repeated.length > 0) {
    notes.push(`The recording of ${listText(repeated)} was given twice.`);
  }
  if (left > 0) {
    notes.push(`${amountText(left, "line")} of more processes left out.`);
  }
  if (recordings.isIncomplete) {
    notes.push("Not all that happened was recorded.");
  }
  return notes;
}

/** Finds the processes that are drawn beside another one, joined or not. */
function friendsIn(
  pairs: readonly Pair[],
  joined: boolean,
): ReadonlySet<RecordedProcess> {
  const found = new Set<RecordedProcess>();
  for (const { client, server, ...pair } of pairs) {
    if (client === undefined || server === undefined) continue;
    if (pair.joined === joined) found.add(client.process).add(server.process);
  }
  return found;
}

function nameOf(
  { program, pid }: RecordedProcess,
  identifiers: boolean,
): string {
  return identifiers && pid !== undefined
    ? `${program} (process ${pid})`
    : program;
}
