/**
 * Datagram sockets that send: to one peer, or once.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { BUFFER_BYTES, DatagramSocket } from "./datagram.ts";
import { deadline, within } from "../calls/deadline.ts";
import { Endpoint, joinHostPort } from "../address/endpoint.ts";
import { errorEvent, PermissionError, SocketError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import { IpAddress } from "../address/ip_address.ts";
import { mayReach, requireNet } from "../calls/permission.ts";
import { closeSocket } from "./socket.ts";
import { findTargets, type Target, type TargetOptions } from "./targets.ts";
import { type Call, traced, tracedSync } from "../calls/call.ts";

/** Whom {@linkcode connectDatagram} connects to. */
export interface ConnectDatagramOptions extends TargetOptions {
  /**
   * A datagram to send at once. An address to which the system cannot send is
   * then passed over for the next one, as it is by `connect(2)`.
   */
  readonly first?: Uint8Array | undefined;
}

/**
 * A datagram socket with one peer: only that peer is sent to and heard.
 *
 * Deno has no `connect(2)` for datagrams, so what comes from anywhere else is
 * thrown away here, and a peer's "port unreachable" is not seen.
 */
export class ConnectedDatagram implements Disposable {
  /** The peer. */
  readonly peer: Endpoint;
  readonly #socket: Deno.DatagramConn;
  readonly #target: Deno.NetAddr;
  readonly #hosts: ReadonlySet<string>;
  readonly #observer: Observer | undefined;

  /**
   * Takes over a socket.
   *
   * @param socket a socket that Deno opened
   * @param target where to send
   * @param hosts the addresses that the target stands for, the likeliest first
   * @param observer is told each call
   */
  constructor(
    socket: Deno.DatagramConn,
    target: Deno.NetAddr,
    hosts: readonly string[],
    observer?: Observer,
  ) {
    this.#socket = socket;
    this.#target = target;
    const peers = hosts.map((hostname) =>
      Endpoint.from({ ...target, hostname })
    );
    this.peer = peers[0] ?? Endpoint.from(target);
    // Deno reports a sender without its scope.
    this.#hosts = new Set(
      peers.map(({ address }) => address.withoutScope().toString()),
    );
    this.#observer = observer;
  }

  /** Where it is bound. */
  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /**
   * Sends one datagram to the peer.
   *
   * @param data its payload, at most 65507 bytes
   * @returns how many bytes were sent
   * @throws {SocketError} where the system refused
   */
  send(data: Uint8Array): Promise<number> {
    return traced(
      this.#observer,
      () => ({ call: "send", arguments: [String(data.length)] }),
      async () => {
        try {
          return await this.#socket.send(data, this.#target);
        } catch (error) {
          throw new SocketError("send", error, this.peer);
        }
      },
      (length) => length,
    );
  }

  /**
   * Waits for a datagram from the peer. Where the time is over, the socket can
   * only be closed.
   *
   * @param timeout the longest wait, in milliseconds; 0, the default, waits for
   * ever
   * @returns its payload
   * @throws {SocketError} where the socket failed, or nothing came in time
   */
  receive(timeout = 0): Promise<Uint8Array> {
    return traced(
      this.#observer,
      () => ({ call: "recv", arguments: [String(BUFFER_BYTES)] }),
      async () => {
        using limit = deadline(timeout);
        try {
          return await this.#receive(limit.signal);
        } catch (error) {
          throw new SocketError("recv", error, this.peer);
        }
      },
      (data) => data.length,
    );
  }

  async #receive(signal: AbortSignal): Promise<Uint8Array> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const [data, addr] = await within(this.#socket.receive(buffer), signal);
      const { address, port } = Endpoint.from(addr as Deno.NetAddr);
      if (port === this.peer.port && this.#hosts.has(address.toString())) {
        return data;
      }
    }
  }

  /** Closes the socket. */
  close(): void {
    closeSocket(this.#socket, this.#observer);
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Makes a datagram socket with one peer: the first of the host's addresses to
 * which a socket can be opened.
 *
 * Where only the host's name is granted (`--allow-net=example.com:4950,[::]:0`)
 * Deno picks the address, and each address of that host is heard.
 *
 * @param options whom to connect to; its signal ends the attempt, and closes the
 * socket that came of it
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
  return await overTargets(options, async ({ addr, hosts }, local) => {
    const connected = tracedSync(
      observer,
      () => ({
        call: "connect",
        arguments: [joinHostPort(hosts[0] ?? addr.hostname, addr.port)],
        before: [socketCall(local)],
        blame: "socket",
      }),
      () => new ConnectedDatagram(openAny(local), addr, hosts, observer),
    );
    try {
      if (first !== undefined) await connected.send(first);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", () => connected.close(), {
        once: true,
      });
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
    using socket = new DatagramSocket(
      tracedSync(
        observer,
        () => socketCall(local),
        () => openAny(local),
        () => "ok",
      ),
      observer,
    );
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
function socketCall(local: string): Call {
  const family = local === "::" ? "AF_INET6" : "AF_INET";
  return { call: "socket", arguments: [family, "SOCK_DGRAM"] };
}

/** Opens a socket on any free port. */
function openAny(hostname: string): Deno.DatagramConn {
  requireNet(hostname, 0);
  try {
    return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  } catch (error) {
    throw new SocketError("socket", error);
  }
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
