/**
 * Default address selection, RFC 6724: in which order to try the addresses of a
 * host.
 *
 * @module
 */

import type { IpAddress } from "./ip_address.ts";
import { IpPrefix } from "./ip_prefix.ts";

/** A row of the policy table (section 2.1). */
interface Policy {
  readonly prefix: IpPrefix;
  readonly precedence: number;
  readonly label: number;
}

function policy(prefix: string, precedence: number, label: number): Policy {
  return { prefix: IpPrefix.parse(prefix), precedence, label };
}

/** The row of IPv4 addresses, which the table has as `::ffff:0:0/96`. */
const IPV4 = policy("::ffff:0:0/96", 35, 4);

/** The default policy table, the longest prefix first. */
const POLICIES: readonly Policy[] = [
  policy("::1/128", 50, 0),
  policy("::/96", 1, 3),
  policy("2001::/32", 5, 5),
  policy("2002::/16", 30, 2),
  policy("3ffe::/16", 1, 12),
  policy("fec0::/10", 1, 11),
  policy("fc00::/7", 3, 13),
  policy("::/0", 40, 1),
];

/** Scopes (RFC 4291 section 2.7), in the order of their reach. */
const Scope = { LinkLocal: 2, SiteLocal: 5, Global: 14 } as const;

const SITE_LOCAL = IpPrefix.parse("fec0::/10");

/** Whether packets to an address are IPv4. */
function isV4(address: IpAddress): boolean {
  return address.family === "IPv4" || address.isMapped;
}

function policyOf(address: IpAddress): Policy {
  if (isV4(address)) return IPV4;
  return POLICIES.find(({ prefix }) => prefix.contains(address))!;
}

/** Returns the scope of an address (section 3.1; IPv4 in section 3.2). */
function scopeOf(address: IpAddress): number {
  if (!isV4(address) && address.isMulticast) return address.bytes[1]! & 0x0f;
  // Private IPv4 addresses are global.
  if (address.isLoopback || address.isLinkLocal) return Scope.LinkLocal;
  return SITE_LOCAL.contains(address) ? Scope.SiteLocal : Scope.Global;
}

/** An address of this machine. */
export interface SourceAddress {
  readonly address: IpAddress;
  /** How many of its bits are its network's: 0 to 32 (IPv4) or 128 (IPv6). */
  readonly prefixLength: number;
}

/**
 * Selects the source address for a destination (section 5), among those that
 * can reach it at all: of its family, and the loopback only for the loopback.
 */
function selectSource(
  destination: IpAddress,
  sources: readonly SourceAddress[],
): SourceAddress | undefined {
  let best: SourceAddress | undefined;
  for (const next of sources) {
    const { address } = next;
    if (isV4(address) !== isV4(destination)) continue;
    if (address.isLoopback !== destination.isLoopback) continue;
    if (best === undefined || isBetterSource(next, best, destination)) {
      best = next;
    }
  }
  return best;
}

/** Whether `a` is a better source than `b`; it is not if no rule says so. */
function isBetterSource(
  a: SourceAddress,
  b: SourceAddress,
  destination: IpAddress,
): boolean {
  // Rule 1: Prefer same address.
  const sameA = a.address.commonBits(destination) === 128;
  const sameB = b.address.commonBits(destination) === 128;
  if (sameA !== sameB) return sameA;
  // Rule 2: Prefer appropriate scope.
  const [scopeA, scopeB] = [scopeOf(a.address), scopeOf(b.address)];
  const wanted = scopeOf(destination);
  if (scopeA < scopeB) return scopeA >= wanted;
  if (scopeB < scopeA) return scopeB < wanted;
  // Rules 3 to 5 (deprecated addresses, home addresses, outgoing interface)
  // need what Deno does not report.
  // Rule 6: Prefer matching label.
  const { label } = policyOf(destination);
  const labelA = policyOf(a.address).label === label;
  const labelB = policyOf(b.address).label === label;
  if (labelA !== labelB) return labelA;
  // Rule 7 (temporary addresses) needs what Deno does not report.
  // Rule 8: Use longest matching prefix.
  return sharedPrefix(a, destination) > sharedPrefix(b, destination);
}

/** Returns the prefix's length among the 128 bits of the IPv4-mapped form. */
function bitsOf({ address, prefixLength }: SourceAddress): number {
  return address.family === "IPv4" ? prefixLength + 96 : prefixLength;
}

/** CommonPrefixLen(S, D) of section 2.2: no longer than the source's prefix. */
function sharedPrefix(source: SourceAddress, destination: IpAddress): number {
  return Math.min(source.address.commonBits(destination), bitsOf(source));
}

/** A destination and what the rules ask of it. */
interface Candidate {
  readonly address: IpAddress;
  /** The address that packets to it would come from. */
  readonly source: SourceAddress | undefined;
}

/** A rule of section 6. */
interface Rule {
  readonly number: number;
  /** Its name in the RFC. */
  readonly name: string;
  /** Whether it asks about source addresses. */
  readonly needsSources?: true;
  /** Positive if it prefers `a`, negative for `b`, 0 if it does not decide. */
  readonly compare: (a: Candidate, b: Candidate) => number;
}

/** Returns 1 if only the first holds, -1 if only the second does. */
function prefer(a: boolean, b: boolean): number {
  return Number(a) - Number(b);
}

function matchesScope({ address, source }: Candidate): boolean {
  return source !== undefined && scopeOf(address) === scopeOf(source.address);
}

function matchesLabel({ address, source }: Candidate): boolean {
  return source !== undefined &&
    policyOf(address).label === policyOf(source.address).label;
}

/**
 * Returns how many bits a destination shares with its source, beyond the
 * source's prefix as well: glibc takes it so.
 */
function nearness({ address, source }: Candidate): number {
  if (source === undefined) return 0;
  // Outside of a subnet, IPv4 prefixes say nothing about nearness: glibc
  // departs from the RFC here, for the sake of DNS round robin, and so do we.
  return isV4(address) && sharedPrefix(source, address) < bitsOf(source)
    ? 0
    : source.address.commonBits(address);
}

/**
 * The rules in their order. Rules 3 and 4 (deprecated and home addresses) and 7
 * (native transport) need what Deno does not report.
 */
const RULES: readonly Rule[] = [
  {
    number: 1,
    name: "avoid unusable destinations",
    needsSources: true,
    compare: (a, b) => prefer(a.source !== undefined, b.source !== undefined),
  },
  {
    number: 2,
    name: "prefer matching scope",
    needsSources: true,
    compare: (a, b) => prefer(matchesScope(a), matchesScope(b)),
  },
  {
    number: 5,
    name: "prefer matching label",
    needsSources: true,
    compare: (a, b) => prefer(matchesLabel(a), matchesLabel(b)),
  },
  {
    number: 6,
    name: "prefer higher precedence",
    compare: (a, b) =>
      policyOf(a.address).precedence - policyOf(b.address).precedence,
  },
  {
    number: 8,
    name: "prefer smaller scope",
    compare: (a, b) => scopeOf(b.address) - scopeOf(a.address),
  },
  {
    number: 9,
    name: "use longest matching prefix",
    compare: (a, b) =>
      isV4(a.address) === isV4(b.address) ? nearness(a) - nearness(b) : 0,
  },
];

const RULES_WITHOUT_SOURCES = RULES.filter(({ needsSources }) => !needsSources);

/** The last rule, which decides if no other does: the sort is stable. */
const UNCHANGED: Rule = {
  number: 10,
  name: "leave the order unchanged",
  compare: () => 0,
};

/**
 * Names a rule.
 *
 * @param number 1 to 10
 * @returns its name in a few words; "" for a rule that is not applied here
 */
export function ruleName(number: number): string {
  return [...RULES, UNCHANGED].find((rule) => rule.number === number)?.name ??
    "";
}

/** An address in its place. */
export interface Ordered {
  readonly address: IpAddress;
  /**
   * The rule of section 6 that puts it behind the one before it: 1 to 10;
   * `undefined` for the first one, and if no rules are wanted.
   */
  readonly rule?: number;
}

/**
 * Puts the addresses of a host into the order in which to try them.
 *
 * @param addresses addresses of either family
 * @param sources this machine's addresses; if they are not known, both families
 * are taken as usable and the rules about sources do not decide
 * @param withRules whether the rules are wanted; to find them takes as long as
 * to sort
 * @returns the same addresses, the best first
 */
export function orderAddresses(
  addresses: readonly IpAddress[],
  sources?: readonly SourceAddress[],
  withRules = true,
): Ordered[] {
  const rules = sources === undefined ? RULES_WITHOUT_SOURCES : RULES;
  const candidates = addresses.map((address) => (
    { address, source: selectSource(address, sources ?? []) }
  ));
  /** Finds the rule that decides between two destinations, and how. */
  const decide = (a: Candidate, b: Candidate): [rule: Rule, by: number] => {
    for (const rule of rules) {
      const by = rule.compare(a, b);
      if (by !== 0) return [rule, by];
    }
    return [UNCHANGED, 0];
  };
  const sorted = candidates.sort((a, b) => -decide(a, b)[1]);
  return sorted.map((candidate, i) => {
    const { address } = candidate;
    const before = withRules ? sorted[i - 1] : undefined;
    return before === undefined
      ? { address }
      : { address, rule: decide(before, candidate)[0].number };
  });
}
