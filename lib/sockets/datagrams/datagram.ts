/**
 * Datagram sockets.
 *
 * @module
 */

import { Endpoint, joinHostPort } from "../../address/endpoint.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { call } from "../../calls/call.ts";
import {
  type Descriptor,
  descriptorFor,
  descriptorOf,
  sharesDescriptor,
} from "../../calls/descriptors.ts";
import { requireData } from "../../calls/ranges.ts";
import { mayUseNet, requireNet } from "../../calls/permission.ts";
import { isObserved } from "../../calls/shown_call.ts";
import type { Wait } from "../../calls/waiter.ts";
import { closeSocket, isClosed } from "../close.ts";
import type { Observer } from "../events.ts";
import { Inbox } from "./inbox.ts";
import { joinGroup, type Membership } from "./multicast.ts";
import { lookUpError, type Way, wayTo } from "./reach.ts";
import { type RawDatagram, SeveralDatagrams } from "./several_datagrams.ts";

/**
 * The most that one UDP datagram over IPv4 can hold, in bytes.
 *
 * @category Datagrams
 */
export const MAX_DATAGRAM_BYTES = 65_507;
/** Over IPv6 it may hold 20 bytes more. */
export const BUFFER_BYTES = MAX_DATAGRAM_BYTES + 20;

/**
 * Makes sure that Deno has datagrams.
 *
 * @throws {TypeError} if it was started without them; the message names the flag
 */
export function requireDatagrams(): void {
  if (Deno.listenDatagram !== undefined) return;
  throw new TypeError(
    'Datagrams need --unstable-net, or "unstable": ["net"] in deno.json',
  );
}

/**
 * A datagram that came in.
 *
 * @category Datagrams
 */
export interface Datagram {
  /** Its payload; the bytes are the receiver's own. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Who sent it, and where an answer goes; without its scope, as Deno drops it. */
  readonly peer: Endpoint;
}

/**
 * A bound datagram socket.
 *
 * Receives that wait are served in their order. One that ended by time or
 * signal loses nothing: the next one gets the datagram that came.
 *
 * @category Datagrams
 *
 * @example Ask again until somebody answers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenDatagram, SocketError } from "@parley/parley";
 *
 * using client = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * using server = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * for (let tries = 1; ; tries++) {
 *   await client.sendTo(new TextEncoder().encode("?"), server.addr);
 *   try {
 *     await client.receive({ timeout: 10 });
 *     break;
 *   } catch (error) {
 *     if (!(error instanceof SocketError) || error.code !== "ETIMEDOUT") throw error;
 *     // The server was slow: here it answers the first question only now.
 *     const { data, peer } = await server.receive();
 *     await server.sendTo(data, peer);
 *     assertEquals(tries, 1);
 *   }
 * }
 * ```
 */
export class DatagramSocket implements Disposable, AsyncIterable<Datagram> {
  readonly #socket: RawDatagram | SeveralDatagrams;
  readonly #sockets: readonly RawDatagram[];
  readonly #observer: Observer | undefined;
  readonly #ttl: number | undefined;
  readonly #inbox: Inbox<[Uint8Array<ArrayBuffer>, Deno.Addr], Datagram>;
  /** Whether the network may be used without any limit, once it was asked. */
  #mayReachAll: boolean | undefined;
  /** At which of several sockets a datagram came in. */
  readonly #cameBy = new WeakMap<Datagram, RawDatagram>();

  /**
   * Takes over a socket.
   *
   * @param socket a socket that Deno opened
   * @param observer receives each call
   * @param ttl for IPv4 groups that are joined, as `ListenDatagramOptions` has it
   */
  constructor(
    socket: RawDatagram | SeveralDatagrams,
    observer?: Observer,
    ttl?: number,
  ) {
    const several = socket instanceof SeveralDatagrams ? socket : undefined;
    this.#socket = socket;
    this.#sockets = several?.sockets ?? [socket as RawDatagram];
    this.#ttl = ttl;
    this.#observer = observer;
    if (isObserved(observer)) this.#sockets.forEach(observedSocket);
    if (several === undefined) sharesDescriptor(socket, this);
    const buffer = new Uint8Array(BUFFER_BYTES);
    this.#inbox = new Inbox(
      () => socket.receive(buffer),
      ([data, addr]) => {
        const peer = Endpoint.from(addr as Deno.NetAddr);
        const datagram = { data: data.slice(), peer };
        if (several?.last) this.#cameBy.set(datagram, several.last);
        return datagram;
      },
    );
  }

  /** Where it is bound, as Deno has it; the first place of several. */
  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /** Where it is bound, all places. */
  get addrs(): readonly Deno.NetAddr[] {
    return this.#socket instanceof SeveralDatagrams
      ? this.#socket.addrs
      : [this.addr];
  }

  /**
   * Waits for the next datagram, as `recvfrom(2)` does.
   *
   * @param wait how long
   * @returns the datagram, whole
   * @throws {SocketError} `recvfrom` if the socket failed or was closed
   * (`ECANCELED`), or nothing came in time (`ETIMEDOUT`)
   */
  receive(wait?: Wait): Promise<Datagram> {
    return call("recvfrom", () => this.#inbox.next(wait), {
      timeout: wait?.timeout,
      signal: wait?.signal,
      endsItself: true,
      observer: this.#observer,
      descriptor: (datagram) => this.#descriptorOf(datagram),
      text: (datagram) => ({
        arguments: [String(BUFFER_BYTES)],
        data: datagram?.data,
        remote: datagram?.peer,
      }),
      result: ({ data }) => data.length,
    });
  }

  /**
   * Iterates over the datagrams that come in, until the socket is closed.
   *
   * @returns the datagrams
   * @throws {SocketError} `recvfrom` if the socket failed
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Datagram> {
    try {
      for (;;) yield await this.receive();
    } catch (error) {
      // The caller that closed it knows.
      if (!isClosed(error)) throw error;
    }
  }

  /**
   * Sends one datagram, as `sendto(2)` does.
   *
   * @param data its payload, at most 65507 bytes
   * @param to where to; Deno looks up a name
   * @param wait how long
   * @returns how many bytes were sent
   * @throws {SocketError} `sendto` if the system refused
   * @throws {AddrInfoError} if it has a name that is not known
   * @throws {PermissionError} if the receiver may not be sent to
   * @throws {RangeError} if its port is out of its range
   * @throws {TypeError} if the data is no `Uint8Array`, or the receiver neither
   * of both
   */
  sendTo(
    data: Uint8Array,
    to: Endpoint | Deno.NetAddr,
    wait?: Wait,
  ): Promise<number> {
    let way: Way;
    try {
      way = this.#wayTo(data, to);
    } catch (error) {
      return Promise.reject(error);
    }
    const { address, target } = way;
    const sending = call("sendto", () => this.#socket.send(data, target), {
      timeout: wait?.timeout,
      signal: wait?.signal,
      address,
      observer: this.#observer,
      descriptor: () => this.#descriptorFor(target),
      text: () => ({
        arguments: [
          String(data.length),
          String(address ?? joinHostPort(target.hostname, target.port)),
        ],
        data,
        remote: address,
      }),
      result: Number,
    });
    if (address !== undefined) return sending;
    return sending.catch((error) => {
      throw lookUpError(error, target);
    });
  }

  /**
   * Joins a multicast group: what is sent to it is received as well.
   *
   * @param group the group's address
   * @param via the interface: for an IPv4 group its address or its name, for an
   * IPv6 group its number, its name or its link-local address; the scope of the
   * group by default, else the system's choice
   * @returns the membership; to dispose of it leaves the group
   * @throws {SocketError} `setsockopt` if the system refused
   * @throws {SyntaxError} if the group is no address
   * @throws {RangeError} if the group is no multicast address
   * @throws {PermissionError} if an interface is given by its name and may not
   * be looked for
   */
  async join(
    group: string | IpAddress,
    via?: string | number | IpAddress,
  ): Promise<Membership> {
    const options = { ttl: this.#ttl, observer: this.#observer };
    const socket = this.#socket;
    const joining = socket instanceof SeveralDatagrams
      ? socket.of(IpAddress.parse(String(group)).unmapped().family)
      : socket;
    return await joinGroup(joining, group, via, options);
  }

  /** Closes the socket; receives that wait then fail. Twice is harmless. */
  close(): void {
    for (const each of this.#sockets) closeSocket(each, this.#observer);
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Makes sure that data can be sent, and finds out where to. */
  #wayTo(data: Uint8Array, to: Endpoint | Deno.NetAddr): Way {
    requireData(data);
    const way = wayTo(this.addr, to);
    const { address, target } = way;
    // Deno would prompt for a peer that is not granted.
    this.#mayReachAll ??= mayUseNet();
    if (!this.#mayReachAll) {
      requireNet(address?.address ?? target.hostname, target.port);
    }
    return way;
  }

  /** The socket where a datagram came in, or the first that waits for one. */
  #descriptorOf(datagram: Datagram | undefined): Descriptor | undefined {
    const known = datagram && this.#cameBy.get(datagram);
    return descriptorOf(known ?? this.#sockets[0]!);
  }

  /** The socket that sends to an address. */
  #descriptorFor(to: Deno.NetAddr): Descriptor | undefined {
    const socket = this.#socket;
    return descriptorOf(
      socket instanceof SeveralDatagrams ? socket.way(to).socket : socket,
    );
  }
}

/** Gives a socket a number, if it has none. */
function observedSocket(socket: RawDatagram): void {
  const local = () => Endpoint.from(socket.addr as Deno.NetAddr);
  descriptorFor(socket, () => ({ local: local() }));
}
