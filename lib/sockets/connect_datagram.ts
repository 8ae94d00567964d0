/**
 * Datagram sockets that send: to one peer, or once.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { ConnectedDatagram } from "./connected_datagram.ts";
import { DatagramSocket, reach } from "./datagram.ts";
import { joinHostPort } from "../address/endpoint.ts";
import { errorEvent, PermissionError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import { IpAddress } from "../address/ip_address.ts";
import { mayReach, requireNet } from "../calls/permission.ts";
import { findTargets, type Target, type TargetOptions } from "./targets.ts";
import { call, type CallText } from "../calls/call.ts";

/** Whom {@linkcode connectDatagram} connects to. */
export interface ConnectDatagramOptions extends TargetOptions {
  /**
   * A datagram to send at once. An address to which the system cannot send is
   * then passed over for the next one, as it is by `connect(2)`.
   */
  readonly first?: Uint8Array | undefined;
}

/**
 * Makes a datagram socket with one peer: the first of the host's addresses to
 * which a socket can be opened.
 *
 * Where only the host's name is granted (`--allow-net=example.com:4950,[::]:0`)
 * Deno picks the address, and each address of that host is heard.
 *
 * @param options whom to connect to; its signal ends the opening and nothing
 * else
 * @returns the socket
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {SocketError} where no address could be sent to; the last one's error
 * @throws {PermissionError} where the peer may not be sent to, or no local
 * address be bound
 *
 * @example
 * ```ts
 * import { connectDatagram } from "@parley/parley";
 *
 * using talker = await connectDatagram({ hostname: "127.0.0.1", port: 4950 });
 * await talker.send(new TextEncoder().encode("hello"));
 * ```
 */
export async function connectDatagram(
  options: ConnectDatagramOptions,
): Promise<ConnectedDatagram> {
  const { first, signal, observer } = options;
  return await overTargets(options, async ({ addr, peers, unknown }, local) => {
    const [peer, ...others] = peers;
    if (peer === undefined) throw unknown;
    requireNet(local, 0);
    const socket = call("socket", () => openAny(local), {
      observer,
      text: () => ({
        call: "connect",
        arguments: [peer.toString()],
        before: [socketCall(local)],
        blame: "socket",
      }),
    });
    const target = addr.hostname === peer.address.toString()
      ? reach(socket.addr as Deno.NetAddr, peer)
      : addr;
    const all = [peer, ...others] as const;
    const connected = new ConnectedDatagram(socket, target, all, observer);
    try {
      if (first !== undefined) await connected.send(first);
      signal?.throwIfAborted();
      return connected;
    } catch (error) {
      connected.close();
      throw error;
    }
  });
}

/** What {@linkcode sendDatagram} sends, and where. */
export interface SendDatagramOptions extends TargetOptions {
  /** The payload, at most 65507 bytes. */
  readonly data: Uint8Array;
}

/**
 * Sends one datagram from a socket of its own, to the first of the host's
 * addresses to which the system can send.
 *
 * @param options what to send, and where
 * @returns how many bytes were sent
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {SocketError} where no address could be sent to; the last one's error
 * @throws {PermissionError} where the peer may not be sent to, or no local
 * address be bound
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenDatagram, sendDatagram } from "@parley/parley";
 *
 * using listener = await listenDatagram({ port: 0 });
 * await sendDatagram({
 *   hostname: "localhost",
 *   port: listener.addr.port,
 *   data: new TextEncoder().encode("hello"),
 * });
 * assertEquals((await listener.receive()).data.length, 5);
 * ```
 */
export async function sendDatagram(
  options: SendDatagramOptions,
): Promise<number> {
  const { data, observer } = options;
  return await overTargets(options, async ({ addr }, local) => {
    requireNet(local, 0);
    const opened = call("socket", () => openAny(local), {
      observer,
      text: () => socketCall(local),
      result: () => "ok",
    });
    using socket = new DatagramSocket(opened, observer);
    return await socket.sendTo(data, addr);
  });
}

/** Tries one target after the other, and tells each that failed but the last. */
async function overTargets<T>(
  options: TargetOptions,
  attempt: (target: Target, local: string) => Promise<T>,
): Promise<T> {
  const { hostname, port, signal, observer } = options;
  if (!mayReach("::", 0) && !mayReach("0.0.0.0", 0)) {
    const peer = joinHostPort(hostname, port);
    throw new PermissionError(`--allow-net=${peer},[::]:0`);
  }
  let failure: unknown;
  for (const target of await findTargets(options, "datagram")) {
    if (failure !== undefined) emit(observer, "event", errorEvent(failure));
    signal?.throwIfAborted();
    try {
      return await attempt(target, localAddress(target.addr.hostname));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The call that C makes to have a socket for one family. */
function socketCall(
  local: string,
): Required<Pick<CallText, "call" | "arguments">> {
  const family = local === "::" ? "AF_INET6" : "AF_INET";
  return { call: "socket", arguments: [family, "SOCK_DGRAM"] };
}

/** Opens a socket on any free port. */
function openAny(hostname: string): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

/** The address to bind for a target. */
function localAddress(target: string): string {
  // A name may turn out to be of either family: a dual-stack socket has both.
  const family = IpAddress.tryParse(target)?.family;
  const candidates = family === "IPv6"
    ? ["::"]
    : family === "IPv4"
    ? ["0.0.0.0", "::"]
    : ["::", "0.0.0.0"];
  return candidates.find((any) => mayReach(any, 0)) ?? "::";
}
