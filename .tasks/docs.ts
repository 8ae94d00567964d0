/**
 * Rewrites what the documentation's `console` blocks show, from real runs:
 * `deno task docs [PAGE…]`, by default all pages. What differs only in times,
 * dates, process ids and ports stays as it is.
 */

import { Machine, mayMakeMachines } from "./docs/machine.ts";
import { type Block, readPage, withBlocks } from "./docs/page.ts";
import { type Pair, pairs, read, write } from "./docs/pages.ts";
import { difference, isUnchanged, runScene, SceneError } from "./docs/run.ts";
import { linesOf, scenesOf } from "./docs/scene.ts";

/** What is no longer as a page has it. */
export interface Change {
  readonly block: Block;
  readonly lines: readonly string[];
  /** The first lines that differ. */
  readonly difference: string;
}

/** Runs the `console` blocks of a page, and returns those that changed. */
export async function changesOf(page: string): Promise<Change[]> {
  const { blocks } = readPage(read(page));
  if (!blocks.some(({ language }) => language === "console")) return [];
  await using machine = await Machine.make();
  const changes: Change[] = [];
  for (const scene of scenesOf(blocks)) {
    const after = await runScene(machine, scene);
    const isSame = scene.isSilent || scene.terminals
      .every(({ steps }, at) => isUnchanged(steps, after[at]!));
    if (isSame) continue;
    // All of them, so that their ports and times still belong together.
    for (const [at, { block, steps }] of scene.terminals.entries()) {
      changes.push({
        block,
        lines: linesOf(after[at]!),
        difference: difference(steps, after[at]!),
      });
    }
  }
  return changes;
}

/** Gives a page's translation the blocks of the page. */
function translated({ english, korean }: Pair): void {
  const [from, text] = [readPage(read(english)).blocks, read(korean)];
  const to = readPage(text).blocks;
  const changes = new Map<Block, readonly string[]>();
  for (const [at, block] of to.entries()) {
    const { language, lines } = from[at] ?? block;
    if (language !== block.language) {
      throw new Error(`${korean}:${block.line}: ${english} has ${language}`);
    }
    if (language === "console") changes.set(block, lines);
  }
  write(korean, withBlocks(text, changes));
}

async function main(): Promise<void> {
  const unknown = Deno.args
    .find((arg) => !pairs().some(({ english }) => english === arg));
  if (unknown !== undefined) {
    console.error(`docs: no page ${unknown}: as in docs/errors.md`);
    Deno.exit(1);
  }
  if (!mayMakeMachines()) {
    console.error("docs: needs Linux, and unshare(1) must be allowed");
    Deno.exit(1);
  }
  for (const pair of pairs()) {
    const { english } = pair;
    if (Deno.args.length > 0 && !Deno.args.includes(english)) continue;
    const changes = await changesOf(english).catch((error) => {
      if (!(error instanceof SceneError)) throw error;
      console.error(`docs: ${english}: ${error.message}`);
      Deno.exit(1);
    });
    const lines = new Map(changes.map(({ block, lines }) => [block, lines]));
    write(english, withBlocks(read(english), lines));
    for (const { block: { line }, difference } of changes) {
      console.log(`${english}:${line}: rewritten\n${difference}`);
    }
    translated(pair);
  }
}

if (import.meta.main) await main();
