/**
 * Datagram sockets with one peer.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import type { IpAddress } from "../../address/ip_address.ts";
import { receiverOf } from "../../address/loopback.ts";
import { call, type CallOptions } from "../../calls/call.ts";
import { dataError } from "../../calls/ranges.ts";
import { type Descriptor, descriptorFor } from "../../calls/descriptors.ts";
import { isObserved } from "../../calls/shown_call.ts";
import type { Wait } from "../../calls/waiter.ts";
import { closeSocket, isClosed } from "../close.ts";
import { BUFFER_BYTES } from "./datagram.ts";
import type { Observer } from "../events.ts";
import { Inbox } from "./inbox.ts";

/**
 * A datagram socket with one peer: only that peer is sent to and heard.
 *
 * Deno has no `connect(2)` for datagrams, so what comes from anywhere else is
 * thrown away here, and a peer's "port unreachable" is not seen.
 *
 * Receives that wait are served in their order. One that ended by time or
 * signal loses nothing: the next one gets the datagram that came.
 *
 * @category Datagrams
 *
 * @example Ask again until the peer answers
 * ```ts
 * import { connectDatagram, listenDatagram, SocketError } from "@parley/parley";
 *
 * using server = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
 * const { hostname, port } = server.addr;
 * using client = await connectDatagram({ hostname, port });
 *
 * async function ask(question: Uint8Array, tries: number): Promise<Uint8Array> {
 *   for (let timeout = 500; ; timeout *= 2) {
 *     await client.send(question);
 *     try {
 *       return await client.receive({ timeout });
 *     } catch (error) {
 *       const isLate = error instanceof SocketError && error.code === "ETIMEDOUT";
 *       if (!isLate || --tries === 0) throw error;
 *     }
 *   }
 * }
 *
 * const answer = ask(new TextEncoder().encode("?"), 3);
 * await server.sendTo(new TextEncoder().encode("!"), (await server.receive()).peer);
 * await answer;
 * ```
 */
export class ConnectedDatagram
  implements Disposable, AsyncIterable<Uint8Array<ArrayBuffer>> {
  /** The peer. */
  readonly peer: Endpoint;
  readonly #socket: Deno.DatagramConn;
  readonly #target: Deno.NetAddr;
  readonly #heard: readonly IpAddress[];
  readonly #observer: Observer | undefined;
  readonly #descriptor: Descriptor | undefined;
  readonly #inbox: Inbox<Uint8Array, Uint8Array<ArrayBuffer>>;

  /**
   * Takes over a socket.
   *
   * @param socket a socket that Deno opened
   * @param target where to send
   * @param peers the endpoints that the target stands for, 1 or more, the
   * likeliest first
   * @param observer receives each call
   */
  constructor(
    socket: Deno.DatagramConn,
    target: Deno.NetAddr,
    peers: readonly [Endpoint, ...Endpoint[]],
    observer?: Observer,
  ) {
    this.#socket = socket;
    this.#target = target;
    this.peer = peers[0];
    // Deno reports a sender without its scope.
    this.#heard = peers.map(({ address }) =>
      receiverOf(address).withoutScope()
    );
    this.#observer = observer;
    this.#descriptor = isObserved(observer)
      ? descriptorFor(socket, () => ({
        local: Endpoint.from(this.addr),
        remote: this.peer,
      }))
      : undefined;
    this.#descriptor?.belongsTo(this);
    const buffer = new Uint8Array(BUFFER_BYTES);
    this.#inbox = new Inbox(() => this.#next(buffer), (data) => data.slice());
  }

  /** Where it is bound, as Deno has it. */
  get addr(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  /**
   * Sends one datagram to the peer.
   *
   * @param data its payload, at most 65507 bytes
   * @param wait how long
   * @returns how many bytes were sent
   * @throws {SocketError} `send` if the system refused
   */
  send(data: Uint8Array, wait?: Wait): Promise<number> {
    const wrong = dataError(data);
    if (wrong !== undefined) return Promise.reject(wrong);
    return call("send", () => this.#socket.send(data, this.#target), {
      timeout: wait?.timeout,
      signal: wait?.signal,
      observer: this.#observer,
      descriptor: this.#descriptor,
      ...sending(data, this.peer),
    });
  }

  /**
   * Waits for a datagram from the peer.
   *
   * @param wait how long
   * @returns its payload; the bytes are the caller's own
   * @throws {SocketError} `recv` if the socket failed or was closed
   * (`ECANCELED`), or nothing came in time (`ETIMEDOUT`)
   */
  receive(wait?: Wait): Promise<Uint8Array<ArrayBuffer>> {
    return call("recv", () => this.#inbox.next(wait), {
      timeout: wait?.timeout,
      signal: wait?.signal,
      endsItself: true,
      address: this.peer,
      observer: this.#observer,
      descriptor: this.#descriptor,
      text: (data) => ({ arguments: [String(BUFFER_BYTES)], data }),
      result: ({ length }) => length,
    });
  }

  /**
   * Iterates over the peer's datagrams, until the socket is closed.
   *
   * @returns their payloads
   * @throws {SocketError} `recv` if the socket failed
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<
    Uint8Array<ArrayBuffer>
  > {
    try {
      for (;;) yield await this.receive();
    } catch (error) {
      // The caller that closed it knows.
      if (!isClosed(error)) throw error;
    }
  }

  /** Waits for a datagram from the peer, and throws all others away. */
  async #next(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    for (;;) {
      const [data, from] = await this.#socket.receive(buffer);
      const { address, port } = Endpoint.from(from as Deno.NetAddr);
      const isHeard = port === this.peer.port &&
        this.#heard.some((heard) => heard.equals(address));
      if (isHeard) return data;
    }
  }

  /** Closes the socket; receives that wait then fail. Twice is harmless. */
  close(): void {
    closeSocket(this.#socket, this.#observer);
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Describes what is sent to a peer, for the call that sends it.
 *
 * @param data the payload
 * @param peer the peer
 * @returns what the call's error and the trace say of it
 */
export function sending(
  data: Uint8Array,
  peer: Endpoint,
): Pick<CallOptions<number>, "address" | "text" | "result"> {
  return {
    address: peer,
    text: () => ({ arguments: [String(data.length)], data }),
    result: Number,
  };
}
