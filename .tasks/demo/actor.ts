/** A program at work: its events are shown as sentences, and kept. */

import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { errorLine, type Narration } from "../../lib/program/reporter.ts";
import { programs } from "../../cmd/parley.ts";
import type { Margin, Margins } from "./margins.ts";

/** A conversation that did not go as it should. */
export class DemoError extends Error {}

/** A program that takes longer than this is stuck, in milliseconds. */
const STUCK = 20_000;

/** Whether a program's `results` are what it is about, not its sentences. */
const RAW = /^(-i|--interactive)$/;

/** Where a program's events go. */
export interface ActorOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The flags of `deno run`. */
  readonly flags: readonly string[];
  readonly margin: Margin;
  readonly margins: Margins;
}

/** What a program left behind. */
export interface Performance {
  /** All that it would have printed. */
  readonly text: string;
  /** Its JSON lines, those of its calls as well. */
  readonly recording: string;
}

/** A program at work. */
export class Actor implements AsyncDisposable {
  readonly #options: ActorOptions;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #port = Promise.withResolvers<number>();
  readonly #waiting = Promise.withResolvers<void>();
  readonly #output: Promise<[string, string]>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #text = "";
  /** The beginning of a line whose end has not come. */
  #line = "";
  #isStuck = false;

  private constructor(options: ActorOptions, narration: Narration<never>) {
    this.#options = options;
    const { program, args, flags, margin, margins } = options;
    const offline = program === "time_console";
    const recorded = offline ? ["--json"] : ["--json", "--trace"];
    const script = `cmd/${program}.ts`;
    margins.add(margin, now(), `$ ${[program, ...args].map(shown).join(" ")}`);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", ...flags, script].concat(
        recorded,
        args,
      ),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    // Nobody may ask for them, and then it fails in `end`.
    this.#port.promise.catch(() => {});
    this.#waiting.promise.catch(() => {});
    this.#output = Promise.all([
      this.#read(narration),
      new Response(this.#child.stderr).text(),
    ]);
    this.#output.catch(() => {});
    this.#timer = setTimeout(() => {
      this.#isStuck = true;
      this.#kill();
    }, STUCK);
  }

  /** Starts a program. */
  static async start(options: ActorOptions): Promise<Actor> {
    const { program } = await programs[options.program]!();
    return new Actor(options, program.narration());
  }

  /** The port at which it listens or is bound, once it waits for somebody. */
  async port(): Promise<number> {
    await this.#waiting.promise;
    return await this.#port.promise;
  }

  /** Writes to its stdin, and ends that. */
  async say(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
    await this.#stdin.close();
  }

  /**
   * Waits for its end, and checks what it said.
   *
   * @param expected what it must have printed
   * @throws {DemoError} if that is not what it printed, or it failed
   */
  async end(expected: RegExp): Promise<Performance> {
    const [stdout, stderr] = await this.#output;
    const { code } = await this.#child.status;
    clearTimeout(this.#timer);
    this.#options.margins.flush();
    const { program } = this.#options;
    if (this.#isStuck) throw new DemoError(`${program} was stuck`);
    if (code !== 0) {
      // What is no object is not the program's, but Deno's.
      const reason = stderr.split("\n").find((line) => /^[^{]/.test(line));
      const why = reason === undefined ? "" : ` (${reason})`;
      throw new DemoError(`${program}: exit status ${code}, not 0${why}`);
    }
    const text = this.#text;
    if (!expected.test(text)) {
      throw new DemoError(`what ${program} printed does not match ${expected}`);
    }
    return { text, recording: stdout + stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    clearTimeout(this.#timer);
    await this.#output.catch(() => {
      // Who waits for its end receives it.
    });
    await this.#child.status;
    this.#options.margins.flush();
    await this.#stdin.abort().catch(() => {
      // It has ended, and its stdin with it.
    });
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** Shows each event as it comes, and returns all lines. */
  async #read(narration: Narration<never>): Promise<string> {
    let all = "";
    let rest = "";
    try {
      for await (
        const text of this.#child.stdout.pipeThrough(new TextDecoderStream())
      ) {
        all += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        for (const line of lines) this.#narrate(line, narration);
      }
      return all;
    } finally {
      const ended = new DemoError(`${this.#options.program} ended early`);
      this.#port.reject(ended);
      this.#waiting.reject(ended);
    }
  }

  #narrate(line: string, narration: Narration<never>): void {
    if (!line.startsWith("{")) {
      throw new DemoError(`${this.#options.program} wrote '${line}'`);
    }
    const event = JSON.parse(line, revive);
    if (event.address instanceof Endpoint) {
      this.#port.resolve(event.address.port);
    }
    if (event.event === "waiting") this.#waiting.resolve();
    const { args } = this.#options;
    const payload = args.some((arg) => RAW.test(arg))
      ? narration.results?.(event as never)
      : undefined;
    const said = payload === undefined
      ? sentenceOf(narration, event)
      : typeof payload === "string"
      ? payload
      : new TextDecoder().decode(payload);
    this.#text += said;
    this.#show(event.time, said);
  }

  /** Shows whole lines; the beginning of one waits for its end. */
  #show(time: string, said: string): void {
    const { margin, margins } = this.#options;
    const lines = (this.#line + said).split("\n");
    this.#line = lines.pop()!;
    for (const line of lines) margins.add(margin, time, line.trimEnd());
  }
}

/** What a program says of an event. */
function sentenceOf(
  { says }: Narration<never>,
  event: Readonly<Record<string, unknown>>,
): string {
  // What comes from the program's own JSON lines is one of its events.
  return event.event === "error"
    ? errorLine(`${event.program}`, event as never) + "\n"
    : says(event as never) ?? "";
}

/** Makes values of what JSON has of them. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("host" in value && "port" in value) {
    const { host, port } = value as { host: string; port: number };
    return new Endpoint(IpAddress.parse(host), port);
  }
  if ("bytes" in value && "text" in value) {
    const { text, base64 } = value as { text: string; base64?: string };
    return base64 === undefined
      ? new TextEncoder().encode(text)
      : Uint8Array.fromBase64(base64);
  }
  return value;
}

function now(): string {
  return Temporal.Now.instant().toString({ fractionalSecondDigits: 6 });
}

/** An argument as one types it. */
function shown(arg: string): string {
  return /^[\w.:-]+$/.test(arg) ? arg : `'${arg}'`;
}
