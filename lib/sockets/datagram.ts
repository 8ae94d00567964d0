/**
 * Datagram sockets that wait for peers.
 *
 * @module
 */

import { emit } from "../calls/observer.ts";
import { Endpoint } from "../address/endpoint.ts";
import { errorEvent, SocketError } from "../calls/errors.ts";
import type { Observer } from "./events.ts";
import type { Family } from "../address/inet.ts";
import { bindCalls, bindFirst, type BindOptions } from "./bind.ts";
import { closeSocket } from "./socket.ts";
import { call, traced } from "../calls/call.ts";

/** The most that one UDP datagram over IPv4 can hold, in bytes. */
export const MAX_DATAGRAM_BYTES = 65_507;
/** Over IPv6 it may hold 20 bytes more. */
export const BUFFER_BYTES = MAX_DATAGRAM_BYTES + 20;

/** A datagram that came in. */
export interface Datagram {
  /** Its payload, in the socket's own buffer: the next receive overwrites it. */
  readonly data: Uint8Array;
  /** Who sent it. */
  readonly peer: Endpoint;
  /** Where an answer goes, in the socket's own terms. */
  readonly from: Deno.NetAddr;
}

function datagramOf([data, addr]: [Uint8Array, Deno.Addr]): Datagram {
  const from = addr as Deno.NetAddr;
  return { data, peer: Endpoint.from(from), from };
}

function recvFailed(error: unknown): never {
  throw new SocketError("recvfrom", error);
}

/** A bound datagram socket. */
export class DatagramSocket implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly #observer: Observer | undefined;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);

  /**
   * Takes over a socket.
   *
   * @param socket a socket that Deno opened
   * @param observer is told each call
   */
  constructor(socket: Deno.DatagramConn, observer?: Observer) {
    this.#socket = socket;
    this.#observer = observer;
  }

  /** Where it is bound. */
  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /**
   * Waits for the next datagram, as `recvfrom(2)` does.
   *
   * @returns the datagram, whole; its bytes stay valid until the next call
   * @throws {SocketError} where the socket failed or was closed
   */
  receive(): Promise<Datagram> {
    return traced(
      this.#observer,
      () => ({ call: "recvfrom", arguments: [String(this.#buffer.length)] }),
      () => this.#socket.receive(this.#buffer).then(datagramOf, recvFailed),
      ({ data, peer }) => `${data.length} from ${peer}`,
    );
  }

  /**
   * Sends one datagram, as `sendto(2)` does.
   *
   * @param data its payload, at most 65507 bytes
   * @param to where to
   * @returns how many bytes were sent
   * @throws {SocketError} where the system refused
   */
  sendTo(data: Uint8Array, to: Deno.NetAddr): Promise<number> {
    return traced(
      this.#observer,
      () => ({
        call: "sendto",
        arguments: [String(data.length), Endpoint.from(to).toString()],
      }),
      async () => {
        try {
          return await this.#socket.send(data, to);
        } catch (error) {
          throw new SocketError("sendto", error, Endpoint.from(to));
        }
      },
      (length) => length,
    );
  }

  /** Closes the socket; a pending receive then fails. */
  close(): void {
    closeSocket(this.#socket, this.#observer);
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Binds a datagram socket, by default to every interface of both families.
 * Peers that come over IPv4 are told as such (`127.0.0.1`).
 *
 * Where this machine has no IPv6, `0.0.0.0` is bound in place of `::`.
 *
 * @param options where to bind
 * @returns the socket
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {SocketError} where it cannot be bound
 * @throws {PermissionError} where the address may not be used
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
 * const { data, from } = await listener.receive();
 * assertEquals(data.length, 5);
 * await listener.sendTo(data, from);
 * assertEquals(await talker.receive(), new TextEncoder().encode("hello"));
 * ```
 */
export async function listenDatagram(
  options: BindOptions,
): Promise<DatagramSocket> {
  const { observer } = options;
  const socket = await bindFirst(options, "datagram", (addr) => {
    const { hostname, port } = addr;
    const [create, bind] = bindCalls(addr);
    const opened = call(
      "bind",
      () => Deno.listenDatagram({ transport: "udp", hostname, port }),
      {
        address: Endpoint.from(addr),
        observer,
        text: () => ({ ...bind, before: [create] }),
      },
    );
    return new DatagramSocket(opened, observer);
  });
  emit(observer, "event", {
    event: "bound",
    address: Endpoint.from(socket.addr),
  });
  return socket;
}

/** How {@linkcode serveDatagram} serves. */
export interface ServeDatagramOptions {
  /**
   * How many datagrams are taken in all, 1 or more.
   *
   * @default {Infinity}
   */
  readonly count?: number | undefined;
  /**
   * Peers of this family alone: other datagrams are thrown away.
   *
   * @default {undefined} both
   */
  readonly family?: Family | undefined;
  /** Stops receiving. */
  readonly signal?: AbortSignal | undefined;
  /** Is told each datagram and each error. */
  readonly observer?: Observer | undefined;
}

/**
 * Receives datagrams until the signal or the count says stop, then closes the
 * socket. An error on one datagram is told and does not end it.
 *
 * @param socket where to receive
 * @param handler is given each datagram after it was told
 * @param options how to serve
 *
 * @example
 * ```ts
 * import {
 *   connectDatagram,
 *   listenDatagram,
 *   serveDatagram,
 * } from "@parley/parley";
 *
 * const socket = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * const { port } = socket.addr;
 * const served = serveDatagram(socket, async ({ data, from }) => {
 *   await socket.sendTo(data, from);
 * }, { count: 1 });
 * using talker = await connectDatagram({ hostname: "127.0.0.1", port });
 * await talker.send(new TextEncoder().encode("echo"));
 * await talker.receive();
 * await served;
 * ```
 */
export async function serveDatagram(
  socket: DatagramSocket,
  handler: (datagram: Datagram) => Promise<void> | void,
  options: ServeDatagramOptions = {},
): Promise<void> {
  const { count = Infinity, family, signal, observer } = options;
  const stop = () => socket.close();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  emit(observer, "event", { event: "waiting" });
  for (let received = 0; received < count && !signal?.aborted;) {
    try {
      const datagram = await socket.receive();
      const { peer, data } = datagram;
      if (family !== undefined && peer.address.family !== family) continue;
      received++;
      emit(observer, "event", { event: "datagram", peer, data });
      const handled = handler(datagram);
      if (handled !== undefined) await handled;
    } catch (error) {
      if (signal?.aborted || isClosed(error)) break;
      emit(observer, "event", errorEvent(error));
    }
  }
  signal?.removeEventListener("abort", stop);
  if (!signal?.aborted) stop();
}

/** Whether the socket itself is gone. */
function isClosed(error: unknown): boolean {
  return error instanceof SocketError && error.code === "ECANCELED";
}
