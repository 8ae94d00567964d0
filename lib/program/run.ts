/**
 * Runs a program: reads its command line, does its work, and turns what went
 * wrong into one line and an exit status.
 *
 * @module
 */

import { bounded } from "../calls/deadline.ts";
import { errorEvent, type FailureEvent } from "../calls/errors.ts";
import { loadColours } from "./coloured.ts";
import { checkOperands, parseCommandLine } from "./command_line.ts";
import { allOptions, type CommonValues, NO_NETWORK } from "./common.ts";
import { displayText } from "./display.ts";
import {
  Exit,
  exitStatus,
  patienceOf,
  Signals,
  signalTable,
} from "./ending.ts";
import { type OptionTable, type Parsed, UsageError } from "./options.ts";
import { OrderedOutput } from "./ordered_output.ts";
import type { Output, Writers } from "./output.ts";
import type { ProgramSpec } from "./spec.ts";
import { type Narration, openReporter, type Reporter } from "./reporter.ts";
import type { Happening } from "./sentences.ts";

/** A command line whose options and operands are checked. */
interface Request<O extends OptionTable> {
  readonly options: Parsed<O>;
  readonly common: CommonValues;
  readonly operands: readonly string[];
  /** Whether the trace and the sentences are in the order of what happened. */
  readonly inOrder: boolean;
}

/**
 * Runs a program to its end.
 *
 * @param spec its declaration
 * @param args the command line
 * @param writers where it writes; the process's own streams by default
 * @returns the exit status
 */
export async function runProgram<O extends OptionTable, E extends Happening>(
  spec: ProgramSpec<O, E>,
  args: readonly string[],
  writers?: Writers,
): Promise<number> {
  const { name, offline = false } = spec;
  const table: OptionTable = allOptions(spec);
  const line = parseCommandLine(args, table);
  // TypeScript cannot see that the tables' own parts are parsed as such.
  const options = line.options as Parsed<O> & CommonValues;
  const common = offline ? { ...NO_NETWORK, ...options } : options;
  const { operands, problem } = line;
  const frame = await frameOf(spec, common);
  const { inOrder = false } = frame;
  return await withOutput(frame, async (output) => {
    if (common.help || (common.version && problem === undefined)) {
      const { helpText, versionText } = await import("./help.ts");
      const text = common.help ? helpText(spec, table) : versionText(name);
      output.write("stdout", text);
      return Exit.Ok;
    }
    try {
      if (problem !== undefined) throw problem;
      checkOperands(spec.operands ?? "", operands);
      if (common.ipv4 && common.ipv6) {
        throw new UsageError("-4 and -6 cannot be used together");
      }
      const request = { options, common, operands, inOrder };
      return await doWork(spec, request, output);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { usageLine } = await import("./help.ts");
      const { withAdvice } = await import("./advice.ts");
      const advised = withAdvice(error, { ...spec, options: table });
      await reportUsage(name, usageLine(spec), advised, common, output);
      return Exit.Usage;
    }
  }, writers);
}

/** Who writes. */
interface Frame {
  /** The program's name. */
  readonly name: string;
  /** Whether it goes on if nobody reads what it writes. */
  readonly server: boolean;
  /**
   * Whether what a server writes to both streams is in one order.
   *
   * @default {false}
   */
  readonly inOrder?: boolean;
}

/** Finds out whether the trace and the sentences of a server meet. */
async function frameOf(
  { name, server = false }: Pick<Frame, "name"> & { server?: boolean },
  { trace }: CommonValues,
): Promise<Frame> {
  if (!server || trace === undefined) return { name, server };
  // Asking takes a module of Node's, which takes its time.
  const { endInOnePlace } = await import("./one_place.ts");
  return { name, server, inOrder: endInOnePlace() };
}

/**
 * Runs `body` with somewhere to write, and sees to it that all is written.
 *
 * @param frame who writes
 * @param body does the work
 * @param writers where to write; the process's own streams by default
 * @returns the exit status that `body` returns, or that of a failed stdout
 */
export async function withOutput(
  { name, server, inOrder = false }: Frame,
  body: (output: Output) => Promise<number>,
  writers?: Writers,
): Promise<number> {
  const failed = Promise.withResolvers<number>();
  const onFailure = (error: unknown) => {
    if (error instanceof Deno.errors.BrokenPipe) {
      failed.resolve(Exit.Ok);
      return;
    }
    const { message } = errorEvent(error);
    output.write("stderr", `${name}: write: ${displayText(message)}\n`);
    failed.resolve(Exit.Failure);
  };
  const output: Output = server
    // Only servers pay for loading it.
    ? new (await import("./server_output.ts")).ServerOutput(writers, {
      inOrder,
    })
    : new OrderedOutput(onFailure, writers);
  const status = await Promise.race([body(output), failed.promise]);
  await bounded(output.flush(), patienceOf(server, status)).catch(() => {
    // Its reader is stalled, and so nobody is there to read about it.
  });
  // What failed while the rest was written counts as well.
  return await Promise.race([failed.promise, Promise.resolve(status)]);
}

/**
 * Reports that a program was used wrongly.
 *
 * @param name the program's name
 * @param usage its usage line
 * @param error what is wrong
 * @param how whether an object is printed too, and whether there are colours
 * @param output where to write
 */
export async function reportUsage(
  name: string,
  usage: string,
  { message }: UsageError,
  { json, color }: Pick<CommonValues, "json" | "color">,
  output: Output,
): Promise<void> {
  if (json) {
    const { jsonLine } = await import("./json_lines.ts");
    const failure: FailureEvent = {
      event: "error",
      step: "usage",
      code: "EINVAL",
      message,
    };
    output.write("stdout", jsonLine(name, failure));
  }
  const { usageErrorText } = await import("./help.ts");
  const { stderr } = await loadColours(color);
  const line = displayText(`${name}: ${message}`);
  const shown = stderr?.failure(line) ?? line;
  output.write("stderr", usageErrorText(name, usage, shown));
}

/**
 * Says how a program speaks.
 *
 * @param spec its declaration
 * @returns a narration that has said nothing yet
 */
export function narrationOf<O extends OptionTable, E extends Happening>(
  { says, results, asides, blocks, unit }: ProgramSpec<O, E>,
): Narration<E> {
  return { says: says(), results, asides, blocks, unit };
}

/** Does the work until it is done or stopped. */
async function doWork<O extends OptionTable, E extends Happening>(
  spec: ProgramSpec<O, E>,
  { options, common, operands, inOrder }: Request<O>,
  output: Output,
): Promise<number> {
  const { name: program, server = false } = spec;
  const { quiet, json, trace, color, timeout, ipv4, ipv6 } = common;
  const reporter = await openReporter<E>({
    program,
    narration: narrationOf(spec),
    output,
    quiet,
    json,
    trace,
    inOrder,
    raw: spec.raw?.(options) ?? false,
    isWatched: Deno.stderr.isTerminal(),
    colours: await loadColours(color),
  });
  const controller = new AbortController();
  using signals = new Signals(signalTable(server));
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
      reportFailure(error, spec, operands, reporter);
      return exitStatus(error);
    }
  };
  const stopped = server ? stopServer(signals, controller) : signals.first;
  const status = await Promise.race([work(), stopped]);
  await reporter.close(patienceOf(server, status));
  return status;
}

/** Stops a server at the first signal, and ends the process at the second. */
async function stopServer(
  signals: Signals,
  controller: AbortController,
): Promise<never> {
  await signals.first;
  controller.abort();
  Deno.exit(await signals.second);
}

/** Reports what ended a program, and its last words on it. */
function reportFailure<O extends OptionTable, E extends Happening>(
  error: unknown,
  { lastWords }: ProgramSpec<O, E>,
  operands: readonly string[],
  reporter: Reporter<E>,
): void {
  const failure = errorEvent(error);
  reporter.failure(failure);
  const message = failure.final ? undefined : lastWords?.(failure, operands);
  if (message === undefined) return;
  reporter.failure({ ...failure, message, final: true });
}
