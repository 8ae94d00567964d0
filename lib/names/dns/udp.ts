/**
 * A UDP socket for the questions of one look-up.
 *
 * @module
 */

import type { IpAddress } from "../../address/ip_address.ts";
import { call } from "../../calls/call.ts";
import { pause } from "../../calls/deadline.ts";

/** The longest datagram: none is cut, whatever a server sends. */
const BUFFER_BYTES = 65_535;
/** At most this many buffers wait for their next use. */
const MAX_SPARE = 64;

/** Making a buffer takes longer than the look-up that it is for. */
const spare: Uint8Array<ArrayBuffer>[] = [];

/** How long to wait after a failure before listening again, in milliseconds. */
const RECOVERY = 10;

/** What a socket hears; the bytes are good until it returns. */
export type Hear = (bytes: Uint8Array, from: Deno.NetAddr) => void;

/** A socket whose port nobody can foresee (RFC 5452): the system picks it. */
export class UdpSocket implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly #hear: Hear;
  #listening = false;
  #wanted = false;

  /**
   * Opens a socket.
   *
   * @param wildcard the wildcard address of its family
   * @param hear receives each datagram
   * @throws {SocketError} if the system has none to give
   */
  constructor(wildcard: IpAddress, hear: Hear) {
    this.#hear = hear;
    this.#socket = call("socket", () =>
      Deno.listenDatagram({
        transport: "udp",
        hostname: wildcard.toString(),
        port: 0,
      }));
  }

  /**
   * Sends a question, and listens from then on.
   *
   * @param bytes the question
   * @param to the server
   * @throws {SocketError} if it could not be sent
   */
  send(bytes: Uint8Array, to: Deno.NetAddr): Promise<unknown> {
    this.#wanted = true;
    const sent = call("sendto", () => this.#socket.send(bytes, to));
    if (!this.#listening) {
      this.#listening = true;
      // All that is sent now is sent before: the answer may then be there.
      queueMicrotask(() => this.#listen());
    }
    return sent;
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
        const [bytes, from] = await this.#receive(buffer);
        if (this.#wanted) this.#hear(bytes, from as Deno.NetAddr);
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

  #receive(buffer: Uint8Array): Promise<[Uint8Array, Deno.Addr]> {
    return call("recvfrom", () => this.#socket.receive(buffer));
  }
}
