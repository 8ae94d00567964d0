/**
 * Names to addresses: `getaddrinfo(3)`.
 *
 * @module
 */

import { orderAddresses } from "../address/address_order.ts";
import { IpAddress } from "../address/ip_address.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import { call } from "../calls/call.ts";
import { emit } from "../calls/observer.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import {
  type AddrInfo,
  type AddrInfoHints,
  checkHints,
  describeHints,
  FAMILIES,
  SOCKTYPES,
} from "./hints.ts";
import { normalizeHostName } from "./host_name.ts";
import { hasInterface, sourceAddresses } from "./interfaces.ts";
import { findPort, parsePort, type SockType } from "./services.ts";
import { readServices } from "./system_services.ts";

const LOOPBACK = ["::1", "127.0.0.1"].map(IpAddress.parse);
const ANY = ["::", "0.0.0.0"].map(IpAddress.parse);

/**
 * Resolves a host and a service to the addresses to try, in order, as
 * `getaddrinfo(3)` does.
 *
 * A host is looked for among numeric addresses, then in the hosts file, then
 * among the names that RFC 6761 keeps for the loopback (`localhost`,
 * `*.localhost`), then in the DNS. Files that may not be read are passed over.
 *
 * With `passive` and no host, `::` stands before `0.0.0.0` (glibc has them the
 * other way round), since one dual-stack socket serves both families.
 *
 * @param host a name or a numeric address; `null` for this machine
 * @param service a service's name or a port, 0 to 65535; `null` for port 0
 * @param hints what to look for
 * @returns one or more addresses
 * @throws {AddrInfoError} where nothing was found; its `code` says why
 * @throws {PermissionError} where the DNS would have to be asked and may not be
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { getAddrInfo } from "@parley/parley";
 *
 * const [first] = await getAddrInfo("127.0.0.1", "80", { socktype: "stream" });
 * assertEquals(first, {
 *   family: "IPv4",
 *   socktype: "stream",
 *   addr: { transport: "tcp", hostname: "127.0.0.1", port: 80 },
 * });
 * ```
 */
export function getAddrInfo(
  host: string | null,
  service: string | number | null,
  hints: AddrInfoHints = {},
): Promise<AddrInfo[]> {
  return call("getaddrinfo", () => lookUp(host, service, hints), {
    observer: hints.observer,
    text: () => ({
      arguments: [quoted(host), quoted(service), describeHints(hints)],
    }),
    result: ({ length }) =>
      `${length} ${length === 1 ? "address" : "addresses"}`,
  });
}

function quoted(value: string | number | null): string {
  return value === null ? "NULL" : JSON.stringify(String(value));
}

async function lookUp(
  host: string | null,
  service: string | number | null,
  hints: AddrInfoHints,
): Promise<AddrInfo[]> {
  // As in C, a lone asterisk is no host.
  const name = host === "*" ? null : host;
  checkHints(name, service, hints);
  const ports = findPorts(service, hints);
  const { addresses, canonicalName } = name === null
    ? ownAddresses(hints)
    : resolveNumeric(name, hints) ?? await resolve(name, hints);
  const list = addresses.flatMap((address) =>
    ports.map(({ socktype, port }): AddrInfo => {
      const { family } = address;
      const hostname = address.toString();
      const transport = socktype === "stream" ? "tcp" : "udp";
      return { family, socktype, addr: { transport, hostname, port } };
    })
  );
  if (!hints.canonicalName) return list;
  return list.map((info, i) => i === 0 ? { ...info, canonicalName } : info);
}

/** What a host stands for, in the order in which to try it. */
interface Found {
  readonly addresses: readonly IpAddress[];
  readonly canonicalName: string;
}

/** The port that a service has on each socket type that is asked for. */
function findPorts(
  service: string | number | null,
  hints: AddrInfoHints,
): { socktype: SockType; port: number }[] {
  const socktypes = hints.socktype === undefined ? SOCKTYPES : [hints.socktype];
  const text = service === null ? "0" : String(service);
  const number = parsePort(text);
  if (number !== undefined) {
    return socktypes.map((socktype) => ({ socktype, port: number }));
  }
  if (/^[0-9]+$/.test(text)) throw new AddrInfoError("EAI_SERVICE");
  if (hints.numericService) throw new AddrInfoError("EAI_NONAME");
  const services = readServices();
  const ports = socktypes.flatMap((socktype) => {
    const port = findPort(services, text, socktype);
    return port === undefined ? [] : [{ socktype, port }];
  });
  if (ports.length === 0) throw new AddrInfoError("EAI_SERVICE");
  return ports;
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
  const answer = [address.toString()];
  emit(hints.observer, "resolution", {
    event: "answer",
    source: "literal",
    question: host,
    answer,
  });
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
async function resolve(host: string, hints: AddrInfoHints): Promise<Found> {
  const name = await normalizeHostName(host);
  const { family, v4Mapped, all } = hints;
  // glibc takes digits and dots for an IPv4 address that is wrong where nothing
  // but IPv4 is asked for.
  const wrongAddress = family === "IPv4" && /^[0-9][0-9.]*$/.test(host);
  if (name === undefined || wrongAddress) throw new AddrInfoError("EAI_NONAME");
  // Full-width digits are an address only now.
  const numeric = name === host ? undefined : resolveNumeric(name, hints);
  if (numeric !== undefined) return numeric;
  const wanted = family === undefined || (family === "IPv6" && v4Mapped)
    ? FAMILIES
    : [family];
  // Only names pay for loading it.
  const { resolveName } = await import("./resolver.ts");
  const { addresses, canonicalName } = await resolveName(name, wanted, {
    ...hints,
    // glibc then looks for IPv4 addresses by themselves.
    loopbackForBoth: family === "IPv4" || (v4Mapped && all),
  });
  const ordered = inOrder(
    family === "IPv6" ? mapAll(addresses, all ?? false) : addresses,
    hints,
  );
  return { addresses: ordered, canonicalName };
}

/** `AI_V4MAPPED`: IPv4 addresses mapped where there are no others, or all. */
function mapAll(addresses: readonly IpAddress[], all: boolean): IpAddress[] {
  const own = addresses.filter(({ family }) => family === "IPv6");
  if (own.length > 0 && !all) return own;
  const others = addresses.filter(({ family }) => family === "IPv4");
  return [...own, ...others.map((address) => address.mapped())];
}

/** The addresses in the order of RFC 6724, each place reported with its rule. */
function inOrder(
  addresses: readonly IpAddress[],
  { observer }: AddrInfoHints,
): IpAddress[] {
  if (addresses.length < 2) return [...addresses];
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
