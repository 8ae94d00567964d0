/**
 * A picture as a sequence diagram of Mermaid, which GitHub, VS Code and
 * Obsidian draw.
 *
 * @module
 */

import {
  type Arrow,
  type Box,
  type Lifeline,
  otherSide,
  type Picture,
  type Scene,
  type Side,
} from "./picture.ts";
import { cutText, foldText } from "./text_width.ts";

/** The longest text in the diagram, in columns. */
const LONGEST = 64;
/** How wide a line of a note on one lifeline is. */
const NOTE = 40;

/**
 * Renders a picture in Mermaid's language.
 *
 * @param picture the picture
 * @returns lines, each ended by a newline
 */
export function renderMermaid(picture: Picture): string {
  const participants = new Participants(picture.scenes);
  // A title takes no entities, and there is none without text.
  const title = cutText(picture.title, LONGEST).replace(/[#;%<>&]/g, "·");
  const lines = [
    "sequenceDiagram",
    ...(title.trim() === "" ? [] : [`title ${title}`]),
    ...participants.lines,
    ...picture.scenes.flatMap((scene) => sceneLines(scene, participants)),
  ];
  const everybody = participants.span;
  if (everybody !== undefined) {
    for (const note of picture.notes) {
      lines.push(`Note over ${everybody}: ${safeLines(note, LONGEST)}`);
    }
  }
  return lines.join("\n    ") + "\n";
}

/** The lifelines: one that takes part in several scenes is drawn once. */
class Participants {
  readonly #ids = new Map<string, string>();
  readonly lines: readonly string[];

  constructor(scenes: readonly Scene[]) {
    const lines: string[] = [];
    for (const side of ["left", "right"] as const) {
      for (const scene of scenes) {
        const lifeline = scene[side];
        if (lifeline === undefined) continue;
        const key = keyOf(side, lifeline);
        if (this.#ids.has(key)) continue;
        const id = `P${this.#ids.size + 1}`;
        this.#ids.set(key, id);
        const { name, details } = lifeline;
        const text = [name, ...details].map((each) => safe(each)).join("<br/>");
        lines.push(`participant ${id} as ${text}`);
      }
    }
    this.lines = lines;
  }

  /** The first and the last one, as a note over all of them names them. */
  get span(): string | undefined {
    const ids = [...this.#ids.values()];
    return ids.length > 1 ? `${ids[0]},${ids.at(-1)}` : ids[0];
  }

  /** The name of a lifeline in the diagram. */
  idOf(side: Side, scene: Scene): string | undefined {
    const lifeline = scene[side];
    return lifeline && this.#ids.get(keyOf(side, lifeline));
  }
}

function keyOf(side: Side, { name, details }: Lifeline): string {
  return JSON.stringify([side, name, details]);
}

function sceneLines(scene: Scene, participants: Participants): string[] {
  const left = participants.idOf("left", scene);
  const right = participants.idOf("right", scene);
  const both = [left, right].filter((id) => id !== undefined).join(",");
  const idOf = (side: Side) => side === "left" ? left : right;
  const lines: string[] = [];
  const note = (id: string | undefined, text: string) => {
    if (id) lines.push(`Note over ${id}: ${safeLines(text, NOTE)}`);
  };
  if (scene.heading !== undefined) note(both, scene.heading);
  const rows = rowsOf(scene);
  for (let row = 0; row < scene.rows; row++) {
    for (
      const { side, text } of scene.breaks.filter((each) => each.row === row)
    ) {
      note(side === undefined ? both : idOf(side), text);
    }
    const { begins = [], returns = [], arrows = [] } = rows[row] ?? {};
    for (const box of begins) note(idOf(box.side), beginning(box));
    // What causes an arrow comes before it, and what it causes after it.
    const from = arrows[0]?.from ?? "right";
    const before = returns.filter(({ side }) => side === from);
    const after = returns.filter(({ side }) => side !== from);
    for (const box of before) note(idOf(box.side), returning(box));
    for (const arrow of arrows) lines.push(...arrowLine(arrow, idOf));
    for (const box of after) note(idOf(box.side), returning(box));
  }
  return lines;
}

/** What is in one row. */
interface Row {
  readonly begins: Box[];
  readonly returns: Box[];
  readonly arrows: Arrow[];
}

function rowsOf({ rows, boxes, arrows }: Scene): Row[] {
  const list = Array.from(
    { length: rows },
    (): Row => ({ begins: [], returns: [], arrows: [] }),
  );
  for (const box of boxes) {
    if (box.last > box.first) list[box.first]!.begins.push(box);
    list[box.last]!.returns.push(box);
  }
  for (const arrow of arrows) {
    list[arrow.arrives ?? arrow.departs]!.arrows.push(arrow);
  }
  return list;
}

function beginning({ name, waits }: Box): string {
  return `${name} …${waits ? " waits" : ""}`;
}

function returning({ name, outcome, emulated, time }: Box): string {
  const parts = [name, outcome, emulated ? "(emulated)" : undefined];
  const text = parts.filter((part) => part !== undefined).join(" ");
  return time === undefined ? text : `${text} · ${time}`;
}

function arrowLine(
  { kind, from, arrives, label, data }: Arrow,
  idOf: (side: Side) => string | undefined,
): string[] {
  const sender = idOf(from);
  const receiver = idOf(otherSide(from));
  if (sender === undefined || receiver === undefined) return [];
  const line = arrives === undefined ? "-x" : "->>";
  const quoted = data === undefined ? "" : `<br/>${safe(data)}`;
  const there = `${sender}${line}${receiver}: ${safe(label)}${quoted}`;
  // Arrows with two heads are not known everywhere yet.
  return kind === "handshake"
    ? [there, `${receiver}${line}${sender}: ${safe(label)}`]
    : [there];
}

/** Characters that mean nothing to Mermaid, Markdown or HTML. */
const PLAIN = /[^\p{L}\p{M}\p{N} ().,:=?!'/…·+-]/gu;

/** Breaks text into lines and makes them safe. */
function safeLines(text: string, columns: number): string {
  return foldText(text, columns).map((line) => safe(line)).join("<br/>");
}

/** Writes text so that none of it is Mermaid's language, and it is some. */
function safe(text: string): string {
  const shown = text.trim() === "" ? "·" : cutText(text, LONGEST);
  return shown.replace(PLAIN, (char) => `#${char.codePointAt(0)};`);
}
