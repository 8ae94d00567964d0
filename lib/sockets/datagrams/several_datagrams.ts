/**
 * Several datagram sockets as one.
 *
 * @module
 */

import type { Family } from "../../address/inet.ts";
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
  /** Whether a call waits there. */
  isAsked: boolean;
  /** What a call there came to, if nobody has it yet. */
  outcome: Outcome | undefined;
}

/** What a call to receive came to. */
type Outcome = { readonly received: Received } | { readonly error: unknown };

/** How many peers are answered from the socket that they sent to. */
const MAX_PEERS = 1024;

/** Datagram sockets with one port: what comes in at any comes in here. */
export class SeveralDatagrams {
  /** Where the first one is bound. */
  readonly addr: Deno.Addr;
  /** Where all of them are bound. */
  readonly addrs: readonly Deno.NetAddr[];
  /** All of them. */
  readonly sockets: readonly RawDatagram[];
  readonly #sources: Source[];
  /** At which socket each peer was last heard. */
  readonly #peers = new Map<string, Source>();
  #last: Source | undefined;
  /** The one who waits. */
  #waiter: PromiseWithResolvers<Received> | undefined;

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
    this.sockets = sockets;
    this.addr = sockets[0].addr;
    this.addrs = sockets.map(({ addr }) => addr as Deno.NetAddr);
    this.#sources = sockets.map((socket) => ({
      socket,
      isV6: isV6(socket.addr),
      buffer: new Uint8Array(bufferBytes),
      isAsked: false,
      outcome: undefined,
    }));
  }

  /** Where the last datagram came in. */
  get last(): RawDatagram | undefined {
    return this.#last?.socket;
  }

  /**
   * Waits for the next datagram at any of them; they take turns. Its bytes are
   * valid until the next call, and there is one call at a time.
   */
  receive(): Promise<Received> {
    const waiter = this.#waiter = Promise.withResolvers<Received>();
    const ready = this.#sources.find(({ outcome }) => outcome !== undefined);
    if (ready !== undefined) this.#deliver(ready, ready.outcome!);
    for (const source of this.#sources) {
      if (source !== ready && source.outcome === undefined) this.#ask(source);
    }
    return waiter.promise;
  }

  /** Sends from where the peer was heard, else from a socket of its family. */
  send(data: Uint8Array, to: Deno.Addr): Promise<number> {
    const { socket, addr } = this.way(to as Deno.NetAddr);
    return socket.send(data, addr);
  }

  /** Finds the socket that sends to an address, and the form of that address. */
  way(to: Deno.NetAddr): { socket: RawDatagram; addr: Deno.NetAddr } {
    const [first] = this.#sources;
    const address = IpAddress.tryParse(to.hostname)?.unmapped();
    if (address === undefined) return { socket: first!.socket, addr: to };
    const addr = { ...to, hostname: address.toString() };
    const isV6 = address.family === "IPv6";
    const own = this.#peers.get(keyOf(addr)) ??
      this.#sources.find((source) => source.isV6 === isV6);
    if (own?.isV6 === isV6) return { socket: own.socket, addr };
    return { socket: first!.socket, addr: to };
  }

  /** Finds the socket that joins the groups of a family. */
  of(family: Family): RawDatagram {
    const isV6 = family === "IPv6";
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

  /** Has one call at a socket, whose promise nothing is added to later. */
  #ask(source: Source): void {
    if (source.isAsked) return;
    source.isAsked = true;
    const end = (outcome: Outcome) => {
      source.isAsked = false;
      // What comes when nobody waits is for the next one who does.
      if (this.#waiter === undefined) source.outcome = outcome;
      else this.#deliver(source, outcome);
    };
    source.socket.receive(source.buffer).then(
      (received) => end({ received }),
      (error) => end({ error }),
    );
  }

  #deliver(source: Source, outcome: Outcome): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    source.outcome = undefined;
    // Who has waited longest is asked first.
    this.#sources.splice(this.#sources.indexOf(source), 1);
    this.#sources.push(source);
    if ("error" in outcome) return waiter?.reject(outcome.error);
    this.#last = source;
    this.#remember(outcome.received[1] as Deno.NetAddr, source);
    waiter?.resolve(outcome.received);
  }
}

function isV6(addr: Deno.Addr): boolean {
  const { hostname } = addr as Deno.NetAddr;
  return IpAddress.tryParse(hostname)?.family === "IPv6";
}

function keyOf({ hostname, port }: Deno.NetAddr): string {
  return `${hostname} ${port}`;
}
