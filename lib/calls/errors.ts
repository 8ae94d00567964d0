/**
 * What can go wrong, in the words of `strerror(3)` and `gai_strerror(3)`.
 *
 * @module
 */

import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
import type { ErrorEvent } from "./events.ts";

/** glibc's words for the errors that sockets give, whatever the platform's. */
const STRERROR: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EAGAIN: "Resource temporarily unavailable",
  ECANCELED: "Operation canceled",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "No route to host",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EMFILE: "Too many open files",
  EMSGSIZE: "Message too long",
  ENETUNREACH: "Network is unreachable",
  ENFILE: "Too many open files in system",
  ENOBUFS: "No buffer space available",
  ENOTCONN: "Transport endpoint is not connected",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  ETIMEDOUT: "Connection timed out",
};

/** An error code of `getaddrinfo(3)`. */
export type AddrInfoErrorCode =
  | "EAI_ADDRFAMILY"
  | "EAI_AGAIN"
  | "EAI_BADFLAGS"
  | "EAI_FAIL"
  | "EAI_FAMILY"
  | "EAI_NODATA"
  | "EAI_NONAME"
  | "EAI_SERVICE"
  | "EAI_SOCKTYPE"
  | "EAI_SYSTEM";

/** gai_strerror's words for every code. */
const GAI_STRERROR: Readonly<Record<AddrInfoErrorCode, string>> = {
  EAI_ADDRFAMILY: "Address family for hostname not supported",
  EAI_AGAIN: "Temporary failure in name resolution",
  EAI_BADFLAGS: "Bad value for ai_flags",
  EAI_FAIL: "Non-recoverable failure in name resolution",
  EAI_FAMILY: "ai_family not supported",
  EAI_NODATA: "No address associated with hostname",
  EAI_NONAME: "Name or service not known",
  EAI_SERVICE: "Servname not supported for ai_socktype",
  EAI_SOCKTYPE: "ai_socktype not supported",
  EAI_SYSTEM: "System error",
};

/**
 * A failure of `getAddrInfo` or `getNameInfo`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { AddrInfoError } from "@parley/parley";
 *
 * const error = new AddrInfoError("EAI_NONAME");
 * assertEquals(error.message, "Name or service not known");
 * ```
 */
export class AddrInfoError extends Error {
  /** The name of this class. */
  override readonly name = "AddrInfoError";
  /** The code, named as in `<netdb.h>`. */
  readonly code: AddrInfoErrorCode;

  /**
   * Makes the error for one code.
   *
   * @param code the EAI code, from which the message follows
   * @param options the error that caused it
   */
  constructor(code: AddrInfoErrorCode, options?: ErrorOptions) {
    super(GAI_STRERROR[code], options);
    this.code = code;
  }
}

/** The socket call that failed, named as in C. */
export type Step =
  | "socket"
  | "bind"
  | "accept"
  | "connect"
  | "handshake"
  | "recv"
  | "recvfrom"
  | "send"
  | "sendto"
  | "shutdown";

/**
 * A socket call that the system refused.
 *
 * Its `reason` is strerror's text ("Connection refused") and its `cause` the
 * error as Deno threw it.
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
export class SocketError extends Error {
  /** The name of this class. */
  override readonly name: string = "SocketError";
  /** The call that failed. */
  readonly step: Step;
  /** The errno's name, as in `ECONNREFUSED`. */
  readonly code: string;
  /** strerror's words for it. */
  readonly reason: string;
  /** The address that the call was about, where it was about one. */
  readonly address?: Endpoint;

  /**
   * Makes the error for one call.
   *
   * @param step the call that failed
   * @param cause what Deno threw
   * @param address the address that the call was about
   */
  constructor(step: Step, cause: unknown, address?: Endpoint) {
    const { code, reason } = describeError(cause);
    const where = address === undefined ? "" : ` ${formatEndpoint(address)}`;
    super(`Cannot ${step}${where}: ${reason}`, { cause });
    this.step = step;
    this.code = code;
    this.reason = reason;
    if (address !== undefined) this.address = address;
  }
}

/**
 * No address of a host took the connection.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConnectError, SocketError } from "@parley/parley";
 *
 * const refused = new SocketError("connect", new Deno.errors.ConnectionRefused());
 * assertEquals(new ConnectError("localhost", [refused]).code, "ECONNREFUSED");
 * ```
 */
export class ConnectError extends Error {
  /** The name of this class. */
  override readonly name = "ConnectError";
  /** The errno's name of the last address that failed. */
  readonly code: string;
  /** What each address answered, in the order in which they failed. */
  readonly errors: readonly SocketError[];

  /**
   * Makes the error of all addresses.
   *
   * @param hostname the host that was asked for
   * @param errors what each address answered
   */
  constructor(hostname: string, errors: readonly SocketError[]) {
    const last = errors.at(-1);
    super(
      `Cannot connect to ${JSON.stringify(hostname)}: ` +
        errors.map((error) => error.message).join("; "),
      { cause: last },
    );
    this.code = last?.code ?? "EAI_NODATA";
    this.errors = errors;
  }
}

/**
 * A permission that was not granted to the program.
 *
 * Parley never prompts: it asks whether a permission is granted before it makes
 * a call that Deno would prompt for.
 */
export class PermissionError extends Error {
  /** The name of this class. */
  override readonly name = "PermissionError";
  /** The flag to add to `deno run`, as in `--allow-net=[::]:8080`. */
  readonly flag: string;

  /**
   * Makes the error for one flag.
   *
   * @param flag the flag to add to `deno run`
   */
  constructor(flag: string) {
    super(`Needs ${flag}`);
    this.flag = flag;
  }
}

/** Names of Deno's error classes for which it leaves out the errno. */
const CLASS_CODE: Readonly<Record<string, string>> = {
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  AbortError: "ECANCELED",
  BadResource: "ECANCELED",
  BrokenPipe: "EPIPE",
  ConnectionAborted: "ECONNABORTED",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  Interrupted: "ECANCELED",
  InvalidData: "EPROTO",
  NetworkUnreachable: "ENETUNREACH",
  NotConnected: "ENOTCONN",
  PermissionDenied: "EACCES",
  TimedOut: "ETIMEDOUT",
  TimeoutError: "ETIMEDOUT",
};

/**
 * The errno's name and words of anything thrown by a socket call.
 *
 * @param error what was thrown
 * @returns its code (`EIO` where nothing is known) and strerror's words
 */
export function describeError(
  error: unknown,
): { code: string; reason: string } {
  if (error instanceof SocketError) return error;
  if (!(error instanceof Error)) {
    return { code: "EIO", reason: String(error) };
  }
  const own = "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
  // Deno gives what was closed meanwhile for a call that a signal interrupted.
  const code = own === undefined || own === "EINTR"
    ? CLASS_CODE[error.name]
    : own;
  // Deno ends the system's words with "(os error 111)", and some of those of
  // its TLS with the address of a manual.
  const words = error.message.replace(/ \(os error \d+\).*$|: https:.*$/s, "");
  if (code === undefined) return { code: "EIO", reason: words };
  return { code, reason: STRERROR[code] ?? words };
}

/**
 * The EAI code in the text of a look-up that Deno made itself, as when
 * `Deno.connect` is given a name.
 *
 * @param error what Deno threw
 * @returns the code, or `undefined` where the error is of another kind
 */
export function lookupErrorCode(error: unknown): AddrInfoErrorCode | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!error.message.startsWith("failed to lookup address")) return undefined;
  for (const [code, words] of Object.entries(GAI_STRERROR)) {
    if (error.message.endsWith(words)) return code as AddrInfoErrorCode;
  }
  return "EAI_NONAME";
}

/**
 * Anything thrown, as the event that tells it.
 *
 * @param error what was thrown
 * @returns the event
 */
export function errorEvent(error: unknown): ErrorEvent {
  const event = "error";
  if (error instanceof AddrInfoError) {
    const { code, message } = error;
    return { event, step: "getaddrinfo", code, message };
  }
  if (error instanceof SocketError) {
    const { step, code, reason: message, address } = error;
    const about = address === undefined ? {} : { address };
    return { event, step, code, message, ...about };
  }
  if (error instanceof ConnectError) {
    const { code } = error;
    const message = "failed to connect";
    return { event, step: "connect", code, message, final: true };
  }
  if (error instanceof PermissionError) {
    const message = `needs ${error.flag}`;
    return { event, step: "permission", code: "EPERM", message, final: true };
  }
  const { code, reason: message } = describeError(error);
  return { event, step: "internal", code, message };
}
