/**
 * The places of a server: who has one, and who gives way.
 *
 * @module
 */

import type { ServedConnection } from "./served_connection.ts";

/**
 * For so long after its answer a connection keeps its place, in milliseconds:
 * to close it at once could make the peer lose what it has not read yet.
 */
const LINGERING = 500;
/** If nobody has, those who linger are looked at again after this, in ms. */
const LOOK_AGAIN = 100;

/** The connections that a server has in hand, by the address of their peers. */
export class Places {
  readonly #byHost = new Map<string, Set<ServedConnection>>();
  #size = 0;
  /** Until then nobody will have lingered long enough. */
  #nobodyBefore = -Infinity;

  /** How many places are taken. */
  get size(): number {
    return this.#size;
  }

  /**
   * Counts the places of one address.
   *
   * @param host the address
   */
  of(host: string): number {
    return this.#byHost.get(host)?.size ?? 0;
  }

  /** Takes a place. */
  add(served: ServedConnection): void {
    const { host } = served;
    const own = this.#byHost.get(host);
    if (own === undefined) this.#byHost.set(host, new Set([served]));
    else own.add(served);
    this.#size++;
  }

  /** Leaves a place, if it has one. */
  delete(served: ServedConnection): void {
    const own = this.#byHost.get(served.host);
    if (own === undefined || !own.delete(served)) return;
    this.#size--;
    if (own.size === 0) this.#byHost.delete(served.host);
  }

  /**
   * Finds who gives way to a newcomer: one that was answered and only lingers;
   * else the longest-idle connection of the address that holds most, if it
   * holds at least two places more than the newcomer's. What is being answered
   * never gives way.
   *
   * @param host the newcomer's address
   * @param now the time, on the clock of `performance.now()`
   * @returns the connection, if there is one
   */
  toGiveWay(host: string, now: number): ServedConnection | undefined {
    return this.lingering(now) ?? this.#longestIdle(this.of(host) + 2, now);
  }

  /**
   * Finds the connection that has lingered longest, and long enough.
   *
   * @param now the time, on the clock of `performance.now()`
   */
  lingering(now: number): ServedConnection | undefined {
    // Under an attack it is asked for some thousand times a second.
    if (now < this.#nobodyBefore) return undefined;
    let found: ServedConnection | undefined;
    let earliest = now - LINGERING + LOOK_AGAIN;
    for (const served of this) {
      const { since } = served.watched;
      if (since >= earliest || served.watched.turn(now) !== "over") continue;
      earliest = since;
      if (now - since >= LINGERING) found = served;
    }
    if (found === undefined) this.#nobodyBefore = earliest + LINGERING;
    return found;
  }

  /**
   * Finds the longest-idle connection of the address that holds most.
   *
   * @param now the time, on the clock of `performance.now()`
   */
  longestIdle(now: number): ServedConnection | undefined {
    return this.#longestIdle(1, now);
  }

  /** Iterates over all of them. */
  *[Symbol.iterator](): IterableIterator<ServedConnection> {
    for (const own of this.#byHost.values()) yield* own;
  }

  #longestIdle(least: number, now: number): ServedConnection | undefined {
    const largest = [...this.#byHost.values()]
      .filter(({ size }) => size >= least)
      .sort((a, b) => b.size - a.size);
    for (const own of largest) {
      let found: ServedConnection | undefined;
      for (const served of own) {
        const { watched } = served;
        const turn = watched.turn(now);
        if (turn === "over") return served;
        if (turn === "ours") continue;
        if (found === undefined || watched.since < found.watched.since) {
          found = served;
        }
      }
      if (found !== undefined) return found;
    }
  }
}
