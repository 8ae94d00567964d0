/**
 * Draws one conversation.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";
import { joinHostPort } from "../address/endpoint.ts";
import { arrowRows } from "./arrow_rows.ts";
import type { Step } from "./conversation.ts";
import type { End, Pair } from "./join.ts";
import { type Lane, laneOf, leftOutText } from "./lanes.ts";
import { type Layout, layOut, type Wait } from "./layout.ts";
import {
  type Ends,
  findLinks,
  type Lanes,
  type Link,
  type Node,
} from "./links.ts";
import {
  type Arrow,
  type Box,
  type Break,
  type Lifeline,
  otherSide,
  type Scene,
  type Side,
} from "./picture.ts";
import { printable } from "./printable.ts";
import { arrowData, arrowLabel, callWords, isFailure } from "./words.ts";

/** What is drawn of a conversation. */
export interface SceneOptions {
  /** Whether messages are quoted. */
  readonly data: boolean;
  /** Whether arguments and all calls are drawn. */
  readonly calls: boolean;
  /** Whether durations are drawn. */
  readonly times: boolean;
  /** Whether process ids and ports are drawn. */
  readonly identifiers: boolean;
  /** The most rows, at least 4; the middle of more is left out. */
  readonly rows: number;
}

/** A part of a scene whose rows are known. */
interface Part {
  readonly layout: Layout;
  readonly lanes: Lanes;
  readonly links: readonly Link[];
}

/** The parts of a scene that are drawn. */
interface Drawing {
  rows: number;
  readonly boxes: Box[];
  readonly arrows: Arrow[];
  readonly breaks: Break[];
}

/** The calls that may wait for the other end. */
const WAITING = ["accept", "connect", "handshake", "recv", "recvfrom"];

/** Waits that are shorter are not drawn, in milliseconds. */
const LEAST_WAIT = 1;
/** Waits from this on are drawn even if nothing else happened, in ms. */
const LONG_WAIT = 100;

/**
 * Draws a conversation.
 *
 * @param pair its ends
 * @param options what is drawn
 * @returns the scene
 */
export function drawScene(pair: Pair, options: SceneOptions): Scene {
  const left = laneOf(pair.client, "left", options);
  const right = laneOf(pair.server, "right", options);
  const ends = {
    left: pair.client?.conversation,
    right: pair.server?.conversation,
    joined: pair.joined,
    isSilent: pair.server !== undefined &&
      pair.server.conversation === undefined,
  };
  const drawing: Drawing = { rows: 0, boxes: [], arrows: [], breaks: [] };
  const head = partOf(left.head, right.head, ends, false, options);
  const isFolded = left.tail.length + right.tail.length > 0;
  if (!isFolded && head.layout.rows <= options.rows) {
    addRows(drawing, head, 0, head.layout.rows, options);
  } else {
    const tail = isFolded
      ? partOf(left.tail, right.tail, ends, true, options)
      : head;
    addFolded(drawing, head, tail, left, right, options);
  }
  drawing.arrows.sort((a, b) => a.departs - b.departs);
  return {
    left: lifelineOf(pair, "left", options),
    right: lifelineOf(pair, "right", options),
    ...drawing,
  };
}

function partOf(
  left: readonly Node[],
  right: readonly Node[],
  ends: Ends,
  backwards: boolean,
  { times }: SceneOptions,
): Part {
  const lanes = { left, right };
  const links = findLinks(lanes, ends, backwards);
  const waits = (node: Node) => waitOf(node.step, times);
  const layout = layOut(lanes, links, waits, ends.joined);
  return { layout, lanes, links };
}

/** Whether a call waited; without times every one that may is said to. */
function waitOf(step: Step | undefined, times: boolean): Wait {
  if (step === undefined || !WAITING.includes(step.call.call)) return "no";
  const { milliseconds } = step.call;
  if (milliseconds === undefined) return "no";
  if (!times) return "yes";
  if (milliseconds >= LONG_WAIT) return "long";
  return milliseconds >= LEAST_WAIT ? "yes" : "no";
}

/** Adds the first and the last rows, and how much is left out between. */
function addFolded(
  drawing: Drawing,
  head: Part,
  tail: Part,
  left: Lane,
  right: Lane,
  options: SceneOptions,
): void {
  const first = Math.min(head.layout.rows, Math.ceil(options.rows * 0.6));
  const last = Math.min(tail.layout.rows, options.rows - 1 - first);
  addRows(drawing, head, 0, first, options);
  const row = drawing.rows++;
  addRows(drawing, tail, tail.layout.rows - last, tail.layout.rows, options);
  const count = left.total + right.total - drawing.boxes.length;
  drawing.breaks.push({ row, side: undefined, text: leftOutText(count) });
}

/** Adds the rows of a part from one to before another. */
function addRows(
  drawing: Drawing,
  { layout, lanes, links }: Part,
  from: number,
  to: number,
  options: SceneOptions,
): void {
  const shift = drawing.rows - from;
  const isShown = (row: number) => row >= from && row < to;
  for (const node of [...lanes.left, ...lanes.right]) {
    const span = layout.spans.get(node);
    if (span === undefined || span.last < from || span.first >= to) continue;
    const first = Math.max(span.first, from) + shift;
    const last = Math.min(span.last, to - 1) + shift;
    const { side, step, text = "" } = node;
    if (step === undefined) drawing.breaks.push({ row: first, side, text });
    else drawing.boxes.push(boxOf(side, step, { first, last }, options));
  }
  const arrows = arrowRows(links, layout.spans);
  for (const link of links) {
    const { departs, arrives } = arrows.get(link)!;
    if (!isShown(departs) && !(link.arrives && isShown(arrives))) continue;
    // What comes out of, or goes into, the rows that are left out.
    const start = isShown(departs) ? departs : arrives;
    const end = isShown(arrives) ? arrives : departs;
    drawing.arrows.push(arrowOf(link, start + shift, end + shift, options));
  }
  drawing.rows += to - from;
}

function boxOf(
  side: Side,
  step: Step,
  span: { readonly first: number; readonly last: number },
  options: SceneOptions,
): Box {
  return {
    side,
    ...span,
    ...callWords(step.call, options),
    waits: span.last > span.first && waitOf(step, options.times) !== "no",
  };
}

function arrowOf(
  link: Link,
  departs: number,
  arrives: number,
  { data, identifiers }: SceneOptions,
): Arrow {
  const { kind, from, elsewhere } = link;
  const quoted = elsewhere
    ? endpointText(elsewhere, identifiers)
    : data
    ? arrowData(link)
    : undefined;
  return {
    kind,
    from,
    departs,
    arrives: link.arrives ? arrives : undefined,
    failed: isFailure(link),
    label: arrowLabel(link),
    ...(quoted === undefined ? {} : { data: quoted }),
  };
}

function endOf({ client, server }: Pair, side: Side): End | undefined {
  return side === "left" ? client : server;
}

/** Names a lifeline by its program, process and endpoint. */
function lifelineOf(
  pair: Pair,
  side: Side,
  { identifiers }: SceneOptions,
): Lifeline | undefined {
  const own = endOf(pair, side);
  const other = endOf(pair, otherSide(side));
  const endpoint = endpointOf(own, pair.joined ? other : undefined);
  const where = endpoint && endpointText(endpoint, identifiers);
  if (own === undefined) {
    if (where === undefined) return undefined;
    return { name: where, details: ["not recorded"], recorded: false };
  }
  const { program, pid } = own.process;
  const details = identifiers && pid !== undefined ? [`process ${pid}`] : [];
  if (where !== undefined) details.push(where);
  return { name: printable(program), details, recorded: true };
}

/** Finds the most telling name of an endpoint. */
function endpointOf(
  own: End | undefined,
  other: End | undefined,
): Endpoint | undefined {
  const history = own?.process.history;
  const tried = other?.process.history.common.kept
    .findLast(({ call }) => call.call === "connect")?.call.remote;
  const known = [
    own?.conversation?.local,
    other?.conversation?.remote,
    own && (history?.address ?? own.process.address),
    own === undefined ? tried : undefined,
  ].filter((each) => each !== undefined);
  return known.find(({ address }) => !address.isUnspecified) ?? known[0];
}

function endpointText({ address, port }: Endpoint, ports: boolean): string {
  const text = printable(String(address));
  return ports ? joinHostPort(text, port) : text;
}
