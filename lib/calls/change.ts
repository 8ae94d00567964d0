/**
 * Waiting for the next of many changes.
 *
 * @module
 */

/** Wakes all who wait when something has changed. */
export class Change {
  #next: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next change. */
  get next(): Promise<void> {
    return (this.#next ??= Promise.withResolvers()).promise;
  }

  /** Wakes who waits. */
  happened(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }
}
