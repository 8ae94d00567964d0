/**
 * A list whose middle is left out.
 *
 * @module
 */

/** Keeps the first and the last of many items, and counts those between. */
export class Folded<T> {
  /** How many items were added. */
  total = 0;
  readonly #head: T[] = [];
  readonly #ring: T[] = [];
  readonly #headRoom: number;
  readonly #tailRoom: number;
  #next = 0;

  /**
   * @param headRoom how many of the first items are kept
   * @param tailRoom how many of the last items are kept, at least 1
   */
  constructor(headRoom: number, tailRoom: number) {
    this.#headRoom = headRoom;
    this.#tailRoom = tailRoom;
  }

  /** How many items are not kept. */
  get skipped(): number {
    return this.total - this.#head.length - this.#ring.length;
  }

  /** The first items; all that are kept, if none is skipped. */
  get head(): readonly T[] {
    return this.skipped === 0 ? [...this.#head, ...this.#last()] : this.#head;
  }

  /** The last items, if others are skipped before them. */
  get tail(): readonly T[] {
    return this.skipped === 0 ? [] : this.#last();
  }

  /** All items that are kept, in their order. */
  get kept(): readonly T[] {
    return [...this.#head, ...this.#last()];
  }

  /**
   * Adds an item behind the others.
   *
   * @param item the item
   * @returns the item that is not kept any more, if it takes the place of one
   */
  add(item: T): T | undefined {
    this.total++;
    if (this.#head.length < this.#headRoom) {
      this.#head.push(item);
      return undefined;
    }
    if (this.#ring.length < this.#tailRoom) {
      this.#ring.push(item);
      return undefined;
    }
    const replaced = this.#ring[this.#next];
    this.#ring[this.#next] = item;
    this.#next = (this.#next + 1) % this.#tailRoom;
    return replaced;
  }

  #last(): T[] {
    return [
      ...this.#ring.slice(this.#next),
      ...this.#ring.slice(0, this.#next),
    ];
  }
}
