/**
 * The stub resolver's configuration, `resolv.conf(5)`.
 *
 * @module
 */

import { isHostName } from "./host_name.ts";
import { IpAddress } from "../address/ip_address.ts";
import { parseNumericHost } from "../address/numeric_host.ts";

/** How the DNS is asked. */
export interface ResolverConfig {
  /** The name servers' addresses, in the order in which to ask them. */
  readonly nameServers: readonly IpAddress[];
  /** The domains that are appended to names with few dots. */
  readonly search: readonly string[];
  /** How many dots a name has that is tried as it stands first, 0 to 15. */
  readonly ndots: number;
  /** How long one server is waited for, in milliseconds. */
  readonly timeout: number;
  /** How often each server is asked. */
  readonly attempts: number;
}

/** What holds where the file says nothing else. */
export const DEFAULT_CONFIG: ResolverConfig = {
  nameServers: [],
  search: [],
  ndots: 1,
  timeout: 5000,
  attempts: 2,
};

/** As many name servers as glibc asks (MAXNS). */
const MAX_SERVERS = 3;

/** The limits that glibc sets to each option. */
const OPTION_MAX = { ndots: 15, timeout: 30, attempts: 5 } as const;

/**
 * Reads the text of a resolver configuration. Keywords that say nothing here,
 * and lines that are malformed, are passed over.
 *
 * @param text the file's text
 * @returns the configuration; where it names no server, that of this machine
 */
export function parseResolvConf(text: string): ResolverConfig {
  const nameServers: IpAddress[] = [];
  let { search } = DEFAULT_CONFIG;
  const options = { ndots: 1, timeout: 5, attempts: 2 };
  for (const line of text.split("\n")) {
    // A keyword stands at the beginning of its line.
    const [keyword, ...words] = line.replace(/[#;].*/s, "").split(/\s+/);
    const values = words.filter((word) => word !== "");
    const [value] = values;
    if (value === undefined) continue;
    if (keyword === "nameserver") {
      const address = parseNumericHost(value, () => true)?.address;
      if (address !== undefined) nameServers.push(address);
    } else if (keyword === "domain" || keyword === "search") {
      // The last one of either counts.
      search = (keyword === "domain" ? [value] : values).map((domain) =>
        domain.toLowerCase().replace(/^\.+|\.$/g, "")
      );
    } else if (keyword === "options") {
      for (const option of values) readOption(option, options);
    }
  }
  return {
    nameServers: nameServers.length === 0
      ? [IpAddress.parse("127.0.0.1")]
      : nameServers.slice(0, MAX_SERVERS),
    search: search.filter((domain) => domain !== ""),
    ndots: options.ndots,
    timeout: Math.max(1, options.timeout) * 1000,
    attempts: Math.max(1, options.attempts),
  };
}

function readOption(
  option: string,
  options: Record<keyof typeof OPTION_MAX, number>,
): void {
  const match = /^(ndots|timeout|attempts):([0-9]+)$/.exec(option);
  if (match === null) return;
  const name = match[1] as keyof typeof OPTION_MAX;
  options[name] = Math.min(Number(match[2]), OPTION_MAX[name]);
}

/**
 * The absolute names for which a name may stand, in the order in which to ask
 * for them, as glibc's `res_search` does.
 *
 * @param name the name; a dot at its end makes it absolute
 * @param config the search domains and `ndots`
 * @returns names without a dot at their end
 */
export function searchList(
  name: string,
  { search, ndots }: Pick<ResolverConfig, "search" | "ndots">,
): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const dots = name.split(".").length - 1;
  const longer = search.map((domain) => `${name}.${domain}`)
    .filter(isHostName);
  return dots >= ndots ? [name, ...longer] : [...longer, name];
}
