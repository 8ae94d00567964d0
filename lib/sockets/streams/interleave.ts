/**
 * The order in which a host's addresses are tried.
 *
 * @module
 */

import { IpAddress } from "../../address/ip_address.ts";
import type { Target } from "../targets.ts";

/**
 * Lets the targets of both families take turns, beginning with the family that
 * stands first (RFC 8305 section 4).
 *
 * @param targets addresses in the order of RFC 6724
 * @returns the same addresses, interleaved
 */
export function interleave(targets: readonly Target[]): Deno.NetAddr[] {
  const isV6 = ({ addr }: Target) =>
    IpAddress.tryParse(addr.hostname)?.family === "IPv6";
  const six = targets.filter(isV6);
  const four = targets.filter((target) => !isV6(target));
  const [first, second] = six[0] === targets[0] ? [six, four] : [four, six];
  const mixed: Deno.NetAddr[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i++) {
    for (const target of [first[i], second[i]]) {
      if (target !== undefined) mixed.push(target.addr);
    }
  }
  return mixed;
}
