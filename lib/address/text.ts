/**
 * The text of addresses, read into bytes and written from them.
 *
 * The readers make one pass over the text and accept exactly what glibc's
 * `inet_pton(3)` accepts. They fill a shared buffer, so that a caller decides
 * what is allocated.
 *
 * @module
 */

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;

/** The bytes that the last reader filled; the next one overwrites them. */
export const scratch: Uint8Array<ArrayBuffer> = new Uint8Array(16);

/** Reads four bytes of `scratch` as a signed word, the most significant first. */
export function word(at: number): number {
  return scratch[at]! << 24 | scratch[at + 1]! << 16 | scratch[at + 2]! << 8 |
    scratch[at + 3]!;
}

/** Fills `scratch` with four words, the most significant byte first. */
export function putWords(
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  put(0, w0);
  put(4, w1);
  put(8, w2);
  put(12, w3);
}

function put(at: number, word: number): void {
  scratch[at] = word >> 24;
  scratch[at + 1] = word >> 16;
  scratch[at + 2] = word >> 8;
  scratch[at + 3] = word;
}

const NO_HEXTET = "neither a hexadecimal digit nor a colon";

/** Where the last reader stopped, as an index into its text. */
let stoppedAt = 0;
/** What it found there, or "" if the text is an address. */
let problem = "";

/** Notes what is wrong with a text, and returns `false`. */
function stop(at: number, what: string): false {
  stoppedAt = at;
  problem = what;
  return false;
}

/** Says what the last reader that returned `false` found, and where. */
export function lastProblem(): { readonly at: number; readonly what: string } {
  return { at: stoppedAt, what: problem };
}

/** Returns the value of an ASCII hexadecimal digit, or -1. */
export function hexDigit(code: number): number {
  if (code >= ZERO && code <= 0x39) return code - ZERO;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The scope that the last address had. */
let scope: string | undefined;

/** Returns the scope of the address that `readAddress()` read last. */
export function lastScope(): string | undefined {
  return scope;
}

/** Whether a text can be a scope: an interface's name or number. */
export function isScope(text: string): boolean {
  return /^[^\s/%[\]\p{Cc}]+$/u.test(text);
}

/**
 * Reads an address of either family, IPv6 with or without a scope (RFC 4007
 * section 11).
 *
 * @param text the address
 * @returns its family, with IPv4 in the last four bytes of `scratch` and IPv6
 * in all of them; `undefined` if the text is none
 */
export function readAddress(text: string): "IPv4" | "IPv6" | undefined {
  scope = undefined;
  // What a program's arguments lack is not seen by TypeScript.
  if (typeof text !== "string") {
    stop(0, "no text");
    return undefined;
  }
  const { length } = text;
  if (isDotted(text)) {
    return readQuad(text, 0, length, 12) ? "IPv4" : undefined;
  }
  const percent = text.indexOf("%");
  if (percent < 0) return readGroups(text, length) ? "IPv6" : undefined;
  if (!readGroups(text, percent)) return undefined;
  scope = text.slice(percent + 1);
  if (isScope(scope)) return "IPv6";
  stop(percent + 1, "no scope behind the %");
  return undefined;
}

/** Whether a text has a dot before any colon, as only IPv4 has. */
function isDotted(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) return true;
    if (code === COLON) return false;
  }
  return false;
}

/**
 * Reads a strict dotted quad.
 *
 * @param text holds the quad
 * @param from where it begins
 * @param end where it must end
 * @param at where its bytes go in `scratch`
 * @returns whether they were filled
 */
export function readQuad(
  text: string,
  from: number,
  end: number,
  at: number,
): boolean {
  let fields = 0;
  let value = -1; // -1: no digit of this field seen yet
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= 0x39) {
      // A field that began with 0 is over: 01 might be meant as octal.
      if (value === 0) return stop(i - 1, "a field has a leading zero");
      value = (value < 0 ? 0 : value * 10) + code - ZERO;
      if (value > 255) return stop(i, "a field is above 255");
    } else if (code !== DOT) {
      return stop(i, "neither a digit nor a dot");
    } else if (value < 0) {
      return stop(i, "a field is empty");
    } else if (fields === 3) {
      return stop(i, "more than four fields");
    } else {
      scratch[at + fields++] = value;
      value = -1;
    }
  }
  if (value < 0) return stop(end, "a field is empty");
  if (fields !== 3) return stop(end, "fewer than four fields");
  scratch[at + 3] = value;
  return true;
}

/**
 * Reads an IPv6 address (RFC 4291 section 2.2) without a scope.
 *
 * @param text begins with the address
 * @param end where it must end
 * @returns whether all of `scratch` was filled
 */
export function readGroups(text: string, end: number): boolean {
  let at = 0; // next byte to write
  let gap = -1; // where "::" stood
  let value = 0;
  let digits = 0;
  // A leading colon is only ever the first half of "::".
  let i = text.charCodeAt(0) === COLON ? 1 : 0;
  if (i === 1 && text.charCodeAt(1) !== COLON) return stop(0, "a lone colon");
  let group = i; // where the current group's text begins
  while (i < end) {
    const code = text.charCodeAt(i++);
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (digits === 4) return stop(i - 1, "more than four digits in a group");
      value = value << 4 | digit;
      digits++;
      continue;
    }
    if (code === COLON) {
      group = i;
      if (digits === 0) {
        if (gap >= 0) return stop(i - 2, "a second ::");
        gap = at;
        continue;
      }
      if (i === end) return stop(i - 1, "a lone colon");
      if (at === 16) return stop(i - 1, "more than eight groups");
      scratch[at++] = value >> 8;
      scratch[at++] = value & 0xff;
      value = digits = 0;
      continue;
    }
    if (code !== DOT) return stop(i - 1, NO_HEXTET);
    if (at > 12) return stop(group, "more than eight groups");
    if (!readQuad(text, group, end, at)) return false;
    at += 4;
    digits = 0;
    break;
  }
  if (digits > 0) {
    if (at === 16) return stop(group, "more than eight groups");
    scratch[at++] = value >> 8;
    scratch[at++] = value & 0xff;
  }
  if (gap < 0) return at === 16 || stop(end, "fewer than eight groups");
  // "::" stands for at least one group of zeros.
  if (at === 16) return stop(end, "no room for ::");
  fillGap(gap, at);
  return true;
}

/** Moves what was read after a "::" to the end of `scratch`. */
function fillGap(gap: number, at: number): void {
  // For so few bytes, loops take half the time of copyWithin() and fill().
  let to = 16;
  for (let from = at; from > gap;) scratch[--to] = scratch[--from]!;
  while (to > gap) scratch[--to] = 0;
}

/** Writes four bytes as a dotted quad. */
function quad(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * Writes an address in its canonical form.
 *
 * @param bytes 4 bytes, or 16 (RFC 5952, as glibc's `inet_ntop(3)` has it)
 * @returns its text
 */
export function canonicalText(bytes: Uint8Array): string {
  if (bytes.length === 4) return quad(bytes, 0);
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
