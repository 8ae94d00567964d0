/**
 * A UDP socket for the questions of one look-up.
 *
 * @module
 */

import type { Family } from "../../address/inet.ts";
import { call } from "../../calls/call.ts";
import { pause } from "../../calls/deadline.ts";
import { SocketError } from "../../calls/errors.ts";
import { scopeError } from "../addrinfo_error.ts";

/** The longest datagram: none is cut, whatever a server sends. */
const BUFFER_BYTES = 65_535;
/** At most this many buffers wait for their next use. */
const MAX_SPARE = 64;

/** Making a buffer takes longer than the look-up that it is for. */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** How long to wait after a failure before listening again, in milliseconds. */
const RECOVERY = 10;

/** Whose socket it is. */
export interface Owner {
  /** Receives each datagram; the bytes are good until it returns. */
  hear(bytes: Uint8Array, from: Deno.NetAddr): void;
}

/** Where a socket of each family is bound. */
const WILDCARD = { IPv4: "0.0.0.0", IPv6: "::" } as const;

/** A socket whose port nobody can foresee (RFC 5452): the system picks it. */
export class UdpSocket implements Disposable {
  /** The family of its address. */
  readonly family: Family;
  readonly #socket: Deno.DatagramConn;
  readonly #owner: Owner;
  #listening = false;
  #wanted = false;

  /**
   * Opens a socket.
   *
   * @param family its family
   * @param owner hears what comes
   * @throws {SocketError} if the system has none to give
   */
  constructor(family: Family, owner: Owner) {
    this.family = family;
    this.#owner = owner;
    this.#socket = call("socket", () =>
      Deno.listenDatagram({
        transport: "udp",
        hostname: WILDCARD[family],
        port: 0,
      }));
  }

  /**
   * Sends a question, and listens from then on.
   *
   * @param bytes the question
   * @param to the server
   * @param lose is called with a `SocketError` if it could not be sent
   */
  send(
    bytes: Uint8Array,
    to: Deno.NetAddr,
    lose: (error: SocketError) => void,
  ): void {
    this.#wanted = true;
    // Nobody observes this call, nor is it bounded: only its error is left to do.
    this.#socket.send(bytes, to)
      .catch((error) => lose(new SocketError("sendto", scopeError(error))));
    if (!this.#listening) {
      this.#listening = true;
      // All that is sent now is sent before: the answer may then be there.
      queueMicrotask(() => this.#listen());
    }
  }

  /** Ends listening after the datagram that is being heard, until it sends. */
  rest(): void {
    this.#wanted = false;
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.#wanted = false;
    this.#socket.close();
  }

  async #listen(): Promise<void> {
    const buffer = spare.pop() ?? new Uint8Array(BUFFER_BYTES);
    while (this.#wanted) {
      try {
        const [bytes, from] = await this.#socket.receive(buffer);
        if (this.#wanted) this.#owner.hear(bytes, from as Deno.NetAddr);
      } catch {
        // Closed, which the look-up knows: it did it. Or a system reports what
        // became of a question (Windows), which says no more than silence.
        if (!this.#wanted) break;
        await pause(RECOVERY);
      }
    }
    this.#listening = false;
    if (spare.length < MAX_SPARE) spare.push(buffer);
  }
}
