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

/**
 * Makes sure that rules are some: one of another type would keep everybody
 * waiting.
 *
 * @param rules who may, who may not, and which family is served
 * @throws {TypeError} if they are of another type
 */
export function requireRules({ allow, deny, family }: AccessRules): void {
  requireList("allow", allow);
  requireList("deny", deny);
  requireFamily(family);
}

function requireList(name: string, list: unknown): void {
  const isRule = (each: unknown) => each instanceof Object && "masked" in each;
  if (list === undefined || Array.isArray(list) && list.every(isRule)) return;
  throw new TypeError(
    `${name} is a list of addresses and prefixes, as IpAddress.parse() and ` +
      "IpPrefix.parse() return them",
  );
}

/**
 * Makes sure that a family is one.
 *
 * @param family the family, if only one is served
 * @throws {TypeError} if it is none
 */
export function requireFamily(family: Family | undefined): void {
  if (family === undefined || family === "IPv4" || family === "IPv6") return;
  throw new TypeError(`family is "IPv4" or "IPv6", not ${family}`);
}

function isIn(list: AddressList, address: IpAddress): boolean {
  const plain = address.unmapped().withoutScope();
  return list.some((each) =>
    "contains" in each
      ? each.contains(plain)
      : each.unmapped().withoutScope().equals(plain)
  );
}
