/**
 * What became of the name servers of a look-up that failed.
 *
 * @module
 */

import type { SummaryEvent } from "./events.ts";

const summaries = new WeakMap<object, SummaryEvent>();

/**
 * Keeps a summary with the error that the look-up throws: it is reported last,
 * behind the call.
 *
 * @param error the error
 * @param summary the summary
 */
export function noteSummary(error: object, summary: SummaryEvent): void {
  summaries.set(error, summary);
}

/**
 * Returns the summary of a look-up that failed.
 *
 * @param error what it threw
 * @returns the summary, or `undefined` if no name server was asked
 */
export function summaryOf(error: unknown): SummaryEvent | undefined {
  return error instanceof Error ? summaries.get(error) : undefined;
}
