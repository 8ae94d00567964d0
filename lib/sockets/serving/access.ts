/**
 * Who may connect.
 *
 * @module
 */

import type { IpAddress } from "../../address/ip_address.ts";
import type { IpPrefix } from "../../address/ip_prefix.ts";

/**
 * Addresses and prefixes.
 *
 * @category Streams
 */
export type AddressList = readonly (IpAddress | IpPrefix)[];

/**
 * Says whether an address may connect: it is not denied, and it is allowed if
 * anything is. An IPv4-mapped address is its IPv4 address; a scope does not
 * count.
 *
 * @param address the peer's address
 * @param allow who may; empty for everybody
 * @param deny who may not
 */
export function admits(
  address: IpAddress,
  allow: AddressList,
  deny: AddressList,
): boolean {
  return !isIn(deny, address) && (allow.length === 0 || isIn(allow, address));
}

function isIn(list: AddressList, address: IpAddress): boolean {
  const plain = address.unmapped().withoutScope();
  return list.some((each) =>
    "contains" in each
      ? each.contains(plain)
      : each.unmapped().withoutScope().equals(plain)
  );
}
