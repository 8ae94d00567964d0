/**
 * Names to addresses: `getaddrinfo(3)`.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import { LOOPBACK } from "../address/loopback.ts";
import { call } from "../calls/call.ts";
import { requireTime } from "../calls/ranges.ts";
import { about, withSummary } from "./addrinfo_error.ts";
import {
  type AddrInfo,
  type AddrInfoHints,
  checkHints,
  describeHints,
} from "./hints.ts";
import { findLiteral } from "./literal_host.ts";
import { findPorts, type ServicePort } from "./ports.ts";
import type { Found } from "./source.ts";

const ANY = ["::", "0.0.0.0"].map(IpAddress.parse);

/**
 * Resolves a host and a service to the addresses to try, in order, as
 * `getaddrinfo(3)` does.
 *
 * A host is looked for among numeric addresses, then in the hosts file, then
 * among the names that never leave the machine (`localhost`, `invalid`, `onion`,
 * `alt` and all below them), then in the DNS. Files that may not be read are
 * passed over.
 *
 * With `passive` and no host, `::` comes before `0.0.0.0` (glibc has them the
 * other way round), since one dual-stack socket serves both families.
 *
 * @param host a name or a numeric address; `null` for this machine
 * @param service a service's name or a port, 0 to 65535; `null` for port 0
 * @param hints what to look for
 * @returns one or more addresses
 * @throws {AddrInfoError} if nothing was found; its `code` says why
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 * @throws {RangeError} if the timeout is out of its range
 *
 * @category Names
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
  return findAddresses(host, service, hints, undefined);
}

/** Receives addresses before all of them are known. */
export type OnSome = (addresses: AddrInfo[]) => void;

/**
 * Resolves a host and a service as {@linkcode getAddrInfo} does, and hands out
 * addresses as they come.
 *
 * Addresses of one family may be known while a name server is still waited for
 * about the other. `onSome` then receives them, in order; the list that is
 * returned at the end has them too, in their places. If all addresses are known
 * at once, or there are none, `onSome` is not called.
 *
 * @param host as for {@linkcode getAddrInfo}
 * @param service as for {@linkcode getAddrInfo}
 * @param hints as for {@linkcode getAddrInfo}
 * @param onSome receives the addresses that are known before the others
 * @returns all addresses
 * @throws as {@linkcode getAddrInfo} does
 */
export function findAddresses(
  host: string | null,
  service: string | number | null,
  hints: AddrInfoHints,
  onSome: OnSome | undefined,
): Promise<AddrInfo[]> {
  const { observer } = hints;
  const looking = call(
    "getaddrinfo",
    () => lookUp(host, service, hints, onSome),
    {
      observer,
      text: () => ({
        arguments: [quoted(host), quoted(service), describeHints(hints)],
      }),
      result: ({ length }) =>
        `${length} ${length === 1 ? "address" : "addresses"}`,
    },
  );
  return withSummary(looking, observer);
}

function quoted(value: string | number | null): string {
  return value === null ? "NULL" : JSON.stringify(String(value));
}

async function lookUp(
  host: string | null,
  service: string | number | null,
  hints: AddrInfoHints,
  onSome: OnSome | undefined,
): Promise<AddrInfo[]> {
  try {
    hints.signal?.throwIfAborted();
    requireTime("timeout", hints.timeout ?? 0);
    // As in C, a lone asterisk is no host.
    const name = host === "*" ? null : host;
    if (name !== null && typeof name !== "string") {
      throw new TypeError(`Expected a host or null, not ${typeof host}`);
    }
    checkHints(name, service, hints);
    const ports = findPorts(service, hints);
    const some = onSome &&
      ((addresses: readonly IpAddress[]) => onSome(infos(addresses, ports)));
    const { addresses, canonicalName } = await findHost(name, hints, some);
    const list = infos(addresses, ports);
    if (!hints.canonicalName) return list;
    return list.map((info, i) => i === 0 ? { ...info, canonicalName } : info);
  } catch (error) {
    throw about(error, host, service);
  }
}

/** Finds the addresses of a host, `null` for this machine. */
function findHost(
  host: string | null,
  hints: AddrInfoHints,
  onSome: ((addresses: readonly IpAddress[]) => void) | undefined,
): Found | Promise<Found> {
  if (host === null) return ownAddresses(hints);
  return findLiteral(host, hints) ?? findNamed(host, hints, onSome);
}

let named: typeof import("./named_host.ts") | undefined;

/** Only names pay for loading what finds them, and only once. */
function findNamed(
  ...question: Parameters<typeof import("./named_host.ts").findNamedHost>
): Promise<Found> {
  if (named !== undefined) return named.findNamedHost(...question);
  return import("./named_host.ts").then((module) => {
    named = module;
    return module.findNamedHost(...question);
  });
}

/** The addresses that a null host stands for. */
function ownAddresses({ family, passive }: AddrInfoHints): Found {
  const addresses = (passive ? ANY : LOOPBACK)
    .filter((each) => family === undefined || family === each.family);
  return { addresses, canonicalName: "" };
}

/** Each address with each port. */
function infos(
  addresses: readonly IpAddress[],
  ports: readonly ServicePort[],
): AddrInfo[] {
  const list: AddrInfo[] = [];
  for (const address of addresses) {
    const { family } = address;
    const hostname = address.toString();
    for (const { socktype, port } of ports) {
      const transport = socktype === "stream" ? "tcp" : "udp";
      list.push({ family, socktype, addr: { transport, hostname, port } });
    }
  }
  return list;
}
