/**
 * Names to addresses and back: what `<netdb.h>` is to C.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { orderAddresses } from "../address/address_order.ts";
import { joinHostPort } from "../address/endpoint.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import { normalizeHostName } from "./host_name.ts";
import type { Family } from "../address/inet.ts";
import { IpAddress } from "../address/ip_address.ts";
import { hasInterface, sourceAddresses } from "./interfaces.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import type { LookUpOptions } from "./resolver.ts";
import { findName, findPort, parsePort, type SockType } from "./services.ts";
import { readServices } from "./system_services.ts";
import { traced } from "../calls/call.ts";

export type { LookUpOptions, NameServer } from "./resolver.ts";

/** One address to try: a `struct addrinfo`. */
export interface AddrInfo {
  /** `ai_family`. */
  readonly family: Family;
  /** `ai_socktype`. */
  readonly socktype: SockType;
  /** `ai_addr`: a numeric address, its scope in the hostname. */
  readonly addr: Deno.NetAddr;
  /** `ai_canonname`, on the first address where it was asked for. */
  readonly canonicalName?: string;
}

/** What {@linkcode getAddrInfo} is to look for: the `hints` of C. */
export interface AddrInfoHints extends LookUpOptions {
  /**
   * Addresses of this family alone: `AF_INET`, `AF_INET6`.
   *
   * @default {undefined} both, `AF_UNSPEC`
   */
  readonly family?: Family | undefined;
  /**
   * Sockets of this type alone: `SOCK_STREAM`, `SOCK_DGRAM`.
   *
   * @default {undefined} both, each address twice
   */
  readonly socktype?: SockType | undefined;
  /**
   * `AI_PASSIVE`: a null host means every interface, not the loopback.
   *
   * @default {false}
   */
  readonly passive?: boolean | undefined;
  /**
   * `AI_CANONNAME`: tell the canonical name with the first address.
   *
   * @default {false}
   */
  readonly canonicalName?: boolean | undefined;
  /**
   * `AI_NUMERICHOST`: the host must be numeric, no file or server is asked.
   *
   * @default {false}
   */
  readonly numericHost?: boolean | undefined;
  /**
   * `AI_NUMERICSERV`: the service must be a number.
   *
   * @default {false}
   */
  readonly numericService?: boolean | undefined;
  /**
   * `AI_V4MAPPED`: with `family: "IPv6"`, a host that has no IPv6 address gives
   * its IPv4 addresses, mapped.
   *
   * @default {false}
   */
  readonly v4Mapped?: boolean | undefined;
  /**
   * `AI_ALL`: with `v4Mapped`, mapped addresses besides the IPv6 ones.
   *
   * @default {false}
   */
  readonly all?: boolean | undefined;
}

const FAMILIES = ["IPv6", "IPv4"] as const;
const SOCKTYPES = ["stream", "datagram"] as const;
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
  return traced(
    hints.observer,
    () => ({
      call: "getaddrinfo",
      arguments: [quoted(host), quoted(service), describeHints(hints)],
    }),
    () => lookUp(host, service, hints),
    ({ length }) => `${length} ${length === 1 ? "address" : "addresses"}`,
  );
}

function quoted(value: string | number | null): string {
  return value === null ? "NULL" : JSON.stringify(String(value));
}

/** The hints as a C programmer would write them. */
function describeHints(hints: AddrInfoHints): string {
  const words: string[] = [
    hints.family === undefined
      ? "AF_UNSPEC"
      : hints.family === "IPv4"
      ? "AF_INET"
      : "AF_INET6",
  ];
  if (hints.socktype !== undefined) {
    words.push(hints.socktype === "stream" ? "SOCK_STREAM" : "SOCK_DGRAM");
  }
  if (hints.passive) words.push("AI_PASSIVE");
  if (hints.canonicalName) words.push("AI_CANONNAME");
  if (hints.numericHost) words.push("AI_NUMERICHOST");
  if (hints.numericService) words.push("AI_NUMERICSERV");
  if (hints.v4Mapped) words.push("AI_V4MAPPED");
  if (hints.all) words.push("AI_ALL");
  return `{${words.join(", ")}}`;
}

async function lookUp(
  host: string | null,
  service: string | number | null,
  hints: AddrInfoHints,
): Promise<AddrInfo[]> {
  if (hints.family !== undefined && !FAMILIES.includes(hints.family)) {
    throw new AddrInfoError("EAI_FAMILY");
  }
  if (hints.socktype !== undefined && !SOCKTYPES.includes(hints.socktype)) {
    throw new AddrInfoError("EAI_SOCKTYPE");
  }
  // As in C, a lone asterisk is no host.
  const name = host === "*" ? null : host;
  if (name === null && service === null) throw new AddrInfoError("EAI_NONAME");
  if (name === null && hints.canonicalName) {
    throw new AddrInfoError("EAI_BADFLAGS");
  }
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

/** How {@linkcode getNameInfo} is to answer: the `flags` of C. */
export interface NameInfoOptions extends LookUpOptions {
  /**
   * `NI_NUMERICHOST`: the address's text, no name.
   *
   * @default {false}
   */
  readonly numericHost?: boolean | undefined;
  /**
   * `NI_NUMERICSERV`: the port's digits, no name.
   *
   * @default {false}
   */
  readonly numericService?: boolean | undefined;
  /**
   * `NI_NAMEREQD`: fail where the host has no name.
   *
   * @default {false}
   */
  readonly nameRequired?: boolean | undefined;
}

/** A host's and a service's names. */
export interface NameInfo {
  /** The host's name, or its address where it has none. */
  readonly host: string;
  /** The service's name, or its port's digits where it has none. */
  readonly service: string;
}

/**
 * Finds the names that belong to an address and a port, as `getnameinfo(3)`
 * does: in the hosts file, then in the DNS (a PTR record).
 *
 * @param addr a numeric address, a port, and the transport
 * @param options how to answer
 * @returns the names, or the numeric forms where there are none
 * @throws {AddrInfoError} `EAI_NONAME` where a name is required and there is
 * none; `EAI_FAMILY` where the hostname is not a numeric address; `EAI_AGAIN`
 * where the servers failed and a name is required
 * @throws {PermissionError} where the DNS would have to be asked and may not be
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { getNameInfo } from "@parley/parley";
 *
 * const addr = { transport: "tcp", hostname: "::1", port: 80 } as const;
 * assertEquals(
 *   await getNameInfo(addr, { numericHost: true }),
 *   { host: "::1", service: "http" },
 * );
 * ```
 */
export function getNameInfo(
  addr: Deno.NetAddr,
  options: NameInfoOptions = {},
): Promise<NameInfo> {
  const flags = [
    ...(options.numericHost ? ["NI_NUMERICHOST"] : []),
    ...(options.numericService ? ["NI_NUMERICSERV"] : []),
    ...(options.nameRequired ? ["NI_NAMEREQD"] : []),
    ...(addr.transport === "udp" ? ["NI_DGRAM"] : []),
  ];
  return traced(
    options.observer,
    () => ({
      call: "getnameinfo",
      arguments: [
        joinHostPort(addr.hostname, addr.port),
        flags.join("|") || "0",
      ],
    }),
    () => lookUpName(addr, options),
    ({ host, service }) => `${host} ${service}`,
  );
}

async function lookUpName(
  addr: Deno.NetAddr,
  options: NameInfoOptions,
): Promise<NameInfo> {
  const numeric = parseNumericHost(addr.hostname, hasInterface);
  if (numeric === undefined || numeric.badScope) {
    throw new AddrInfoError("EAI_FAMILY");
  }
  const socktype = addr.transport === "tcp" ? "stream" : "datagram";
  const service = options.numericService
    ? undefined
    : findName(readServices(), addr.port, socktype);
  const host = options.numericHost
    ? undefined
    : await hostOf(numeric.address, options);
  if (host === undefined && options.nameRequired) {
    throw new AddrInfoError("EAI_NONAME");
  }
  return {
    host: host ?? numeric.address.toString(),
    service: service ?? String(addr.port),
  };
}

async function hostOf(
  address: IpAddress,
  options: NameInfoOptions,
): Promise<string | undefined> {
  const { resolveAddress } = await import("./resolver.ts");
  try {
    return await resolveAddress(address.unmapped(), options);
  } catch (error) {
    // As in C, servers that fail are an error only where a name is a must.
    if (error instanceof AddrInfoError && !options.nameRequired) {
      return undefined;
    }
    throw error;
  }
}
