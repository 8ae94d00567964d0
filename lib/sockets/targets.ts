/**
 * The addresses of a host that the program may reach.
 *
 * @module
 */

import { Endpoint, joinHostPort } from "../address/endpoint.ts";
import type { Family } from "../address/inet.ts";
import { IpAddress } from "../address/ip_address.ts";
import { PermissionError } from "../calls/errors.ts";
import { mayReach, netPermissionError } from "../calls/permission.ts";
import { requirePort, requireTime } from "../calls/ranges.ts";
import { findAddresses, getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfo } from "../names/hints.ts";
import type { SockType } from "../names/services.ts";
import type { Observer } from "./events.ts";

/**
 * A host and its service, to be looked up.
 *
 * @category Addresses
 */
export interface HostDestination {
  /** A name or a numeric address. */
  readonly hostname: string;
  /** A port, 1 to 65535, or a service's name. */
  readonly port: number | string;
  /** Not with a hostname. */
  readonly endpoint?: undefined;
}

/**
 * An endpoint, with nothing to look up.
 *
 * @category Addresses
 */
export interface EndpointDestination {
  /** An address and a port, 1 to 65535. */
  readonly endpoint: Endpoint;
  /** Not with an endpoint. */
  readonly hostname?: undefined;
  /** Not with an endpoint. */
  readonly port?: undefined;
}

/**
 * Where to connect or send: a host and a port, or an endpoint.
 *
 * @category Addresses
 */
export type Destination = HostDestination | EndpointDestination;

/**
 * How a destination is reached.
 *
 * @category Addresses
 */
export interface ReachOptions {
  /**
   * Addresses of this family only.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * The longest wait for each step (resolving, connecting), in milliseconds; 0
   * is no limit.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Ends the opening; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each call, and each address that failed. */
  readonly observer?: Observer | undefined;
  /**
   * A numeric address of this machine to connect or send from.
   *
   * @default {undefined} the one that the system picks
   */
  readonly localAddress?: string | IpAddress | undefined;
  /**
   * The port to connect or send from, 0 to 65535; 0 is any.
   *
   * @default {0}
   */
  readonly localPort?: number | undefined;
}

/**
 * Where to connect or send, and how.
 *
 * @category Addresses
 */
export type TargetOptions = Destination & ReachOptions;

/** Something to send or connect to. */
export interface Target {
  /** A numeric address; the host's name if only that is granted. */
  readonly addr: Deno.NetAddr;
  /** The endpoints that it stands for, as far as they are known. */
  readonly peers: readonly Endpoint[];
  /** Why none is known, if none is. */
  readonly unknown?: PermissionError;
}

/**
 * Shows a destination as it was given.
 *
 * @param destination where to connect or send
 * @returns as in `localhost:3490` or `[::1]:80`
 */
export function destinationText(destination: Destination): string {
  return destination.endpoint === undefined
    ? joinHostPort(destination.hostname, destination.port)
    : destination.endpoint.toString();
}

/** How {@linkcode findTargets} looks for targets. */
export interface FindOptions {
  /** Ends the look-up, instead of the options' own. */
  readonly signal?: AbortSignal | undefined;
  /** Receives targets before all are known. */
  readonly onSome?: (targets: readonly Target[]) => void;
}

/**
 * Resolves a destination to what may be reached of it: its addresses that are
 * granted; else its name, if that is, so that Deno resolves it.
 *
 * @param options where to connect or send
 * @param socktype the socket's type
 * @param how its own signal, and who receives targets before all are known
 * @returns one or more targets, in the order of `getAddrInfo`
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {PermissionError} if nothing of it may be reached
 * @throws {RangeError} if the port is none that can be connected to
 */
export async function findTargets(
  options: TargetOptions,
  socktype: SockType,
  { signal = options.signal, onSome }: FindOptions = {},
): Promise<readonly Target[]> {
  requireTime("timeout", options.timeout ?? 0);
  if (options.endpoint !== undefined) {
    return [endpointTarget(options.endpoint, socktype)];
  }
  const { hostname, port: service } = options;
  const { timeout, observer } = options;
  const family = options.family ?? localFamily(options.localAddress);
  if (typeof service === "number") requirePort(service);
  let found: readonly AddrInfo[] = [];
  let unknown: PermissionError | undefined;
  try {
    const hints = { socktype, family, timeout, signal, observer };
    const some = onSome && ((known: readonly AddrInfo[]) => {
      const granted = grantedTargets(known);
      if (granted.length > 0) onSome(granted);
    });
    found = await findAddresses(hostname, service, hints, some);
    for (const { addr } of found) requirePort(addr.port);
  } catch (error) {
    // The name itself may be granted if its name server is not.
    if (!(error instanceof PermissionError)) throw error;
    unknown = error;
  }
  const granted = grantedTargets(found);
  if (granted.length > 0) return granted;
  const [own] = await getAddrInfo(null, service, { socktype });
  const addr = { ...own!.addr, hostname };
  requirePort(addr.port);
  if (!mayReach(hostname, addr.port)) {
    throw netPermissionError(hostname, addr.port);
  }
  const peers = found.map((each) => Endpoint.from(each.addr));
  return [{ addr, peers, ...(unknown && { unknown }) }];
}

/** The family that a local address leaves, if it leaves one only. */
function localFamily(local: ReachOptions["localAddress"]): Family | undefined {
  if (local === undefined) return undefined;
  const address = IpAddress.parse(String(local));
  const isDual = address.family === "IPv6" && address.isUnspecified;
  return isDual ? undefined : address.family;
}

function endpointTarget(endpoint: Endpoint, socktype: SockType): Target {
  requirePort(endpoint.port);
  const { address, port } = endpoint;
  if (!mayReach(address, port)) throw netPermissionError(address, port);
  const addr = endpoint.toNetAddr(socktype === "stream" ? "tcp" : "udp");
  return { addr, peers: [Endpoint.from(addr)] };
}

function grantedTargets(found: readonly AddrInfo[]): Target[] {
  return found
    .map(({ addr }) => addr)
    .filter(({ hostname, port }) => mayReach(hostname, port))
    .map((addr) => ({ addr, peers: [Endpoint.from(addr)] }));
}
