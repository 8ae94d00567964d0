/**
 * What a look-up is given and what it returns: the `struct addrinfo` and the
 * hints of C.
 *
 * @module
 */

import { type Family, FAMILY_WORDS } from "../address/inet.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import type { LookUpObserver } from "./events.ts";
import type { SockType } from "./services.ts";

/**
 * A name server to ask instead of the system's.
 *
 * @category Names
 */
export interface NameServer {
  /** Its numeric address. */
  readonly ipAddr: string;
  /**
   * Its port.
   *
   * @default {53}
   */
  readonly port?: number | undefined;
}

/** The port of name servers. */
export const DNS_PORT = 53;

/**
 * How names are looked up.
 *
 * @category Names
 */
export interface LookUpOptions {
  /** Ends the look-up; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait, in milliseconds; 0 waits as long as the resolver's
   * configuration says. When it is over the look-up fails with `EAI_AGAIN`.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** A name server to ask; the hosts file is then not read. */
  readonly nameServer?: NameServer | undefined;
  /** Receives the call, and each step of the look-up. */
  readonly observer?: LookUpObserver | undefined;
}

/**
 * One address to try: a `struct addrinfo`.
 *
 * @category Names
 */
export interface AddrInfo {
  /** `ai_family`. */
  readonly family: Family;
  /** `ai_socktype`. */
  readonly socktype: SockType;
  /** `ai_addr`: a numeric address, its scope in the hostname. */
  readonly addr: Deno.NetAddr;
  /** `ai_canonname`, on the first address if it was asked for. */
  readonly canonicalName?: string;
}

/**
 * What {@linkcode getAddrInfo} looks for: the `hints` of C.
 *
 * @category Names
 */
export interface AddrInfoHints extends LookUpOptions {
  /**
   * Only addresses of this family: `AF_INET`, `AF_INET6`.
   *
   * @default {undefined} both, `AF_UNSPEC`
   */
  readonly family?: Family | undefined;
  /**
   * Only sockets of this type: `SOCK_STREAM`, `SOCK_DGRAM`.
   *
   * @default {undefined} both, each address twice
   */
  readonly socktype?: SockType | undefined;
  /**
   * `AI_PASSIVE`: a null host means every interface, not the loopback.
   *
   * @default {false}
   */
  readonly passive?: boolean | undefined;
  /**
   * `AI_CANONNAME`: return the canonical name with the first address.
   *
   * @default {false}
   */
  readonly canonicalName?: boolean | undefined;
  /**
   * `AI_NUMERICHOST`: the host must be numeric, no file or server is asked.
   *
   * @default {false}
   */
  readonly numericHost?: boolean | undefined;
  /**
   * `AI_NUMERICSERV`: the service must be a number.
   *
   * @default {false}
   */
  readonly numericService?: boolean | undefined;
  /**
   * `AI_V4MAPPED`: with `family: "IPv6"`, a host that has no IPv6 address
   * stands for its IPv4 addresses, mapped.
   *
   * @default {false}
   */
  readonly v4Mapped?: boolean | undefined;
  /**
   * `AI_ALL`: with `v4Mapped`, mapped addresses as well as IPv6 ones.
   *
   * @default {false}
   */
  readonly all?: boolean | undefined;
}

/** The families, in the order of their questions. */
export const FAMILIES = ["IPv6", "IPv4"] as const;
/** The socket types, in the order of a list. */
export const SOCKTYPES = ["stream", "datagram"] as const;

/**
 * Checks what a caller without types may have got wrong.
 *
 * @throws {AddrInfoError} `EAI_FAMILY`, `EAI_SOCKTYPE`, or for a look-up of
 * nothing `EAI_NONAME`, `EAI_BADFLAGS`
 */
export function checkHints(
  host: string | null,
  service: string | number | null,
  { family, socktype, canonicalName }: AddrInfoHints,
): void {
  if (family !== undefined && !FAMILIES.includes(family)) {
    throw new AddrInfoError("EAI_FAMILY");
  }
  if (socktype !== undefined && !SOCKTYPES.includes(socktype)) {
    throw new AddrInfoError("EAI_SOCKTYPE");
  }
  if (host === null && service === null) throw new AddrInfoError("EAI_NONAME");
  if (host === null && canonicalName) throw new AddrInfoError("EAI_BADFLAGS");
}

/** Writes the hints as a C programmer would. */
export function describeHints(hints: AddrInfoHints): string {
  const words: string[] = [
    hints.family === undefined ? "AF_UNSPEC" : FAMILY_WORDS[hints.family],
  ];
  if (hints.socktype !== undefined) {
    words.push(hints.socktype === "stream" ? "SOCK_STREAM" : "SOCK_DGRAM");
  }
  if (hints.passive) words.push("AI_PASSIVE");
  if (hints.canonicalName) words.push("AI_CANONNAME");
  if (hints.numericHost) words.push("AI_NUMERICHOST");
  if (hints.numericService) words.push("AI_NUMERICSERV");
  if (hints.v4Mapped) words.push("AI_V4MAPPED");
  if (hints.all) words.push("AI_ALL");
  return `{${words.join(", ")}}`;
}
