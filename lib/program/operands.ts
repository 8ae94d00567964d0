/**
 * The operands of programs, and hosts wherever they are given.
 *
 * @module
 */

import { parseAuthority } from "../address/authority.ts";
import type { FailureEvent } from "../calls/errors.ts";
import { type Option, requireText, UsageError } from "./options.ts";

/**
 * Makes sure that there are as many operands as a program takes.
 *
 * @param usage the operands in the usage line, as in `HOST [PORT]` or `HOST…`
 * @param given the operands that were given
 * @throws {UsageError} if one is missing or one is too many
 */
export function checkOperands(usage: string, given: readonly string[]): void {
  const words = usage.split(" ").filter((word) => word !== "");
  const needed = words.filter((word) => !word.startsWith("["));
  const missing = needed[given.length];
  if (missing !== undefined) {
    throw new UsageError(`missing operand ${missing.replace("…", "")}`);
  }
  const extra = given[words.length];
  if (extra !== undefined && !usage.endsWith("…")) {
    throw new UsageError(`unexpected operand ${JSON.stringify(extra)}`);
  }
}

/**
 * Says what to write instead of a host that has a port in it.
 *
 * @param host the host
 * @param port the port; "" if there is none
 * @returns a part of a command line
 */
export type HostAdvice = (host: string, port: string) => string;

/**
 * Refuses what is no host, but a URL or a host with a port.
 *
 * @param text what was given
 * @param name what it was given for, as in `HOST`
 * @param advice says what to write instead
 * @returns the host
 * @throws {UsageError} if it is empty, a URL, or has a port in it
 */
export function requireHost(
  text: string,
  name: string,
  advice: HostAdvice,
): string {
  const authority = parseAuthority(requireText(text, name));
  if (authority === undefined) return text;
  const { scheme, host, port } = authority;
  const what = scheme === undefined ? "has a port in it" : "is a URL";
  const instead = host === "" ? "a host" : `'${advice(host, port)}'`;
  throw new UsageError(
    `${name}: ${JSON.stringify(text)} ${what}: write ${instead}`,
  );
}

/**
 * Makes an option that takes an address or a name of this machine.
 *
 * @param help what it does
 */
export function host(help: string): Option<string | undefined> {
  return {
    value: "ADDRESS",
    help,
    default: undefined,
    parse: (text, name) => requireHost(text, name, adviseServer),
  };
}

function adviseServer(host: string, port: string): string {
  return `--host ${host}` + (port && ` --port ${port}`);
}

/** The errors of a name that does not resolve. */
const UNRESOLVED = ["EAI_NONAME", "EAI_NODATA", "EAI_AGAIN", "EAI_FAIL"];

/**
 * Writes a client's last words on a host that does not resolve.
 *
 * @param failure what ended the client
 * @param operands the client's operands; the first one is the host
 * @returns as in `cannot resolve "nosuch.example"`; `undefined` if the failure
 * is another one
 */
export function unresolved(
  { code }: FailureEvent,
  [host = ""]: readonly string[],
): string | undefined {
  if (!UNRESOLVED.includes(code)) return undefined;
  return `cannot resolve ${JSON.stringify(host)}`;
}
