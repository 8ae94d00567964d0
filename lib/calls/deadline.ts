/**
 * The longest wait for one step.
 *
 * @module
 */

/** How late a timer is if the process was stopped, or has no time, in ms. */
const LATE = 100;
/** After this long it has heard what came before its timer, in milliseconds. */
const HEARING = 10;

/** The longest that a timer waits, in milliseconds: 24 days. */
export const MAX_MILLISECONDS = 2 ** 31 - 1;

/** A signal that aborts when the time is over; disposing of it stops the clock. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Starts a clock.
 *
 * @param milliseconds the longest wait; 0 waits forever
 * @param outer a signal that ends the wait as well
 * @returns a signal that aborts with a `TimeoutError`, or with the outer
 * signal's reason
 */
export function deadline(
  milliseconds: number,
  outer?: AbortSignal,
): Deadline {
  const controller = new AbortController();
  const forward = () => controller.abort(outer?.reason);
  if (outer?.aborted) forward();
  outer?.addEventListener("abort", forward);
  const expire = () => controller.abort(timeoutError());
  const endWait = milliseconds > 0
    ? startWait(milliseconds, expire)
    : undefined;
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      endWait?.();
      outer?.removeEventListener("abort", forward);
    },
  };
}

/**
 * Waits for some time.
 *
 * @param milliseconds how long
 */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The error of a wait whose time is over. */
export function timeoutError(): DOMException {
  return new DOMException("Timed out", "TimeoutError");
}

/** Whether a wait ended because its time was over. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** One wait, and its neighbours in the line. */
interface Wait {
  /** When it is over, on the clock of `performance.now()`. */
  readonly due: number;
  readonly expire: () => void;
  before: Wait | undefined;
  behind: Wait | undefined;
  isOver: boolean;
}

/**
 * Waits with the same limit. The first to begin is the first to be over, so one
 * timer serves all: a timer for each would cost a busy server more than the
 * calls that it waits for.
 */
class WaitingLine {
  readonly #milliseconds: number;
  // A list, since a set that lives long takes several times as long.
  #first: Wait | undefined;
  #last: Wait | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing = false;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  add(expire: () => void): Wait {
    const wait: Wait = {
      due: performance.now() + this.#milliseconds,
      expire,
      before: this.#last,
      behind: undefined,
      isOver: false,
    };
    if (this.#last === undefined) this.#first = wait;
    else this.#last.behind = wait;
    this.#last = wait;
    if (this.#timer === undefined) this.#arm(this.#milliseconds);
    return wait;
  }

  delete(wait: Wait): void {
    if (wait.isOver) return;
    this.#leave(wait);
    if (this.#first === undefined && !this.#closing) this.#close();
  }

  #leave(wait: Wait): void {
    const { before, behind } = wait;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    wait.isOver = true;
    // What has left keeps nobody else.
    wait.before = wait.behind = undefined;
  }

  /**
   * Stops the timer unless a wait begins in the next few microtasks, before the
   * event loop goes on: calls that follow one another share a timer.
   */
  async #close(): Promise<void> {
    this.#closing = true;
    for (let i = 0; i < MICROTASKS && this.#first === undefined; i++) {
      await undefined;
    }
    this.#closing = false;
    if (this.#first !== undefined || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#rest();
  }

  /** Goes without a timer until the next wait. */
  #rest(): void {
    this.#timer = undefined;
    if (lines.size > IDLE_LINES) lines.delete(this.#milliseconds);
  }

  #arm(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#sweep(), milliseconds);
  }

  #sweep(hasHeard = false): void {
    const now = performance.now();
    const isLate = this.#first !== undefined && now - this.#first.due > LATE;
    if (isLate && !hasHeard) {
      // A timer is called before what came in time is heard.
      this.#timer = setTimeout(() => this.#sweep(true), HEARING);
      return;
    }
    while (this.#first !== undefined) {
      const wait = this.#first;
      if (wait.due > now) return this.#arm(wait.due - now);
      this.#leave(wait);
      // Who begins to wait now comes last, and is seen here.
      wait.expire();
    }
    this.#rest();
  }
}

/** How many microtasks an empty line keeps its timer. */
const MICROTASKS = 24;

/** At most about this many empty lines are kept. */
const IDLE_LINES = 8;

/** The lines in use, and some others, by their length in milliseconds. */
const lines = new Map<number, WaitingLine>();

/**
 * Begins a wait.
 *
 * @param milliseconds the longest it may be, more than 0
 * @param expire is called when it is over
 * @returns ends the wait
 */
export function startWait(
  milliseconds: number,
  expire: () => void,
): () => void {
  // A timer can't be longer; some three weeks are as good as no limit.
  if (milliseconds > MAX_MILLISECONDS) return () => {};
  let line = lines.get(milliseconds);
  if (line === undefined) {
    line = new WaitingLine(milliseconds);
    lines.set(milliseconds, line);
  }
  const inTime = line;
  const wait = inTime.add(expire);
  return () => inTime.delete(wait);
}

/**
 * Waits for a promise no longer than some time and a signal allow. What the
 * promise stands for is not ended by this.
 *
 * @param promise what to wait for
 * @param milliseconds the longest wait; 0 is no limit
 * @param signal ends the wait
 * @returns what the promise resolves to
 * @throws {DOMException} a `TimeoutError` if the time is over
 * @throws the signal's reason if it aborts
 */
export function bounded<T>(
  promise: Promise<T>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<T> {
  if (milliseconds === 0 && signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => {
      end();
      reject(signal?.reason);
    };
    const endWait = milliseconds === 0
      ? undefined
      : startWait(milliseconds, () => {
        end();
        reject(timeoutError());
      });
    const end = () => {
      endWait?.();
      signal?.removeEventListener("abort", abort);
    };
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    promise.then((value) => {
      end();
      resolve(value);
    }, (error) => {
      end();
      reject(error);
    });
  });
}
