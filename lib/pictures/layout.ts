/**
 * Puts the calls of two lifelines into rows, so that a call and what caused it
 * stand beside each other, and nothing stands before its cause.
 *
 * @module
 */

import type { Lanes, Link, Node } from "./links.ts";
import type { Side } from "./picture.ts";

/** Whether a call waited, and so long that it is to be seen. */
export type Wait = "no" | "yes" | "long";

/** The rows that a call fills. */
export interface Span {
  first: number;
  last: number;
}

/** Where everything is. */
export interface Layout {
  /** How many rows there are. */
  readonly rows: number;
  /** The rows of each call and pause. */
  readonly spans: ReadonlyMap<Node, Span>;
}

/**
 * Lays out two lifelines.
 *
 * @param lanes the calls of both sides
 * @param links the arrows between them
 * @param waits says whether a call waited, so that it is drawn from where it
 * began
 * @param joined whether both sides share one time; else they are drawn beside
 * each other from the first row on
 * @returns the rows
 */
export function layOut(
  lanes: Lanes,
  links: readonly Link[],
  waits: (node: Node) => Wait,
  joined: boolean,
): Layout {
  const layout = new Placing(lanes, links, waits);
  if (joined) layout.placeAll();
  else layout.placeBeside();
  return layout;
}

/** A layout that grows row by row. */
class Placing implements Layout {
  readonly spans = new Map<Node, Span>();
  rows = 0;
  readonly #lanes: Lanes;
  readonly #waits: (node: Node) => Wait;
  /** The calls that must stand before each call, or beside it. */
  readonly #causes = new Map<Node, Node[]>();
  /** The calls that each call causes. */
  readonly #effects = new Map<Node, Node[]>();
  /** The calls with arrows that are not placed yet. */
  readonly #linked = new Set<Node>();
  readonly #at: Record<Side, number> = { left: 0, right: 0 };
  /** The rows in which something arrives that left in an earlier one. */
  readonly #later = new Set<number>();
  /** The row since which the next call of a side is receiving. */
  readonly #opened: Partial<Record<Side, number>> = {};

  constructor(
    lanes: Lanes,
    links: readonly Link[],
    waits: (node: Node) => Wait,
  ) {
    this.#lanes = lanes;
    this.#waits = waits;
    for (const { sender, receiver } of links) {
      // An arrow from or to a bare lifeline needs a row of its own, too.
      if (sender !== undefined) this.#linked.add(sender);
      if (receiver !== undefined) this.#linked.add(receiver);
      if (sender === undefined || receiver === undefined) continue;
      append(this.#causes, receiver, sender);
      append(this.#effects, sender, receiver);
    }
  }

  placeAll(): void {
    for (;;) {
      const left = this.#next("left");
      const right = this.#next("right");
      if (left === undefined && right === undefined) return;
      for (const node of [left, right]) this.#receiveRest(node);
      if (left === undefined || right === undefined) {
        this.#place((left ?? right)!);
      } else if (this.#meet(left, right) || this.#isQuiet()) {
        this.#place(left, right);
      } else {
        this.#place(this.#choose(left, right));
      }
    }
  }

  placeBeside(): void {
    for (;;) {
      const nodes = [this.#next("left"), this.#next("right")]
        .filter((node) => node !== undefined);
      if (nodes.length === 0) return;
      this.#place(...nodes);
    }
  }

  /** Shows the rest of a message arrive before the message after it. */
  #receiveRest(node: Node | undefined): void {
    if (node === undefined || this.#isFree(node)) return;
    const cause = this.#lastCause(node);
    if (cause === undefined) return;
    const begin = this.#opened[node.side] ?? this.rows;
    const span = this.spans.get(cause)!;
    if (span.last >= begin) return;
    this.#opened[node.side] = begin;
    span.last = this.rows++;
  }

  #causesOf(node: Node): readonly Node[] {
    return this.#causes.get(node) ?? [];
  }

  #next(side: Side): Node | undefined {
    return this.#lanes[side][this.#at[side]];
  }

  /** Whether one of two calls causes the other, and nothing else is missing. */
  #meet(a: Node, b: Node): boolean {
    const linked = this.#causesOf(a).includes(b) ||
      this.#causesOf(b).includes(a);
    return linked && this.#isFree(a, b) && this.#isFree(b, a);
  }

  /** Whether no call that is left has an arrow. */
  #isQuiet(): boolean {
    return this.#linked.size === 0;
  }

  /** Whether all that a call needs is placed, or is the call beside it. */
  #isFree(node: Node, beside?: Node): boolean {
    return this.#causesOf(node)
      .every((cause) => cause === beside || this.spans.has(cause));
  }

  /** Chooses which of two calls that do not meet comes first. */
  #choose(left: Node, right: Node): Node {
    const free = [right, left].filter((node) => this.#isFree(node));
    // Only forged recordings make each end wait for the other.
    if (free.length === 0) return left;
    // The rest of a message that is being received.
    const goesOn = free.find((node) => this.#lastCause(node) !== undefined);
    if (goesOn !== undefined) return goesOn;
    // What is received later lets its receiver get there first.
    const isDeferred = (node: Node) =>
      (this.#effects.get(node) ?? []).some((effect) =>
        !this.spans.has(effect) && effect !== left && effect !== right
      );
    return free.find((node) => !isDeferred(node) && !isGoodbye(node)) ??
      free.find((node) => !isDeferred(node)) ?? free[0]!;
  }

  /** The cause of a call, if its side has not begun another call since. */
  #lastCause(node: Node): Node | undefined {
    return this.#causesOf(node).find((cause) =>
      this.#lanes[cause.side][this.#at[cause.side] - 1] === cause &&
      this.#opened[cause.side] === undefined
    );
  }

  #place(...nodes: Node[]): void {
    const begins = nodes.map((node) => this.#begin(node));
    const before = this.rows;
    for (const [i, node] of nodes.entries()) this.#makeRoom(node, begins[i]!);
    for (const [i, node] of nodes.entries()) {
      const isOne = this.#causesOf(node).length < 2;
      if (begins[i] === before && isOne) begins[i] = this.rows;
    }
    // Who waited long is seen waiting, even if nothing else happened.
    const isLong = nodes.some((node, i) =>
      begins[i] === this.rows && this.#waits(node) === "long"
    );
    if (isLong) this.rows++;
    const row = this.rows++;
    for (const [i, node] of nodes.entries()) {
      const isShort = begins[i] === row - 1 && isLong &&
        this.#waits(node) !== "long" && this.#opened[node.side] === undefined;
      this.spans.set(node, { first: isShort ? row : begins[i]!, last: row });
      delete this.#opened[node.side];
      this.#linked.delete(node);
    }
    for (const node of nodes) {
      // A message that goes on to arrive keeps its sender in the row.
      const cause = nodes.length === 1 ? this.#lastCause(node) : undefined;
      if (cause !== undefined) this.spans.get(cause)!.last = row;
      this.#at[node.side]++;
    }
    for (const node of nodes) {
      for (const effect of this.#effects.get(node) ?? []) {
        const { side } = effect;
        if (this.#next(side) !== effect) continue;
        // What is before it on its lifeline may be in this row.
        const before = this.#lanes[side][this.#at[side] - 1];
        const after = before === undefined ? 0 : this.#lastRow(before) + 1;
        this.#opened[side] ??= Math.max(row, after);
      }
    }
  }

  /** Leaves a row for each message that a call receives. */
  #makeRoom(node: Node, begin: number): void {
    const causes = this.#causesOf(node);
    let room = 0;
    for (let row = begin; row <= this.rows; row++) {
      if (!this.#later.has(row)) room++;
    }
    this.rows += Math.max(0, causes.length - room);
    const isLater = causes.some((cause) =>
      this.spans.has(cause) && this.#lastRow(cause) < begin
    );
    if (!isLater) return;
    for (let row = begin; row <= this.rows; row++) this.#later.add(row);
  }

  /** The row in which a call begins that returns in the next row. */
  #begin(node: Node): number {
    const { side } = node;
    const before = this.#lanes[side][this.#at[side] - 1];
    const opened = this.#opened[side] ?? this.rows;
    if (this.#waits(node) === "no" || before === undefined) return opened;
    return Math.min(opened, this.#lastRow(before) + 1);
  }

  #lastRow(node: Node): number {
    return this.spans.get(node)?.last ?? -1;
  }
}

/** Whether a server stops waiting for everybody with a call. */
function isGoodbye({ side, isOwn, step }: Node): boolean {
  if (side === "left" || isOwn || step === undefined) return false;
  return step.call.call === "close" || step.call.result === "?";
}

function append(map: Map<Node, Node[]>, key: Node, value: Node): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
