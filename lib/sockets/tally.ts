/**
 * Counting what happens too often to report each time.
 *
 * @module
 */

/** For so long nothing has to happen for it to be over, in milliseconds. */
const QUIET = 1000;
/** At most this many addresses are told apart. */
const MOST_ADDRESSES = 100_000;

/** A count of connections and of the addresses from which they came. */
export interface Count {
  /** How many connections. */
  readonly connections: number;
  /** From how many addresses, as far as 100,000 of them. */
  readonly addresses: number;
}

/** Counts connections, and reports the sum when no more have come. */
export class Tally {
  readonly #report: (count: Count) => void;
  readonly #addresses = new Set<string>();
  #connections = 0;
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Begins with nothing.
   *
   * @param report receives each sum
   */
  constructor(report: (count: Count) => void) {
    this.#report = report;
  }

  /**
   * Counts a connection.
   *
   * @param host the peer's address
   */
  add(host: string): void {
    this.#connections++;
    if (this.#addresses.size < MOST_ADDRESSES) this.#addresses.add(host);
    this.#last = performance.now();
    this.#timer ??= setTimeout(() => this.#look(), QUIET);
  }

  /** Reports what is not reported yet. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const connections = this.#connections;
    const addresses = this.#addresses.size;
    this.#connections = 0;
    this.#addresses.clear();
    this.#report({ connections, addresses });
  }

  #look(): void {
    const left = this.#last + QUIET - performance.now();
    if (left <= 0) this.flush();
    else this.#timer = setTimeout(() => this.#look(), left);
  }
}
