/**
 * The names of addresses in the DNS.
 *
 * @module
 */

import type { IpAddress } from "../../address/ip_address.ts";

/**
 * Returns the name under which an address has its PTR record (RFC 1035 section
 * 3.5, RFC 3596 section 2.5).
 *
 * @param address the address
 * @returns the name, with the dot of the root
 */
export function reverseName({ bytes }: IpAddress): string {
  const reversed = [...bytes].reverse();
  if (bytes.length === 4) return `${reversed.join(".")}.in-addr.arpa.`;
  return reversed.map((byte) =>
    `${(byte & 15).toString(16)}.${(byte >> 4).toString(16)}.`
  ).join("") + "ip6.arpa.";
}
