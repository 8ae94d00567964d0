/**
 * A call that somebody observes.
 *
 * @module
 */

import { isTimeout, startWait } from "./deadline.ts";
import { Descriptor, type Pending } from "./descriptors.ts";
import { emit, receives } from "./observer.ts";
import {
  type CallText,
  culpritOf,
  type EarlierCall,
  failureOf,
  gaveUp,
  isObserved,
  type Outcome,
  type Shown,
  type ShownCall,
  shownCall,
  STOPPED,
} from "./shown_call.ts";

/** After this long a call is shown waiting, in milliseconds. */
const LONG = 100;
/**
 * What fails without a wait has failed after some microtasks, and these are
 * enough. To wait for a turn would let others be reported before it.
 */
const SOON = 10;

/** All that wait, in this process. */
const waiting = new Set<Pending>();

/**
 * Reports that every call that waits was stopped: the process is about to end,
 * and nobody will see them return.
 */
export function stopCalls(): void {
  for (const call of [...waiting]) call.stop(false);
}

/** Times one call, and reports it when it is over. */
export class ObservedCall<T> {
  readonly #step: string;
  readonly #shown: Shown<T>;
  readonly #started = performance.now();
  /** The calls that are made with it, and are not reported yet. */
  #before: readonly EarlierCall[];
  /** The socket that they open. */
  readonly #opened: Descriptor | undefined;
  /** How long the system kept us before it let us wait, in milliseconds. */
  #kept: number | undefined;
  #isOver = false;
  #endWait: (() => void) | undefined;

  /**
   * Begins to time a call.
   *
   * @param step its name
   * @param shown how it is shown
   */
  constructor(step: string, shown: Shown<T>) {
    this.#step = step;
    this.#shown = shown;
    const { observer, before } = shown;
    this.#before = before?.() ?? [];
    if (before && isObserved(observer)) this.#opened = new Descriptor();
  }

  /** Takes note that it has not returned yet. */
  wait(): void {
    const { observer, isMadeAtOnce } = this.#shown;
    this.#kept = this.#milliseconds();
    this.#on()?.add(this);
    waiting.add(this);
    if (isMadeAtOnce) this.#reportSoon();
    const isKnown = isMadeAtOnce || this.#before.length === 0;
    if (!receives(observer, "waiting") || !isKnown) return;
    this.#endWait = startWait(LONG, () => {
      this.#reportBefore();
      emit(observer, "waiting", this.#text());
    });
  }

  /** Reports that it returned. */
  succeed(value: T): void {
    const { before, opens, result } = this.#shown;
    // What nobody waits for any more may bring a socket or bytes all the same.
    const isKnown = opens !== undefined || this.#on(value)?.isOpen;
    if (this.#isOver && !isKnown) return;
    this.#end();
    if (opens !== undefined && before === undefined) {
      this.#accepted(value);
      return;
    }
    if (this.#opened !== undefined) {
      this.#opened.ends = opens?.(value) ?? {};
      this.#opened.belongsTo(value as object);
    }
    this.#reportBefore();
    this.#report(this.#text(value), { result: result?.(value) ?? 0 });
  }

  /**
   * Reports that it failed.
   *
   * @param error what it threw
   * @param isStop whether that is the reason of a signal of the caller's
   * @param limit the longest that it was to take, in milliseconds; 0 is none
   */
  fail(error: unknown, isStop: boolean, limit: number): void {
    if (this.#isOver) return;
    this.#end();
    const { endedBy } = this.#shown;
    const isOurs = isStop || (endedBy?.aborted && error === endedBy.reason);
    const outcome = isOurs && !isTimeout(error)
      ? { result: "?", message: STOPPED }
      : failureOf(error, this.#step, limit || this.#milliseconds());
    const culprit = culpritOf(this.#shown, error, this.#text().call);
    const index = this.#before.findIndex(({ call }) => call === culprit);
    this.#reportBefore(culprit, index === -1 ? undefined : index);
    const [failed] = this.#before;
    if (index !== -1 && culprit === "socket") {
      // A number that was never given is not shown.
      this.#report(shownCall(undefined, failed!), outcome);
    } else {
      const text = failed && shownCall(this.#opened, failed);
      this.#report(text ?? this.#text(), outcome);
      this.#closed(culprit);
    }
    this.#opened?.free();
  }

  /** Reports that the socket is closed that was opened in vain. */
  #closed(culprit: string): void {
    if (this.#opened === undefined) return;
    const text = shownCall(this.#opened, { call: "close" });
    // It began when the other call had failed, and not before.
    this.#report(text, { result: 0 }, culprit, 0);
  }

  /**
   * Reports that nobody waits for it any more.
   *
   * @param isLate whether that is because its time is over
   */
  stop(isLate: boolean): void {
    if (this.#isOver) return;
    this.#end();
    this.#reportBefore();
    const message = isLate ? gaveUp(this.#milliseconds()) : STOPPED;
    this.#report(this.#text(), { result: "?", message });
  }

  /** Reports the socket once it would be known that it could not be made. */
  async #reportSoon(): Promise<void> {
    for (let i = 0; i < SOON; i++) await undefined;
    if (!this.#isOver) this.#reportBefore(undefined, 1);
  }

  #accepted(value: T): void {
    const { observer, opens, connection } = this.#shown;
    if (!isObserved(observer)) return;
    const descriptor = new Descriptor().belongsTo(value as object);
    descriptor.ends = opens?.(value) ?? {};
    const number = connection?.(value);
    descriptor.connection = number;
    this.#report({
      ...this.#text(value),
      ...descriptor.ends,
      ...(number !== undefined && { connection: number }),
    }, { result: descriptor.fd });
  }

  #end(): void {
    this.#isOver = true;
    this.#endWait?.();
    this.#on()?.delete(this);
    waiting.delete(this);
  }

  #on(value?: T): Descriptor | undefined {
    const { descriptor } = this.#shown;
    if (this.#opened !== undefined) return this.#opened;
    return typeof descriptor === "function" ? descriptor(value) : descriptor;
  }

  #text(value?: T): ShownCall {
    const text: CallText = this.#shown.text?.(value) ?? {};
    return shownCall(this.#on(value), { call: this.#step, ...text });
  }

  #milliseconds(): number {
    return Math.round((performance.now() - this.#started) * 1000) / 1000;
  }

  /** Reports the calls that were made with it, all or the first ones. */
  #reportBefore(
    shared: string = this.#text().call,
    count: number = this.#before.length,
  ): void {
    const done = this.#before.slice(0, count);
    this.#before = this.#before.slice(count);
    for (const each of done) {
      const text = shownCall(this.#opened, each);
      const result = each.call === "socket" ? text.fd ?? 0 : 0;
      this.#report(text, { result }, shared);
    }
  }

  #report(
    text: ShownCall,
    outcome: Outcome,
    shared?: string,
    milliseconds = (shared === undefined ? undefined : this.#kept) ??
      this.#milliseconds(),
  ): void {
    const { observer, announce } = this.#shown;
    announce?.(text.call, outcome.result === -1);
    emit(observer, "call", {
      event: "call",
      ...text,
      ...outcome,
      milliseconds,
      ...(shared !== undefined && { with: shared }),
    });
  }
}
