/**
 * Binding datagram sockets.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { numbered } from "../../calls/descriptors.ts";
import { emit } from "../../calls/observer.ts";
import { bindAll, bindCalls } from "../bind.ts";
import type { BindOptions } from "../bind_options.ts";
import { closeSocket } from "../close.ts";
import { BUFFER_BYTES, DatagramSocket, requireDatagrams } from "./datagram.ts";
import { joinEverywhere, requireGroup } from "./multicast.ts";
import { SeveralDatagrams } from "./several_datagrams.ts";

/**
 * Where and how {@linkcode listenDatagram} binds.
 *
 * @category Datagrams
 */
export interface ListenDatagramOptions extends BindOptions {
  /**
   * Let several sockets bind the same address and port, as receivers of one
   * multicast group do (`SO_REUSEADDR`).
   *
   * @default {false}
   */
  readonly reuseAddress?: boolean | undefined;
  /**
   * Hear on this machine too what is sent to a multicast group. The system's
   * own default is on, Deno's is off.
   *
   * @default {false}
   */
  readonly loopback?: boolean | undefined;
  /**
   * How many routers what is sent to an IPv4 group may pass, 0 to 255. It is
   * set when a group is joined.
   *
   * @default {undefined} the system's: 1
   */
  readonly ttl?: number | undefined;
}

/**
 * Binds a datagram socket, by default to every interface of both families.
 * Peers that come over IPv4 are shown as such (`127.0.0.1`).
 *
 * A family that this machine does not have is left out. A multicast group is
 * bound and joined: an IPv4 group on every interface (which needs
 * `--allow-sys=networkInterfaces`), an IPv6 group on that of its scope.
 *
 * @category Datagrams
 * @param options where to bind; the signal ends the opening and nothing else
 * @returns the socket
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} `bind` if it cannot be bound
 * @throws {PermissionError} if `--allow-net` does not cover the address
 * @throws {RangeError} if hosts overlap, or an IPv6 group lacks its scope
 * @throws {TypeError} without `--unstable-net`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connectDatagram, listenDatagram } from "@parley/parley";
 *
 * using listener = await listenDatagram({ hostname: "::1", port: 0 });
 * const { port } = listener.addr;
 * using talker = await connectDatagram({ hostname: "::1", port });
 * await talker.send(new TextEncoder().encode("hello"));
 * const { data, peer } = await listener.receive();
 * assertEquals(data.length, 5);
 * await listener.sendTo(data, peer);
 * assertEquals(await talker.receive(), new TextEncoder().encode("hello"));
 * ```
 */
export async function listenDatagram(
  options: ListenDatagramOptions,
): Promise<DatagramSocket> {
  requireDatagrams();
  const { reuseAddress, loopback = false, ttl, observer } = options;
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 0 && ttl <= 255)) {
    throw new RangeError(`ttl is 0 to 255, not ${ttl}`);
  }
  const groups = groupsOf(options);
  groups.forEach(requireGroup);
  const sockets = await bindAll(options, {
    socktype: "datagram",
    isShared: reuseAddress,
    open: ({ hostname, port }, reuseAddress) =>
      Deno.listenDatagram({
        transport: "udp",
        hostname,
        port,
        reuseAddress,
        loopback,
      }),
    calls: bindCalls,
  });
  for (const socket of sockets) {
    const address = Endpoint.from(socket.addr as Deno.NetAddr);
    const bound = { event: "bound", address } as const;
    emit(observer, "event", numbered(socket, bound));
  }
  for (const group of groups) {
    const address = group.withoutScope();
    const own = sockets.find(({ addr }) =>
      IpAddress.parse((addr as Deno.NetAddr).hostname).equals(address)
    )!;
    try {
      await joinEverywhere(own, group, { ttl, observer });
    } catch (error) {
      for (const socket of sockets) closeSocket(socket, observer);
      throw error;
    }
  }
  const [first, ...others] = sockets;
  const one = others.length === 0
    ? first
    : new SeveralDatagrams(sockets, BUFFER_BYTES);
  return new DatagramSocket(one, observer, ttl);
}

/** The multicast groups among the hosts. */
function groupsOf({ hostname = [] }: BindOptions): IpAddress[] {
  return [hostname].flat()
    .flatMap((name) => IpAddress.tryParse(name)?.unmapped() ?? [])
    .filter(({ isMulticast }) => isMulticast);
}
