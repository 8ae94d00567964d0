/** Scenes: the terminals of a page that are at work at the same time. */

import type { Block } from "./page.ts";

/** A command that is typed, and what the terminal shows then. */
export interface Step {
  /** What is typed; more than one line if it goes on behind `> `. */
  readonly typed: readonly string[];
  readonly output: readonly string[];
}

/** What is typed into one terminal. */
export interface Terminal {
  readonly block: Block;
  readonly steps: readonly Step[];
}

/** Terminals that are at work at the same time. */
export interface Scene {
  readonly terminals: readonly Terminal[];
  /** Whether only what it does counts, and not what it shows. */
  readonly isSilent: boolean;
}

/** The title of a `sh` block that is run, for what follows it. */
export const RUN = "run";

/** What a terminal shows when the key that interrupts is pressed. */
export const INTERRUPT = "^C";

/** Reads what is typed in a block, and what it shows. */
export function stepsOf({ lines, line }: Block): Step[] {
  const steps: { typed: string[]; output: string[] }[] = [];
  for (const text of lines) {
    const last = steps.at(-1);
    const goesOn = last?.output.length === 0 && text.startsWith("> ") &&
      (/\\$/.test(last.typed.at(-1)!) || last.typed.join("\n").includes("<<"));
    if (text.startsWith("$ ")) {
      steps.push({ typed: [text.slice(2)], output: [] });
    } else if (goesOn) {
      last?.typed.push(text.slice(2));
    } else if (last === undefined) {
      throw new Error(`line ${line}: a console block begins with "$ "`);
    } else {
      last.output.push(text);
    }
  }
  return steps;
}

/** Writes steps as the lines of a block. */
export function linesOf(steps: readonly Step[]): string[] {
  return steps.flatMap(({ typed, output }) => [
    ...typed.map((line, at) => (at === 0 ? "$ " : "> ") + line),
    ...output,
  ]);
}

/**
 * Finds the scenes of a page: `console` blocks are scenes of their own, and
 * those called `terminal 1`, `terminal 2` … in a row are one. A `sh` block
 * called `run` is one that shows nothing.
 */
export function scenesOf(blocks: readonly Block[]): Scene[] {
  const scenes: { terminals: Terminal[]; isSilent: boolean }[] = [];
  for (const block of blocks) {
    if (block.language === "sh" && block.title === RUN) {
      const steps = [{ typed: block.lines, output: [] }];
      scenes.push({ terminals: [{ block, steps }], isSilent: true });
    }
    if (block.language !== "console") continue;
    const terminal = { block, steps: stepsOf(block) };
    const number = Number(/^terminal (\d)$/.exec(block.title)?.[1] ?? NaN);
    if (block.title !== "" && Number.isNaN(number)) {
      throw new Error(`line ${block.line}: unknown title "${block.title}"`);
    }
    if (Number.isNaN(number) || number === 1) {
      scenes.push({ terminals: [terminal], isSilent: false });
      continue;
    }
    const scene = scenes.at(-1);
    if (scene?.terminals.at(-1)?.block.title !== `terminal ${number - 1}`) {
      throw new Error(`line ${block.line}: no terminal ${number - 1} before`);
    }
    scene.terminals.push(terminal);
  }
  return scenes;
}
