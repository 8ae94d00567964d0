/**
 * Multicast groups.
 *
 * @module
 */

import { IpAddress } from "../../address/ip_address.ts";
import { call } from "../../calls/call.ts";
import { descriptorOf } from "../../calls/descriptors.ts";
import { PermissionError, SocketError } from "../../calls/errors.ts";
import type { CallObserver } from "../../calls/observer.ts";
import { maySeeInterfaces } from "../../calls/permission.ts";
import { isClosed } from "../close.ts";

/** A socket that can join groups. */
type Joining = Pick<Deno.DatagramConn, "joinMulticastV4" | "joinMulticastV6">;

/** How a group is joined. */
export interface JoinOptions {
  /** How many routers what is sent to an IPv4 group may pass, 0 to 255. */
  readonly ttl: number | undefined;
  /** Receives the calls. */
  readonly observer: CallObserver | undefined;
}

/**
 * Being in a group. To dispose of it leaves the group; after the socket was
 * closed that is nothing.
 *
 * @category Datagrams
 *
 * @example
 * ```ts
 * import { listenDatagram } from "@parley/parley";
 *
 * using socket = await listenDatagram({ hostname: "0.0.0.0", port: 0 });
 * {
 *   await using _membership = await socket.join("239.1.2.3", "127.0.0.1");
 *   // Here the socket receives what is sent to the group.
 * }
 * ```
 */
export class Membership implements Disposable, AsyncDisposable {
  readonly #leave: () => Promise<void>;
  #left: Promise<void> | undefined;

  /**
   * Takes over a membership.
   *
   * @param leave leaves the group
   */
  constructor(leave: () => Promise<void>) {
    this.#leave = leave;
  }

  /** Leaves the group. Twice is harmless. */
  leave(): Promise<void> {
    return this.#left ??= this.#leave().catch((error) => {
      // A closed socket is in no group any more.
      if (!isClosed(error)) throw error;
    });
  }

  /** Leaves the group. */
  [Symbol.dispose](): void {
    // Nobody waits for it; the trace has the call.
    this.leave().catch(() => {});
  }

  /** Leaves the group, and waits until that is done. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }
}

/**
 * Joins a group.
 *
 * @param socket the socket
 * @param group the group's address
 * @param via the interface
 * @param options how
 * @returns the membership
 */
export async function joinGroup(
  socket: Joining,
  group: string | IpAddress,
  via: string | number | IpAddress | undefined,
  { ttl, observer }: JoinOptions,
): Promise<Membership> {
  const address = IpAddress.parse(String(group)).unmapped();
  if (!address.isMulticast) {
    throw new RangeError(`${address} is not a multicast group`);
  }
  const isV4 = address.family === "IPv4";
  const level = isV4 ? "IPPROTO_IP" : "IPPROTO_IPV6";
  const own = address.withoutScope().toString();
  const descriptor = descriptorOf(socket);
  const set = <T>(run: () => Promise<T>, option: string, value: string) =>
    call("setsockopt", run, {
      observer,
      descriptor,
      text: () => ({ arguments: [level, option, value] }),
      result: () => 0,
    });
  if (!isV4) {
    const index = indexOf(via ?? address.scope ?? 0);
    const join = () => socket.joinMulticastV6(own, index);
    const request = `{${own}, ${index}}`;
    const joined = await set(join, "IPV6_JOIN_GROUP", request);
    return new Membership(() =>
      set(() => joined.leave(), "IPV6_LEAVE_GROUP", request)
    );
  }
  const from = addressOf(via ?? "0.0.0.0");
  const request = `{${own}, ${from}}`;
  const join = () => socket.joinMulticastV4(own, from);
  const joined = await set(join, "IP_ADD_MEMBERSHIP", request);
  if (ttl !== undefined) {
    await set(() => joined.setTTL(ttl), "IP_MULTICAST_TTL", String(ttl));
  }
  return new Membership(() =>
    set(() => joined.leave(), "IP_DROP_MEMBERSHIP", request)
  );
}

/**
 * Makes sure, as far as can be known beforehand, that a group can be joined
 * everywhere.
 *
 * @param group the group's address
 * @throws {RangeError} if it is an IPv6 group without a scope: it is joined on
 * one interface
 * @throws {PermissionError} if the interfaces may not be known
 */
export function requireGroup(group: IpAddress): void {
  if (group.family === "IPv6" && group.scope === undefined) {
    throw new RangeError(`${group} needs its scope, as in ${group}%eth0`);
  }
  if (!/^[0-9]+$/.test(group.scope ?? "")) interfaces();
}

/**
 * Joins a group everywhere: an IPv4 group on each interface that is known, an
 * IPv6 group on that of its scope.
 *
 * @param socket the socket
 * @param group the group's address
 * @param options how
 * @throws {PermissionError} if the interfaces may not be known
 * @throws {SocketError} `setsockopt` if it can be joined on none
 */
export async function joinEverywhere(
  socket: Joining,
  group: IpAddress,
  options: JoinOptions,
): Promise<void> {
  if (group.family === "IPv6") {
    await joinGroup(socket, group, undefined, options);
    return;
  }
  const own = interfaces().filter(({ family }) => family === "IPv4");
  let isJoined = false;
  let failure: unknown = noSuchDevice("", "IPv4 address");
  for (const { address } of own) {
    try {
      await joinGroup(socket, group, address, options);
      isJoined = true;
    } catch (error) {
      // One that takes no groups does not keep the others from it.
      failure = error;
    }
  }
  if (!isJoined) throw failure;
}

/** The IPv4 address of an interface that is given by it or by its name. */
function addressOf(via: string | number | IpAddress): string {
  const address = IpAddress.tryParse(String(via))?.unmapped();
  if (address?.family === "IPv4") return address.toString();
  const own = interfaces().find(({ family, name }) =>
    family === "IPv4" && name === via
  );
  if (own === undefined) throw noSuchDevice(via, "IPv4 address");
  return own.address;
}

/** The number of an interface that is given by it, its name or its address. */
function indexOf(via: string | number | IpAddress): number {
  if (typeof via === "number") return via;
  if (/^[0-9]+$/.test(String(via))) return Number(via);
  const address = IpAddress.tryParse(String(via))?.withoutScope();
  // Deno knows the number of an interface by its link-local address only.
  const own = interfaces().find((each) =>
    each.family === "IPv6" && each.scopeid !== null && each.scopeid > 0 &&
    (each.name === via || address?.equals(IpAddress.parse(each.address)))
  );
  if (own === undefined) throw noSuchDevice(via, "link-local address");
  return own.scopeid!;
}

function interfaces(): Deno.NetworkInterfaceInfo[] {
  if (!maySeeInterfaces()) {
    throw new PermissionError("--allow-sys=networkInterfaces");
  }
  return Deno.networkInterfaces();
}

function noSuchDevice(via: unknown, what: string): SocketError {
  const cause = new Error(`No interface ${via} with an ${what}`);
  return new SocketError(
    "setsockopt",
    Object.assign(cause, { code: "ENODEV" }),
  );
}
