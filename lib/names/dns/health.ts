/**
 * Which name servers were dead or silent a moment ago.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";

/** How long that is remembered, in milliseconds. */
const REMEMBERED = 30_000;

/** What was wrong with a server. */
export type Ailment =
  /** Nobody listens at its port, or no way leads to it, or it said nothing for
   * two seconds. */
  | "dead"
  /** It said nothing for less than that: it may only be slow. */
  | "quiet";

interface Finding {
  readonly ailment: Ailment;
  readonly at: number;
}

/** What this process found, by address and port. */
const findings = new Map<string, Finding>();

/**
 * Notes that a server did not answer.
 *
 * @param server the server
 * @param ailment what was wrong
 */
export function noteAilment(server: Endpoint, ailment: Ailment): void {
  const key = server.toString();
  if (ailment === "quiet" && ailmentOf(server) === "dead") return;
  findings.set(key, { ailment, at: performance.now() });
}

/**
 * Notes that a server answered.
 *
 * @param server the server
 */
export function noteAnswer(server: Endpoint): void {
  if (findings.size > 0) findings.delete(server.toString());
}

/**
 * Returns what was wrong with a server in the last 30 seconds.
 *
 * @param server the server
 */
export function ailmentOf(server: Endpoint): Ailment | undefined {
  if (findings.size === 0) return undefined;
  const key = server.toString();
  const finding = findings.get(key);
  if (finding === undefined) return undefined;
  if (performance.now() - finding.at < REMEMBERED) return finding.ailment;
  findings.delete(key);
  return undefined;
}
