/**
 * Runs a program: reads its command line, does its work, and turns what went
 * wrong into one line and an exit status.
 *
 * @module
 */

import { errorEvent, type FailureEvent } from "../calls/errors.ts";
import { stopCalls } from "../calls/observed_call.ts";
import { streamColours } from "./colours.ts";
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
import type { ProgramPicture } from "./live_picture.ts";
import { type OptionTable, type Parsed, UsageError } from "./options.ts";
import type { Output, Writers } from "./output.ts";
import type { ProgramSpec } from "./spec.ts";
import { type Narration, openReporter, type Reporter } from "./reporter.ts";
import type { Happening } from "./sentences.ts";
import { frameOf, withOutput } from "./with_output.ts";

/** A command line whose options and operands are checked. */
interface Request<O extends OptionTable> {
  readonly options: Parsed<O>;
  readonly common: CommonValues;
  readonly operands: readonly string[];
  /** Whether the trace and the sentences are in the order of what happened. */
  readonly inOrder: boolean;
  /** Whether it writes to the process's own streams, which ends with it. */
  readonly isProcess: boolean;
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
      const isProcess = writers === undefined;
      const request = { options, common, operands, inOrder, isProcess };
      return await doWork(spec, request, output);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { usageLine } = await import("./help.ts");
      const { withAdvice } = await import("./advice.ts");
      const usage = { ...spec, options: table, given: operands };
      const advised = withAdvice(error, usage);
      await reportUsage(name, usageLine(spec), advised, common, output);
      return Exit.Usage;
    }
  }, writers);
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
  const { stderr } = streamColours(color);
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

/** Makes what shows a program's events. */
async function reporterFor<O extends OptionTable, E extends Happening>(
  spec: ProgramSpec<O, E>,
  { options, common, inOrder }: Request<O>,
  output: Output,
): Promise<Reporter<E>> {
  const { quiet, json, trace, color } = common;
  return await openReporter<E>({
    program: spec.name,
    narration: narrationOf(spec),
    output,
    quiet,
    json,
    trace,
    inOrder,
    raw: spec.raw?.(options) ?? false,
    isWatched: Deno.stderr.isTerminal(),
    colours: streamColours(color),
  });
}

/** Does the work until it is done or stopped. */
async function doWork<O extends OptionTable, E extends Happening>(
  spec: ProgramSpec<O, E>,
  request: Request<O>,
  output: Output,
): Promise<number> {
  const { server = false } = spec;
  const { options, common, operands, isProcess } = request;
  const { timeout, ipv4, ipv6 } = common;
  const reporter = await reporterFor(spec, request, output);
  const begun = await beginPicture(spec, common).catch((error) => {
    if (error instanceof UsageError) throw error;
    reportFailure(error, spec, operands, reporter);
    return exitStatus(error);
  });
  if (typeof begun === "number") return begun;
  using picture = begun;
  const observer = picture?.record(reporter) ?? reporter;
  const controller = new AbortController();
  const signals = new Signals(signalTable(server));
  // A program that is the process catches them until it exits: one that comes
  // when the work is done may not change the exit status.
  using _embedded = isProcess ? undefined : signals;
  const work = async () => {
    try {
      return await spec.run({
        options,
        operands,
        family: ipv4 ? "IPv4" : ipv6 ? "IPv6" : undefined,
        timeout,
        observer,
        signal: controller.signal,
        flush: () => output.flush(),
      }) ?? Exit.Ok;
    } catch (error) {
      // Stopped before there was anything to finish.
      if (server && controller.signal.aborted) return Exit.Ok;
      if (error instanceof UsageError) throw error;
      reportFailure(error, spec, operands, reporter);
      return exitStatus(error);
    }
  };
  const stopped = server
    ? stopServer(signals, controller, picture !== undefined)
    : stop(signals, controller);
  const status = await Promise.race([work(), stopped]);
  await reporter.close(patienceOf(server, status));
  return await finishPicture(picture, status, output, reporter);
}

/** Begins a program's picture, if one is asked for. */
async function beginPicture<O extends OptionTable, E extends Happening>(
  { name, picture }: ProgramSpec<O, E>,
  { picture: path }: CommonValues,
): Promise<ProgramPicture | undefined> {
  return path === undefined ? undefined : await picture?.(name, path);
}

/** Draws a program's picture, and returns the exit status. */
async function finishPicture<E extends Happening>(
  picture: ProgramPicture | undefined,
  status: number,
  output: Output,
  reporter: Reporter<E>,
): Promise<number> {
  try {
    await picture?.finish(output);
    return status;
  } catch (error) {
    reporter.failure(errorEvent(error));
    return status === Exit.Ok ? Exit.Failure : status;
  }
}

/** Stops what is no server at the first signal. */
async function stop(
  signals: Signals,
  controller: AbortController,
): Promise<number> {
  const status = await signals.first;
  controller.abort();
  stopCalls();
  return status;
}

/**
 * Stops a server at the first signal, and ends the process at the second: at
 * once, unless there is a picture to be drawn.
 */
async function stopServer(
  signals: Signals,
  controller: AbortController,
  isDrawn: boolean,
): Promise<number> {
  await signals.first;
  controller.abort();
  const status = await signals.second;
  if (!isDrawn) Deno.exit(status);
  stopCalls();
  return status;
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
