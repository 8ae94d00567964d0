/** Runs the scenes of pages. */

import type { Machine } from "./machine.ts";
import {
  INTERRUPT,
  linesOf,
  type Scene,
  type Step,
  type Terminal,
} from "./scene.ts";
import { isSameShape, shapeOf } from "./shape.ts";
import { Shell } from "./shell.ts";

/** How long a scene may take, in milliseconds. */
const STUCK = 20_000;

/** How long a terminal is quiet before what runs in it is interrupted. */
const QUIET = 500;

/** The same if the page has more to come; a machine may be busy. */
const LATE = 3_000;

/** How often a tool is asked whether it waits, in milliseconds. */
const POLL = 20;

/** Commands that say when they wait. */
const TALKATIVE =
  /^(deno|parley|time_server|server|listener)\b(?!.*(?:--quiet|>))/;

/** The exit status of a shell for a command that is not installed. */
const NOT_FOUND = 127;

/** What programs say when they wait for somebody. */
const WAITING =
  /waiting for connections|Waiting for connection|waiting to recvfrom|"event":"waiting"/;

/** A terminal of a scene at work. */
class Player implements AsyncDisposable {
  readonly #shell: Shell;
  readonly #steps: readonly Step[];
  readonly #machine: Machine;
  /** The steps that wait for somebody and do not say so. */
  readonly #listening = new Set<number>();
  /** What was shown before the key that interrupts, by step. */
  readonly #interrupted = new Map<number, string>();

  constructor(machine: Machine, { steps }: Terminal) {
    this.#machine = machine;
    this.#steps = steps;
    this.#shell = new Shell(
      machine,
      steps.map(({ typed }) => typed.join("\n")),
    );
  }

  /** Resolves when it waits for the other terminals, or has ended. */
  async ready(sockets: number): Promise<void> {
    while (!this.#shell.isOver) {
      const { changed, outputs } = this.#shell;
      if (WAITING.test(outputs.join(""))) return;
      if (await this.#isListening(sockets)) {
        this.#listening.add(this.#current);
        return;
      }
      await firstOf([changed], POLL);
    }
  }

  /** Whether a command waits that does not say so. */
  async #isListening(sockets: number): Promise<boolean> {
    const says = TALKATIVE.test(this.#steps[this.#current]!.typed[0]!);
    return !says && await this.#machine.waitingSockets() > sockets;
  }

  /** Lets it end, and interrupts what does not end by itself. */
  async end(): Promise<void> {
    while (!this.#shell.isOver) {
      const at = this.#current;
      await this.#settled(at);
      const isOver = this.#shell.isOver || at !== this.#current;
      if (isOver || this.#interrupted.has(at)) continue;
      this.#interrupted.set(at, this.#shell.outputs[at]!);
      this.#shell.interrupt();
    }
  }

  get #current(): number {
    return Math.min(this.#shell.outputs.length, this.#steps.length) - 1;
  }

  /** Resolves when a step has shown what the page has, or shows no more. */
  async #settled(at: number): Promise<void> {
    const expected = this.#steps[at]!.output;
    const key = expected.indexOf(INTERRUPT);
    while (!this.#shell.isOver && this.#current === at) {
      const { changed, outputs } = this.#shell;
      const isAsBefore = key >= 0 &&
        isSameShape(shownLines(outputs[at]!), expected.slice(0, key));
      if (isAsBefore && !this.#interrupted.has(at)) return;
      const isNew = expected.length === 0 && outputs[at] !== "";
      if (await firstOf([changed], isNew ? QUIET : LATE) === "changed") {
        continue;
      }
      if (WAITING.test(outputs[at]!) || this.#listening.has(at)) return;
    }
  }

  /** What was typed and shown. */
  get steps(): Step[] {
    return this.#steps.map(({ typed }, at) => {
      const text = this.#shell.outputs[at] ?? "";
      const before = this.#interrupted.get(at);
      const output = before === undefined ? shownLines(text) : [
        ...shownLines(before),
        INTERRUPT,
        ...shownLines(text.slice(before.length)),
      ];
      return { typed, output };
    });
  }

  /** The exit statuses of what has ended. */
  get statuses(): readonly number[] {
    return this.#shell.statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shell[Symbol.asyncDispose]();
  }
}

/** The lines that a terminal shows of a text. */
function shownLines(text: string): string[] {
  const lines = text.replaceAll("\r", "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.trimEnd());
}

/** Waits for the first of some promises, or for so many milliseconds. */
async function firstOf(
  promises: readonly Promise<void>[],
  milliseconds: number,
): Promise<"quiet" | "changed"> {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  const timer = setTimeout(() => resolve("quiet"), milliseconds);
  try {
    const changed = promises.map((each) => each.then(() => "changed" as const));
    return await Promise.race([...changed, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A scene that did not go as scenes do. */
export class SceneError extends Error {
  override readonly name = "SceneError";

  constructor(line: number, problem: string, players: readonly Player[]) {
    const shown = players.flatMap(({ steps }) => linesOf(steps));
    super([`line ${line}: ${problem}`, ...shown].join("\n"));
  }
}

/**
 * Runs a scene.
 *
 * @param machine where to run it
 * @param scene what is typed, and what was shown last time
 * @returns what each terminal shows
 */
export async function runScene(
  machine: Machine,
  { terminals, isSilent }: Scene,
): Promise<Step[][]> {
  const line = terminals[0]!.block.line;
  const players: Player[] = [];
  await using stack = new AsyncDisposableStack();
  const play = async () => {
    for (const terminal of terminals) {
      const sockets = await machine.waitingSockets();
      const player = stack.use(new Player(machine, terminal));
      players.push(player);
      if (terminal !== terminals.at(-1)) await player.ready(sockets);
    }
    for (const player of players.toReversed()) await player.end();
  };
  const playing = play();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SceneError(line, "stuck", players)),
      STUCK,
    );
  });
  try {
    await Promise.race([playing, stuck]);
  } finally {
    clearTimeout(timer);
  }
  const failed = players.flatMap(({ statuses }) => statuses)
    .find((status) => status === NOT_FOUND || (isSilent && status !== 0));
  if (failed !== undefined) {
    throw new SceneError(line, `exit status ${failed}`, players);
  }
  return players.map(({ steps }) => steps);
}

/** Whether a terminal shows what it showed before, times and the like aside. */
export function isUnchanged(
  before: readonly Step[],
  after: readonly Step[],
): boolean {
  return before.every(({ output }, at) =>
    isSameShape(output, after[at]!.output)
  );
}

/** Returns the first lines that differ, to be shown to who must look. */
export function difference(
  before: readonly Step[],
  after: readonly Step[],
): string {
  for (const [at, { typed, output }] of before.entries()) {
    const now = after[at]!.output;
    const length = Math.max(output.length, now.length);
    for (let i = 0; i < length; i++) {
      const [old, fresh] = [output[i], now[i]];
      const isSame = old !== undefined && fresh !== undefined &&
        shapeOf(old) === shapeOf(fresh);
      if (isSame) continue;
      return `$ ${typed.join("\n> ")}\n- ${old ?? "(nothing)"}\n+ ${
        fresh ?? "(nothing)"
      }`;
    }
  }
  return "";
}
