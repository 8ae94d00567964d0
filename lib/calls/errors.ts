/**
 * The errors of calls, and the event that reports one.
 *
 * @module
 */

import type { Endpoint, EndpointObject } from "../address/endpoint.ts";
import { describeError, type ErrorDescription, isErrno } from "./errno.ts";
import { platform, type Shell } from "./platform.ts";
import { laterReason, tlsReason } from "./tls_reasons.ts";

/**
 * A call, named as in C; `handshake` is TLS's, `read` is made on stdin.
 *
 * @category Errors
 */
export type Step =
  | "open"
  | "socket"
  | "bind"
  | "accept"
  | "connect"
  | "handshake"
  | "recv"
  | "recvfrom"
  | "send"
  | "sendto"
  | "setsockopt"
  | "shutdown"
  | "close"
  | "read";

/**
 * The base of all errors that name the call that failed.
 *
 * @category Errors
 *
 * @example
 * ```ts
 * import { CallError, connectStream } from "@parley/parley";
 *
 * try {
 *   using _conn = await connectStream({ hostname: "127.0.0.1", port: 1 });
 * } catch (error) {
 *   if (!(error instanceof CallError)) throw error;
 *   console.log(`${error.step}: ${error.reason}`); // connect: Connection refused
 * }
 * ```
 */
export abstract class CallError extends Error {
  /** The call that failed, or `permission`. */
  abstract readonly step: string;
  /** The name of the errno or EAI code, as in `ECONNREFUSED`. */
  abstract readonly code: string;
  /** strerror's or gai_strerror's words, or one sentence. */
  abstract readonly reason: string;
  /** The address that the call was about, if it was about one. */
  declare readonly address?: Endpoint;
  /** Set if it sums up errors that were reported before it. */
  declare readonly final?: true;

  /** The code and the words under which it is reported: its own. */
  get reported(): ErrorDescription {
    return this;
  }
}

/**
 * A socket call that the system refused.
 *
 * Its `reason` is strerror's text ("Connection refused") and its `cause` the
 * error that Deno threw.
 *
 * @category Errors
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SocketError } from "@parley/parley";
 *
 * const error = new SocketError("connect", new Deno.errors.ConnectionRefused());
 * assertEquals(error.code, "ECONNREFUSED");
 * assertEquals(error.reason, "Connection refused");
 * ```
 */
export class SocketError extends CallError {
  /** The name of this class. */
  override readonly name: string = "SocketError";
  /** The call that failed. */
  override readonly step: Step;
  /** The errno's name, as in `ECONNREFUSED`. */
  override readonly code: string;
  /** strerror's words for it. */
  override readonly reason: string;

  /**
   * Makes the error of one call.
   *
   * @param step the call that failed
   * @param cause what Deno threw
   * @param address the address that the call was about
   */
  constructor(step: Step, cause: unknown, address?: Endpoint) {
    const { code, reason } = describe(cause, step);
    const where = address === undefined ? "" : ` ${address}`;
    super(`Cannot ${step}${where}: ${reason}`, { cause });
    this.step = step;
    this.code = code;
    this.reason = reason;
    if (address !== undefined) Object.assign(this, { address });
  }
}

/**
 * A permission that the program lacks.
 *
 * Parley never prompts: it asks whether a permission is granted before it makes
 * a call that Deno would prompt for.
 *
 * @category Errors
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PermissionError } from "@parley/parley";
 *
 * assertEquals(new PermissionError("--allow-net").code, "EPERM");
 * ```
 */
export class PermissionError extends CallError {
  /** The name of this class. */
  override readonly name = "PermissionError";
  /** Always `permission`. */
  override readonly step = "permission";
  /** Always `EPERM`. */
  override readonly code = "EPERM";
  /** Which flag is needed, in a form that every shell takes. */
  override readonly reason: string;
  /**
   * The flag to add to `deno run`, as in `--allow-net=[::]:8080`; several are
   * separated by spaces.
   */
  readonly flag: string;

  /**
   * Makes the error for one flag or for several that are needed together.
   *
   * @param flags the flags to add to `deno run`
   */
  constructor(...flags: readonly string[]) {
    super(`Needs ${flags.join(" ")}`);
    this.flag = flags.join(" ");
    this.reason = `needs ${flags.map((flag) => shellQuoted(flag)).join(" ")}`;
    Object.assign(this, { final: true });
  }
}

/**
 * Quotes a word for a command line, if a shell would read it as anything else.
 *
 * @param word the word, as in `--allow-net=[::]:8080`
 * @param shell whose command line it is; by default that of this system
 * @returns as in `'--allow-net=[::]:8080'`; brackets are a pattern in zsh
 */
export function shellQuoted(
  word: string,
  shell: Shell = platform.shell,
): string {
  if (shell === "windows") return windowsQuoted(word);
  if (/^[\w./:,=@%+-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** cmd knows double quotes only; in PowerShell a comma makes a list. */
function windowsQuoted(word: string): string {
  if (/^[\w./:\\=+-]+$/.test(word)) return word;
  // What changes its meaning between double quotes is for PowerShell.
  return /["$%`]/.test(word) ? `'${word.replaceAll("'", "''")}'` : `"${word}"`;
}

/**
 * Something went wrong.
 *
 * @category Errors
 */
export interface FailureEvent {
  /** Discriminates the union. */
  readonly event: "error";
  /**
   * The call that failed, or `usage`, `permission`, `internal`; a server's
   * `gave way`, `refused` and `not answered` count what it turned away.
   */
  readonly step: string;
  /** The errno's or EAI code's name, as in `ECONNREFUSED`. */
  readonly code: string;
  /** strerror's or gai_strerror's words, or one sentence. */
  readonly message: string;
  /** The address that it was about. */
  readonly address?: Endpoint | EndpointObject;
  /** The host that it was about. */
  readonly host?: string;
  /** Set if that host is one of several that are looked up. */
  readonly several?: true;
  /** The connection that it was about. */
  readonly connection?: number;
  /** Set on the summary after the errors that led to it. */
  readonly final?: true;
  /** How many there were, on the last report of a fault that repeated. */
  readonly count?: number;
}

/**
 * Describes anything thrown, in the words of the call that threw it.
 *
 * @param error what was thrown
 * @param step the call that threw it; what a library of TLS said in it becomes
 * one of a fixed list
 * @returns its code and its words
 */
export function describe(error: unknown, step?: string): ErrorDescription {
  if (error instanceof CallError) return error.reported;
  const found = describeError(error);
  // What has an errno is the system's; the rest is a library's own words.
  if (isErrno(found.code)) return found;
  const words = `${found.reason} ${found.code}`;
  if (step === "handshake") return { code: "EPROTO", reason: tlsReason(words) };
  const isTls = step !== undefined && /^(?:EPROTO$|ERR_SSL_)/.test(found.code);
  return isTls ? { code: "EPROTO", reason: laterReason(words) } : found;
}

/**
 * Makes the event that reports an error.
 *
 * @param error anything thrown
 * @returns the event
 */
export function errorEvent(error: unknown): FailureEvent {
  const { code, reason: message } = describe(error);
  if (!(error instanceof CallError)) {
    return { event: "error", step: "internal", code, message };
  }
  const { step, address, final } = error;
  return {
    event: "error",
    step,
    code,
    message,
    ...(address && { address }),
    ...(final && { final }),
  };
}
