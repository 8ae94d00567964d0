/**
 * The addresses of a host that the program may reach.
 *
 * @module
 */

import { getAddrInfo } from "../names/addrinfo.ts";
import { Endpoint } from "../address/endpoint.ts";
import { PermissionError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import type { Family } from "../address/inet.ts";
import { mayReach, netPermissionError } from "../calls/permission.ts";
import type { SockType } from "../names/services.ts";

/** Which host and service to reach. */
export interface TargetOptions {
  /** A name or a numeric address. */
  readonly hostname: string;
  /** A port, 1 to 65535, or a service's name. */
  readonly port: number | string;
  /**
   * Addresses of this family alone.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /**
   * The longest wait for each step (resolving, connecting), in milliseconds; 0
   * waits for ever.
   *
   * @default {0}
   */
  readonly timeout?: number | undefined;
  /** Ends the attempt; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Is told each call, and each address that failed. */
  readonly observer?: Observer | undefined;
}

/** Something to send or connect to. */
export interface Target {
  /** A numeric address; the host's name where only that is granted. */
  readonly addr: Deno.NetAddr;
  /** The endpoints that it stands for, as far as they are known. */
  readonly peers: readonly Endpoint[];
  /** Why none is known, if none is. */
  readonly unknown?: PermissionError;
}

/**
 * Resolves a host to what may be reached of it: its addresses that are granted;
 * else its name, if that is, so that Deno resolves it.
 *
 * @param options which host and service
 * @param socktype the socket's type
 * @returns one or more targets, in the order of `getAddrInfo`
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {PermissionError} where nothing of it may be reached
 */
export async function findTargets(
  options: TargetOptions,
  socktype: SockType,
): Promise<Target[]> {
  const { hostname, port: service, ...hints } = options;
  let addresses: Deno.NetAddr[] = [];
  let unknown: PermissionError | undefined;
  try {
    const list = await getAddrInfo(hostname, service, { ...hints, socktype });
    addresses = list.map(({ addr }) => addr);
  } catch (error) {
    // The name itself may be granted where its name server is not.
    if (!(error instanceof PermissionError)) throw error;
    unknown = error;
  }
  const granted = addresses.filter((addr) =>
    mayReach(addr.hostname, addr.port)
  );
  if (granted.length > 0) {
    return granted.map((addr) => ({ addr, peers: [Endpoint.from(addr)] }));
  }
  const [own] = await getAddrInfo(null, service, { socktype });
  const addr = { ...own!.addr, hostname };
  if (!mayReach(hostname, addr.port)) {
    throw netPermissionError(hostname, addr.port);
  }
  const peers = addresses.map((each) => Endpoint.from(each));
  return [{ addr, peers, ...(unknown && { unknown }) }];
}
