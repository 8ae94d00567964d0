/**
 * Who gets a place at a server, who waits for one, and who has to go.
 *
 * The kernel's queue is first in, first out: one that fills it keeps everybody
 * else out. So connections are accepted at once and wait here, where it can be
 * seen whose they are.
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import type { Observer } from "../events.ts";
import { type Knock, Park } from "./park.ts";
import { Places } from "./places.ts";
import type { ServedConnection } from "./served_connection.ts";
import { closeSocket } from "../close.ts";

/** How often those who wait are looked at, if nothing else happens, in ms. */
const LOOK_AGAIN = 100;
/**
 * If descriptors run out, nobody is turned out as long as connections end by
 * themselves: this often, in milliseconds …
 */
const PROGRESS = 250;
/** … and for no longer than this. */
const PATIENCE = 2000;
/** After this long it is tried whether there are descriptors again, in ms. */
const RELIEF = 30_000;

/** What {@linkcode Admission} is made with. */
export interface AdmissionOptions {
  /** How many places there are. */
  readonly maxConnections: number;
  /** How many of them one address may have. */
  readonly maxPerHost: number;
  /** How many connections may wait for a place. */
  readonly maxParked: number;
  /** Receives each connection that is closed. */
  readonly observer: Observer | undefined;
  /** Says whether one more may be served. */
  readonly isOpen: () => boolean;
  /** Makes of who knocked a connection in hand. */
  readonly admit: (knock: Knock) => ServedConnection;
  /** Begins to serve one that has its place. */
  readonly serve: (served: ServedConnection) => void;
  /** Is called when somebody gave way. */
  readonly onGaveWay: (peer: Endpoint) => void;
}

/** Gives the places of a server to those who knock. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #places = new Places();
  readonly #park = new Park();
  /** With more connections than this no descriptor is free. */
  #capacity = Infinity;
  /** When descriptors ran out. */
  #starvedSince = 0;
  /** When a connection last ended by itself. */
  #lastEnd = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param options what it goes by */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** How many connections there are: in hand, or waiting for a place. */
  get size(): number {
    return this.#places.size + this.#park.size;
  }

  /** Gives a connection a place, or lets it wait for one. */
  arrive(knock: Knock): void {
    if (this.hasPlace(knock.host)) {
      this.#seat(knock);
      return;
    }
    this.#park.add(knock);
    this.#assign();
    if (this.#park.size > this.#options.maxParked) this.#dropOne();
  }

  /**
   * Says whether who knocks now is given a place at once.
   *
   * @param host the peer's address
   */
  hasPlace(host: string): boolean {
    const isFirst = this.#park.size === 0;
    return isFirst && !this.#isFull(1) &&
      this.#places.of(host) < this.#options.maxPerHost;
  }

  /** Takes the place of a connection that has ended by itself. */
  leave(served: ServedConnection): void {
    this.#places.delete(served);
    this.#lastEnd = performance.now();
    if (this.size <= this.#capacity / 2) this.#capacity = Infinity;
    if (this.#park.size > 0) this.#assign();
  }

  /** Takes note that no descriptor is left: one is to be kept free. */
  starve(): void {
    if (this.#capacity === Infinity) this.#starvedSince = performance.now();
    this.#capacity = Math.max(1, this.size - 1);
  }

  /**
   * Makes sure that a descriptor is free, so that it can be seen who knocks.
   *
   * @returns whether one is
   */
  makeRoom(): boolean {
    if (this.size <= this.#capacity) return true;
    const now = performance.now();
    if (now - this.#starvedSince > RELIEF) {
      this.#capacity = Infinity;
      return true;
    }
    const lingering = this.#places.lingering(now);
    if (lingering !== undefined) {
      this.#turnOut(lingering);
      return true;
    }
    const isMoving = now - Math.max(this.#lastEnd, this.#starvedSince) <
      PROGRESS;
    if (isMoving && now - this.#starvedSince < PATIENCE) return false;
    if (this.#dropOne()) return true;
    const idle = this.#places.longestIdle(now);
    if (idle === undefined) return false;
    this.#turnOut(idle);
    return true;
  }

  /** Closes those who wait for a place, which nobody counts. */
  dismiss(): void {
    for (let knock; (knock = this.#park.takeOldestOfMost()) !== undefined;) {
      closeSocket(knock.conn, this.#options.observer);
    }
    this.#rest();
  }

  /** Closes all connections; their handlers find them closed. */
  endAll(): void {
    this.dismiss();
    for (const served of [...this.#places]) {
      this.#places.delete(served);
      served.end();
    }
  }

  /** Whether there is no place for so many more. */
  #isFull(more: number): boolean {
    return this.#places.size >= this.#options.maxConnections ||
      this.size + more > this.#capacity;
  }

  /** Gives places to those who wait, the address with the fewest first. */
  #assign(): void {
    const { maxPerHost, isOpen } = this.#options;
    const placesOf = (host: string) => this.#places.of(host);
    while (isOpen()) {
      const knock = this.#park.next(placesOf, maxPerHost);
      if (knock === undefined) break;
      if (this.#isFull(0)) {
        const now = performance.now();
        const leaving = this.#places.toGiveWay(knock.host, now);
        // Others who wait have as many places at least.
        if (leaving === undefined) break;
        this.#turnOut(leaving);
      }
      this.#park.take(knock);
      this.#seat(knock);
    }
    if (!isOpen()) this.dismiss();
    if (this.#park.size === 0) this.#rest();
    else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#assign();
      }, LOOK_AGAIN);
    }
  }

  #seat(knock: Knock): void {
    const { admit, serve } = this.#options;
    const served = admit(knock);
    this.#places.add(served);
    serve(served);
  }

  #turnOut(served: ServedConnection): void {
    this.#places.delete(served);
    served.end();
    this.#options.onGaveWay(served.info.peer);
  }

  /** Closes the oldest of those who wait, of the address that has most. */
  #dropOne(): boolean {
    const knock = this.#park.takeOldestOfMost();
    if (knock === undefined) return false;
    closeSocket(knock.conn, this.#options.observer);
    this.#options.onGaveWay(knock.peer);
    if (this.#park.size === 0) this.#rest();
    return true;
  }

  #rest(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
