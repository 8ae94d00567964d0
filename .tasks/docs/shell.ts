/** A shell into which commands are typed. */

import { kill } from "../../tests/process.ts";
import type { Machine } from "./machine.ts";

/** Stands in the output where a command has ended, before its exit status. */
const END = "\x1e";

/** What is started with the short forms of `deno task install`. */
const PROGRAMS = [
  ...["showip", "time_console", "time_server", "server", "client"],
  ...["listener", "talker", "picture", "parley"],
];

/** Writes the commands as a script that marks where each of them ends. */
function scriptOf(folder: string, commands: readonly string[]): string {
  const config = "deno.json";
  const shims = PROGRAMS.map((name) =>
    `${name}() { deno task --quiet --config ${config} ${name} "$@"; }`
  );
  return [
    `cd '${folder}'`,
    // What it runs may be interrupted; it goes on.
    "trap : INT",
    ...shims,
    // At a terminal it shows no progress.
    'curl() { command curl --no-progress-meter "$@"; }',
    "exec 2>&1 </dev/null",
    ...commands.map((command) =>
      `${command}\n{ s=$?; printf '${END}%d\\n' $s; (exit $s); }`
    ),
  ].join("\n");
}

/** The environment of a reader who has just opened a terminal. */
function environment(): Record<string, string> {
  const deno = Deno.execPath();
  const path = `${deno.slice(0, deno.lastIndexOf("/"))}:${
    Deno.env.get("PATH")
  }`;
  const kept = ["HOME", "DENO_DIR", "XDG_CACHE_HOME"]
    .flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
  return {
    ...Object.fromEntries(kept),
    PATH: path,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
}

/** A shell at work. */
export class Shell implements AsyncDisposable {
  /** What each command has shown, so far. */
  readonly outputs: string[] = [""];
  /** The exit statuses of the commands that have ended. */
  readonly statuses: number[] = [];
  /** Whether all commands have ended. */
  isOver = false;
  readonly #ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  #changed = Promise.withResolvers<void>();

  constructor(machine: Machine, commands: readonly string[]) {
    const [command = "", ...args] = machine.enter;
    this.#child = new Deno.Command(command, {
      args: [...args, "bash", "-c", scriptOf(machine.folder, commands)],
      env: environment(),
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#ended = this.#read(commands.length);
  }

  async #read(commands: number): Promise<void> {
    const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true });
    let text = "";
    const ending = new RegExp(`${END}(\\d+)\\n`);
    for await (const piece of this.#child.stdout.pipeThrough(decoder)) {
      text += piece;
      for (let end; (end = ending.exec(text)) !== null;) {
        this.outputs.splice(-1, 1, text.slice(0, end.index), "");
        this.statuses.push(Number(end[1]));
        text = text.slice(end.index + end[0].length);
      }
      this.outputs.splice(-1, 1, text);
      this.#wake();
    }
    await this.#child.status;
    this.outputs.length = Math.min(this.outputs.length, commands);
    this.isOver = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves when something was shown, or all is over. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Presses the key that interrupts what runs in the foreground. */
  interrupt(): void {
    let pid = this.#child.pid;
    for (;;) {
      const path = `/proc/${pid}/task/${pid}/children`;
      const [child] = Deno.readTextFileSync(path).trim().split(" ");
      if (!child) break;
      pid = Number(child);
    }
    Deno.kill(pid, "SIGINT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its session is its own, and so is its process group.
    kill({ kill: (signal) => Deno.kill(-this.#child.pid, signal) });
    await this.#ended;
  }
}
