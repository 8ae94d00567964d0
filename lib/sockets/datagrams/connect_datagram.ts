/**
 * Datagram sockets that send: to one peer, or once.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { requireData, requireLocalPort } from "../../calls/ranges.ts";
import { descriptorOf, numbered } from "../../calls/descriptors.ts";
import { emit, receives } from "../../calls/observer.ts";
import { ConnectedDatagram, sending } from "./connected_datagram.ts";
import { bindCalls } from "../bind.ts";
import { closeSocket } from "../close.ts";
import { DatagramSocket, requireDatagrams } from "./datagram.ts";
import { reach } from "./reach.ts";
import { errorEvent, PermissionError } from "../../calls/errors.ts";
import type { Observer } from "../events.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { mayReach, requireNet } from "../../calls/permission.ts";
import {
  type Destination,
  destinationText,
  findTargets,
  type ReachOptions,
  type Target,
  type TargetOptions,
} from "../targets.ts";
import { call } from "../../calls/call.ts";

/**
 * How {@linkcode connectDatagram} connects.
 *
 * @category Datagrams
 */
export interface ConnectDatagramSettings extends ReachOptions {
  /**
   * A datagram to send at once. An address to which the system cannot send is
   * then passed over for the next one, as it is by `connect(2)`.
   */
  readonly first?: Uint8Array | undefined;
}

/**
 * Where and how {@linkcode connectDatagram} connects.
 *
 * @category Datagrams
 */
export type ConnectDatagramOptions = Destination & ConnectDatagramSettings;

/**
 * Makes a datagram socket with one peer: the first of the host's addresses to
 * which a socket can be opened.
 *
 * If only the host's name is granted (`--allow-net=example.com:4950,[::]:0`)
 * Deno picks the address, and each address of that host is heard.
 *
 * @category Datagrams
 * @param options where and how to connect; its signal ends the opening and nothing
 * else
 * @returns the socket
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} if no address could be sent to; the last one's error
 * @throws {PermissionError} if the peer may not be sent to, or the local address
 * not be bound
 * @throws {RangeError} if a number is out of its range
 * @throws {TypeError} without `--unstable-net`
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
  if (first !== undefined) requireData(first);
  return await overTargets(options, async ({ addr, peers, unknown }, local) => {
    const [peer, ...others] = peers;
    if (peer === undefined) throw unknown;
    const socket = openLocal(local, observer);
    const target = addr.hostname === peer.address.toString()
      ? reach(socket.addr as Deno.NetAddr, peer)
      : addr;
    const all = [peer, ...others] as const;
    connectSocket(socket, peer, observer);
    try {
      const isConnected = () => reportConnected(socket, peer, observer);
      if (first === undefined) isConnected();
      else await sendFirst(socket, target, first, peer, isConnected, options);
      signal?.throwIfAborted();
      return new ConnectedDatagram(socket, target, all, observer);
    } catch (error) {
      closeSocket(socket, observer);
      throw error;
    }
  });
}

/** What `connect(2)` does, which Deno does not have: nothing is called. */
function connectSocket(
  socket: Deno.DatagramConn,
  peer: Endpoint,
  observer: Observer | undefined,
): void {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) return;
  descriptor.meet(peer);
  call("connect", () => {}, {
    observer,
    descriptor,
    text: () => ({ arguments: [peer.toString()], emulated: true }),
  });
}

function reportConnected(
  socket: Deno.DatagramConn,
  peer: Endpoint,
  observer: Observer | undefined,
): void {
  if (!receives(observer, "event")) return;
  const local = Endpoint.from(socket.addr as Deno.NetAddr);
  const connected = { event: "connected", peer, local } as const;
  emit(observer, "event", numbered(socket, connected));
}

/** Sends the first datagram: only that shows whether the peer can be sent to. */
async function sendFirst(
  socket: Deno.DatagramConn,
  target: Deno.NetAddr,
  data: Uint8Array,
  peer: Endpoint,
  isConnected: () => void,
  options: TargetOptions,
): Promise<void> {
  const { timeout, signal, observer } = options;
  const bytes = await call("send", () => socket.send(data, target), {
    ...sending(data, peer),
    timeout,
    signal,
    observer,
    descriptor: descriptorOf(socket),
    // Then it is connected, before it has sent.
    announce: (_call, failed) => void (failed || isConnected()),
  });
  reportSent(socket, options, peer, bytes, data.length);
}

/** Reports a datagram that was sent. */
function reportSent(
  socket: Deno.DatagramConn,
  options: TargetOptions,
  remote: Endpoint | undefined,
  bytes: number,
  of: number,
): void {
  const { observer, hostname, endpoint } = options;
  if (!receives(observer, "event")) return;
  const sent = {
    event: "sent",
    to: hostname ?? String(endpoint),
    ...(remote && { remote }),
    local: Endpoint.from(socket.addr as Deno.NetAddr),
    bytes,
    of,
  } as const;
  emit(observer, "event", numbered(socket, sent));
}

/**
 * What {@linkcode sendDatagram} sends, and how.
 *
 * @category Datagrams
 */
export interface SendDatagramSettings extends ReachOptions {
  /** The payload, at most 65507 bytes. */
  readonly data: Uint8Array;
}

/**
 * Where, what and how {@linkcode sendDatagram} sends.
 *
 * @category Datagrams
 */
export type SendDatagramOptions = Destination & SendDatagramSettings;

/**
 * Sends one datagram from a socket of its own, to the first of the host's
 * addresses to which the system can send.
 *
 * @category Datagrams
 * @param options where to send, and what
 * @returns how many bytes were sent
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {SocketError} if no address could be sent to; the last one's error
 * @throws {PermissionError} if the peer may not be sent to, or the local address
 * not be bound
 * @throws {RangeError} if a number is out of its range
 * @throws {TypeError} without `--unstable-net`
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
  const { data, timeout, signal, observer } = options;
  return await overTargets(options, async ({ addr, peers }, local) => {
    const raw = openLocal(local, observer);
    using socket = new DatagramSocket(raw, observer);
    const [remote] = peers;
    const isNamed = IpAddress.tryParse(addr.hostname) === undefined;
    if (remote && isNamed) descriptorOf(raw)?.meet(remote);
    const bytes = await socket.sendTo(data, addr, { timeout, signal });
    reportSent(raw, options, remote, bytes, data.length);
    return bytes;
  });
}

/** Where a socket of our own is bound. */
type Local = Pick<Deno.NetAddr, "hostname" | "port">;

/** Tries one target after the other, and reports each that failed but the last. */
async function overTargets<T>(
  options: TargetOptions,
  attempt: (target: Target, local: Local) => Promise<T>,
): Promise<T> {
  requireDatagrams();
  const { signal, observer } = options;
  signal?.throwIfAborted();
  const bind = localsOf(options);
  let failure: unknown;
  for (const target of await findTargets(options, "datagram")) {
    if (failure !== undefined) emit(observer, "event", errorEvent(failure));
    signal?.throwIfAborted();
    try {
      return await attempt(target, bind(target));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Opens a socket of our own. */
function openLocal(
  { hostname, port }: Local,
  observer: Observer | undefined,
): Deno.DatagramConn {
  requireNet(hostname, port);
  const addr = { transport: "udp", hostname, port } as const;
  return call("bind", () => Deno.listenDatagram(addr), {
    address: Endpoint.from(addr),
    observer,
    before: () => bindCalls(addr).slice(0, 1),
    text: () => bindCalls(addr)[1],
    opens: ({ addr }) => ({ local: Endpoint.from(addr as Deno.NetAddr) }),
  });
}

/** Says where to bind for each target. */
function localsOf(options: TargetOptions): (target: Target) => Local {
  const { localAddress, localPort: port = 0 } = options;
  requireLocalPort(port);
  if (localAddress !== undefined) {
    const hostname = IpAddress.parse(String(localAddress)).toString();
    return () => ({ hostname, port });
  }
  if (!mayReach("::", port) && !mayReach("0.0.0.0", port)) {
    const flag = `--allow-net=${destinationText(options)},[::]:${port}`;
    throw new PermissionError(flag);
  }
  return ({ addr }) => ({ hostname: wildcardFor(addr.hostname, port), port });
}

/** The wildcard address to bind for a target, of those that are granted. */
function wildcardFor(target: string, port: number): string {
  // A name may turn out to be of either family: a dual-stack socket has both.
  const family = IpAddress.tryParse(target)?.family;
  const candidates = family === "IPv6"
    ? ["::"]
    : family === "IPv4"
    ? ["0.0.0.0", "::"]
    : ["::", "0.0.0.0"];
  return candidates.find((any) => mayReach(any, port)) ?? "::";
}
