/**
 * An IP address as a value.
 *
 * @module
 */

import type { Family } from "./inet.ts";
import {
  canonicalText,
  lastProblem,
  readGroups,
  readQuad,
  scratch,
  stop,
} from "./text.ts";

const DOT = 0x2e;
const COLON = 0x3a;

/** The third word of an IPv4-mapped address, in whose form IPv4 is kept. */
const MAPPED_WORD = 0xffff;

/** A scope (RFC 4007 section 11): an interface's name or number. */
const SCOPE = /^[^\s/%[\]\0]+$/;

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
 * ```
 */
export class IpAddress {
  /** The address family. */
  readonly family: Family;
  /** The interface's name or number behind the `%`, if there is one. */
  readonly scope: string | undefined;
  // 128 bits as four signed words, IPv4 as IPv4-mapped: what compares fastest
  // and takes the least room.
  private readonly w0: number;
  private readonly w1: number;
  private readonly w2: number;
  private readonly w3: number;

  private constructor(
    family: Family,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    scope?: string,
  ) {
    this.family = family;
    this.scope = scope;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    Object.freeze(this);
  }

  /**
   * Parses the text of an address: what {@linkcode inetPton} takes of either
   * family, and behind IPv6 a scope (`fe80::1%eth0`).
   *
   * @param text the address
   * @returns the address
   * @throws {SyntaxError} if it is none; the message says what is wrong where
   *
   * @example
   * ```ts
   * import { assertThrows } from "@std/assert";
   * import { IpAddress } from "@parley/parley";
   *
   * assertThrows(() => IpAddress.parse("192.0.2.256"), SyntaxError, "above 255");
   * ```
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
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { IpAddress } from "@parley/parley";
   *
   * assertEquals(IpAddress.tryParse("localhost"), undefined);
   * ```
   */
  static tryParse(text: string): IpAddress | undefined {
    const end = text.length;
    for (let i = 0; i < end; i++) {
      const code = text.charCodeAt(i);
      if (code === DOT) {
        return readQuad(text, 0, end, 0) ? IpAddress.#takenV4() : undefined;
      }
      if (code === COLON) break;
    }
    const percent = text.indexOf("%");
    if (percent < 0) {
      return readGroups(text, end) ? IpAddress.#takenV6() : undefined;
    }
    if (!readGroups(text, percent)) return undefined;
    const scope = text.slice(percent + 1);
    if (SCOPE.test(scope)) return IpAddress.#takenV6(scope);
    stop(percent + 1, "no scope behind the %");
    return undefined;
  }

  /**
   * Makes an address of its bytes.
   *
   * @param bytes 4 bytes (IPv4) or 16 (IPv6), in network order; they are copied
   * @param scope an interface's name or number, for IPv6
   * @returns the address
   * @throws {RangeError} if there are neither 4 nor 16 bytes, or a scope is
   * none or goes with IPv4
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { IpAddress } from "@parley/parley";
   *
   * const address = IpAddress.fromBytes(new Uint8Array([192, 0, 2, 7]));
   * assertEquals(address.toString(), "192.0.2.7");
   * ```
   */
  static fromBytes(bytes: Uint8Array, scope?: string): IpAddress {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new RangeError(
        `Cannot make an address of ${bytes.length} bytes: 4 or 16 are needed`,
      );
    }
    scratch.set(bytes);
    if (scope === undefined) {
      return bytes.length === 4 ? IpAddress.#takenV4() : IpAddress.#takenV6();
    }
    if (bytes.length === 4 || !SCOPE.test(scope)) {
      throw new RangeError(
        `Cannot give an address the scope ${JSON.stringify(scope)}`,
      );
    }
    return IpAddress.#takenV6(scope);
  }

  /** A copy of the address's 4 or 16 bytes, in network order. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.family === "IPv4") {
      put(0, this.w3);
      return scratch.slice(0, 4);
    }
    this.#fill();
    return scratch.slice();
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
    return this.w3 === 0 && (this.isV4OnWire || this.isZeroUpTo32);
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
    const { w3 } = this;
    return this.isV4OnWire
      ? w3 >>> 24 === 10 || w3 >>> 20 === 0xac1 || w3 >>> 16 === 0xc0a8
      : this.w0 >>> 25 === 0xfc >>> 1;
  }

  /**
   * Returns the IPv4 address of an IPv4-mapped one, any other as it is.
   *
   * @returns the address
   */
  unmapped(): IpAddress {
    return this.isMapped ? IpAddress.#v4(this.w3) : this;
  }

  /**
   * Returns the IPv4-mapped form of an IPv4 address (RFC 4291 section 2.5.5.2),
   * an IPv6 address as it is.
   *
   * @returns the address
   */
  mapped(): IpAddress {
    if (this.family === "IPv6") return this;
    return IpAddress.#v6(this.w0, this.w1, this.w2, this.w3);
  }

  /**
   * Returns the same address without its scope.
   *
   * @returns the address
   */
  withoutScope(): IpAddress {
    if (this.scope === undefined) return this;
    return IpAddress.#v6(this.w0, this.w1, this.w2, this.w3);
  }

  /**
   * Returns the wildcard address of its family, `0.0.0.0` or `::`.
   *
   * @returns the address
   */
  wildcard(): IpAddress {
    return this.family === "IPv4"
      ? IpAddress.#v4(0)
      : IpAddress.#v6(0, 0, 0, 0);
  }

  /**
   * Says whether two addresses are the same: family, bits and scope.
   *
   * @param other another address
   * @returns whether they are
   */
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
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { IpAddress } from "@parley/parley";
   *
   * const list = ["::1", "10.0.0.2", "10.0.0.1"].map(IpAddress.parse);
   * list.sort((a, b) => a.compare(b));
   * assertEquals(list.map(String), ["10.0.0.1", "10.0.0.2", "::1"]);
   * ```
   */
  compare(other: IpAddress): number {
    if (this.family !== other.family) return this.family === "IPv4" ? -1 : 1;
    const [scope, otherScope] = [this.scope ?? "", other.scope ?? ""];
    return (this.w0 >>> 0) - (other.w0 >>> 0) ||
      (this.w1 >>> 0) - (other.w1 >>> 0) ||
      (this.w2 >>> 0) - (other.w2 >>> 0) ||
      (this.w3 >>> 0) - (other.w3 >>> 0) ||
      Number(scope > otherScope) - Number(scope < otherScope);
  }

  /**
   * Counts the leading bits that two addresses share, as 128 bits each, IPv4
   * in its IPv4-mapped form.
   *
   * @param other another address
   * @returns 0 to 128
   */
  commonBits(other: IpAddress): number {
    let difference = this.w0 ^ other.w0;
    if (difference !== 0) return Math.clz32(difference);
    difference = this.w1 ^ other.w1;
    if (difference !== 0) return 32 + Math.clz32(difference);
    difference = this.w2 ^ other.w2;
    if (difference !== 0) return 64 + Math.clz32(difference);
    return 96 + Math.clz32(this.w3 ^ other.w3);
  }

  /**
   * Returns the address some places further on, or, with a negative number,
   * before it; past the last one it starts again at the first of its family.
   *
   * @param places how many, a safe integer
   * @returns the address, with the same scope
   */
  plus(places: number): IpAddress {
    const words = [this.w0, this.w1, this.w2, this.w3];
    let carry = places;
    for (let i = 3; i >= (this.family === "IPv4" ? 3 : 0) && carry !== 0; i--) {
      const sum = (words[i]! >>> 0) + carry;
      words[i] = sum | 0;
      carry = Math.floor(sum / 2 ** 32);
    }
    const [w0, w1, w2, w3] = words as [number, number, number, number];
    return new IpAddress(this.family, w0, w1, w2, w3, this.scope);
  }

  /**
   * Returns the address with all but its first bits set to zero, without its
   * scope.
   *
   * @param bits how many are kept: 0 to 32 (IPv4) or 128 (IPv6)
   * @returns the address
   * @throws {RangeError} if its family has not that many bits
   */
  masked(bits: number): IpAddress {
    const most = this.family === "IPv4" ? 32 : 128;
    if (!Number.isInteger(bits) || bits < 0 || bits > most) {
      throw new RangeError(`A prefix has 0 to ${most} bits, not ${bits}`);
    }
    if (this.family === "IPv4") return IpAddress.#v4(this.w3 & maskOf(bits));
    return IpAddress.#v6(
      this.w0 & maskOf(bits),
      this.w1 & maskOf(bits - 32),
      this.w2 & maskOf(bits - 64),
      this.w3 & maskOf(bits - 96),
    );
  }

  /**
   * Writes the address in its canonical form, as {@linkcode inetNtop} does,
   * and its scope behind a `%`.
   *
   * @returns its text
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

  /**
   * Returns the address's text, for `JSON.stringify`.
   *
   * @returns as `toString()`
   */
  toJSON(): string {
    return this.toString();
  }

  /** Shows the address's text in `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return `IpAddress(${this})`;
  }

  static #v4(word: number): IpAddress {
    return new IpAddress("IPv4", 0, 0, MAPPED_WORD, word);
  }

  static #v6(w0: number, w1: number, w2: number, w3: number): IpAddress {
    return new IpAddress("IPv6", w0, w1, w2, w3);
  }

  /** Makes an address of the bytes in `scratch`. */
  static #takenV4(): IpAddress {
    return IpAddress.#v4(word(0));
  }

  static #takenV6(scope?: string): IpAddress {
    return new IpAddress("IPv6", word(0), word(4), word(8), word(12), scope);
  }

  /** Puts the 16 bytes into `scratch`. */
  #fill(): void {
    put(0, this.w0);
    put(4, this.w1);
    put(8, this.w2);
    put(12, this.w3);
  }

  /** Whether its packets are IPv4: an IPv4 address or an IPv4-mapped one. */
  private get isV4OnWire(): boolean {
    return this.w2 === MAPPED_WORD && this.w0 === 0 && this.w1 === 0;
  }

  private get isZeroUpTo32(): boolean {
    return (this.w0 | this.w1 | this.w2) === 0;
  }
}

/** Returns a word whose first bits are set, as many as there are of them. */
function maskOf(bits: number): number {
  if (bits >= 32) return -1;
  return bits <= 0 ? 0 : -1 << 32 - bits;
}

function word(at: number): number {
  return scratch[at]! << 24 | scratch[at + 1]! << 16 | scratch[at + 2]! << 8 |
    scratch[at + 3]!;
}

function put(at: number, word: number): void {
  scratch[at] = word >> 24;
  scratch[at + 1] = word >> 16;
  scratch[at + 2] = word >> 8;
  scratch[at + 3] = word;
}
