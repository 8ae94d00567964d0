/**
 * Numeric hosts: every form of an address that `getaddrinfo(3)` takes.
 *
 * @module
 */

import { inetAton } from "./inet.ts";
import { IpAddress } from "./ip_address.ts";

/** What a numeric host turned out to be. */
export interface NumericHost {
  readonly address: IpAddress;
  /** Whether it is followed by a scope that no interface has. */
  readonly badScope: boolean;
}

/**
 * Reads a numeric host: IPv4 in the forms of `inet_aton(3)`, IPv6 with or
 * without a scope.
 *
 * @param host the host
 * @param hasInterface says whether there is a network interface of a name
 * @returns the address; `undefined` if the host is not numeric
 */
export function parseNumericHost(
  host: string,
  hasInterface: (name: string) => boolean,
): NumericHost | undefined {
  const v4 = inetAton(host);
  if (v4 !== undefined) {
    return { address: IpAddress.fromBytes(v4), badScope: false };
  }
  const percent = host.indexOf("%");
  const bare = percent < 0 ? host : host.slice(0, percent);
  const address = IpAddress.tryParse(bare);
  if (address?.family !== "IPv6") return undefined;
  if (percent < 0) return { address, badScope: false };
  const scope = parseScope(host.slice(percent + 1), address, hasInterface);
  const scoped = scope === undefined
    ? undefined
    : IpAddress.tryParse(`${bare}%${scope}`);
  return { address: scoped ?? address, badScope: scoped === undefined };
}

/**
 * Reads a scope (RFC 4007 section 11): an interface's number behind any
 * address, its name only behind one whose scope is the link.
 */
function parseScope(
  text: string,
  address: IpAddress,
  hasInterface: (name: string) => boolean,
): string | undefined {
  if (isOfLink(address) && text !== "" && hasInterface(text)) return text;
  if (!/^[0-9]+$/.test(text)) return undefined;
  const number = Number(text);
  return number <= 0xffff_ffff ? String(number) : undefined;
}

/** Whether an address's scope is the link or less, multicast or not. */
function isOfLink(address: IpAddress): boolean {
  if (address.isMapped) return false;
  if (!address.isMulticast) return address.isLinkLocal;
  return [1, 2].includes(address.bytes[1]! & 0x0f);
}
