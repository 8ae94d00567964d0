/**
 * Finds which call of one end caused which call of the other.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import type { Conversation, Message, Step } from "./conversation.ts";
import { matchDatagrams } from "./match_datagrams.ts";
import { type ArrowKind, otherSide, type Side } from "./picture.ts";
import type { RecordedBytes } from "./fields.ts";

/** A call, or a pause, in its place on a lifeline. */
export interface Node {
  /** The lifeline. */
  readonly side: Side;
  /** The call; `undefined` if something is left out here. */
  readonly step: Step | undefined;
  /** Whether the call is part of the conversation, not one that led to it. */
  readonly isOwn: boolean;
  /** What is left out here: how long a pause was, or how many calls. */
  readonly text?: string;
}

/** An arrow, before its rows are known. */
export interface Link {
  readonly kind: ArrowKind;
  /** Where it begins. */
  readonly from: Side;
  /** The call that caused it, if that was recorded. */
  readonly sender: Node | undefined;
  /** The call that received it, if that was recorded. */
  readonly receiver: Node | undefined;
  /** Whether it arrived. */
  readonly arrives: boolean;
  /** How many bytes it has, if it is data. */
  readonly bytes?: number;
  /** The first of them. */
  readonly data?: RecordedBytes | undefined;
  /** Where it went, if that is not the other end. */
  readonly elsewhere?: Endpoint;
}

/** The two lifelines of a scene, or a part of them. */
export interface Lanes {
  readonly left: readonly Node[];
  readonly right: readonly Node[];
}

/** The recorded conversations of both sides. */
export interface Ends {
  readonly left: Conversation | undefined;
  readonly right: Conversation | undefined;
  /** Whether they are the ends of one. */
  readonly joined: boolean;
  /** Whether the server was recorded, and knows nothing of this conversation. */
  readonly isSilent: boolean;
}

/**
 * Finds the arrows of a scene.
 *
 * @param lanes the calls of both sides
 * @param ends their conversations
 * @param backwards whether the calls are the last ones, so that datagrams are
 * matched from the end
 * @returns the arrows
 */
export function findLinks(
  lanes: Lanes,
  ends: Ends,
  backwards: boolean,
): Link[] {
  const transport = ends.left?.transport ?? ends.right?.transport;
  const all = [...lanes.left, ...lanes.right];
  const attempts = all.filter(({ step }) => step?.call.call === "connect");
  // Of somebody else's server every attempt says where it went.
  const last = ends.joined
    ? ends.left?.remote ?? attempts.at(-1)?.step?.call.remote
    : undefined;
  const links = attempts.flatMap((node) => failedAttempt(node, last));
  // What goes to somebody who is not in the picture has no arrow.
  if (!ends.joined) return links;
  if (transport === "TCP") {
    links.push(
      ...openings(lanes, "connect", "accept", "connection"),
      ...handshakes(lanes),
    );
  }
  for (const from of ["left", "right"] as const) {
    if (transport === "UDP") {
      links.push(...datagrams(lanes, ends, from, backwards));
    } else {
      links.push(...stream(lanes, ends, from));
      links.push(...endings(lanes, ends, from));
    }
  }
  return links;
}

/** A connection that was refused or not answered does not arrive. */
function failedAttempt(node: Node, last: Endpoint | undefined): Link[] {
  const { side: from, step } = node;
  if (step === undefined || step.call.result === 0) return [];
  // A socket that could not be made sends nothing.
  if (step.call.code === "EMFILE" || step.call.code === "EACCES") return [];
  const { remote } = step.call;
  const isElsewhere = remote && !(last && remote.equals(last));
  return [{
    kind: "connection",
    from,
    sender: node,
    receiver: undefined,
    arrives: false,
    ...(isElsewhere ? { elsewhere: remote } : {}),
  }];
}

function named(
  nodes: readonly Node[],
  ...names: readonly string[]
): Node | undefined {
  return nodes.find(({ isOwn, step }) =>
    isOwn && step !== undefined && names.includes(step.call.call)
  );
}

/** What both ends do together, the client first. */
function openings(
  { left, right }: Lanes,
  client: string,
  server: string,
  kind: ArrowKind,
): Link[] {
  const sender = named(left, client);
  const receiver = named(right, server);
  if (sender === undefined && receiver === undefined) return [];
  return [{ kind, from: "left", sender, receiver, arrives: true }];
}

/** A handshake, unless a reset ended it: that has an arrow of its own. */
function handshakes(lanes: Lanes): Link[] {
  return openings(lanes, "handshake", "handshake", "handshake")
    .filter(({ sender, receiver }) =>
      ![sender, receiver].some((node) => node !== undefined && isReset(node))
    );
}

/** A call that moved bytes. */
type Moving = Node & { readonly step: Step & { readonly message: Message } };

function moving(nodes: readonly Node[], way: Message["way"]): Moving[] {
  return nodes.filter((node): node is Moving =>
    node.isOwn && node.step?.message?.way === way
  );
}

/** The bytes of one direction of a stream, by their places in it. */
function stream(lanes: Lanes, ends: Ends, from: Side): Link[] {
  const kind = "data";
  const senders = moving(lanes[from], "sent").filter(hasBytes);
  const receivers = moving(lanes[otherSide(from)], "received").filter(hasBytes);
  const other = ends[otherSide(from)];
  const links: Link[] = [];
  const heard = new Set<Moving>();
  let next = 0;
  for (const sender of senders) {
    const { from: start, bytes: length } = sender.step.message;
    const end = start + length;
    const before = links.length;
    while (next < receivers.length && endOf(receivers[next]!) <= start) next++;
    for (let i = next; other && i < receivers.length; i++) {
      const receiver = receivers[i]!;
      const { from: begin } = receiver.step.message;
      if (begin >= end) break;
      const first = Math.max(start, begin);
      const bytes = Math.min(end, endOf(receiver)) - first;
      const own = first === start ? sender.step.call.data : undefined;
      const theirs = first === begin ? receiver.step.call.data : undefined;
      const data = own ?? theirs;
      links.push({ kind, from, sender, receiver, arrives: true, bytes, data });
      heard.add(receiver);
    }
    if (links.length > before) continue;
    const arrives = other === undefined || start < other.bytes.received;
    const { data } = sender.step.call;
    const receiver = undefined;
    links.push({ kind, from, sender, receiver, arrives, bytes: length, data });
  }
  for (const receiver of receivers) {
    if (!heard.has(receiver)) links.push(fromNowhere(from, receiver));
  }
  return links;
}

function hasBytes({ step }: Moving): boolean {
  return step.message.bytes > 0;
}

function endOf({ step: { message } }: Moving): number {
  return message.from + message.bytes;
}

/** What was received, if the call that sent it is not known. */
function fromNowhere(from: Side, receiver: Moving): Link {
  const { message: { bytes }, call: { data } } = receiver.step;
  const sender = undefined;
  return { kind: "data", from, sender, receiver, arrives: true, bytes, data };
}

function datagrams(
  lanes: Lanes,
  ends: Ends,
  from: Side,
  backwards: boolean,
): Link[] {
  const kind = "data";
  const senders = moving(lanes[from], "sent");
  const receivers = moving(lanes[otherSide(from)], "received");
  const other = ends[otherSide(from)];
  const partners = other === undefined
    ? new Map<Moving, Moving>()
    : matchDatagrams(senders, receivers, backwards);
  const heard = new Set(partners.values());
  const isKnown = other === undefined
    ? ends.isSilent && from === "left"
    : other.steps.skipped === 0;
  return [
    ...senders.map((sender): Link => {
      const receiver = partners.get(sender);
      const { message: { bytes }, call } = sender.step;
      const data = call.data ?? receiver?.step.call.data;
      const arrives = receiver !== undefined || !isKnown;
      return { kind, from, sender, receiver, arrives, bytes, data };
    }),
    ...receivers.filter((receiver) => !heard.has(receiver))
      .map((receiver) => fromNowhere(from, receiver)),
  ];
}

const RESETS = ["ECONNRESET", "EPIPE", "ECONNABORTED"];

/** Says whether a call found out that the other side reset the connection. */
function isReset({ isOwn, step }: Node): boolean {
  return isOwn && RESETS.includes(step?.call.code ?? "");
}

/** How one side's end of a stream reaches the other side. */
function endings(lanes: Lanes, ends: Ends, from: Side): Link[] {
  const to = otherSide(from);
  const shutdown = named(lanes[from], "shutdown");
  const close = named(lanes[from], "close");
  const other = ends[to];
  const zero = moving(lanes[to], "received").find((node) => !hasBytes(node));
  const reset = lanes[to].find(isReset);
  // Who closes what was reset sends nothing.
  const sender = shutdown ?? (lanes[from].some(isReset) ? undefined : close);
  const links: Link[] = [];
  if (zero !== undefined) {
    const receiver = zero;
    links.push({ kind: "end", from, sender, receiver, arrives: true });
  } else if (sender !== undefined && other === undefined) {
    links.push({
      kind: "end",
      from,
      sender,
      receiver: undefined,
      arrives: true,
    });
  }
  if (reset !== undefined) {
    const isFree = close !== undefined && !(zero && sender === close);
    links.push({
      kind: "reset",
      from,
      sender: isFree ? close : undefined,
      receiver: reset,
      arrives: true,
    });
  }
  return links;
}
