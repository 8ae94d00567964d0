/**
 * The errors of `getaddrinfo(3)`, in the words of `gai_strerror(3)`.
 *
 * @module
 */

import type { ErrorDescription } from "../calls/errno.ts";
import { CallError } from "../calls/errors.ts";
import { emit, receives } from "../calls/observer.ts";
import { GAI_STRERROR, type Platform, platform } from "../calls/platform.ts";
import type { LookUpObserver, SummaryEvent } from "./events.ts";

/**
 * An error code of `getaddrinfo(3)`.
 *
 * @category Errors
 */
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

/**
 * A failure of `getAddrInfo` or `getNameInfo`.
 *
 * @category Errors
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
export class AddrInfoError extends CallError {
  /** The name of this class. */
  override readonly name = "AddrInfoError";
  /** Always `getaddrinfo`, which reports the errors of both directions. */
  override readonly step = "getaddrinfo";
  /** The code, named as in `<netdb.h>`. */
  override readonly code: AddrInfoErrorCode;
  /** The host that was looked up, if there was one. */
  declare readonly host?: string;
  /** The service that was looked up, if there was one. */
  declare readonly service?: string | number;

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

  /** gai_strerror's words; for `EAI_SYSTEM` strerror's, of what caused it. */
  override get reason(): string {
    return this.#system?.reason ?? this.message;
  }

  /** The code and the words to report: for `EAI_SYSTEM` those of its cause. */
  override get reported(): ErrorDescription {
    return this.#system ?? this;
  }

  get #system(): CallError | undefined {
    const { code, cause } = this;
    return code === "EAI_SYSTEM" && cause instanceof CallError
      ? cause
      : undefined;
  }
}

/**
 * Says what a look-up that failed was about.
 *
 * @param error what was thrown; anything but an `AddrInfoError` stays as it is
 * @param host the host
 * @param service the service
 * @returns the same error
 */
export function about(
  error: unknown,
  host: string | null,
  service: string | number | null,
): unknown {
  if (error instanceof AddrInfoError) {
    Object.assign(error, host !== null && { host });
    Object.assign(error, service !== null && { service });
  }
  return error;
}

/**
 * Finds the EAI code in the text of a look-up that Deno made itself, as when
 * `Deno.connect` is given a name. Deno passes on the system's own words.
 *
 * @param error what Deno threw
 * @param system whose words they are
 * @returns the code, or `undefined` if the error is of another kind
 */
export function lookUpErrorCode(
  error: unknown,
  { lookUpPrefix, lookUpWords }: Platform = platform,
): AddrInfoErrorCode | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!error.message.startsWith(lookUpPrefix)) return undefined;
  const words = error.message.slice(lookUpPrefix.length)
    .replace(/\.?(?: \(os error \d+\).*)?$/s, "");
  if (Object.hasOwn(lookUpWords, words)) return lookUpWords[words];
  return lookUpPrefix === "" ? undefined : "EAI_NONAME";
}

/**
 * Says what failed at a numeric address: Deno looks it up too, and what is not
 * known can only be the interface of its scope.
 *
 * @param error what Deno threw
 * @returns the system's own error for that; any other error as it is
 */
export function scopeError(error: unknown): unknown {
  if (lookUpErrorCode(error) === undefined) return error;
  const cause = new Error("No such device", { cause: error });
  return Object.assign(cause, { code: "ENODEV" });
}

/** What became of the name servers, by the error of a look-up. */
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
 * Reports the summary of a look-up, if it fails and name servers were asked.
 *
 * @param looking the look-up
 * @param observer receives the summary
 * @returns the look-up
 */
export function withSummary<T>(
  looking: Promise<T>,
  observer: LookUpObserver | undefined,
): Promise<T> {
  if (!receives(observer, "resolution")) return looking;
  return looking.catch((error) => {
    const summary = error instanceof Error ? summaries.get(error) : undefined;
    if (summary !== undefined) emit(observer, "resolution", summary);
    throw error;
  });
}
