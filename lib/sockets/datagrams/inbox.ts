/**
 * What a socket takes in: datagrams, or connections.
 *
 * @module
 */

import { isBounded, type Wait, Waiter } from "../../calls/waiter.ts";

/** What a system call came to. */
type Outcome<T> =
  | { readonly value: T }
  | { readonly error: unknown };

/**
 * Asks the system for one thing after the other, and hands them to those who
 * wait, in their order.
 *
 * The call of one who stopped waiting is left where it is: what it brings is
 * kept, and the next one to wait gets it.
 *
 * @typeParam R what the system's call resolves to
 * @typeParam T what is made of it
 */
export class Inbox<R, T> {
  readonly #ask: () => Promise<R>;
  readonly #make: (raw: R) => T;
  readonly #waiters = new Set<Waiter<T>>();
  #isAsking = false;
  #kept: Outcome<T> | undefined;

  /**
   * Makes an inbox with nothing in it.
   *
   * @param ask makes the system's call; there is never more than one under way
   * @param make makes of its result what is handed out, before the next call
   */
  constructor(ask: () => Promise<R>, make: (raw: R) => T) {
    this.#ask = ask;
    this.#make = make;
  }

  /**
   * Waits for the next thing.
   *
   * @param wait how long
   * @returns the thing
   * @throws what the system's call threw; a `TimeoutError`; the signal's reason
   */
  next(wait?: Wait): Promise<T> {
    const isIdle = !this.#isAsking && this.#waiters.size === 0;
    if (isIdle && this.#kept !== undefined) return this.#takeKept();
    if (isIdle && !isBounded(wait)) return this.#askAtOnce();
    const waiter = new Waiter<T>(
      wait ?? {},
      (self) => this.#waiters.delete(self),
    );
    this.#waiters.add(waiter);
    this.#askForFirst();
    return waiter.promise;
  }

  #takeKept(): Promise<T> {
    const kept = this.#kept!;
    this.#kept = undefined;
    return "value" in kept
      ? Promise.resolve(kept.value)
      : Promise.reject(kept.error);
  }

  /** The short way of a busy socket: one promise, and no waiter. */
  #askAtOnce(): Promise<T> {
    this.#isAsking = true;
    return this.#ask().then((raw) => {
      const value = this.#make(raw);
      this.#isAsking = false;
      this.#askForFirst();
      return value;
    }, (error) => {
      this.#isAsking = false;
      this.#askForFirst();
      throw error;
    });
  }

  #askForFirst(): void {
    if (this.#isAsking || this.#waiters.size === 0) return;
    this.#isAsking = true;
    this.#ask().then(
      (raw) => this.#deliver({ value: this.#make(raw) }),
      (error) => this.#deliver({ error }),
    );
  }

  #deliver(outcome: Outcome<T>): void {
    this.#isAsking = false;
    const [first] = this.#waiters;
    if (first === undefined) {
      this.#kept = outcome;
      return;
    }
    this.#waiters.delete(first);
    if ("value" in outcome) first.resolve(outcome.value);
    else first.reject(outcome.error);
    this.#askForFirst();
  }
}
