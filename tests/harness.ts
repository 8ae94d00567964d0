/** Runs Parley's programs and their peers as real processes. */

import { kill } from "./process.ts";

export { freePort, isInstalled, mayUnshare } from "./process.ts";

const root = new URL("..", import.meta.url);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The environment of every process, whatever this machine has set. */
const ENVIRONMENT = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  TZ: "UTC",
};

/** A process that takes longer than this is stuck, and killed. */
const STUCK = 30_000;

/** What a process left behind. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout's bytes as they came. */
  readonly bytes: Uint8Array;
}

/** How a process is started. */
export interface StartOptions {
  /** Environment variables to add. */
  readonly env?: Record<string, string>;
  /** All of its stdin; without it, stdin is open for `write`. */
  readonly stdin?: string | Uint8Array;
  /** Flags for `deno run`; everything is allowed by default. */
  readonly flags?: readonly string[];
  /** After how many milliseconds it is killed; 30,000 by default. */
  readonly stuckAfter?: number;
  /**
   * What kills it; SIGKILL by default. What starts others passes no SIGKILL on,
   * and leaves them behind.
   */
  readonly killedBy?: Deno.Signal;
}

/** Collects a stream, and wakes those who wait for something in it. */
class Collector {
  readonly #chunks: Uint8Array[] = [];
  readonly ended: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #over = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.#chunks.push(chunk);
      this.#wake();
    }
    this.#over = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  get bytes(): Uint8Array {
    const length = this.#chunks.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  get text(): string {
    return decoder.decode(this.bytes);
  }

  async match(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const changed = this.#changed.promise;
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (this.#over) {
        throw new Error(`${pattern} never came; what came was:\n${this.text}`);
      }
      await changed;
    }
  }
}

/** A process at work; disposing of it kills it if it still runs. */
export class Running implements AsyncDisposable {
  readonly #command: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Collector;
  readonly #stderr: Collector;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #killedBy: Deno.Signal;
  #stuck = false;

  constructor(
    command: string,
    args: readonly string[],
    { env = {}, stdin, stuckAfter = STUCK, killedBy = "SIGKILL" }:
      StartOptions = {},
  ) {
    this.#killedBy = killedBy;
    this.#command = [command, ...args].join(" ");
    this.#child = new Deno.Command(command, {
      args: [...args],
      cwd: root,
      env: { ...ENVIRONMENT, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = new Collector(this.#child.stdout);
    this.#stderr = new Collector(this.#child.stderr);
    this.#timer = setTimeout(() => {
      this.#stuck = true;
      this.signal(killedBy);
    }, stuckAfter);
    this.#stdin = this.#child.stdin.getWriter();
    if (stdin !== undefined) {
      const bytes = typeof stdin === "string"
        ? new TextEncoder().encode(stdin)
        : stdin;
      // A process may end without reading what it was given.
      this.write(bytes).then(() => this.closeStdin()).catch(() => {});
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Writes to its stdin. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    await this.#stdin?.write(bytes);
  }

  /** Ends its stdin. */
  async closeStdin(): Promise<void> {
    await this.#stdin?.close().catch(() => {});
  }

  /** Waits until its stdout has something. */
  stdout(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#stdout.match(pattern);
  }

  /** Waits until its stderr has something. */
  stderr(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#stderr.match(pattern);
  }

  /** Sends it a signal, if it still runs. */
  signal(signal: Deno.Signal): void {
    kill(this.#child, signal);
  }

  /** Waits until it has exited; what it started may still read or write. */
  async exited(): Promise<void> {
    await this.#child.status;
  }

  /** Waits for its end. */
  async end(): Promise<Result> {
    const { code } = await this.#child.status;
    await Promise.all([this.#stdout.ended, this.#stderr.ended]);
    clearTimeout(this.#timer);
    await this.#stdin?.abort().catch(() => {});
    if (this.#stuck) {
      throw new Error(`${this.#command} was stuck and was killed`);
    }
    const { bytes } = this.#stdout;
    const stderr = this.#stderr.text;
    return { code, stdout: decoder.decode(bytes), stderr, bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal(this.#killedBy);
    await this.end();
  }
}

/** The words that run one of Parley's programs, behind Deno's own name. */
export function wordsOf(
  program: string,
  args: readonly string[],
  { flags = ["--allow-all"] }: StartOptions,
): string[] {
  return ["run", "--quiet", ...flags, `cmd/${program}.ts`, ...args];
}

/**
 * Starts one of Parley's programs, as in `start("server", "--port", "0")`.
 *
 * @param program its name, or `parley`
 * @param args its command line
 * @param options how it is started
 */
export function start(
  program: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Running {
  return new Running(Deno.execPath(), wordsOf(program, args, options), options);
}

/** Runs one of Parley's programs to its end; its stdin is empty. */
export async function run(
  program: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Result> {
  await using running = start(program, args, { stdin: "", ...options });
  return await running.end();
}

/**
 * The port at which a server says that it listens or is bound.
 *
 * @param server one of `time_server`, `server`, `listener`, at work
 */
export async function portOf(server: Running): Promise<number> {
  const [, port] = await server.stdout(
    /(?:listening on|bound to|Open) .*:(\d+)\/?\n/,
  );
  return Number(port);
}

/** A port at which nobody listens: tcpmux, below those that systems hand out. */
export const CLOSED_PORT = "1";

/**
 * Connects again and again until that is refused. A server says that it closes
 * its listening socket a moment before Deno does.
 */
export async function untilRefused(
  port: number,
  hostname = "127.0.0.1",
): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname, port })).close();
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      // The server left it in its backlog, and Deno may see that only when it
      // asks for the ends.
      const isLeft = error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.NotConnected;
      if (!isLeft) throw error;
    }
  }
}

/** Only Linux is known to drop what does not fit into the backlog. */
export const canBeSilent = Deno.build.os === "linux";

/** A listener whose backlog is full, so that no further peer gets an answer. */
export async function silentListener(hostname: string): Promise<
  Disposable & { port: number }
> {
  const stack = new DisposableStack();
  const where = { hostname, port: 0, tcpBacklog: 1 };
  const listener = stack.use(Deno.listen(where));
  const { port } = listener.addr;
  // Linux lets one more in than the backlog says.
  for (let i = 0; i < 2; i++) {
    stack.use(await Deno.connect({ hostname, port }));
  }
  return { port, [Symbol.dispose]: () => stack.dispose() };
}
