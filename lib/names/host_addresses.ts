/**
 * The addresses that a host stands for, in the order in which to try them.
 *
 * @module
 */

import { orderAddresses } from "../address/address_order.ts";
import { IpAddress } from "../address/ip_address.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import { emit } from "../calls/observer.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import { type AddrInfoHints, FAMILIES } from "./hints.ts";
import { normalizeHostName } from "./host_name.ts";
import { hasInterface, sourceAddresses } from "./interfaces.ts";
import {
  eachOnce,
  type Found,
  type HostQuestion,
  reportAnswer,
} from "./source.ts";

const LOOPBACK = ["::1", "127.0.0.1"].map(IpAddress.parse);
const ANY = ["::", "0.0.0.0"].map(IpAddress.parse);

type OnSome = (addresses: readonly IpAddress[]) => void;

/**
 * Finds the addresses of a host.
 *
 * @param host a name or a numeric address; `null` for this machine
 * @param hints what to look for
 * @param onSome receives addresses before all are known
 * @returns its addresses
 * @throws {AddrInfoError} if there are none
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export function findHost(
  host: string | null,
  hints: AddrInfoHints,
  onSome: OnSome | undefined,
): Found | Promise<Found> {
  if (host === null) return ownAddresses(hints);
  return resolveNumeric(host, hints) ?? resolve(host, hints, onSome);
}

/** The addresses that a null host stands for. */
function ownAddresses({ family, passive }: AddrInfoHints): Found {
  return {
    addresses: (passive ? ANY : LOOPBACK)
      .filter((each) => family === undefined || family === each.family),
    canonicalName: "",
  };
}

/** The address that a numeric host stands for, or `undefined` for a name. */
function resolveNumeric(host: string, hints: AddrInfoHints): Found | undefined {
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
  // An IPv4-mapped address is an IPv4 address to whoever asks for those.
  return address.isMapped ? address.unmapped() : undefined;
}

/** The addresses that a name stands for. */
async function resolve(
  host: string,
  hints: AddrInfoHints,
  onSome: OnSome | undefined,
): Promise<Found> {
  const { family, v4Mapped = false, all = false, observer } = hints;
  const name = normalizeHostName(host);
  // glibc takes digits and dots for an IPv4 address that is wrong if nothing
  // but IPv4 is asked for.
  const wrongAddress = family === "IPv4" && /^[0-9][0-9.]*$/.test(host);
  if (name === undefined || wrongAddress) throw new AddrInfoError("EAI_NONAME");
  // Full-width digits are an address only now.
  const numeric = name === host ? undefined : resolveNumeric(name, hints);
  if (numeric !== undefined) return numeric;
  const mayMap = family === "IPv6" && v4Mapped;
  const question: HostQuestion = {
    name,
    families: family === undefined || mayMap ? FAMILIES : [family],
    // glibc then looks for IPv4 addresses by themselves.
    v4ByItself: family === "IPv4" || (v4Mapped && all),
    signal: hints.signal,
    timeout: hints.timeout,
    nameServer: hints.nameServer,
    observer,
    // Whether IPv4 addresses are mapped shows only at the end.
    onSome: mayMap || onSome === undefined
      ? undefined
      : (addresses) => onSome(inOrder(addresses, {})),
  };
  // Only names pay for loading it.
  resolver ??= await import("./resolver.ts");
  const found = await resolver.resolveName(question);
  if (found === undefined) throw new AddrInfoError("EAI_NONAME");
  const { addresses, canonicalName } = found;
  const wanted = family === "IPv6" ? mapAll(addresses, all) : addresses;
  return { addresses: inOrder(wanted, hints), canonicalName };
}

let resolver: typeof import("./resolver.ts") | undefined;

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
  const ordered = orderAddresses(addresses, sourceAddresses());
  for (const { address, rule } of ordered) {
    emit(observer, "resolution", {
      event: "order",
      address: address.toString(),
      ...(rule === undefined ? {} : { rule }),
    });
  }
  return ordered.map(({ address }) => address);
}
