/** Runs a task, and reports what went wrong in one line. */

import { describeError } from "../../lib/calls/errno.ts";
import { fail } from "../fail.ts";
import { Refusal } from "./places.ts";

/**
 * Runs a task. If it fails the process ends, with 1 if it was refused, else 2.
 *
 * @param name the task
 * @param task what it does
 */
export async function attempt(
  name: string,
  task: () => Promise<void>,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    const isRefused = error instanceof Refusal;
    // The system's own words have the path, and more than one line at times.
    const [reason = ""] = isRefused
      ? [error.message]
      : error instanceof Error
      ? error.message.split("\n")
      : [describeError(error).reason];
    fail(name, isRefused ? 1 : 2, reason);
  }
}
