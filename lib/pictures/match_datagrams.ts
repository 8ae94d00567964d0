/**
 * Finds which datagram that was received is which one that was sent.
 *
 * @module
 */

import type { Message, Step } from "./conversation.ts";
import type { RecordedBytes } from "./fields.ts";

/** A call that sent or received a datagram. */
interface Moving {
  readonly step: Step & { readonly message: Message };
}

/**
 * Matches datagrams by their order and their bytes. Datagrams may be lost, and
 * overtake each other.
 *
 * @param sent what one end sent
 * @param received what the other end received
 * @param backwards whether both lists are the ends of longer ones, so that their
 * last ones are matched first
 * @returns the received one of each that arrived
 */
export function matchDatagrams<T extends Moving>(
  sent: readonly T[],
  received: readonly T[],
  backwards: boolean,
): Map<T, T> {
  const senders = backwards ? sent.toReversed() : sent;
  const partners = new Map<T, T>();
  let next = 0;
  for (const receiver of backwards ? received.toReversed() : received) {
    const isIts = (sender: T) =>
      !partners.has(sender) && isSame(sender, receiver);
    let at = senders.findIndex((sender, i) => i >= next && isIts(sender));
    if (at < 0) at = senders.findIndex(isIts);
    if (at < 0) continue;
    next = Math.max(next, at + 1);
    partners.set(senders[at]!, receiver);
  }
  return partners;
}

function isSame(a: Moving, b: Moving): boolean {
  return a.step.message.bytes === b.step.message.bytes &&
    isAlike(a.step.call.data, b.step.call.data);
}

/** Says whether two previews, of which one may be longer, can be of the same bytes. */
function isAlike(
  a: RecordedBytes | undefined,
  b: RecordedBytes | undefined,
): boolean {
  if (a === undefined || b === undefined) return true;
  const [one, two] = a.base64 !== undefined && b.base64 !== undefined
    ? [unpadded(a.base64), unpadded(b.base64)]
    : [a.text, b.text];
  return one.startsWith(two) || two.startsWith(one);
}

/** Base64 without its last group, which another preview may continue. */
function unpadded(base64: string): string {
  return base64.slice(0, Math.max(0, base64.length - 4));
}
