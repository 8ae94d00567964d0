/**
 * Several datagram sockets as one.
 *
 * @module
 */

import { IpAddress } from "../../address/ip_address.ts";

/** A datagram socket of the system. */
export type RawDatagram = Pick<
  Deno.DatagramConn,
  | "addr"
  | "close"
  | "joinMulticastV4"
  | "joinMulticastV6"
  | "receive"
  | "send"
>;

/** A datagram as the system has it. */
type Received = [Uint8Array<ArrayBuffer>, Deno.Addr];

/** A socket, and what came in at it. */
interface Source {
  readonly socket: RawDatagram;
  readonly isV6: boolean;
  /** Its own, as its call may wait while others return. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** The call that waits there. */
  receiving: Promise<{ source: Source; received: Received }> | undefined;
}

/** So many peers are answered from where they sent to, if there is a choice. */
const MAX_PEERS = 1024;

/** Datagram sockets with one port: what comes in at any comes in here. */
export class SeveralDatagrams implements RawDatagram {
  /** Where the first one is bound. */
  readonly addr: Deno.Addr;
  /** Where all of them are bound. */
  readonly addrs: readonly Deno.NetAddr[];
  readonly #sources: Source[];
  /** At which socket each peer was last heard. */
  readonly #peers = new Map<string, Source>();

  /**
   * Takes over sockets.
   *
   * @param sockets two or more
   * @param bufferBytes the longest datagram, in bytes
   */
  constructor(
    sockets: readonly [RawDatagram, ...RawDatagram[]],
    bufferBytes: number,
  ) {
    this.addr = sockets[0].addr;
    this.addrs = sockets.map(({ addr }) => addr as Deno.NetAddr);
    this.#sources = sockets.map((socket) => ({
      socket,
      isV6: isV6(socket.addr),
      buffer: new Uint8Array(bufferBytes),
      receiving: undefined,
    }));
  }

  /**
   * Waits for the next datagram at any of them; they take turns. Its bytes are
   * valid until the next call.
   */
  async receive(): Promise<Received> {
    const { source, received } = await Promise.race(
      this.#sources.map((source) => source.receiving ??= this.#ask(source)),
    );
    source.receiving = undefined;
    // Who has waited longest is asked first.
    this.#sources.splice(this.#sources.indexOf(source), 1);
    this.#sources.push(source);
    this.#remember(received[1] as Deno.NetAddr, source);
    return received;
  }

  /** Sends from where the peer was heard, else from a socket of its family. */
  send(data: Uint8Array, to: Deno.Addr): Promise<number> {
    const addr = to as Deno.NetAddr;
    const address = IpAddress.tryParse(addr.hostname)?.unmapped();
    if (address === undefined) return this.#sources[0]!.socket.send(data, to);
    const plain = { ...addr, hostname: address.toString() };
    const isV6 = address.family === "IPv6";
    const own = this.#peers.get(keyOf(plain)) ??
      this.#sources.find((source) => source.isV6 === isV6);
    if (own?.isV6 === isV6) return own.socket.send(data, plain);
    return this.#sources[0]!.socket.send(data, to);
  }

  joinMulticastV4(
    address: string,
    networkInterface: string,
  ): Promise<Deno.MulticastV4Membership> {
    return this.#of(false).joinMulticastV4(address, networkInterface);
  }

  joinMulticastV6(
    address: string,
    networkInterface: number,
  ): Promise<Deno.MulticastV6Membership> {
    return this.#of(true).joinMulticastV6(address, networkInterface);
  }

  close(): void {
    for (const { socket } of this.#sources) socket.close();
  }

  #of(isV6: boolean): RawDatagram {
    const own = this.#sources.find((source) => source.isV6 === isV6);
    return (own ?? this.#sources[0]!).socket;
  }

  #remember(peer: Deno.NetAddr, source: Source): void {
    const key = keyOf(peer);
    this.#peers.delete(key);
    this.#peers.set(key, source);
    if (this.#peers.size <= MAX_PEERS) return;
    const [oldest] = this.#peers.keys();
    if (oldest !== undefined) this.#peers.delete(oldest);
  }

  #ask(source: Source): NonNullable<Source["receiving"]> {
    const receiving = source.socket.receive(source.buffer)
      .then((received) => ({ source, received }));
    // What it throws is thrown to the next one who waits.
    receiving.catch(() => {});
    return receiving;
  }
}

function isV6(addr: Deno.Addr): boolean {
  const { hostname } = addr as Deno.NetAddr;
  return IpAddress.tryParse(hostname)?.family === "IPv6";
}

function keyOf({ hostname, port }: Deno.NetAddr): string {
  return `${hostname} ${port}`;
}
