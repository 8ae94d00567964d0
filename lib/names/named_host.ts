/**
 * Hosts that have a name.
 *
 * @module
 */

import { orderAddresses } from "../address/address_order.ts";
import type { IpAddress } from "../address/ip_address.ts";
import { emit, receives } from "../calls/observer.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import { type AddrInfoHints, FAMILIES } from "./hints.ts";
import { asciiHostName, normalizeHostName } from "./host_name.ts";
import { sourceAddresses } from "./interfaces.ts";
import { findLiteral } from "./literal_host.ts";
import { resolveName, resolveOddName } from "./resolver.ts";
import { eachOnce, type Found, type HostQuestion } from "./source.ts";

/**
 * Finds the addresses that a name stands for.
 *
 * @param host the name
 * @param hints what to look for
 * @param onSome receives addresses before all are known
 * @returns its addresses
 * @throws {AddrInfoError} if there are none
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export async function findNamedHost(
  host: string,
  hints: AddrInfoHints,
  onSome: ((addresses: readonly IpAddress[]) => void) | undefined,
): Promise<Found> {
  const { family, v4Mapped = false, all = false, observer } = hints;
  const normal = normalizeHostName(host);
  const name = normal ?? asciiHostName(host).toLowerCase();
  // glibc takes digits and dots for an IPv4 address that is wrong if nothing
  // but IPv4 is asked for.
  const wrongAddress = family === "IPv4" && /^[0-9][0-9.]*$/.test(host);
  if (name === "" || wrongAddress) throw new AddrInfoError("EAI_NONAME");
  // Full-width digits are an address only now.
  const numeric = normal === undefined || normal === host
    ? undefined
    : findLiteral(normal, hints);
  if (numeric !== undefined) return numeric;
  const mayMap = family === "IPv6" && v4Mapped;
  const question: HostQuestion = {
    name,
    families: family === undefined || mayMap ? FAMILIES : [family],
    // glibc then looks for IPv4 addresses by themselves.
    v4ByItself: family === "IPv4" || (mayMap && all),
    canonicalName: hints.canonicalName ?? false,
    signal: hints.signal,
    timeout: hints.timeout,
    nameServer: hints.nameServer,
    observer,
    // Whether IPv4 addresses are mapped shows only at the end.
    onSome: mayMap || onSome === undefined
      ? undefined
      : (addresses) => onSome(inOrder(addresses, {})),
  };
  const resolve = normal === undefined ? resolveOddName : resolveName;
  const found = await resolve(question);
  if (found === undefined) throw new AddrInfoError("EAI_NONAME");
  const { addresses, canonicalName } = found;
  const wanted = family === "IPv6" ? mapAll(addresses, all) : addresses;
  return { addresses: inOrder(wanted, hints), canonicalName };
}

/** `AI_V4MAPPED`: IPv4 addresses mapped if there are no others, or all. */
function mapAll(addresses: readonly IpAddress[], all: boolean): IpAddress[] {
  const own = addresses.filter(({ family }) => family === "IPv6");
  if (own.length > 0 && !all) return own;
  const others = addresses.filter(({ family }) => family === "IPv4");
  return eachOnce([...own, ...others.map((address) => address.mapped())]);
}

/** The addresses in the order of RFC 6724, each place reported with its rule. */
function inOrder(
  addresses: readonly IpAddress[],
  { observer }: AddrInfoHints,
): readonly IpAddress[] {
  if (addresses.length < 2) return addresses;
  const isObserved = receives(observer, "resolution");
  const ordered = orderAddresses(addresses, sourceAddresses(), isObserved);
  if (!isObserved) return ordered.map(({ address }) => address);
  for (const { address, rule } of ordered) {
    emit(observer, "resolution", {
      event: "order",
      address: address.toString(),
      ...(rule === undefined ? {} : { rule }),
    });
  }
  return ordered.map(({ address }) => address);
}
