/**
 * The stub resolver's configuration, `resolv.conf(5)`.
 *
 * Read as glibc reads it; `sortlist`, `trust-ad` and the options that change
 * nothing for addresses and names are passed over.
 *
 * @module
 */

import type { IpAddress } from "../../address/ip_address.ts";
import { receiverOf, V4_LOOPBACK } from "../../address/loopback.ts";
import { parseNumericHost } from "../../address/numeric_host.ts";

/** How the DNS is asked. */
export interface ResolverConfig {
  /** The name servers' addresses, in the order in which to ask them. */
  readonly nameServers: readonly IpAddress[];
  /**
   * The domains that are appended to names with few dots, "" for the root;
   * `undefined` if the file names none: then the domain of the machine's own
   * name is searched.
   */
  readonly search: readonly string[] | undefined;
  /** How many dots a name has that is tried as it stands first, 0 to 15. */
  readonly ndots: number;
  /** How long a server is listened to after a question, in milliseconds. */
  readonly timeout: number;
  /** How many rounds of questions there are. */
  readonly attempts: number;
  /** `edns0`: say how long an answer may be (RFC 6891). */
  readonly edns0: boolean;
  /** `use-vc`: ask over TCP. */
  readonly useVc: boolean;
  /** `rotate`: begin with another server each time. */
  readonly rotate: boolean;
  /** `single-request`: ask for one type after the other. */
  readonly singleRequest: boolean;
  /** `single-request-reopen`: and from a socket for each. */
  readonly singleRequestReopen: boolean;
  /** `no-aaaa`: ask for no IPv6 addresses. */
  readonly noAaaa: boolean;
  /** `no-tld-query`: ask for no name without a dot as it stands. */
  readonly noTldQuery: boolean;
}

/** What holds if there is no file, or it says nothing else. */
export const DEFAULT_CONFIG: ResolverConfig = {
  nameServers: [V4_LOOPBACK],
  search: undefined,
  ndots: 1,
  timeout: 5000,
  attempts: 2,
  edns0: false,
  useVc: false,
  rotate: false,
  singleRequest: false,
  singleRequestReopen: false,
  noAaaa: false,
  noTldQuery: false,
};

/** The most name servers that are asked, as in glibc (MAXNS). */
const MAX_SERVERS = 3;

/** The limits that glibc sets to each number. */
const NUMBER_MAX = { ndots: 15, timeout: 30, attempts: 5 } as const;

/** The options that are switches, the longer before what it begins with. */
const SWITCHES = {
  "edns0": "edns0",
  "use-vc": "useVc",
  "rotate": "rotate",
  "single-request-reopen": "singleRequestReopen",
  "single-request": "singleRequest",
  "no-aaaa": "noAaaa",
  "no-tld-query": "noTldQuery",
} as const;

/** Options as they are gathered, the time in seconds. */
type Options = {
  -readonly [K in keyof ResolverConfig]?: ResolverConfig[K];
};

/**
 * Reads the text of a resolver configuration. Keywords that say nothing here,
 * and lines that are malformed, are passed over.
 *
 * @param text the file's text
 * @returns the configuration; if it names no server, that of this machine
 */
export function parseResolvConf(text: string): ResolverConfig {
  const nameServers: IpAddress[] = [];
  let search: readonly string[] | undefined;
  const options: Options = {};
  for (const line of text.split("\n")) {
    // A keyword begins its line, as the sign of a comment does.
    // Nothing that is behind a zero byte is read in C.
    const [beginning = ""] = line.split("\0", 1);
    const [keyword, ...values] = beginning.split(/[ \t\r]+/);
    if (values.at(-1) === "") values.pop();
    const [value] = values;
    if (value === undefined) continue;
    if (keyword === "nameserver") {
      const address = serverAddress(value);
      if (address !== undefined) nameServers.push(address);
    } else if (keyword === "domain" || keyword === "search") {
      // The last one of either counts.
      search = (keyword === "domain" ? [value] : values).map(searchDomain);
    } else if (keyword === "options") {
      for (const [i, option] of values.entries()) {
        // As in `ndots: 3`: atoi(3) reads past the space.
        readOption(option.replace(/:$/, `:${values[i + 1] ?? ""}`), options);
      }
    }
  }
  return {
    ...DEFAULT_CONFIG,
    ...options,
    ...(nameServers.length > 0 &&
      { nameServers: nameServers.slice(0, MAX_SERVERS) }),
    search,
  };
}

/**
 * Reads a domain to search.
 *
 * @param text the domain
 * @returns it in lower case, without dots at its ends; "" for the root
 */
export function searchDomain(text: string): string {
  return text.toLowerCase().replace(/^\.+|\.$/g, "");
}

/**
 * Reads a name server's address, in any form that `getaddrinfo` takes.
 *
 * @param text the address, with or without a scope
 * @returns the address to which a question goes and from which its answer comes
 */
export function serverAddress(text: string): IpAddress | undefined {
  const address = parseNumericHost(text, () => true)?.address.unmapped();
  return address && receiverOf(address);
}

function readOption(option: string, options: Options): void {
  const match = /^(ndots|timeout|attempts):([-+]?[0-9]+)?/.exec(option);
  if (match !== null) {
    const name = match[1] as keyof typeof NUMBER_MAX;
    // If there is no digit, atoi(3) reads 0.
    const number = Math.min(Number(match[2] ?? 0), NUMBER_MAX[name]);
    // glibc keeps it in four bits.
    if (name === "ndots") options.ndots = number < 0 ? 15 : number;
    else if (name === "attempts") options.attempts = Math.max(1, number);
    else options.timeout = Math.max(1, number) * 1000;
    return;
  }
  for (const [word, name] of Object.entries(SWITCHES)) {
    if (!option.startsWith(word)) continue;
    options[name] = true;
    return;
  }
}
