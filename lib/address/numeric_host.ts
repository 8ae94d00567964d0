/**
 * Numeric hosts: every form of an address that `getaddrinfo(3)` takes.
 *
 * @module
 */

import { type Family, inetAton, inetNtop, inetPton } from "./inet.ts";

/** An address and its family. */
export interface Address {
  readonly family: Family;
  /** Its canonical text; link-local ones may have a scope (`fe80::1%eth0`). */
  readonly address: string;
}

/** A numeric host, read. */
export interface NumericHost extends Address {
  /** Whether a scope stands behind it that no interface has. */
  readonly badScope: boolean;
}

/**
 * Reads a numeric host: IPv4 in the forms of `inet_aton(3)`, IPv6 with or
 * without a scope.
 *
 * @param host the host
 * @param hasInterface whether there is a network interface of a name
 * @returns the address; `undefined` where the host is not numeric
 */
export function parseNumericHost(
  host: string,
  hasInterface: (name: string) => boolean,
): NumericHost | undefined {
  const v4 = inetAton(host);
  if (v4 !== undefined) {
    return { family: "IPv4", address: inetNtop(v4), badScope: false };
  }
  const bare = withoutScope(host);
  const v6 = inetPton("IPv6", bare);
  if (v6 === undefined) return undefined;
  const family = "IPv6";
  const address = inetNtop(v6);
  if (bare === host) return { family, address, badScope: false };
  const scope = parseScope(host.slice(bare.length + 1), v6, hasInterface);
  if (scope === undefined) return { family, address, badScope: true };
  return { family, address: `${address}%${scope}`, badScope: false };
}

/**
 * A scope (RFC 4007 section 11): an interface's number anywhere, its name
 * behind link-local addresses alone.
 */
function parseScope(
  text: string,
  address: Uint8Array,
  hasInterface: (name: string) => boolean,
): string | undefined {
  if (isLinkLocal(address) && text !== "" && hasInterface(text)) return text;
  if (!/^[0-9]+$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 0xffff_ffff ? String(number) : undefined;
}

/** `fe80::/10`, and multicast addresses of no wider scope than the link. */
function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80 ||
    address[0] === 0xff && [1, 2].includes(address[1]! & 0x0f);
}

/** An address's text without its scope. */
export function withoutScope(address: string): string {
  const percent = address.indexOf("%");
  return percent < 0 ? address : address.slice(0, percent);
}
