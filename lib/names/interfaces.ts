/**
 * This machine's network interfaces, where the program may see them.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import type { SourceAddress } from "../address/address_order.ts";
import { maySeeInterfaces } from "../calls/permission.ts";

function interfaces(): Deno.NetworkInterfaceInfo[] | undefined {
  if (!maySeeInterfaces()) return undefined;
  try {
    return Deno.networkInterfaces();
  } catch {
    return undefined;
  }
}

/** The machine's addresses; `undefined` where they are not known. */
export function sourceAddresses(): SourceAddress[] | undefined {
  return interfaces()?.map(({ address, cidr }) => ({
    address: IpAddress.parse(address),
    prefixLength: Number(cidr.slice(cidr.indexOf("/") + 1)),
  }));
}

/**
 * Whether there is an interface of a name. Where that is not known, whether
 * there could be: the system has the last word when the address is used.
 *
 * @param name the name
 */
export function hasInterface(name: string): boolean {
  const known = interfaces();
  if (known === undefined) return /^[^\s/%:\0]{1,15}$/.test(name);
  return known.some((each) => each.name === name);
}
