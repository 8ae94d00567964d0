/**
 * The numbers of sockets, as a C program would see them.
 *
 * Deno shows no descriptors, and has many of its own. Those here are given to
 * the sockets whose calls somebody observes: from 3, the lowest free one first.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";

/** 0, 1 and 2 are stdin, stdout and stderr. */
const FIRST = 3;

/** Which numbers are taken. */
export class DescriptorTable {
  readonly #isTaken: boolean[] = [];
  /** All below it are taken. */
  #lowest = FIRST;
  #size = 0;

  /** How many are taken. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes a number.
   *
   * @returns the lowest free one
   */
  take(): number {
    let fd = this.#lowest;
    while (this.#isTaken[fd]) fd++;
    this.#isTaken[fd] = true;
    this.#lowest = fd + 1;
    this.#size++;
    return fd;
  }

  /**
   * Frees a number.
   *
   * @param fd the number; one that is free stays free
   */
  free(fd: number): void {
    if (!this.#isTaken[fd]) return;
    this.#isTaken[fd] = false;
    this.#lowest = Math.min(this.#lowest, fd);
    this.#size--;
  }
}

/** The ends of a socket, as far as they are known. */
export interface Ends {
  /** Our end. */
  readonly local?: Endpoint;
  /** The other end. */
  readonly remote?: Endpoint;
}

/** A call that waits. */
export interface Pending {
  /** Reports that the wait is over, because of its time or for good. */
  stop(isLate: boolean): void;
}

/** The numbers of this process. */
const table = new DescriptorTable();
const bySocket = new WeakMap<object, Descriptor>();

/** A socket, as those who observe its calls see it. */
export class Descriptor {
  /** Its number, which nobody else has as long as it is open. */
  readonly fd: number = table.take();
  /** Its ends. */
  ends: Ends = {};
  /** The number of the connection, in a server. */
  connection: number | undefined;
  readonly #pending = new Set<Pending>();
  #isOpen = true;

  /** Whether its number is still its own. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Remembers whose it is, for {@linkcode descriptorOf}. */
  belongsTo(socket: object): this {
    bySocket.set(socket, this);
    return this;
  }

  /** Remembers who is at the other end from now on. */
  meet(remote: Endpoint): void {
    this.ends = { ...this.ends, remote };
  }

  /** Remembers a call that waits. */
  add(call: Pending): void {
    this.#pending.add(call);
  }

  /** Forgets a call that has returned. */
  delete(call: Pending): void {
    this.#pending.delete(call);
  }

  /**
   * Reports that nobody waits any more for the calls that do.
   *
   * @param isLate whether that is because their time is over
   */
  stop(isLate = false): void {
    for (const call of [...this.#pending]) call.stop(isLate);
  }

  /** Frees the number; twice is harmless. */
  free(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    table.free(this.fd);
  }
}

/**
 * Finds the descriptor of a socket.
 *
 * @param socket the system's socket
 * @returns its descriptor; `undefined` if it has none, or was closed
 */
export function descriptorOf(socket: object): Descriptor | undefined {
  // Where nobody observes calls, that is all it costs.
  if (table.size === 0) return undefined;
  const descriptor = bySocket.get(socket);
  return descriptor?.isOpen ? descriptor : undefined;
}

/**
 * Finds the descriptor of a socket that is to be observed, or gives it one.
 *
 * @param socket the system's socket, which is open
 * @param ends its ends
 * @returns its descriptor
 */
export function descriptorFor(socket: object, ends: () => Ends): Descriptor {
  const known = descriptorOf(socket);
  if (known !== undefined) return known;
  const descriptor = new Descriptor().belongsTo(socket);
  descriptor.ends = ends();
  return descriptor;
}

/**
 * Reports that the calls that wait at a socket have waited long enough: what
 * they still bring is for nobody.
 *
 * @param socket the system's socket, or what is around it
 */
export function giveUp(socket: object): void {
  descriptorOf(socket)?.stop(true);
}

/**
 * Says that one socket stands for another: what is over it, or around it.
 *
 * @param inner the socket that may have a descriptor
 * @param outer has the same from now on
 * @returns the outer one
 */
export function sharesDescriptor<S extends object>(
  inner: object,
  outer: S,
): S {
  descriptorOf(inner)?.belongsTo(outer);
  return outer;
}

/**
 * Adds the number of a socket to an event that is about it.
 *
 * @param socket the system's socket, or what is around it
 * @param event the event
 * @returns the event itself if the socket has no number: a busy server makes no
 * other object of it
 */
export function numbered<E extends object>(
  socket: object,
  event: E,
): E & { readonly fd?: number } {
  const descriptor = descriptorOf(socket);
  return descriptor === undefined ? event : { ...event, fd: descriptor.fd };
}

/** How many descriptors are taken, for the tests. */
export function descriptorCount(): number {
  return table.size;
}
