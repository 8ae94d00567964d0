/**
 * Default address selection, RFC 6724: in which order to try the addresses of a
 * host.
 *
 * @module
 */

import { inetPton, isV4Mapped, mapV4 } from "./inet.ts";

/** A row of the policy table (section 2.1). */
interface Policy {
  readonly prefix: Uint8Array;
  /** In bits. */
  readonly length: number;
  readonly precedence: number;
  readonly label: number;
}

function policy(
  prefix: string,
  length: number,
  precedence: number,
  label: number,
): Policy {
  return { prefix: inetPton("IPv6", prefix)!, length, precedence, label };
}

/** The default policy table, the longest prefix first. */
const POLICIES: readonly Policy[] = [
  policy("::1", 128, 50, 0),
  policy("::ffff:0:0", 96, 35, 4),
  policy("::", 96, 1, 3),
  policy("2001::", 32, 5, 5),
  policy("2002::", 16, 30, 2),
  policy("3ffe::", 16, 1, 12),
  policy("fec0::", 10, 1, 11),
  policy("fc00::", 7, 3, 13),
  policy("::", 0, 40, 1),
];

/** Scopes (RFC 4291 section 2.7), in the order of their reach. */
const Scope = { LinkLocal: 2, SiteLocal: 5, Global: 14 } as const;

/** How many leading bits two addresses have in common. */
function commonBits(a: Uint8Array, b: Uint8Array, limit: number): number {
  let bits = 0;
  for (let i = 0; i < 16 && bits < limit; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) {
      return Math.min(bits + Math.clz32(difference) - 24, limit);
    }
    bits += 8;
  }
  return Math.min(bits, limit);
}

function policyOf(address: Uint8Array): Policy {
  return POLICIES.find(({ prefix, length }) =>
    commonBits(address, prefix, length) === length
  )!;
}

/** The scope of an address (section 3.1; IPv4 in section 3.2). */
function scopeOf(address: Uint8Array): number {
  if (isV4Mapped(address)) {
    const [a, b] = address.subarray(12);
    // 169.254/16 and 127/8 are link-local; private addresses are global.
    return a === 127 || (a === 169 && b === 254)
      ? Scope.LinkLocal
      : Scope.Global;
  }
  if (address[0] === 0xff) return address[1]! & 0x0f;
  if (isLoopback(address)) return Scope.LinkLocal;
  const top = address[1]! & 0xc0;
  if (address[0] === 0xfe && top === 0x80) return Scope.LinkLocal;
  if (address[0] === 0xfe && top === 0xc0) return Scope.SiteLocal;
  return Scope.Global;
}

function isLoopback(address: Uint8Array): boolean {
  if (isV4Mapped(address)) return address[12] === 127;
  return address[15] === 1 && address.subarray(0, 15).every((byte) => !byte);
}

/** The bytes of a numeric address, IPv4 ones mapped, a scope left aside. */
function bytesOf(address: string): Uint8Array {
  const v4 = inetPton("IPv4", address);
  if (v4 !== undefined) return mapV4(v4);
  return inetPton("IPv6", address.replace(/%.*/s, ""))!;
}

/** An address of this machine. */
export interface SourceAddress {
  /** Its numeric text. */
  readonly address: string;
  /** How many of its bits are its network's. */
  readonly prefixLength: number;
}

/** A source address, made ready to be compared. */
interface Source {
  readonly bytes: Uint8Array;
  /** In bits of the mapped form, for IPv4. */
  readonly prefixLength: number;
}

/**
 * The source address for a destination (section 5), among those that can reach
 * it at all: of its family, and on the loopback only for the loopback.
 */
function selectSource(
  destination: Uint8Array,
  sources: readonly Source[],
): Source | undefined {
  const v4 = isV4Mapped(destination);
  const loopback = isLoopback(destination);
  const candidates = sources.filter(({ bytes }) =>
    isV4Mapped(bytes) === v4 && isLoopback(bytes) === loopback
  );
  return candidates.reduce<Source | undefined>(
    (best, next) =>
      best === undefined || isBetterSource(next, best, destination)
        ? next
        : best,
    undefined,
  );
}

/** Whether `a` is a better source than `b`, which it is if no rule says so. */
function isBetterSource(
  a: Source,
  b: Source,
  destination: Uint8Array,
): boolean {
  // Rule 1: Prefer same address.
  const sameA = commonBits(a.bytes, destination, 128) === 128;
  const sameB = commonBits(b.bytes, destination, 128) === 128;
  if (sameA !== sameB) return sameA;
  // Rule 2: Prefer appropriate scope.
  const [scopeA, scopeB] = [scopeOf(a.bytes), scopeOf(b.bytes)];
  const wanted = scopeOf(destination);
  if (scopeA < scopeB) return scopeA >= wanted;
  if (scopeB < scopeA) return scopeB < wanted;
  // Rules 3 to 5 (deprecated addresses, home addresses, outgoing interface)
  // need what Deno does not tell.
  // Rule 6: Prefer matching label.
  const { label } = policyOf(destination);
  const labelA = policyOf(a.bytes).label === label;
  const labelB = policyOf(b.bytes).label === label;
  if (labelA !== labelB) return labelA;
  // Rule 7 (temporary addresses) needs what Deno does not tell.
  // Rule 8: Use longest matching prefix.
  return sharedPrefix(a, destination) > sharedPrefix(b, destination);
}

/** CommonPrefixLen(S, D), of section 2.2: no longer than the source's prefix. */
function sharedPrefix(source: Source, destination: Uint8Array): number {
  return commonBits(source.bytes, destination, source.prefixLength);
}

/** A destination, made ready to be compared. */
interface Candidate {
  readonly bytes: Uint8Array;
  /** The address that packets to it would come from. */
  readonly source: Source | undefined;
}

/** A rule of section 6: positive where it prefers `a`, 0 where it has no say. */
type Rule = (a: Candidate, b: Candidate) => number;

/** 1 where only the first holds, -1 where only the second does. */
function prefer(a: boolean, b: boolean): number {
  return Number(a) - Number(b);
}

function matchesScope({ bytes, source }: Candidate): boolean {
  return source !== undefined && scopeOf(bytes) === scopeOf(source.bytes);
}

function matchesLabel({ bytes, source }: Candidate): boolean {
  return source !== undefined &&
    policyOf(bytes).label === policyOf(source.bytes).label;
}

/**
 * How much a destination has in common with its source, beyond the source's
 * prefix as well: glibc takes it so.
 */
function nearness({ bytes, source }: Candidate): number {
  if (source === undefined) return 0;
  const shared = sharedPrefix(source, bytes);
  // Outside of a subnet, IPv4 prefixes say nothing about nearness: glibc
  // departs from the RFC here, for the sake of DNS round robin, and so do we.
  return isV4Mapped(bytes) && shared < source.prefixLength
    ? 0
    : commonBits(source.bytes, bytes, 128);
}

/** The rules that ask about source addresses. */
const SOURCE_RULES: readonly (readonly [number, Rule])[] = [
  // Rule 1: Avoid unusable destinations.
  [1, (a, b) => prefer(a.source !== undefined, b.source !== undefined)],
  // Rule 2: Prefer matching scope.
  [2, (a, b) => prefer(matchesScope(a), matchesScope(b))],
  // Rules 3 and 4 (deprecated and home addresses) need what Deno does not tell.
  // Rule 5: Prefer matching label.
  [5, (a, b) => prefer(matchesLabel(a), matchesLabel(b))],
];

/** The rules that ask about the destinations alone. */
const RULES: readonly (readonly [number, Rule])[] = [
  // Rule 6: Prefer higher precedence.
  [6, (a, b) => policyOf(a.bytes).precedence - policyOf(b.bytes).precedence],
  // Rule 7 (native transport) needs what Deno does not tell.
  // Rule 8: Prefer smaller scope.
  [8, (a, b) => scopeOf(b.bytes) - scopeOf(a.bytes)],
  // Rule 9: Use longest matching prefix, within one family.
  [
    9,
    (a, b) =>
      isV4Mapped(a.bytes) === isV4Mapped(b.bytes)
        ? nearness(a) - nearness(b)
        : 0,
  ],
  // Rule 10: Otherwise, leave the order unchanged: the sort is stable.
];

/** An address in its place. */
export interface Ordered {
  readonly address: string;
  /**
   * The rule of section 6 that puts it behind the one before it: 1 to 10;
   * `undefined` for the first one.
   */
  readonly rule?: number;
}

/**
 * Puts the addresses of a host into the order in which to try them.
 *
 * @param addresses numeric addresses of either family
 * @param sources this machine's addresses; where they are not known, both
 * families are taken as usable and the rules about sources have no say
 * @returns the same addresses, the best first
 */
export function orderAddresses(
  addresses: readonly string[],
  sources?: readonly SourceAddress[],
): Ordered[] {
  const rules = sources === undefined ? RULES : [...SOURCE_RULES, ...RULES];
  const known = (sources ?? []).map(({ address, prefixLength }): Source => ({
    bytes: bytesOf(address),
    prefixLength: prefixLength + (address.includes(":") ? 0 : 96),
  }));
  const candidates = addresses.map((address) => {
    const bytes = bytesOf(address);
    return { address, bytes, source: selectSource(bytes, known) };
  });
  /** Which rule tells two destinations apart, and how. */
  const decide = (a: Candidate, b: Candidate): [rule: number, by: number] => {
    for (const [number, rule] of rules) {
      const by = rule(a, b);
      if (by !== 0) return [number, by];
    }
    return [10, 0];
  };
  const sorted = candidates.toSorted((a, b) => -decide(a, b)[1]);
  return sorted.map((candidate, i) => {
    const { address } = candidate;
    const before = sorted[i - 1];
    return before === undefined
      ? { address }
      : { address, rule: decide(before, candidate)[0] };
  });
}
