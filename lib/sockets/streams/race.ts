/**
 * Happy Eyeballs: a race among the addresses of a host (RFC 8305).
 *
 * @module
 */

import { isTimeout, startWait, timeoutError } from "../../calls/deadline.ts";
import { errorEvent, SocketError } from "../../calls/errors.ts";
import { emit } from "../../calls/observer.ts";
import { lookUpErrorCode } from "../../names/addrinfo_error.ts";
import { closeSocket } from "../close.ts";
import type { Observer } from "../events.ts";
import { interleave } from "./interleave.ts";
import type { Target } from "../targets.ts";

/** How the attempts of a race follow one another. */
export interface RaceOptions<C> {
  /** Connects to a target, until the signal aborts. */
  readonly connect: (addr: Deno.NetAddr, signal: AbortSignal) => Promise<C>;
  /** How long an attempt has before the next one begins, in milliseconds. */
  readonly delay: number;
  /** How long all attempts have, in milliseconds; 0 is no limit. */
  readonly timeout: number;
  /** Receives each attempt that failed. */
  readonly observer: Observer | undefined;
}

/** One race; more targets may come while it runs. */
export class Race<C extends { close(): void }> {
  /** The errors of the attempts, in the order in which they failed. */
  readonly errors: SocketError[] = [];
  readonly #options: RaceOptions<C>;
  readonly #end = new AbortController();
  readonly #done = Promise.withResolvers<C | undefined>();
  readonly #attempts: Promise<void>[] = [];
  readonly #tried = new Set<string>();
  #waiting: Deno.NetAddr[] = [];
  #inHand = 0;
  #isComplete = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endWait: (() => void) | undefined;

  /**
   * Makes a race with nobody in it.
   *
   * @param options how its attempts follow one another
   */
  constructor(options: RaceOptions<C>) {
    this.#options = options;
  }

  /** Aborts when the race is over. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether an attempt was made. */
  get hasBegun(): boolean {
    return this.#attempts.length > 0;
  }

  /**
   * Says which targets there are. Those that were tried already are passed
   * over, the others take turns by their families.
   *
   * @param targets all that are known, in the order of RFC 6724
   */
  add(targets: readonly Target[]): void {
    this.#waiting = interleave(targets)
      .filter(({ hostname }) => !this.#tried.has(hostname));
    // An attempt in hand has its time before the next one begins.
    if (this.#timer === undefined) this.#startNext();
  }

  /**
   * Says why no more targets will come. It is the race's own end only if there
   * was nobody in it.
   *
   * @param error why the look-up failed
   */
  fail(error: unknown): void {
    if (!this.hasBegun && !this.signal.aborted) this.#done.reject(error);
  }

  /** Says that no more targets will come. */
  complete(): void {
    this.#isComplete = true;
    this.#endIfLost();
  }

  /**
   * Ends the race.
   *
   * @param reason why; attempts in hand fail with it
   */
  abort(reason: unknown): void {
    this.#end.abort(reason);
    this.#isComplete = true;
    this.#waiting = [];
    this.#endIfLost();
  }

  /**
   * Waits for the first connection that stands.
   *
   * @returns the connection, or `undefined` if there is none
   */
  async winner(): Promise<C | undefined> {
    try {
      return await this.#done.promise;
    } finally {
      clearTimer(this.#timer);
      this.#endWait?.();
      this.#end.abort();
      // They are reported as well, and leave nothing open.
      await Promise.allSettled(this.#attempts);
    }
  }

  #startNext(): void {
    clearTimer(this.#timer);
    this.#timer = undefined;
    if (this.signal.aborted) return;
    const target = this.#waiting.shift();
    if (target === undefined) return;
    const { delay, timeout } = this.#options;
    if (timeout > 0) {
      this.#endWait ??= startWait(timeout, () => this.abort(timeoutError()));
    }
    this.#timer = setTimeout(() => this.#startNext(), delay);
    this.#tried.add(target.hostname);
    this.#inHand++;
    this.#attempts.push(this.#attempt(target));
  }

  async #attempt(target: Deno.NetAddr): Promise<void> {
    try {
      const conn = await this.#options.connect(target, this.signal);
      this.#inHand--;
      // Another one may have been faster.
      if (this.signal.aborted) closeSocket(conn, this.#options.observer);
      else this.#win(conn);
    } catch (error) {
      this.#inHand--;
      if (error instanceof SocketError) this.#fail(error);
      else this.#done.reject(error);
    }
  }

  #win(conn: C): void {
    this.#end.abort();
    this.#done.resolve(conn);
  }

  #fail(error: SocketError): void {
    const isLate = isTimeout(this.signal.reason);
    // Who was slower than the winner, or was stopped, has not failed.
    if (!this.signal.aborted || isLate) {
      this.errors.push(error);
      // A look-up that Deno made is no call of this step.
      const isLookUp = lookUpErrorCode(error.cause) !== undefined;
      const { observer } = this.#options;
      if (!isLookUp) emit(observer, "event", errorEvent(error));
    }
    this.#startNext();
    this.#endIfLost();
  }

  #endIfLost(): void {
    const isLost = this.#isComplete && this.#inHand === 0 &&
      this.#waiting.length === 0;
    if (isLost) this.#done.resolve(undefined);
  }
}

/** Even to clear nothing makes Deno load Node's timers. */
function clearTimer(timer: ReturnType<typeof setTimeout> | undefined): void {
  if (timer !== undefined) clearTimeout(timer);
}
