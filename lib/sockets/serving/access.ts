/**
 * Who may connect.
 *
 * @module
 */

import type { Family } from "../../address/inet.ts";
import type { IpAddress } from "../../address/ip_address.ts";
import type { IpPrefix } from "../../address/ip_prefix.ts";

/**
 * Addresses and prefixes.
 *
 * @category Streams
 */
export type AddressList = readonly (IpAddress | IpPrefix)[];

/** Which peers a server serves. */
export interface AccessRules {
  /** Only these; everybody if there are none. */
  readonly allow?: AddressList | undefined;
  /** None of these. */
  readonly deny?: AddressList | undefined;
  /** Only this family. */
  readonly family?: Family | undefined;
}

/** What a server makes of an address. */
export type Access = "admitted" | "refused" | "of another family";

/**
 * Says whether an address may connect: it is not denied, and it is allowed if
 * anything is. An IPv4-mapped address is its IPv4 address; a scope does not
 * count.
 *
 * @param address the peer's address
 * @param rules which addresses and which family are served
 */
export function accessOf(
  address: IpAddress,
  { allow = [], deny = [], family }: AccessRules,
): Access {
  const isRefused = isIn(deny, address) ||
    (allow.length > 0 && !isIn(allow, address));
  if (isRefused) return "refused";
  return family === undefined || address.family === family
    ? "admitted"
    : "of another family";
}

function isIn(list: AddressList, address: IpAddress): boolean {
  const plain = address.unmapped().withoutScope();
  return list.some((each) =>
    "contains" in each
      ? each.contains(plain)
      : each.unmapped().withoutScope().equals(plain)
  );
}
