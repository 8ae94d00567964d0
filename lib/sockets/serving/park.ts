/**
 * Connections that were accepted and wait, unread, for a place.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import type { RawConn } from "../raw_conn.ts";

/** An accepted connection that nobody talks to yet. */
export interface Knock {
  readonly conn: RawConn;
  readonly peer: Endpoint;
  /** The peer's address, as a text. */
  readonly host: string;
}

/** Who waits for a place, by address. */
export class Park {
  /** Each address's connections, in the order in which they came. */
  readonly #byHost = new Map<string, Set<Knock>>();
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Lets a connection wait. */
  add(knock: Knock): void {
    const own = this.#byHost.get(knock.host);
    if (own === undefined) this.#byHost.set(knock.host, new Set([knock]));
    else own.add(knock);
    this.#size++;
  }

  /**
   * Finds who is next: the oldest connection of the address that has the fewest
   * places. Of several such addresses it is the one that has waited longest
   * without being served.
   *
   * @param placesOf how many places an address has
   * @param most an address with as many has to wait
   * @returns the connection, if there is one; it goes on waiting
   */
  next(placesOf: (host: string) => number, most: number): Knock | undefined {
    let found: Set<Knock> | undefined;
    let fewest = most;
    for (const [host, own] of this.#byHost) {
      const places = placesOf(host);
      if (places >= fewest) continue;
      found = own;
      fewest = places;
    }
    return found && oldestOf(found);
  }

  /** Takes a connection out. */
  take(knock: Knock): void {
    const own = this.#byHost.get(knock.host);
    if (own === undefined || !own.delete(knock)) return;
    this.#size--;
    this.#byHost.delete(knock.host);
    // Its address goes to the end of the line.
    if (own.size > 0) this.#byHost.set(knock.host, own);
  }

  /**
   * Takes out the oldest connection of the address that has most of them here.
   *
   * @returns the connection, if there is one
   */
  takeOldestOfMost(): Knock | undefined {
    let most: Set<Knock> | undefined;
    for (const own of this.#byHost.values()) {
      if (own.size > (most?.size ?? 0)) most = own;
    }
    if (most === undefined) return undefined;
    const oldest = oldestOf(most);
    if (oldest !== undefined) this.take(oldest);
    return oldest;
  }
}

function oldestOf(own: Set<Knock>): Knock | undefined {
  const [oldest] = own;
  return oldest;
}
