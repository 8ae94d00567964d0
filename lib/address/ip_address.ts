/**
 * An IP address as a value.
 *
 * @module
 */

import type { Family } from "./inet.ts";
import {
  canonicalText,
  isScope,
  lastProblem,
  lastScope,
  putWords,
  readAddress,
  scratch,
  word,
} from "./text.ts";
import { add, commonBits, compareWords, maskWords } from "./words.ts";

/** The third word of an IPv4-mapped address, in whose form IPv4 is kept. */
const MAPPED_WORD = 0xffff;

/**
 * An IPv4 or IPv6 address, immutable; an IPv6 address may have a scope.
 *
 * Two addresses are the same if {@linkcode IpAddress.equals} says so, however
 * they were written. The properties that start with `is` see an IPv4-mapped
 * address (`::ffff:127.0.0.1`) as the IPv4 address that it stands for.
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { IpAddress } from "@parley/parley";
 *
 * const address = IpAddress.parse("2001:DB8:0:0::1");
 * assertEquals(address.toString(), "2001:db8::1");
 * assertEquals(address.family, "IPv6");
 * assert(address.equals(IpAddress.parse("2001:db8::1")));
 * assertEquals(IpAddress.parse("::ffff:10.0.0.1").unmapped().toString(), "10.0.0.1");
 * assert(IpAddress.parse("fe80::1%eth0").isLinkLocal);
 * assertEquals(IpAddress.tryParse("192.0.2.256"), undefined);
 *
 * const list = ["::1", "10.0.0.2", "9.0.0.1"].map(IpAddress.parse);
 * list.sort((a, b) => a.compare(b));
 * assertEquals(list.map(String), ["9.0.0.1", "10.0.0.2", "::1"]);
 * ```
 */
export class IpAddress {
  private constructor(
    /** The address family. */
    readonly family: Family,
    // 128 bits as four signed words, IPv4 as IPv4-mapped: what compares fastest
    // and takes the least room.
    private readonly w0: number,
    private readonly w1: number,
    private readonly w2: number,
    private readonly w3: number,
    /** The interface's name or number behind the `%`, if there is one. */
    readonly scope?: string,
  ) {
    Object.freeze(this);
  }

  /**
   * Parses the text of an address: what {@linkcode inetPton} takes of either
   * family, and behind IPv6 a scope (`fe80::1%eth0`).
   *
   * @param text the address
   * @returns the address
   * @throws {SyntaxError} if it is none; the message says what is wrong where
   */
  static parse(text: string): IpAddress {
    const address = IpAddress.tryParse(text);
    if (address !== undefined) return address;
    const { at, what } = lastProblem();
    throw new SyntaxError(
      `Cannot parse IP address ${JSON.stringify(text)}: ` +
        `${what} (at character ${at + 1})`,
    );
  }

  /**
   * Parses the text of an address, as {@linkcode IpAddress.parse} does.
   *
   * @param text the address
   * @returns the address, or `undefined` if the text is none
   */
  static tryParse(text: string): IpAddress | undefined {
    const family = readAddress(text);
    return family && IpAddress.#taken(family, lastScope());
  }

  /**
   * Makes an address of its bytes.
   *
   * @param bytes 4 bytes (IPv4) or 16 (IPv6), in network order; they are copied
   * @param scope an interface's name or number, for IPv6
   * @returns the address
   * @throws {RangeError} if there are neither 4 nor 16 bytes, or the scope is
   * none or goes with IPv4
   */
  static fromBytes(bytes: Uint8Array, scope?: string): IpAddress {
    const { length } = bytes;
    if (length !== 4 && length !== 16) {
      throw new RangeError(
        `Cannot make an address of ${length} bytes: 4 or 16 are needed`,
      );
    }
    if (scope !== undefined && (length === 4 || !isScope(scope))) {
      throw new RangeError(
        `Cannot give an address the scope ${JSON.stringify(scope)}`,
      );
    }
    scratch.set(bytes, 16 - length);
    return IpAddress.#taken(length === 4 ? "IPv4" : "IPv6", scope);
  }

  /** A copy of the address's 4 or 16 bytes, in network order. */
  get bytes(): Uint8Array<ArrayBuffer> {
    this.#fill();
    return scratch.slice(this.family === "IPv4" ? 12 : 0);
  }

  /** Whether it is an IPv4-mapped IPv6 address (`::ffff:0:0/96`, RFC 4291). */
  get isMapped(): boolean {
    return this.family === "IPv6" && this.isV4OnWire;
  }

  /** Whether it is `127.0.0.0/8` or `::1`. */
  get isLoopback(): boolean {
    return this.isV4OnWire
      ? this.w3 >>> 24 === 127
      : (this.w0 | this.w1 | this.w2) === 0 && this.w3 === 1;
  }

  /** Whether it is `0.0.0.0` or `::`, the wildcard address. */
  get isUnspecified(): boolean {
    return this.isV4OnWire
      ? this.w3 === 0
      : (this.w0 | this.w1 | this.w2 | this.w3) === 0;
  }

  /** Whether it is a unicast address of one link: `169.254.0.0/16`, `fe80::/10`. */
  get isLinkLocal(): boolean {
    return this.isV4OnWire
      ? this.w3 >>> 16 === 0xa9fe
      : this.w0 >>> 22 === 0xfe80 >>> 6;
  }

  /** Whether it is `224.0.0.0/4` or `ff00::/8`. */
  get isMulticast(): boolean {
    return this.isV4OnWire ? this.w3 >>> 28 === 0xe : this.w0 >>> 24 === 0xff;
  }

  /**
   * Whether it is an address for private networks: `10.0.0.0/8`,
   * `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918) or `fc00::/7` (RFC 4193).
   */
  get isPrivate(): boolean {
    if (!this.isV4OnWire) return this.w0 >>> 25 === 0xfc >>> 1;
    const { w3 } = this;
    return w3 >>> 24 === 10 || w3 >>> 20 === 0xac1 || w3 >>> 16 === 0xc0a8;
  }

  /** Returns the IPv4 address of an IPv4-mapped one, any other as it is. */
  unmapped(): IpAddress {
    return this.isMapped ? new IpAddress("IPv4", ...this.#words) : this;
  }

  /**
   * Returns the IPv4-mapped form of an IPv4 address (RFC 4291 section 2.5.5.2),
   * an IPv6 address as it is.
   */
  mapped(): IpAddress {
    return this.family === "IPv6"
      ? this
      : new IpAddress("IPv6", ...this.#words);
  }

  /** Returns the same address without its scope. */
  withoutScope(): IpAddress {
    return this.scope === undefined
      ? this
      : new IpAddress("IPv6", ...this.#words);
  }

  /** Returns the wildcard address of its family, `0.0.0.0` or `::`. */
  wildcard(): IpAddress {
    return this.masked(0);
  }

  /** Returns whether family, bits and scope are those of another address. */
  equals(other: IpAddress): boolean {
    return this.w3 === other.w3 && this.w2 === other.w2 &&
      this.w1 === other.w1 && this.w0 === other.w0 &&
      this.family === other.family && this.scope === other.scope;
  }

  /**
   * Compares two addresses, for sorting: IPv4 before IPv6, then by their
   * number, then by their scope.
   *
   * @param other another address
   * @returns below 0 if this one comes first, above 0 if the other one does, 0
   * if they are equal
   */
  compare(other: IpAddress): number {
    if (this.family !== other.family) return this.family === "IPv4" ? -1 : 1;
    const [scope, otherScope] = [this.scope ?? "", other.scope ?? ""];
    return compareWords(this.#words, other.#words) ||
      Number(scope > otherScope) - Number(scope < otherScope);
  }

  /**
   * Counts the leading bits that two addresses share, 0 to 128; IPv4 counts in
   * its IPv4-mapped form.
   */
  commonBits(other: IpAddress): number {
    return commonBits(this.#words, other.#words);
  }

  /**
   * Returns the address some places further on, with the same scope; past the
   * last address it starts again at the first of its family.
   *
   * @param places how many, a safe integer; a negative one goes back
   * @throws {RangeError} if it is no safe integer
   */
  plus(places: number): IpAddress {
    if (!Number.isSafeInteger(places)) {
      throw new RangeError(`Cannot add ${places} to an address`);
    }
    const words = add(this.#words, places, this.family === "IPv4" ? 3 : 0);
    return new IpAddress(this.family, ...words, this.scope);
  }

  /**
   * Returns the address with all but its first bits set to zero, without its
   * scope.
   *
   * @param bits how many are kept: 0 to 32 (IPv4) or 128 (IPv6)
   * @throws {RangeError} if its family has not that many bits
   */
  masked(bits: number): IpAddress {
    const most = this.family === "IPv4" ? 32 : 128;
    if (!Number.isInteger(bits) || bits < 0 || bits > most) {
      throw new RangeError(`A prefix has 0 to ${most} bits, not ${bits}`);
    }
    const kept = this.family === "IPv4" ? bits + 96 : bits;
    return new IpAddress(this.family, ...maskWords(this.#words, kept));
  }

  /**
   * Returns the address's canonical text, as {@linkcode inetNtop} writes it,
   * with its scope behind a `%`.
   */
  toString(): string {
    const { family, w3, scope } = this;
    if (family === "IPv4") {
      return `${w3 >>> 24}.${w3 >> 16 & 255}.${w3 >> 8 & 255}.${w3 & 255}`;
    }
    this.#fill();
    const text = canonicalText(scratch);
    return scope === undefined ? text : `${text}%${scope}`;
  }

  /** Returns the address's text, for `JSON.stringify`. */
  toJSON(): string {
    return this.toString();
  }

  /** Returns what `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return `IpAddress(${this})`;
  }

  /** Makes an address of the bytes in `scratch`, IPv4 of the last four. */
  static #taken(family: Family, scope?: string): IpAddress {
    if (family === "IPv4") {
      return new IpAddress(family, 0, 0, MAPPED_WORD, word(12));
    }
    return new IpAddress(family, word(0), word(4), word(8), word(12), scope);
  }

  get #words() {
    return [this.w0, this.w1, this.w2, this.w3] as const;
  }

  /** Puts the 16 bytes into `scratch`. */
  #fill(): void {
    putWords(this.w0, this.w1, this.w2, this.w3);
  }

  /** Whether its packets are IPv4: an IPv4 address or an IPv4-mapped one. */
  private get isV4OnWire(): boolean {
    return this.w2 === MAPPED_WORD && this.w0 === 0 && this.w1 === 0;
  }
}
