/**
 * The addresses of this machine that a server is to use.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import { mayUseNet, type NetEnd, requireEnds } from "../calls/permission.ts";
import { requireLocalPort, requireTime } from "../calls/ranges.ts";
import { getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfoHints } from "../names/hints.ts";
import type { SockType } from "../names/services.ts";
import { emit } from "../calls/observer.ts";
import type { BindOptions } from "./bind_options.ts";
import { dualStackOf } from "./wildcard.ts";

/** The addresses of one host; of every interface if it has no name. */
export interface LocalHost {
  readonly name: string | null;
  readonly addrs: readonly Deno.NetAddr[];
}

/**
 * Looks up where to bind. A missing permission, and hosts that overlap, are
 * found before anything is reported.
 *
 * @param options where
 * @param socktype the socket's type
 * @returns the hosts, in their order
 * @throws {AddrInfoError} if a host or the service is not known
 * @throws {PermissionError} if `--allow-net` does not cover an address
 * @throws {RangeError} if hosts overlap, one is a group's and takes no streams, or
 * the port or the timeout is out of its range
 */
export async function localHosts(
  options: BindOptions,
  socktype: SockType,
): Promise<LocalHost[]> {
  const { hostname, port, family, timeout = 0, signal, observer } = options;
  requireTime("timeout", timeout);
  if (typeof port === "number") requireLocalPort(port);
  const given = typeof hostname === "string" ? [hostname] : hostname ?? [];
  const names = given.length === 0 ? [null] : given;
  const find = async (hints: AddrInfoHints): Promise<LocalHost[]> => {
    const hosts: LocalHost[] = [];
    for (const name of names) {
      const list = await getAddrInfo(name, port, hints);
      signal?.throwIfAborted();
      hosts.push({ name, addrs: list.map(({ addr }) => addr) });
    }
    return hosts;
  };
  signal?.throwIfAborted();
  if (socktype === "stream") given.forEach(refuseGroup);
  const passive = true;
  const hints = { socktype, passive, family, timeout, signal } as const;
  if (!mayUseNet() || names.length > 1) {
    // For a name that takes a look-up, which nobody observes.
    const hosts = await find(hints);
    refuseOverlaps(hosts);
    requireEnds(endsOf(hosts, dualStackOf(Deno.build.os).covers));
  }
  emit(observer, "event", { event: "configuring" });
  return await find({ ...hints, observer });
}

/** Refuses a multicast address: a connection has two ends. */
function refuseGroup(name: string): void {
  if (!IpAddress.tryParse(name)?.isMulticast) return;
  throw new RangeError(
    `${name} is a multicast address, which takes no streams`,
  );
}

/**
 * Lists what must be granted, so that all hosts can be bound to one port.
 *
 * @param hosts the hosts
 * @param covers whether a socket that is bound to `::` may take IPv4 as well
 */
export function endsOf(
  hosts: readonly LocalHost[],
  covers: boolean,
): readonly NetEnd[] {
  const needed = hosts.flatMap(({ name, addrs }) =>
    // Every interface may do with `::`; what it needs more is seen later.
    name === null && covers ? addrs.slice(0, 1) : addrs
  );
  // All get the port that the first one gets, so any port may be it.
  const isAnyPort = needed.length > 1 &&
    needed.some(({ hostname, port }) =>
      port === 0 && !(covers && IpAddress.parse(hostname).isUnspecified)
    );
  return isAnyPort ? needed.map(({ hostname }) => ({ hostname })) : needed;
}

/** Refuses hosts that share an address. */
function refuseOverlaps(hosts: readonly LocalHost[]): void {
  const seen: { name: string | null; address: IpAddress }[] = [];
  for (const { name, addrs } of hosts) {
    const own = addrs.map(({ hostname }) => IpAddress.parse(hostname));
    for (const address of own) {
      const other = seen.find((each) => overlap(each.address, address));
      if (other === undefined) continue;
      throw new RangeError(
        other.name === name
          ? `${name} is given twice`
          : `${other.name} and ${name} overlap`,
      );
    }
    seen.push(...own.map((address) => ({ name, address })));
  }
}

/** Whether one of two addresses is the other, or takes in the other. */
function overlap(a: IpAddress, b: IpAddress): boolean {
  if (a.unmapped().equals(b.unmapped())) return true;
  // The two wildcards are every interface of both families.
  if (a.isUnspecified && b.isUnspecified) return false;
  return takesIn(a, b) || takesIn(b, a);
}

function takesIn(wildcard: IpAddress, address: IpAddress): boolean {
  return wildcard.isUnspecified &&
    (wildcard.family === "IPv6" || address.unmapped().family === "IPv4");
}
