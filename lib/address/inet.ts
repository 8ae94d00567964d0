/**
 * Addresses as text and as bytes: what `<arpa/inet.h>` is to C.
 *
 * @module
 */

import {
  canonicalText,
  hexDigit,
  readGroups,
  readQuad,
  scratch,
} from "./text.ts";

/**
 * The address family of an IP address: `AF_INET` or `AF_INET6` in C.
 *
 * @category Addresses
 */
export type Family = "IPv4" | "IPv6";

/** The families' names in C. */
export const FAMILY_WORDS = { IPv4: "AF_INET", IPv6: "AF_INET6" } as const;

const DOT = 0x2e;
const ZERO = 0x30;

/** How much is allocated for addresses at once, in bytes. */
const POOL_BYTES = 1024;
let pool = new ArrayBuffer(POOL_BYTES);
let used = 0;

/**
 * Copies the first bytes of `scratch`. Allocating each by itself would take
 * several times as long as parsing does, so many share one buffer.
 */
function taken(length: 4 | 16): Uint8Array<ArrayBuffer> {
  if (used + length > POOL_BYTES) {
    pool = new ArrayBuffer(POOL_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(pool, used, length);
  used += length;
  for (let i = 0; i < length; i++) bytes[i] = scratch[i]!;
  return bytes;
}

/**
 * Turns the text of an address into bytes, as `inet_pton(3)` does.
 *
 * Strict, with glibc's verdict on every text: four decimal fields without
 * leading zeros for IPv4; RFC 4291 section 2.2 text for IPv6, whose last 32
 * bits may be dotted. No short or octal forms, no scope, no surrounding space.
 *
 * @param family which form is expected
 * @param text the address
 * @returns 4 or 16 bytes in network order, or `undefined` if the text is not
 * such an address; their `buffer` holds other addresses as well
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inetPton } from "@parley/parley";
 *
 * assertEquals(inetPton("IPv4", "192.0.2.7"), new Uint8Array([192, 0, 2, 7]));
 * assertEquals(inetPton("IPv4", "192.0.2"), undefined);
 * assertEquals(inetPton("IPv6", "::1")?.at(15), 1);
 * ```
 */
export function inetPton(
  family: Family,
  text: string,
): Uint8Array<ArrayBuffer> | undefined {
  if (family === "IPv4") {
    return readQuad(text, 0, text.length, 0) ? taken(4) : undefined;
  }
  return readGroups(text, text.length) ? taken(16) : undefined;
}

/**
 * Turns the bytes of an address into text, as `inet_ntop(3)` does.
 *
 * IPv6 is written as RFC 5952 asks: lower case, no leading zeros, the longest
 * run of two or more zero groups (the first of equals) as `::`, and the last 32
 * bits dotted for IPv4-mapped and IPv4-compatible addresses.
 *
 * @param bytes 4 bytes (IPv4) or 16 (IPv6), in network order
 * @returns the address's text
 * @throws {RangeError} if there are neither 4 nor 16 bytes
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inetNtop } from "@parley/parley";
 *
 * assertEquals(inetNtop(new Uint8Array([127, 0, 0, 1])), "127.0.0.1");
 * assertEquals(inetNtop(new Uint8Array(16)), "::");
 * ```
 */
export function inetNtop(bytes: Uint8Array): string {
  if (bytes.length === 4 || bytes.length === 16) return canonicalText(bytes);
  throw new RangeError(
    `Cannot print address of ${bytes.length} bytes: 4 or 16 are needed`,
  );
}

const LAST_PART_MAX = [0xffff_ffff, 0xff_ffff, 0xffff, 0xff] as const;

/**
 * Reads one C number (`0x` hexadecimal, `0` octal, else decimal) of at most 32
 * bits, as `strtoul(3)` with base 0 does.
 *
 * @returns the value and the index behind it, or `undefined`
 */
function readNumber(
  text: string,
  from: number,
): [value: number, end: number] | undefined {
  let i = from;
  let base = 10;
  if (text.charCodeAt(i) === ZERO) {
    base = 8;
    if (
      (text.charCodeAt(i + 1) | 0x20) === 0x78 &&
      hexDigit(text.charCodeAt(i + 2)) >= 0
    ) {
      base = 16;
      i += 2;
    }
  }
  const first = i;
  let value = 0;
  for (; i < text.length; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0 || digit >= base) break;
    value = value * base + digit;
    if (value > 0xffff_ffff) return undefined;
  }
  return i === first ? undefined : [value, i];
}

/**
 * Reads IPv4 text in every form that `getaddrinfo(3)` takes for an address: one
 * to four parts, each decimal, octal (`010`) or hexadecimal (`0x7f`), the last
 * one filling all the bytes that are left (`127.1`).
 *
 * Nothing may follow the address. (`inet_aton(3)` takes white space and more
 * after it, which `getaddrinfo` refuses.)
 *
 * @param text the address
 * @returns 4 bytes in network order, or `undefined`; their `buffer` holds other
 * addresses as well
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inetAton } from "@parley/parley";
 *
 * assertEquals(inetAton("127.1"), new Uint8Array([127, 0, 0, 1]));
 * assertEquals(inetAton("0x7f.1"), new Uint8Array([127, 0, 0, 1]));
 * assertEquals(inetAton("127.0.0.256"), undefined);
 * ```
 */
export function inetAton(text: string): Uint8Array<ArrayBuffer> | undefined {
  let at = 0;
  for (let parts = 0; parts < 4; parts++) {
    const number = readNumber(text, at);
    if (number === undefined) return undefined;
    let value = number[0];
    at = number[1];
    if (at === text.length) {
      if (value > LAST_PART_MAX[parts]!) return undefined;
      for (let i = 3; i >= parts; i--) {
        scratch[i] = value & 0xff;
        value = Math.floor(value / 256);
      }
      return taken(4);
    }
    if (text.charCodeAt(at) !== DOT || value > 0xff) return undefined;
    scratch[parts] = value;
    at++;
  }
  return undefined;
}
