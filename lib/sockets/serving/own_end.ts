/**
 * Our end of many connections.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";

/**
 * Reads our end of each connection, mostly that of the one before: to read an
 * address anew would take a busy server longer than to accept its peer.
 */
export class OwnEnd {
  #hostname: string | undefined;
  #endpoint: Endpoint | undefined;

  /**
   * Reads one.
   *
   * @param addr as Deno has it
   * @returns the endpoint
   */
  of(addr: Deno.NetAddr): Endpoint {
    const known = this.#endpoint;
    if (known?.port === addr.port && this.#hostname === addr.hostname) {
      return known;
    }
    this.#hostname = addr.hostname;
    return this.#endpoint = Endpoint.from(addr);
  }
}
