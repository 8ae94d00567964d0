/**
 * How often something may happen for each of many.
 *
 * @module
 */

/** What {@linkcode RateLimit} allows. */
export interface RateLimitOptions {
  /** How often a second, for each. */
  readonly perSecond: number;
  /** How often at once, for each that was quiet before. */
  readonly burst: number;
  /** How many are kept in mind; beyond that the longest quiet is forgotten. */
  readonly maxKeys: number;
}

/** What one may still do. */
interface Bucket {
  left: number;
  /** When that was so, in milliseconds. */
  at: number;
}

/** Limits how often something happens for each of many: a token bucket each. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  /** The last one used is last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param options what is allowed */
  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /**
   * Says whether it may happen once more, and counts it if so.
   *
   * @param key one of the many
   * @param now the present time, in milliseconds; it never goes back
   */
  take(key: string, now = performance.now()): boolean {
    const { perSecond, burst, maxKeys } = this.#options;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { left: burst, at: now };
      if (this.#buckets.size >= maxKeys) this.#forget();
    } else {
      const more = (now - bucket.at) * perSecond / 1000;
      bucket.left = Math.min(burst, bucket.left + more);
      bucket.at = now;
      this.#buckets.delete(key);
    }
    this.#buckets.set(key, bucket);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }

  /** How many are kept in mind. */
  get size(): number {
    return this.#buckets.size;
  }

  #forget(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
