/**
 * This machine's network interfaces, if the program may see them.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import type { SourceAddress } from "../address/address_order.ts";
import { maySeeInterfaces } from "../calls/permission.ts";

/**
 * How long a list of them holds, in milliseconds. Making it takes longer than
 * asking a name server nearby, and addresses change more rarely than that.
 */
const HOLDS = 250;

let sources: SourceAddress[] = [];
let listedAt = -Infinity;

function interfaces(): Deno.NetworkInterfaceInfo[] | undefined {
  if (!maySeeInterfaces()) return undefined;
  try {
    return Deno.networkInterfaces();
  } catch {
    // Without a descriptor there is no list; the rules then do without it.
    return undefined;
  }
}

/** Returns the machine's addresses; `undefined` if they are not known. */
export function sourceAddresses(): SourceAddress[] | undefined {
  if (performance.now() - listedAt < HOLDS) return sources;
  const list = interfaces();
  if (list === undefined) return undefined;
  sources = list.map(({ address, cidr }) => ({
    address: IpAddress.parse(address),
    prefixLength: Number(cidr.slice(cidr.indexOf("/") + 1)),
  }));
  listedAt = performance.now();
  return sources;
}

/**
 * Whether there is an interface of a name. If that is not known, whether there
 * could be: the system has the last word when the address is used.
 *
 * @param name the name
 */
export function hasInterface(name: string): boolean {
  const known = interfaces();
  if (known === undefined) return /^[^\s/%:\0]{1,15}$/.test(name);
  return known.some((each) => each.name === name);
}

/**
 * Returns the number of an address's scope, as `sin6_scope_id` has it.
 *
 * @param scope an interface's name or number; `undefined` for none
 * @returns the number, 0 for no scope; `undefined` if it is not known
 */
export function scopeId(scope: string | undefined): number | undefined {
  if (scope === undefined) return 0;
  if (/^[0-9]+$/.test(scope)) return Number(scope);
  // An interface has its number only beside its link-local address.
  return interfaces()?.find(({ name, scopeid }) =>
    name === scope && scopeid !== null && scopeid !== 0
  )?.scopeid ?? undefined;
}
