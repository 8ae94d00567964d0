/**
 * Which calls of a process stand on the lifeline of one conversation.
 *
 * @module
 */

import type { Chapter, History } from "./history.ts";
import type { End } from "./join.ts";
import type { Node } from "./links.ts";
import type { Side } from "./picture.ts";
import type { Step } from "./conversation.ts";
import { amountText, durationText } from "./words.ts";

/** The calls of one side, before and behind those that were not kept. */
export interface Lane {
  /** The first ones; all, if none was left out. */
  readonly head: readonly Node[];
  /** The last ones. */
  readonly tail: readonly Node[];
  /** How many there are in all. */
  readonly total: number;
}

/** Calls of no interest beside those of the textbook. */
const ASIDE = ["setsockopt", "getsockname", "getpeername", "getnameinfo"];

/** Pauses that are shorter are not drawn, in milliseconds. */
const LEAST_PAUSE = 200;

/** What of a process is drawn. */
export interface LaneOptions {
  /** Whether calls are drawn that the textbook leaves out. */
  readonly calls: boolean;
  /** Whether pauses are drawn. */
  readonly times: boolean;
}

/** A lifeline on which nothing is known. */
const EMPTY: Lane = { head: [], tail: [], total: 0 };

/**
 * Collects the calls of one side of a conversation: its own, and before them
 * those that led to it. What comes after all conversations stands on the last.
 *
 * @param end the end
 * @param side its lifeline
 * @param options what is drawn
 * @returns the calls
 */
export function laneOf(
  end: End | undefined,
  side: Side,
  options: LaneOptions,
): Lane {
  if (end === undefined || end.isBare) return EMPTY;
  const { process: { history }, conversation } = end;
  const isShown = ({ call }: Step) =>
    options.calls || !ASIDE.includes(call.call);
  const common = commonSteps(history, end);
  const nodes = (steps: readonly Step[], own: ReadonlySet<Step>) =>
    withPauses(
      steps.filter(isShown).toSorted((a, b) => a.order - b.order),
      own,
      side,
      options,
    );
  if (conversation === undefined) {
    const { skipped } = history.common;
    const first = history.common.head;
    const none = new Set<Step>();
    const head = nodes(first, none);
    if (skipped === 0) return { head, tail: [], total: first.length };
    const text = leftOutText(skipped);
    const left: Node = { side, step: undefined, isOwn: false, text };
    const rest = nodes(history.common.tail, none);
    const { total } = history.common;
    return { head: [...head, left, ...rest], tail: [], total };
  }
  const { steps } = conversation;
  const own = new Set(steps.kept);
  const total = steps.total + common.filter(isShown).length;
  if (steps.skipped === 0) {
    return { head: nodes([...common, ...own], own), tail: [], total };
  }
  const end1 = steps.head.at(-1)!.order;
  const begin2 = steps.tail[0]!.order;
  const before = common.filter(({ order }) => order < end1);
  const after = common.filter(({ order }) => order > begin2);
  return {
    head: nodes([...before, ...steps.head], own),
    tail: nodes([...steps.tail, ...after], own),
    total,
  };
}

/** The calls outside of conversations that belong before this one. */
function commonSteps(history: History, { order, conversation }: End): Step[] {
  const chapters: readonly Chapter[] = history.chapters.kept;
  const at = chapters.findIndex((each) => each.conversation === conversation);
  const after = at <= 0 ? -1 : chapters[at - 1]!.order;
  const until = at < chapters.length - 1 ? order : Infinity;
  return history.common.kept
    .filter((step) => step.order > after && step.order < until);
}

/** Makes nodes of calls, with the pauses between them. */
function withPauses(
  steps: readonly Step[],
  own: ReadonlySet<Step>,
  side: Side,
  { times }: LaneOptions,
): Node[] {
  const nodes: Node[] = [];
  let before: Step | undefined;
  for (const step of steps) {
    const pause = times ? pauseBetween(before, step) : 0;
    if (pause >= LEAST_PAUSE) {
      const text = durationText(pause);
      nodes.push({ side, step: undefined, isOwn: false, text });
    }
    nodes.push({ side, step, isOwn: own.has(step) });
    before = step;
  }
  return nodes;
}

/** How long a process made no call, in milliseconds, by its own clock. */
function pauseBetween(before: Step | undefined, after: Step): number {
  const end = before?.call.end;
  const start = after.call.start;
  if (end === undefined || start === undefined) return 0;
  return start - end;
}

/**
 * Writes how many calls are left out.
 *
 * @param count how many
 * @returns as in `… 998 more calls`
 */
export function leftOutText(count: number): string {
  return `… ${amountText(count, "more call")}`;
}
