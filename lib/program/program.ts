/**
 * The frame that all programs share: it reads the command line, prints help,
 * turns errors into one line and an exit status, and signals into an
 * `AbortSignal`.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { bounded } from "../calls/deadline.ts";
import { displayText } from "./display.ts";
import { errorEvent, PermissionError } from "../calls/errors.ts";
import type { ConversationObserver } from "../conversations/events.ts";
import type { Family } from "../address/inet.ts";
import { NARRATIONS, type ProgramName } from "./narration.ts";
import {
  flag,
  type Option,
  type OptionTable,
  parseCommandLine,
  type Parsed,
  seconds,
  UsageError,
} from "./options.ts";
import { Output } from "./output.ts";
import { jsonLine, Reporter, type ReporterOptions } from "./reporter.ts";

/** The exit statuses of all programs. */
export const Exit = {
  /** It did its job. */
  Ok: 0,
  /** It was used wrongly, or lacks a permission. */
  Usage: 1,
  /** The network or the system said no. */
  Failure: 2,
} as const;

/** The options of every program. */
const COMMON = {
  ipv4: flag("IPv4 alone", "4"),
  ipv6: flag("IPv6 alone", "6"),
  timeout: seconds("longest wait for one step; 0 is for ever (10)", 10),
  quiet: flag("only the result, no narration", "q"),
  json: flag("one JSON object a line"),
  trace: flag("each socket call on stderr"),
  help: flag("show this help", "h"),
  version: flag("show the version", "V"),
} satisfies OptionTable;

/** What a program is run with. */
export interface Context<O extends OptionTable> {
  readonly options: Parsed<O>;
  readonly operands: readonly string[];
  /** The family of `-4` or `-6`. */
  readonly family: Family | undefined;
  /** The longest wait for one step, in milliseconds; 0 is for ever. */
  readonly timeout: number;
  /** Is told what happens. */
  readonly observer:
    & Required<Pick<ConversationObserver, "event">>
    & ConversationObserver;
  /** Aborts when a server is to stop. */
  readonly signal: AbortSignal;
  /** Waits until all that was told is written. */
  readonly flush: () => Promise<void>;
}

/** A program, as its entry script writes it down. */
export interface ProgramSpec<O extends OptionTable> {
  readonly name: ProgramName;
  /** What it is, in one sentence. */
  readonly summary: string;
  /** Its operands in the usage line, as in `HOST [PORT]`. */
  readonly operands?: string;
  /** The options that it has besides the common ones. */
  readonly options: O;
  /** A command line to begin with, and what it does. */
  readonly example: string;
  /** The least flags of `deno run` with which it works. */
  readonly permissions: readonly string[];
  /** Whether a signal lets it finish what is in hand. */
  readonly server?: boolean;
  /** What is said last when nothing could be bound. */
  readonly failedToBind?: string;
  /** Whether payload goes to stdout untouched, and sentences to stderr. */
  readonly raw?: (options: Parsed<O>) => boolean;
  /**
   * Does the work.
   *
   * @returns the exit status; 0 by default
   * @throws what the frame turns into one line and an exit status
   */
  readonly run: (context: Context<O>) => Promise<number | void>;
}

/** A program that can be run. */
export interface Program {
  readonly name: ProgramName;
  readonly summary: string;
  readonly permissions: readonly string[];
  /** Its help, which fits one screen. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param args the command line
   * @returns the exit status
   */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/**
 * Makes a program of what its entry script says about it.
 *
 * @param spec the program
 * @returns the program, ready to run
 */
export function defineProgram<O extends OptionTable>(
  spec: ProgramSpec<O>,
): Program {
  const { name, summary, permissions } = spec;
  return {
    name,
    summary,
    permissions,
    help: helpOf(spec),
    run: (args) => runProgram(spec, args),
  };
}

/**
 * Runs a program as this process: its exit status is the process's.
 *
 * @param program the program
 * @param args the command line
 */
export async function main(
  program: Pick<Program, "run">,
  args: readonly string[] = Deno.args,
): Promise<never> {
  // A mistake of ours is told in one line as well, never as a stack trace.
  addEventListener("error", (event) => die(event, event.error));
  addEventListener("unhandledrejection", (event) => die(event, event.reason));
  Deno.exit(await program.run(args));
}

/** Ends the process because of an error that nobody expected. */
function die(event: Event, error: unknown): never {
  event.preventDefault();
  const { message } = errorEvent(error);
  const line = `parley: internal: ${displayText(message)}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  Deno.exit(Exit.Failure);
}

/**
 * Makes one program of many: its first operand names the one to run.
 *
 * @param programs loads each program, by its name
 * @returns the program, ready to run
 */
export function multiCall(
  programs: Readonly<Record<string, () => Promise<{ program: Program }>>>,
): Pick<Program, "run"> {
  const usage = "usage: parley PROGRAM [OPTION…] [OPERAND…]";
  const help = async () => {
    let list = "";
    for (const load of Object.values(programs)) {
      const { program: { name, summary } } = await load();
      list += `  ${name.padEnd(13)} ${summary}\n`;
    }
    return `parley: the classic socket programs\n${usage}\n\n${list}\n` +
      "parley PROGRAM --help tells the options and permissions of each.\n" +
      "Example: parley showip localhost\n";
  };
  return {
    async run([name = "", ...args]) {
      if (Object.hasOwn(programs, name)) {
        const { program } = await programs[name]!();
        return await program.run(args);
      }
      return await withOutput("parley", false, async (output) => {
        if (["-h", "--help"].includes(name)) {
          output.write("stdout", await help());
          return Exit.Ok;
        }
        if (["-V", "--version"].includes(name)) {
          output.write("stdout", versionOf("parley"));
          return Exit.Ok;
        }
        const wrong = name === ""
          ? "missing operand PROGRAM"
          : `unknown program ${JSON.stringify(name)}`;
        const names = Object.keys(programs).join(", ");
        const line = displayText(`parley: ${wrong}: one of ${names}`);
        output.write("stderr", `${line}\n${usage}\n`);
        return Exit.Usage;
      });
    },
  };
}

/** What a usage line is made of. */
type Usage = Pick<ProgramSpec<OptionTable>, "name" | "operands">;

function usageOf({ name, operands }: Usage): string {
  return `usage: ${name} [OPTION…]${operands ? ` ${operands}` : ""}`;
}

function optionLine(name: string, option: Option<unknown>): string {
  const short = option.short ? `-${option.short}, ` : "    ";
  const value = option.value ? ` ${option.value}` : "";
  return `  ${`${short}--${name}${value}`.padEnd(26)} ${option.help}\n`;
}

function helpOf<O extends OptionTable>(spec: ProgramSpec<O>): string {
  const { name, summary, example, permissions } = spec;
  const options = Object.entries({ ...spec.options, ...COMMON })
    .map(([name, option]) => optionLine(name, option)).join("");
  // One flag a line, so that all of them fit the screen.
  const flags = permissions.length === 0
    ? "none"
    : permissions.join("\n" + " ".repeat("Permissions: ".length));
  return `${name}: ${summary}\n${usageOf(spec)}\n\n${options}\n` +
    `Example: ${example}\nPermissions: ${flags}\n`;
}

/** What an error comes to. */
function exitStatus(error: unknown): number {
  return error instanceof PermissionError ? Exit.Usage : Exit.Failure;
}

/** How much of what a server tells may wait to be written, in characters. */
const QUEUE_LIMIT = 8 << 20;
/** How long a stalled reader of the last words is waited for, in ms. */
const LAST_WORDS = 1000;

/** How long it is by a program that ends, in milliseconds; 0 is for ever. */
function patienceOf(server: boolean, status: number): number {
  return server || status >= 128 ? LAST_WORDS : 0;
}

/**
 * Runs `body` with somewhere to write, and sees to it that all is written.
 *
 * @returns the exit status that `body` gives, or that a failing stdout leads to
 */
async function withOutput(
  name: string,
  server: boolean,
  body: (output: Output) => Promise<number>,
): Promise<number> {
  const failed = Promise.withResolvers<number>();
  const output: Output = new Output({
    ...(server ? { limit: QUEUE_LIMIT } : {}),
    onFailure(error) {
      if (error instanceof Deno.errors.BrokenPipe) {
        failed.resolve(Exit.Ok);
        return;
      }
      const { message } = errorEvent(error);
      output.write("stderr", `${name}: write: ${message}\n`);
      failed.resolve(Exit.Failure);
    },
  });
  const status = await Promise.race([body(output), failed.promise]);
  await bounded(output.flush(), patienceOf(server, status)).catch(() => {});
  // What failed while the rest was written counts as well.
  return await Promise.race([failed.promise, Promise.resolve(status)]);
}

function runProgram<O extends OptionTable>(
  spec: ProgramSpec<O>,
  args: readonly string[],
): Promise<number> {
  const { name, server = false } = spec;
  return withOutput(name, server, async (output) => {
    try {
      const line = parseCommandLine(args, { ...spec.options, ...COMMON });
      // TypeScript cannot see that the table's own part is parsed as such.
      const options = line.options as Parsed<O> & Parsed<typeof COMMON>;
      if (options.help || options.version) {
        output.write("stdout", options.help ? helpOf(spec) : versionOf(name));
        return Exit.Ok;
      }
      checkOperands(spec, line.operands);
      if (options.ipv4 && options.ipv6) {
        throw new UsageError("--ipv4 and --ipv6 exclude each other");
      }
      return await runWork(spec, options, line.operands, output);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (asksForHelp(args)) {
        output.write("stdout", helpOf(spec));
        return Exit.Ok;
      }
      tellUsage(spec, error, args.includes("--json"), output);
      return Exit.Usage;
    }
  });
}

/** Whether help is asked for on a command line that is wrong elsewhere. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  return before.includes("-h") || before.includes("--help");
}

function versionOf(name: string): string {
  return `${name} (Parley) ${config.version}\n`;
}

function checkOperands(
  { operands = "" }: Usage,
  given: readonly string[],
): void {
  const words = operands.split(" ").filter((word) => word !== "");
  const needed = words.filter((word) => !word.startsWith("["));
  const missing = needed[given.length];
  if (missing !== undefined) {
    throw new UsageError(`missing operand ${missing.replace("…", "")}`);
  }
  const extra = given[words.length];
  if (extra !== undefined && !operands.endsWith("…")) {
    throw new UsageError(`unexpected operand ${JSON.stringify(extra)}`);
  }
}

function tellUsage(
  spec: Usage,
  { message }: UsageError,
  json: boolean,
  output: Output,
): void {
  const { name } = spec;
  if (json) {
    const event = "error";
    const error = { event, step: "usage", code: "EINVAL", message } as const;
    output.write("stdout", jsonLine(name, error));
  }
  const text = `${name}: ${displayText(message)}\n${usageOf(spec)}\n`;
  output.write("stderr", text);
}

/** Colours for stderr; loaded where somebody looks at it, to start up fast. */
async function loadColours(): Promise<NonNullable<ReporterOptions["colours"]>> {
  const { dim, red } = await import("@std/fmt/colors");
  return { error: red, call: dim };
}

/** Does the work, and tells what went wrong with it. */
async function runWork<O extends OptionTable>(
  spec: ProgramSpec<O>,
  options: Parsed<O> & Parsed<typeof COMMON>,
  operands: readonly string[],
  output: Output,
): Promise<number> {
  const { name: program, server = false } = spec;
  const { quiet, json, trace, timeout, ipv4, ipv6 } = options;
  const reporter = new Reporter({
    program,
    narration: NARRATIONS[program],
    output,
    quiet,
    json,
    trace,
    raw: spec.raw?.(options) ?? false,
    ...(Deno.stderr.isTerminal() ? { colours: await loadColours() } : {}),
  });
  const controller = new AbortController();
  using signals = new Signals();
  const interrupted = signals.first.then(async (status) => {
    if (!server) return status;
    controller.abort();
    signals.second.then((status) => Deno.exit(status));
    return await new Promise<never>(() => {});
  });
  const work = async () => {
    try {
      return await spec.run({
        options,
        operands,
        family: ipv4 ? "IPv4" : ipv6 ? "IPv6" : undefined,
        timeout,
        observer: reporter,
        signal: controller.signal,
        flush: () => output.flush(),
      }) ?? Exit.Ok;
    } catch (error) {
      // Stopped before there was anything to finish.
      if (controller.signal.aborted) return Exit.Ok;
      if (error instanceof UsageError) throw error;
      const event = errorEvent(error);
      reporter.event(event);
      const { failedToBind: message } = spec;
      if (event.step === "bind" && message !== undefined) {
        reporter.event({ ...event, message, final: true });
      }
      return exitStatus(error);
    }
  };
  const status = await Promise.race([work(), interrupted]);
  await reporter.close(patienceOf(server, status));
  return status;
}

/** The signals that end a program, and the statuses to which they lead. */
const SIGNALS: ReadonlyMap<Deno.Signal, number> = new Map([
  ["SIGINT", 130],
  // Windows has no SIGTERM to listen for; SIGBREAK is what its services get.
  Deno.build.os === "windows" ? ["SIGBREAK", 149] : ["SIGTERM", 143],
]);

/** Waits for the signals that end a program. */
class Signals implements Disposable {
  readonly #promises = [
    Promise.withResolvers<number>(),
    Promise.withResolvers<number>(),
  ] as const;
  readonly #handlers = new Map<Deno.Signal, () => void>();
  #seen = 0;

  constructor() {
    for (const [signal, status] of SIGNALS) {
      const handler = () => this.#promises[this.#seen++]?.resolve(status);
      this.#handlers.set(signal, handler);
      Deno.addSignalListener(signal, handler);
    }
  }

  /** Gives the exit status of the first signal. */
  get first(): Promise<number> {
    return this.#promises[0].promise;
  }

  /** Gives the exit status of the second one. */
  get second(): Promise<number> {
    return this.#promises[1].promise;
  }

  [Symbol.dispose](): void {
    for (const [signal, handler] of this.#handlers) {
      Deno.removeSignalListener(signal, handler);
    }
  }
}
