/**
 * Addresses as text and as bytes: what `<arpa/inet.h>` is to C.
 *
 * Everything here is pure. The parsers make one pass over the text and accept
 * exactly what glibc accepts.
 *
 * @module
 */

/** The address family of an IP address: `AF_INET` or `AF_INET6` in C. */
export type Family = "IPv4" | "IPv6";

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;

/** The bytes under construction; copied out once the text proves good. */
const scratch = new Uint8Array(16);

/** How much is allocated for addresses at once, in bytes. */
const POOL_BYTES = 1024;
let pool = new ArrayBuffer(POOL_BYTES);
let used = 0;

/**
 * A copy of the first bytes of `scratch`. Allocating each by itself would take
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

/** The value of an ASCII hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= 0x39) return code - ZERO;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * Reads a strict dotted quad that must reach to the end of the text.
 *
 * @returns whether `out[at]` to `out[at + 3]` were filled
 */
function readQuad(
  text: string,
  from: number,
  out: Uint8Array,
  at: number,
): boolean {
  let fields = 0;
  let value = -1; // -1: no digit of this field seen yet
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= 0x39) {
      // A field that began with 0 is over: 01 might be meant as octal.
      if (value === 0) return false;
      value = (value < 0 ? 0 : value * 10) + code - ZERO;
      if (value > 255) return false;
    } else if (code === DOT && value >= 0 && fields < 3) {
      out[at + fields++] = value;
      value = -1;
    } else {
      return false;
    }
  }
  if (fields !== 3 || value < 0) return false;
  out[at + 3] = value;
  return true;
}

/** Fills `scratch` from IPv6 text, or returns `false`. */
function readGroups(text: string): boolean {
  const end = text.length;
  let i = 0;
  let at = 0; // next byte to write
  let gap = -1; // where "::" stood
  let value = 0;
  let digits = 0;
  let group = 0; // where the current group's text begins

  // A leading colon is only ever the first half of "::".
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    i = 1;
    group = 1;
  }
  while (i < end) {
    const code = text.charCodeAt(i++);
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (digits === 4) return false;
      value = value << 4 | digit;
      digits++;
      continue;
    }
    if (code === COLON) {
      group = i;
      if (digits === 0) {
        if (gap >= 0) return false;
        gap = at;
        continue;
      }
      if (i === end || at === 16) return false;
      scratch[at++] = value >> 8;
      scratch[at++] = value & 0xff;
      value = 0;
      digits = 0;
      continue;
    }
    if (code !== DOT || at > 12 || !readQuad(text, group, scratch, at)) {
      return false;
    }
    at += 4;
    digits = 0;
    break;
  }
  if (digits > 0) {
    if (at === 16) return false;
    scratch[at++] = value >> 8;
    scratch[at++] = value & 0xff;
  }
  if (gap < 0) return at === 16;
  // "::" stands for at least one group of zeros.
  if (at === 16) return false;
  scratch.copyWithin(16 - (at - gap), gap, at);
  scratch.fill(0, gap, 16 - (at - gap));
  return true;
}

/**
 * Turns the text of an address into bytes, as `inet_pton(3)` does.
 *
 * Strict, to the verdict of glibc: four decimal fields without leading zeros
 * for IPv4; RFC 4291 section 2.2 text for IPv6, whose last 32 bits may be
 * dotted. No short or octal forms, no scope, no surrounding space.
 *
 * @param family which form is expected
 * @param text the address
 * @returns 4 or 16 bytes in network order, or `undefined` where the text is not
 * such an address; their `buffer` holds other addresses as well
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
    return readQuad(text, 0, scratch, 0) ? taken(4) : undefined;
  }
  return text !== "" && readGroups(text) ? taken(16) : undefined;
}

/** Dotted decimal text of four bytes. */
function quad(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
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
 * @throws {RangeError} if there are not 4 and not 16 bytes
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
  if (bytes.length === 4) return quad(bytes, 0);
  if (bytes.length !== 16) {
    throw new RangeError(
      `Cannot print address of ${bytes.length} bytes: 4 or 16 are needed`,
    );
  }
  let best = -1;
  let bestLength = 1; // a lone zero group is not shortened
  let run = 0;
  for (let i = 0; i < 16; i += 2) {
    if (bytes[i] !== 0 || bytes[i + 1] !== 0) {
      run = 0;
    } else if (++run > bestLength) {
      bestLength = run;
      best = i - 2 * (run - 1);
    }
  }
  const dotted = best === 0 &&
    (bestLength === 6 ||
      (bestLength === 5 && bytes[10] === 0xff && bytes[11] === 0xff));
  const end = dotted ? 12 : 16;
  let text = "";
  for (let i = 0; i < end;) {
    if (i === best) {
      text += "::";
      i += 2 * bestLength;
      continue;
    }
    if (i > 0 && i !== best + 2 * bestLength) text += ":";
    text += (bytes[i]! << 8 | bytes[i + 1]!).toString(16);
    i += 2;
  }
  if (!dotted) return text;
  return (bestLength === 5 ? text + ":" : text) + quad(bytes, 12);
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
 * Reads IPv4 text in every form that `inet_aton(3)` takes: one to four parts,
 * each decimal, octal (`010`) or hexadecimal (`0x7f`), the last one filling all
 * the bytes that are left (`127.1`).
 *
 * @param text the address
 * @returns 4 bytes in network order, or `undefined`; their `buffer` holds other
 * addresses as well
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

/** Whether 16 bytes are an IPv4-mapped address (`::ffff:0:0/96`, RFC 4291). */
export function isV4Mapped(bytes: Uint8Array): boolean {
  if (bytes[10] !== 0xff || bytes[11] !== 0xff) return false;
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return true;
}

/**
 * The IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) of an IPv4 address.
 *
 * @param bytes 4 bytes in network order
 * @returns 16 bytes, `::ffff:` and the 4
 */
export function mapV4(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const mapped = new Uint8Array(16);
  mapped.fill(0xff, 10, 12);
  mapped.set(bytes, 12);
  return mapped;
}
