/** Processes: each is ended by its own id, however the benchmark ends. */

import { cpuOf, isInstalled, kill } from "../tests/process.ts";

export { freePort } from "../tests/process.ts";

const root = new URL("..", import.meta.url);

/** What still runs. */
const running = new Set<Deno.ChildProcess>();

/** Where temporary files are. */
export const scratch = Deno.makeTempDirSync({ prefix: "parley_bench_" });

/** Ends every process that still runs, and removes the temporary files. */
export function cleanUp(): void {
  for (const child of running) kill(child);
  try {
    Deno.removeSync(scratch, { recursive: true });
  } catch {
    // It was removed already.
  }
}

/** Starts a process that `cleanUp` knows. */
function spawn(
  command: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  const child = new Deno.Command(command, {
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    ...options,
  }).spawn();
  running.add(child);
  child.status.then(() => running.delete(child));
  return child;
}

/** A command line for `deno run`. */
export function deno(script: string, ...args: (string | number)[]): string[] {
  const flags = ["--quiet", "--allow-all"];
  return [Deno.execPath(), "run", ...flags, script, ...args.map(String)];
}

/** The command lines of a script that both Deno and Node can run. */
export function denoAndNode(
  script: string,
): [string, (port: number) => string[]][] {
  const lines: [string, (port: number) => string[]][] = [
    ["Deno", (port) => deno(script, port)],
  ];
  if (takesPart("node")) {
    lines.push(["Node", (port) => ["node", script, String(port)]]);
  }
  return lines;
}

/** Whether a contender is installed; prints that it is not. */
export function takesPart(command: string): boolean {
  const installed = isInstalled(command);
  if (!installed) console.log(`${command} is not installed and takes no part`);
  return installed;
}

/** Runs a program to its end, and returns the JSON that it prints. */
export async function runJson<T>(line: readonly string[]): Promise<T> {
  const [command = "", ...args] = line;
  const child = spawn(command, { args, stdout: "piped" });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`${line.join(" ")} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Runs a program to its end, and returns how long that took, in milliseconds. */
export async function runTimed(line: readonly string[]): Promise<number> {
  const [command = "", ...args] = line;
  const started = performance.now();
  const { success } = await spawn(command, { args }).status;
  if (!success) throw new Error(`${line.join(" ")} failed`);
  return performance.now() - started;
}

/** Where a program reads and writes. */
export interface Files {
  readonly input?: string;
  readonly output?: string;
  /** Where its stderr goes: the errors of a peer may not matter. */
  readonly stderr?: "inherit" | "null";
}

/** A program at work; disposing of it kills it. */
export class Running implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  /** The shell opens its files, and becomes the program: one process id. */
  constructor(line: readonly string[], files: Files = {}) {
    const { input = "/dev/null", output = "/dev/null" } = files;
    this.#child = spawn("sh", {
      args: ["-c", 'exec "$@" <"$INPUT" >>"$OUTPUT"', "sh", ...line],
      env: { NO_COLOR: "1", INPUT: input, OUTPUT: output },
      stderr: files.stderr ?? "inherit",
    });
  }

  /** Its end. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** The CPU time that it has used, in microseconds. */
  get cpu(): number {
    return cpuOf(this.#child.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.#child);
    await this.#child.status;
  }
}

/** Waits until something is there, for ten seconds. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
