/**
 * Finds the rows in which arrows leave and arrive.
 *
 * @module
 */

import type { Span } from "./layout.ts";
import type { Link, Node } from "./links.ts";

/** The rows of an arrow. */
export interface ArrowRows {
  /** The row in which it leaves. */
  readonly departs: number;
  /** The row in which it arrives, or would have. */
  readonly arrives: number;
}

/**
 * Finds the rows of arrows. One that arrives later than it leaves arrives in a
 * row in which there is no other, if the call that receives it has one.
 *
 * @param links the arrows
 * @param spans the rows of the calls
 * @returns the rows of each arrow
 */
export function arrowRows(
  links: readonly Link[],
  spans: ReadonlyMap<Node, Span>,
): ReadonlyMap<Link, ArrowRows> {
  const rows = new Map<Link, ArrowRows>();
  const taken = new Set<number>();
  for (const link of links) {
    const row = withinRow(link, spans);
    if (row === undefined) continue;
    rows.set(link, { departs: row, arrives: row });
    taken.add(row);
  }
  for (const link of links) {
    if (rows.has(link)) continue;
    const departs = spans.get(link.sender!)!.last;
    const { first, last } = spans.get(link.receiver!)!;
    let arrives = first;
    while (arrives < last && taken.has(arrives)) arrives++;
    taken.add(arrives);
    rows.set(link, { departs, arrives });
  }
  return rows;
}

/** The row of an arrow that arrives where it leaves, or not at all. */
function withinRow(
  { sender, receiver, arrives }: Link,
  spans: ReadonlyMap<Node, Span>,
): number | undefined {
  const from = sender && spans.get(sender);
  const to = receiver && spans.get(receiver);
  if (from !== undefined && !arrives) return from.first;
  if (from === undefined || to === undefined) return (from ?? to)!.last;
  const row = Math.min(from.last, to.last);
  const together = row >= Math.max(from.first, to.first);
  // Only forged recordings receive something before it is sent.
  return together || to.last < from.first ? row : undefined;
}
