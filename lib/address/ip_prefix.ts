/**
 * A range of addresses that share their first bits.
 *
 * @module
 */

import { IpAddress } from "./ip_address.ts";

/** The most addresses of a prefix that can be iterated. */
const MAX_ITERATED = 65_536;

/**
 * An address prefix (CIDR, RFC 4632; RFC 4291 section 2.3), immutable.
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { IpAddress, IpPrefix } from "@parley/parley";
 *
 * const prefix = IpPrefix.parse("10.1.0.0/16");
 * assert(prefix.contains(IpAddress.parse("10.1.2.3")));
 * assert(prefix.contains(IpAddress.parse("::ffff:10.1.2.3")));
 * assert(!prefix.contains(IpAddress.parse("10.2.0.0")));
 * assertEquals([...IpPrefix.parse("192.0.2.6/31")].map(String), [
 *   "192.0.2.6",
 *   "192.0.2.7",
 * ]);
 * ```
 */
export class IpPrefix implements Iterable<IpAddress> {
  /** The address as it was given, without a scope. */
  readonly address: IpAddress;
  /** How many leading bits count: 0 to 32 (IPv4) or 128 (IPv6). */
  readonly length: number;
  readonly #first: IpAddress;
  /** The length among the 128 bits of the IPv4-mapped form. */
  readonly #bits: number;

  /**
   * Makes a prefix.
   *
   * @param address any address in it
   * @param length how many leading bits count
   * @throws {RangeError} if the address's family has not that many bits
   */
  constructor(address: IpAddress, length: number) {
    this.address = address.withoutScope();
    this.length = length;
    this.#first = this.address.masked(length);
    this.#bits = address.family === "IPv4" ? length + 96 : length;
    Object.freeze(this);
  }

  /**
   * Parses a prefix, as in `10.0.0.0/8` or `2001:db8::/32`. Bits of the address
   * behind the prefix may be set.
   *
   * @param text an address, a slash and a length in decimal
   * @returns the prefix
   * @throws {SyntaxError} if it is none; the message says what is wrong
   *
   * @example
   * ```ts
   * import { assertThrows } from "@std/assert";
   * import { IpPrefix } from "@parley/parley";
   *
   * assertThrows(() => IpPrefix.parse("10.0.0.0/33"), SyntaxError, "0 to 32");
   * ```
   */
  static parse(text: string): IpPrefix {
    const wrong = (what: string) =>
      new SyntaxError(`Cannot parse prefix ${JSON.stringify(text)}: ${what}`);
    const slash = typeof text === "string" ? text.lastIndexOf("/") : -1;
    if (slash < 0) throw wrong("no / and length, as in 10.0.0.0/8");
    const address = IpAddress.tryParse(text.slice(0, slash));
    if (address === undefined) throw wrong("no IP address before the /");
    if (address.scope !== undefined) throw wrong("a prefix has no scope");
    const length = text.slice(slash + 1);
    const most = address.family === "IPv4" ? 32 : 128;
    if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > most) {
      throw wrong(`its length is not a number from 0 to ${most}`);
    }
    return new IpPrefix(address, Number(length));
  }

  /**
   * Says whether an address is in the prefix. An IPv4-mapped address is its
   * IPv4 address; a scope does not count.
   *
   * @param address any address
   * @returns whether it is
   */
  contains(address: IpAddress): boolean {
    return address.commonBits(this.#first) >= this.#bits &&
      address.unmapped().family === this.#first.unmapped().family;
  }

  /**
   * Returns the prefix with all bits behind it set to zero.
   *
   * @returns as in `10.0.0.0/8` for `10.1.2.3/8`
   */
  masked(): IpPrefix {
    return new IpPrefix(this.#first, this.length);
  }

  /**
   * Says whether two prefixes hold the same addresses.
   *
   * @param other another prefix
   * @returns whether they do
   */
  equals(other: IpPrefix): boolean {
    return this.length === other.length && this.#first.equals(other.#first);
  }

  /**
   * Iterates over every address of the prefix.
   *
   * @returns the addresses in their order
   * @throws {RangeError} if there are more than 65,536
   */
  [Symbol.iterator](): IterableIterator<IpAddress> {
    const size = 2 ** (128 - this.#bits);
    if (size > MAX_ITERATED) {
      throw new RangeError(
        `Cannot iterate ${this}: it has more than ${MAX_ITERATED} addresses`,
      );
    }
    return addresses(this.#first, size);
  }

  /**
   * Writes the prefix.
   *
   * @returns as in `10.0.0.0/8`
   */
  toString(): string {
    return `${this.address}/${this.length}`;
  }

  /**
   * Returns the prefix's text, for `JSON.stringify`.
   *
   * @returns as `toString()`
   */
  toJSON(): string {
    return this.toString();
  }

  /** Shows the prefix's text in `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return `IpPrefix(${this})`;
  }
}

function* addresses(first: IpAddress, size: number): Generator<IpAddress> {
  for (let i = 0; i < size; i++) yield first.plus(i);
}
