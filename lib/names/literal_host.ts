/**
 * Numeric hosts, which nobody is asked about.
 *
 * @module
 */

import type { IpAddress } from "../address/ip_address.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import type { AddrInfoHints } from "./hints.ts";
import { hasInterface } from "./interfaces.ts";
import { type Found, reportAnswer } from "./source.ts";

/**
 * Finds the address that a numeric host stands for.
 *
 * @param host the host
 * @param hints in which family
 * @returns the address, or `undefined` for a name
 * @throws {AddrInfoError} if it has none in that family, or a scope that no
 * interface has; or if it must be numeric and is not
 */
export function findLiteral(
  host: string,
  hints: AddrInfoHints,
): Found | undefined {
  const numeric = parseNumericHost(host, hasInterface);
  if (numeric === undefined) {
    if (hints.numericHost) throw new AddrInfoError("EAI_NONAME");
    return undefined;
  }
  const address = inFamily(numeric.address, hints);
  if (address === undefined) throw new AddrInfoError("EAI_ADDRFAMILY");
  if (numeric.badScope) throw new AddrInfoError("EAI_NONAME");
  reportAnswer(hints.observer, "literal", host, [address.toString()]);
  return { addresses: [address], canonicalName: host };
}

/** A numeric host in the family that the hints ask for. */
function inFamily(
  address: IpAddress,
  { family, v4Mapped }: AddrInfoHints,
): IpAddress | undefined {
  if (family === undefined || family === address.family) return address;
  if (family === "IPv6") return v4Mapped ? address.mapped() : undefined;
  // An IPv4-mapped address is an IPv4 address if those are asked for.
  return address.isMapped ? address.unmapped() : undefined;
}
