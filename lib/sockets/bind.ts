/**
 * Binding sockets to addresses of this machine.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import { FAMILY_WORDS } from "../address/inet.ts";
import { IpAddress } from "../address/ip_address.ts";
import { call, type EarlierCall } from "../calls/call.ts";
import type { SocketError } from "../calls/errors.ts";
import { emit, receives } from "../calls/observer.ts";
import { mayReach } from "../calls/permission.ts";
import type { SockType } from "../names/services.ts";
import { closeSocket } from "./close.ts";
import type { Observer, SocketEvent } from "./events.ts";
import type { BindOptions } from "./bind_options.ts";
import { type LocalHost, localHosts } from "./local_addresses.ts";
import {
  bindWildcard,
  type Bound,
  dualStackOf,
  isTaken,
  lacksFamily,
  portOf,
  sharedStackOf,
} from "./wildcard.ts";

/** How {@linkcode bindAll} opens a socket. */
export interface Opening<S extends Bound> {
  /** The socket's type. */
  readonly socktype: SockType;
  /**
   * Whether other sockets may have the same port.
   *
   * @default {false}
   */
  readonly isShared?: boolean | undefined;
  /** Makes the system's call. */
  readonly open: (addr: Deno.NetAddr, isShared: boolean) => S;
  /** The calls that C makes, `socket` the first. */
  readonly calls: (addr: Deno.NetAddr) => readonly EarlierCall[];
}

/** For port 0, at most this many are tried until one is free at all addresses. */
const TRIES = 16;

/**
 * Binds all the addresses that the options name, all to one port.
 *
 * @param options where
 * @param opening how a socket is opened
 * @returns the sockets, one or more
 * @throws {AddrInfoError} if a host or the service is not known
 * @throws {SocketError} if an address can't be bound
 * @throws {PermissionError} if `--allow-net` does not cover an address
 * @throws {RangeError} if hosts overlap
 */
export async function bindAll<S extends Bound>(
  options: BindOptions,
  opening: Opening<S>,
): Promise<[S, ...S[]]> {
  const { observer } = options;
  const hosts = joinWildcards(await localHosts(options, opening.socktype));
  const announce = receives(observer, "event")
    ? announcer(observer)
    : undefined;
  for (let tries = 1;; tries++) {
    const binding = new Binding(opening, observer, announce);
    try {
      for (const host of hosts) binding.add(host);
      return binding.sockets as [S, ...S[]];
    } catch (error) {
      for (const socket of binding.sockets) closeSocket(socket, observer);
      const isAnyPort = hosts[0]?.addrs[0]?.port === 0;
      if (!isAnyPort || !isTaken(error) || tries === TRIES) throw error;
    }
  }
}

/** What is reported before a call is. */
const ANNOUNCED: Readonly<Record<string, SocketEvent>> = {
  socket: { event: "creating" },
  bind: { event: "binding" },
  listen: { event: "openingListener" },
};

/** Announces each call once, however many sockets there are. */
function announcer(
  observer: Observer | undefined,
): (call: string) => void {
  const announced = new Set<string>();
  return (call) => {
    const event = ANNOUNCED[call];
    if (event === undefined || announced.has(call)) return;
    announced.add(call);
    emit(observer, "event", event);
  };
}

/** Sockets that are bound to one port. */
class Binding<S extends Bound> {
  readonly sockets: S[] = [];
  readonly #opening: Opening<S>;
  readonly #observer: Observer | undefined;
  readonly #announce: ((call: string) => void) | undefined;

  constructor(
    opening: Opening<S>,
    observer: Observer | undefined,
    announce: ((call: string) => void) | undefined,
  ) {
    this.#opening = opening;
    this.#observer = observer;
    this.#announce = announce;
  }

  /** Binds all the addresses of one host. */
  add({ addrs }: LocalHost): void {
    const [first, second] = addrs;
    if (second !== undefined && [first!, second].every(isWildcard)) {
      this.#addBoth(first!);
      return;
    }
    const before = this.sockets.length;
    let missing: unknown;
    for (const addr of addrs) {
      try {
        this.sockets.push(this.#open(this.#withPort(addr)));
      } catch (error) {
        // A name's other address may be of a family that this machine has.
        if (!lacksFamily(error)) throw error;
        missing = error;
      }
    }
    if (this.sockets.length === before) throw missing;
  }

  /** Binds every interface of both families. */
  #addBoth(addr: Deno.NetAddr): void {
    const { isShared = false } = this.#opening;
    const { transport, port } = this.#withPort(addr);
    const system = dualStackOf(Deno.build.os);
    const asked = new Map<S, Deno.NetAddr>();
    const openWith =
      (isShared: boolean) => (hostname: string, port: number) => {
        const addr = { transport, hostname, port };
        const socket = this.#probe(addr, isShared);
        asked.set(socket, addr);
        return socket;
      };
    const options = { port, isGranted: mayReach, open: openWith(isShared) };
    try {
      const sockets = bindWildcard({
        ...options,
        system: isShared ? sharedStackOf(openWith(false), mayReach) : system,
      });
      // What was tried and given up is no call that C would make.
      for (const socket of sockets) {
        this.#open(asked.get(socket) ?? addr, () => socket);
        this.sockets.push(socket);
      }
    } catch (error) {
      const { address } = error as SocketError;
      const failed = address?.toNetAddr(transport as "tcp" | "udp") ?? addr;
      this.#open(failed, () => {
        throw error;
      });
    }
  }

  /** Opens a socket, and reports it. */
  #open(
    addr: Deno.NetAddr,
    run = () => this.#opening.open(addr, this.#opening.isShared ?? false),
  ): S {
    const { calls } = this.#opening;
    const announce = this.#announce;
    return call("bind", run, {
      address: Endpoint.from(addr),
      observer: this.#observer,
      before: () => calls(addr).slice(0, -1),
      text: () => calls(addr).at(-1) ?? {},
      blame: () => "bind",
      opens: ({ addr }) => ({ local: Endpoint.from(addr as Deno.NetAddr) }),
      ...(announce && { announce }),
    });
  }

  /** Opens a socket that may be closed again. */
  #probe(addr: Deno.NetAddr, isShared: boolean): S {
    return call("bind", () => this.#opening.open(addr, isShared), {
      address: Endpoint.from(addr),
      before: () => this.#opening.calls(addr),
    });
  }

  /** All have the port of the first one. */
  #withPort(addr: Deno.NetAddr): Deno.NetAddr {
    const [first] = this.sockets;
    return first === undefined ? addr : { ...addr, port: portOf(first) };
  }
}

/** Both wildcards, however they were given, are every interface. */
function joinWildcards(hosts: readonly LocalHost[]): readonly LocalHost[] {
  const addrs = hosts.flatMap(({ addrs }) => addrs).filter(isWildcard);
  return addrs.length === 2 ? [{ name: null, addrs }] : hosts;
}

function isWildcard({ hostname }: Deno.NetAddr): boolean {
  return IpAddress.parse(hostname).isUnspecified;
}

/**
 * Describes the calls that C makes to have a bound socket.
 *
 * @param addr where it is bound
 * @returns `socket` and `bind`
 */
export function bindCalls(
  addr: Deno.NetAddr,
): [socket: EarlierCall, bind: EarlierCall] {
  const endpoint = Endpoint.from(addr);
  return [{
    call: "socket",
    arguments: [
      FAMILY_WORDS[endpoint.address.family],
      addr.transport === "tcp" ? "SOCK_STREAM" : "SOCK_DGRAM",
    ],
  }, { call: "bind", arguments: [endpoint.toString()] }];
}
