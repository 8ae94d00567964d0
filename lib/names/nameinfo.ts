/**
 * Addresses to names: `getnameinfo(3)`.
 *
 * @module
 */

import { Endpoint, joinHostPort } from "../address/endpoint.ts";
import type { IpAddress } from "../address/ip_address.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import { call } from "../calls/call.ts";
import { addrError, requireTime } from "../calls/ranges.ts";
import { about, AddrInfoError, withSummary } from "./addrinfo_error.ts";
import type { LookUpOptions } from "./hints.ts";
import { hasInterface } from "./interfaces.ts";
import { findName } from "./services.ts";
import { readServices } from "./system_services.ts";

/**
 * How {@linkcode getNameInfo} is to answer: the `flags` of C.
 *
 * @category Names
 */
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
   * `NI_NAMEREQD`: fail if the host has no name.
   *
   * @default {false}
   */
  readonly nameRequired?: boolean | undefined;
}

/**
 * A host's and a service's names.
 *
 * @category Names
 */
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
 * @param addr a numeric address and a port, with the transport; that of an
 * `Endpoint` is TCP
 * @param options how to answer
 * @returns the names, or the numeric forms where there are none
 * @throws {AddrInfoError} `EAI_NONAME` if a name is required and there is none;
 * `EAI_FAMILY` if the hostname is not a numeric address; `EAI_AGAIN` if the
 * servers failed and a name is required
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 * @throws {RangeError} if the port or the timeout is out of its range
 * @throws {TypeError} if it is no address
 *
 * @category Names
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
  addr: Deno.NetAddr | Endpoint,
  options: NameInfoOptions = {},
): Promise<NameInfo> {
  const wrong = addrError(addr);
  if (wrong !== undefined) return Promise.reject(wrong);
  const own = addr instanceof Endpoint ? addr.toNetAddr("tcp") : addr;
  const { hostname, port, transport } = own;
  const flags = [
    ...(options.numericHost ? ["NI_NUMERICHOST"] : []),
    ...(options.numericService ? ["NI_NUMERICSERV"] : []),
    ...(options.nameRequired ? ["NI_NAMEREQD"] : []),
    ...(transport === "udp" ? ["NI_DGRAM"] : []),
  ];
  const { observer } = options;
  const looking = call(
    "getnameinfo",
    () =>
      lookUpName(own, options).catch((error) => {
        throw about(error, hostname, port);
      }),
    {
      observer,
      text: () => ({
        arguments: [joinHostPort(hostname, port), flags.join("|") || "0"],
      }),
      result: ({ host, service }) => `${host} ${service}`,
    },
  );
  return withSummary(looking, observer);
}

async function lookUpName(
  addr: Deno.NetAddr,
  options: NameInfoOptions,
): Promise<NameInfo> {
  options.signal?.throwIfAborted();
  requireTime("timeout", options.timeout ?? 0);
  const numeric = parseNumericHost(addr.hostname, hasInterface);
  if (numeric === undefined || numeric.badScope) {
    throw new AddrInfoError("EAI_FAMILY");
  }
  const { port } = new Endpoint(numeric.address, addr.port);
  const socktype = addr.transport === "tcp" ? "stream" : "datagram";
  const service = options.numericService
    ? undefined
    : findName(readServices(), port, socktype);
  const host = options.numericHost
    ? undefined
    : await hostOf(numeric.address, options);
  if (host === undefined && options.nameRequired) {
    throw new AddrInfoError("EAI_NONAME");
  }
  return {
    host: host ?? numeric.address.toString(),
    service: service ?? String(port),
  };
}

async function hostOf(
  address: IpAddress,
  options: NameInfoOptions,
): Promise<string | undefined> {
  const { resolveAddress } = await import("./resolver.ts");
  try {
    return await resolveAddress({
      address: address.unmapped().withoutScope(),
      signal: options.signal,
      timeout: options.timeout,
      nameServer: options.nameServer,
      observer: options.observer,
    });
  } catch (error) {
    // As in C, servers that fail are an error only where a name is a must.
    if (error instanceof AddrInfoError && !options.nameRequired) {
      return undefined;
    }
    throw error;
  }
}
