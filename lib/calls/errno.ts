/**
 * What the system says, in the words of `strerror(3)`.
 *
 * @module
 */

/** glibc's words for the errors that calls return, on every platform. */
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
  EISDIR: "Is a directory",
  EMFILE: "Too many open files",
  EMSGSIZE: "Message too long",
  ENETUNREACH: "Network is unreachable",
  ENFILE: "Too many open files in system",
  ENODEV: "No such device",
  ENODATA: "No data available",
  ENOBUFS: "No buffer space available",
  ENOENT: "No such file or directory",
  ENOTCONN: "Transport endpoint is not connected",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  ETIMEDOUT: "Connection timed out",
};

/** The errno for Deno's error classes whose errors may lack one. */
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
  NotCapable: "EPERM",
  NotConnected: "ENOTCONN",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
  TimedOut: "ETIMEDOUT",
  TimeoutError: "ETIMEDOUT",
};

/** Finds an errno's name by its words: some of Deno's errors have no code. */
function codeOf(words: string): string {
  const known = Object.entries(STRERROR).find((each) => each[1] === words);
  return known?.[0] ?? "EIO";
}

/** Looks up a key that anybody may have chosen, `constructor` among them. */
function wordFor(
  table: Readonly<Record<string, string>>,
  key: string,
): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * An errno's name and its words.
 *
 * @category Errors
 */
export interface ErrorDescription {
  /** The errno's name, as in `ECONNREFUSED`; `EIO` if nothing is known. */
  readonly code: string;
  /** strerror's words, or those of the error. */
  readonly reason: string;
}

/**
 * Finds the errno's name and words of anything that a call threw.
 *
 * @param error what was thrown
 * @returns its code and its words
 */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) {
    return { code: "EIO", reason: String(error) };
  }
  const own = "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
  // For a call that ended because its socket was closed, Deno says EINTR.
  const code = own === undefined || own === "EINTR"
    ? wordFor(CLASS_CODE, error.name)
    : own;
  // Deno ends the system's words with "(os error 111)", and some of those of
  // its TLS with the address of a manual.
  const words = error.message.replace(/ \(os error \d+\).*$|: https:.*$/s, "");
  if (code === undefined) return { code: codeOf(words), reason: words };
  return { code, reason: wordFor(STRERROR, code) ?? words };
}

/**
 * Says whether `strerror(3)` has words for a code that say what failed.
 *
 * @param code the errno's name
 */
export function isErrno(code: string): boolean {
  return code !== "EIO" && Object.hasOwn(STRERROR, code);
}
