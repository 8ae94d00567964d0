/**
 * Binding a socket to an address of this machine.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import type { Family } from "../address/inet.ts";
import type { CallText } from "../calls/call.ts";
import { SocketError } from "../calls/errors.ts";
import { emit } from "../calls/observer.ts";
import { mayUseNet, requireNet } from "../calls/permission.ts";
import { getAddrInfo } from "../names/addrinfo.ts";
import type { AddrInfoHints } from "../names/hints.ts";
import type { SockType } from "../names/services.ts";
import type { Observer } from "./events.ts";

/** Where a socket is bound. */
export interface BindOptions {
  /** A port, 0 to 65535, or a service's name; 0 takes any free port. */
  readonly port: number | string;
  /**
   * A name or a numeric address of this machine.
   *
   * @default {undefined} every interface
   */
  readonly hostname?: string | undefined;
  /**
   * This family only.
   *
   * @default {undefined} both, on one dual-stack socket
   */
  readonly family?: Family | undefined;
  /** Ends the opening; a socket that is open does not heed it. */
  readonly signal?: AbortSignal | undefined;
  /** Receives each call. */
  readonly observer?: Observer | undefined;
}

/** The codes of an address family that this machine does not have. */
const NO_SUCH_FAMILY = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/**
 * Binds to the first of the addresses that can be bound.
 *
 * @param options where
 * @param socktype the socket's type
 * @param open opens a socket on one address
 * @returns what `open` returned
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} if no address can be bound
 * @throws {PermissionError} if an address may not be used
 */
export async function bindFirst<T extends { close(): void }>(
  options: BindOptions,
  socktype: SockType,
  open: (addr: Deno.NetAddr) => T,
): Promise<T> {
  const { hostname = null, observer } = options;
  const list = await localAddresses(options, socktype);
  emit(observer, "event", { event: "creating" });
  emit(observer, "event", { event: "binding" });
  let failure: SocketError | undefined;
  for (const addr of list) {
    requireNet(addr.hostname, addr.port);
    try {
      return open(addr);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      failure = error;
      // A port that is taken in one family must not be served in the other
      // only: clients would reach two programs under one name.
      if (hostname === null && !NO_SUCH_FAMILY.includes(failure.code)) break;
    }
  }
  throw failure;
}

/** Finds the addresses to bind, and whether the first of them may be used. */
async function localAddresses(
  options: BindOptions,
  socktype: SockType,
): Promise<Deno.NetAddr[]> {
  const { port, hostname = null, family, signal, observer } = options;
  signal?.throwIfAborted();
  const find = async (hints: AddrInfoHints) => {
    const list = await getAddrInfo(hostname, port, hints);
    signal?.throwIfAborted();
    return list.map(({ addr }) => addr);
  };
  const hints = { socktype, passive: true, family, signal } as const;
  if (!mayUseNet()) {
    // A missing permission is found before anything is reported. For a name
    // that takes a look-up, which nobody observes.
    const [first] = await find(hints);
    if (first !== undefined) requireNet(first.hostname, first.port);
  }
  emit(observer, "event", { event: "configuring" });
  return await find({ ...hints, observer });
}

/** A call as the trace shows it. */
type ShownCall = NonNullable<CallText["before"]>[number];

/**
 * Describes the calls that C makes to have a bound socket.
 *
 * @param addr where it is bound
 * @returns `socket` and `bind`
 */
export function bindCalls(
  addr: Deno.NetAddr,
): [socket: ShownCall, bind: ShownCall] {
  const endpoint = Endpoint.from(addr);
  return [{
    call: "socket",
    arguments: [
      endpoint.address.family === "IPv4" ? "AF_INET" : "AF_INET6",
      addr.transport === "tcp" ? "SOCK_STREAM" : "SOCK_DGRAM",
    ],
  }, { call: "bind", arguments: [endpoint.toString()] }];
}
