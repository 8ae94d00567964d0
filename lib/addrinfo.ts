/**
 * Names to addresses and back: what `<netdb.h>` is to C.
 *
 * @module
 */

import { deadline, isTimeout } from "./deadline.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { AddrInfoError, PermissionError } from "./errors.ts";
import type { Observer } from "./events.ts";
import { type HostsEntry, parseHosts } from "./hosts.ts";
import {
  type Family,
  inetAton,
  inetNtop,
  inetPton,
  isV4Mapped,
  mapV4,
} from "./inet.ts";
import { mayReach, mayUseNet, netPermissionError } from "./permission.ts";
import {
  COMMON_SERVICES,
  findName,
  findPort,
  parsePort,
  parseServices,
  type Service,
  type SockType,
} from "./services.ts";
import {
  HOSTS_FILE,
  readSystemFile,
  RESOLV_CONF,
  SERVICES_FILE,
} from "./system_files.ts";
import { traced } from "./trace.ts";

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

/** A name server to ask in place of the system's. */
export interface NameServer {
  /** Its numeric address. */
  readonly ipAddr: string;
  /**
   * Its port.
   *
   * @default {53}
   */
  readonly port?: number | undefined;
}

/** What {@linkcode getAddrInfo} is to look for: the `hints` of C. */
export interface AddrInfoHints {
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
  /** Ends the look-up; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait, in milliseconds; 0 waits for ever. When it is over the
   * look-up fails with `EAI_AGAIN`.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** A name server to ask; the hosts file is then left aside. */
  readonly nameServer?: NameServer | undefined;
  /** Is told the call. */
  readonly observer?: Observer | undefined;
}

/** An address found, before services and socket types are applied. */
interface Found {
  readonly family: Family;
  readonly address: string;
}

/** What a name stands for. */
interface Resolution {
  readonly found: readonly Found[];
  readonly canonicalName: string;
}

const FAMILIES = ["IPv6", "IPv4"] as const;
const SOCKTYPES = ["stream", "datagram"] as const;
const LOOPBACK = { IPv6: "::1", IPv4: "127.0.0.1" } as const;
const ANY = { IPv6: "::", IPv4: "0.0.0.0" } as const;

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
  if (host === null && service === null) throw new AddrInfoError("EAI_NONAME");
  if (host === null && hints.canonicalName) {
    throw new AddrInfoError("EAI_BADFLAGS");
  }
  const ports = findPorts(service, hints);
  const { found, canonicalName } = host === null
    ? { found: ownAddresses(hints), canonicalName: "" }
    : resolveNumeric(host, hints) ?? await resolveName(host, hints);
  const list = found.flatMap(({ family, address }) =>
    ports.map(({ socktype, port }): AddrInfo => ({
      family,
      socktype,
      addr: {
        transport: socktype === "stream" ? "tcp" : "udp",
        hostname: address,
        port,
      },
    }))
  );
  if (!hints.canonicalName) return list;
  return list.map((info, i) => i === 0 ? { ...info, canonicalName } : info);
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
  if (hints.numericService) throw new AddrInfoError("EAI_NONAME");
  const services = readServices();
  const ports = socktypes.flatMap((socktype) => {
    const port = findPort(services, text, socktype);
    return port === undefined ? [] : [{ socktype, port }];
  });
  if (ports.length === 0) throw new AddrInfoError("EAI_SERVICE");
  return ports;
}

function readServices(): readonly Service[] {
  const text = readSystemFile(SERVICES_FILE);
  return text === undefined ? COMMON_SERVICES : parseServices(text);
}

/**
 * The port of a service by its name, from the services file where it may be
 * read, else from a built-in table of the common ones.
 *
 * @param name the service's name or an alias, as in `http`
 * @param socktype the transport
 * @returns its port, or `undefined`
 */
export function servicePort(
  name: string,
  socktype: SockType,
): number | undefined {
  return findPort(readServices(), name, socktype);
}

/** The addresses that a null host stands for. */
function ownAddresses(hints: AddrInfoHints): Found[] {
  const addresses = hints.passive ? ANY : LOOPBACK;
  return FAMILIES
    .filter((family) => hints.family === undefined || hints.family === family)
    .map((family) => ({ family, address: addresses[family] }));
}

/** The address that a numeric host stands for, or `undefined` for a name. */
function resolveNumeric(
  host: string,
  hints: AddrInfoHints,
): Resolution | undefined {
  const found = parseNumeric(host);
  if (found === undefined) {
    if (hints.numericHost) throw new AddrInfoError("EAI_NONAME");
    return undefined;
  }
  const [wanted] = applyFamily([found], hints);
  if (wanted === undefined) throw new AddrInfoError("EAI_ADDRFAMILY");
  return { found: [wanted], canonicalName: host };
}

function parseNumeric(host: string): Found | undefined {
  const v4 = inetAton(host);
  if (v4 !== undefined) return { family: "IPv4", address: inetNtop(v4) };
  const percent = host.indexOf("%");
  const bare = percent < 0 ? host : host.slice(0, percent);
  const v6 = inetPton("IPv6", bare);
  if (v6 === undefined) return undefined;
  if (percent < 0) return { family: "IPv6", address: inetNtop(v6) };
  const scope = host.slice(percent + 1);
  if (!isScope(scope, v6)) throw new AddrInfoError("EAI_NONAME");
  return { family: "IPv6", address: `${inetNtop(v6)}%${scope}` };
}

/**
 * Whether a scope may stand behind an address: an interface's number anywhere,
 * its name behind link-local addresses.
 */
function isScope(scope: string, address: Uint8Array): boolean {
  if (/^[0-9]+$/.test(scope)) return Number(scope) <= 0xffff_ffff;
  const linkLocal = address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
  const linkLocalMulticast = address[0] === 0xff &&
    (address[1]! & 0x0f) === 2;
  // IFNAMSIZ is 16 with the NUL; `/` and white space cannot be in a name.
  return (linkLocal || linkLocalMulticast) && /^[^\s/%\0]{1,15}$/.test(scope);
}

/** The addresses that are of the family which the hints ask for. */
function applyFamily(
  found: readonly Found[],
  { family, v4Mapped, all }: AddrInfoHints,
): Found[] {
  if (family === undefined) return [...found];
  const wanted = found.filter((each) => each.family === family);
  if (family === "IPv4") {
    // An IPv4-mapped address is an IPv4 address to whoever asks for those.
    for (const { address } of found) {
      const bytes = inetPton("IPv6", address);
      if (bytes !== undefined && isV4Mapped(bytes)) {
        wanted.push({ family, address: inetNtop(bytes.subarray(12)) });
      }
    }
  } else if (v4Mapped && (all || wanted.length === 0)) {
    for (const { address } of found) {
      const bytes = inetPton("IPv4", address);
      if (bytes !== undefined) {
        wanted.push({ family, address: inetNtop(mapV4(bytes)) });
      }
    }
  }
  return wanted;
}

async function resolveName(
  host: string,
  hints: AddrInfoHints,
): Promise<Resolution> {
  const name = await normalizeName(host);
  const { found, canonicalName } =
    (hints.nameServer === undefined ? lookInHosts(name) : undefined) ??
      loopbackName(name) ?? await askDns(name, hints);
  const wanted = applyFamily(found, hints);
  if (wanted.length === 0) throw new AddrInfoError("EAI_ADDRFAMILY");
  // AAAA before A, each in the order in which it was found.
  const order = (each: Found) => FAMILIES.indexOf(each.family);
  return {
    found: wanted.toSorted((a, b) => order(a) - order(b)),
    canonicalName,
  };
}

/**
 * The name in the form in which it is looked for: ASCII (RFC 5891), lower case,
 * no root dot.
 *
 * @throws {AddrInfoError} `EAI_NONAME` for what cannot be a host's name
 */
async function normalizeName(host: string): Promise<string> {
  let name = host;
  // deno-lint-ignore no-control-regex
  if (/[^\u0000-\u007f]/.test(name)) {
    const { domainToASCII } = await import("node:url");
    name = domainToASCII(name);
  }
  if (name.endsWith(".")) name = name.slice(0, -1);
  const labels = name.split(".");
  if (
    name.length > 253 ||
    !labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label))
  ) throw new AddrInfoError("EAI_NONAME");
  return name.toLowerCase();
}

function readHosts(): HostsEntry[] {
  return parseHosts(readSystemFile(HOSTS_FILE) ?? "");
}

function lookInHosts(name: string): Resolution | undefined {
  const entries = readHosts().filter(({ names }) => names.includes(name));
  const [first] = entries;
  if (first === undefined) return undefined;
  const seen = new Set<string>();
  return {
    found: entries.filter(({ address }) =>
      !seen.has(address) && seen.add(address)
    ),
    canonicalName: first.name,
  };
}

/** RFC 6761 section 6.3: these never leave the machine. */
function loopbackName(name: string): Resolution | undefined {
  if (name !== "localhost" && !name.endsWith(".localhost")) return undefined;
  return {
    found: FAMILIES.map((family) => ({ family, address: LOOPBACK[family] })),
    canonicalName: name,
  };
}

/** Asks for the records of both families at the same time. */
async function askDns(name: string, hints: AddrInfoHints): Promise<Resolution> {
  requireDns(hints.nameServer);
  using limit = deadline(hints.timeout ?? 0, hints.signal);
  // A root dot keeps Deno from trying search domains after an absolute name.
  const options = { signal: limit.signal, ...nameServerOption(hints) };
  const wanted = hints.family === undefined || hints.v4Mapped
    ? FAMILIES
    : [hints.family];
  const answers = await Promise.allSettled(wanted.map(async (family) => {
    const type = family === "IPv4" ? "A" : "AAAA";
    const addresses = await Deno.resolveDns(`${name}.`, type, options);
    return addresses.map((address) => ({ family, address }));
  }));
  if (limit.signal.aborted) {
    const { reason } = limit.signal;
    throw isTimeout(reason)
      ? new AddrInfoError("EAI_AGAIN", { cause: reason })
      : reason;
  }
  const found = answers.flatMap((answer) =>
    answer.status === "fulfilled" ? answer.value : []
  );
  if (found.length === 0) throw dnsError(answers);
  return {
    found,
    canonicalName: hints.canonicalName
      ? await canonicalOf(name, options)
      : name,
  };
}

function nameServerOption(
  { nameServer }: AddrInfoHints,
): Pick<Deno.ResolveDnsOptions, "nameServer"> {
  if (nameServer === undefined) return {};
  const { ipAddr, port = 53 } = nameServer;
  return { nameServer: { ipAddr, port } };
}

/** The error for a name without addresses. */
function dnsError(
  answers: readonly PromiseSettledResult<unknown>[],
): AddrInfoError {
  const failure = answers.find((answer) =>
    answer.status === "rejected" &&
    !(answer.reason instanceof Deno.errors.NotFound)
  );
  return failure?.status === "rejected"
    ? new AddrInfoError("EAI_AGAIN", { cause: failure.reason })
    : new AddrInfoError("EAI_NONAME");
}

/** The end of a name's chain of CNAME records. */
async function canonicalOf(
  name: string,
  options: Deno.ResolveDnsOptions,
): Promise<string> {
  let canonical = name;
  // A chain that is longer than any real one is a loop.
  for (let i = 0; i < 16; i++) {
    try {
      const [next] = await Deno.resolveDns(`${canonical}.`, "CNAME", options);
      if (next === undefined) break;
      canonical = next.replace(/\.$/, "");
    } catch {
      break;
    }
  }
  return canonical;
}

/** Makes sure that Deno would not prompt for the name server. */
function requireDns(nameServer: NameServer | undefined): void {
  if (mayUseNet()) return;
  const servers = nameServer === undefined
    ? systemNameServers()
    : [{ host: nameServer.ipAddr, port: nameServer.port ?? 53 }];
  if (servers.length === 0) throw new PermissionError("--allow-net");
  for (const { host, port } of servers) {
    if (!mayReach(host, port)) throw netPermissionError(host, port);
  }
}

function systemNameServers(): { host: string; port: number }[] {
  const text = readSystemFile(RESOLV_CONF) ?? "";
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)]
    .map((match) => ({ host: match[1]!, port: 53 }));
}

/** How {@linkcode getNameInfo} is to answer: the `flags` of C. */
export interface NameInfoOptions {
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
  /** Ends the look-up; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait, in milliseconds; 0 waits for ever.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** A name server to ask; the hosts file is then left aside. */
  readonly nameServer?: NameServer | undefined;
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
 * none; `EAI_FAMILY` where the hostname is not a numeric address
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
export async function getNameInfo(
  addr: Deno.NetAddr,
  options: NameInfoOptions = {},
): Promise<NameInfo> {
  const numeric = parseNumeric(addr.hostname);
  if (numeric === undefined) throw new AddrInfoError("EAI_FAMILY");
  const socktype = addr.transport === "tcp" ? "stream" : "datagram";
  const service = options.numericService
    ? undefined
    : findName(readServices(), addr.port, socktype);
  const name = options.numericHost
    ? undefined
    : await nameOf(endpointOf({ ...addr, hostname: numeric.address }), options);
  if (name === undefined && options.nameRequired) {
    throw new AddrInfoError("EAI_NONAME");
  }
  return {
    host: name ?? numeric.address,
    service: service ?? String(addr.port),
  };
}

async function nameOf(
  { host, family }: Endpoint,
  options: NameInfoOptions,
): Promise<string | undefined> {
  const bytes = inetPton(family, host.replace(/%.*/, ""))!;
  if (options.nameServer === undefined) {
    const text = inetNtop(bytes);
    const entry = readHosts().find((each) =>
      each.family === family &&
      inetNtop(inetPton(family, each.address.replace(/%.*/, ""))!) === text
    );
    if (entry !== undefined) return entry.name;
  }
  requireDns(options.nameServer);
  using limit = deadline(options.timeout ?? 0, options.signal);
  try {
    const [name] = await Deno.resolveDns(reverseName(bytes), "PTR", {
      signal: limit.signal,
      ...nameServerOption(options),
    });
    return name?.replace(/\.$/, "");
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    if (isTimeout(limit.signal.reason)) {
      throw new AddrInfoError("EAI_AGAIN", { cause: error });
    }
    return undefined;
  }
}

/** The name under which an address has its PTR record (RFC 1035, RFC 3596). */
function reverseName(bytes: Uint8Array): string {
  const labels = [...bytes].reverse();
  if (bytes.length === 4) return `${labels.join(".")}.in-addr.arpa.`;
  return labels.map((byte) =>
    `${(byte & 15).toString(16)}.${(byte >> 4).toString(16)}.`
  ).join("") + "ip6.arpa.";
}
