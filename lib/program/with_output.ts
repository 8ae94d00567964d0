/**
 * Where a program writes, from its beginning to its end.
 *
 * @module
 */

import { bounded } from "../calls/deadline.ts";
import { errorEvent } from "../calls/errors.ts";
import type { CommonValues } from "./common.ts";
import { displayText } from "./display.ts";
import { Exit, patienceOf } from "./ending.ts";
import { OrderedOutput } from "./ordered_output.ts";
import type { Output, Writers } from "./output.ts";

/** Who writes. */
export interface Frame {
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

/**
 * Finds out whether the trace and the sentences of a server meet.
 *
 * @param spec the program
 * @param common whether it shows calls
 */
export async function frameOf(
  { name, server = false }: Pick<Frame, "name"> & { server?: boolean },
  { trace }: CommonValues,
): Promise<Frame> {
  if (!server || trace === undefined) return { name, server };
  const { endInOnePlace } = await import("./server_output.ts");
  return { name, server, inOrder: await endInOnePlace() };
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
  const report = (error: unknown) => {
    const { message } = errorEvent(error);
    output.write("stderr", `${name}: write: ${displayText(message)}\n`);
  };
  const onFailure = (error: unknown) => {
    if (error instanceof Deno.errors.BrokenPipe) {
      failed.resolve(Exit.Ok);
      return;
    }
    report(error);
    failed.resolve(Exit.Failure);
  };
  const output: Output = server
    // Only servers pay for loading it.
    ? new (await import("./server_output.ts")).ServerOutput(writers, {
      inOrder,
      onFailure: report,
    })
    : new OrderedOutput(onFailure, writers);
  const status = await Promise.race([body(output), failed.promise]);
  await bounded(output.flush(), patienceOf(server, status)).catch(() => {
    // Its reader is stalled, and so nobody is there to read about it.
  });
  // What failed while the rest was written counts as well.
  return await Promise.race([failed.promise, Promise.resolve(status)]);
}
