/**
 * Errors as lines, as the C programs print them.
 *
 * @module
 */

import type { FailureEvent } from "../calls/errors.ts";
import { displayText } from "./display.ts";

/**
 * Writes an error as one line.
 *
 * @param program the program's name
 * @param failure the error
 * @returns as in `client: connect: Connection refused`, without a newline
 */
export function errorLine(program: string, failure: FailureEvent): string {
  const { step, message, final, host, several, count } = failure;
  const isLookUp = step === "getaddrinfo";
  const who = isLookUp && !final ? "" : `${program}: `;
  const what = final ? message : `${step}: ${message}`;
  const whose = isLookUp && several ? ` (${host})` : "";
  const times = count === undefined ? "" : ` (${count} times)`;
  return displayText(who + what + whose + times);
}
