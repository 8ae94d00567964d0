/**
 * The loopback addresses, and what they stand for.
 *
 * @module
 */

import { IpAddress } from "./ip_address.ts";

/** `::1`. */
const V6: IpAddress = IpAddress.parse("::1");
/** `127.0.0.1`. */
export const V4_LOOPBACK: IpAddress = IpAddress.parse("127.0.0.1");
/** Both, IPv6 first. */
export const LOOPBACK: readonly IpAddress[] = [V6, V4_LOOPBACK];

/**
 * Returns the address that receives what is sent to another: for the wildcard
 * address the loopback address, else the same.
 *
 * @param address where something is sent
 */
export function receiverOf(address: IpAddress): IpAddress {
  if (!address.isUnspecified) return address;
  return address.unmapped().family === "IPv4" ? V4_LOOPBACK : V6;
}
