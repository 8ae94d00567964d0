/**
 * Text that came from elsewhere, made safe to draw.
 *
 * @module
 */

import type { RecordedBytes } from "./fields.ts";

/**
 * Controls, ends of lines, halves of surrogate pairs, what is no character, and
 * what turns the direction of text.
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}\ufeff]/gu;

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  if (NAMED[char] !== undefined) return NAMED[char];
  if (code < 0x100) return hex(code);
  return `\\u{${code.toString(16)}}`;
}

function hex(code: number): string {
  return "\\x" + code.toString(16).padStart(2, "0");
}

/**
 * Makes text of one line in which nothing moves the cursor, ends the line,
 * turns the direction, or breaks XML.
 *
 * @param text any text
 * @returns printable text, as in `a\nb` and `\x1b`
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** How many bytes of a message are drawn. */
const PREVIEW = 32;

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Quotes the first 32 bytes of a message, cut before a character that does not
 * fit, as strace does.
 *
 * @param data the recorded bytes
 * @param total how many bytes the message has
 * @returns as in `"Hello, world!"` or `"GET / HTTP/1.1\r\nHost: localhost:"...`
 */
export function quotedBytes(data: RecordedBytes, total: number): string {
  const bytes = data.base64 === undefined
    ? encoder.encode(data.text.slice(0, PREVIEW))
    : Uint8Array.fromBase64(data.base64.slice(0, PREVIEW * 2));
  let shown = "";
  let at = 0;
  while (at < Math.min(bytes.length, PREVIEW)) {
    const char = characterAt(bytes, at);
    if (char !== undefined && at + char.length > PREVIEW) break;
    if (char === undefined) {
      shown += hex(bytes[at++]!);
    } else {
      shown += char.text;
      at += char.length;
    }
  }
  return `"${shown}"${at < total ? "..." : ""}`;
}

/** A character of UTF-8, made safe, and how many bytes it has. */
function characterAt(
  bytes: Uint8Array,
  at: number,
): { readonly text: string; readonly length: number } | undefined {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      const char = strict.decode(bytes.subarray(at, at + length));
      const text = char === '"' || char === "\\"
        ? `\\${char}`
        : printable(char);
      return { text, length };
    } catch {
      // Not UTF-8, or not all of it: one byte more may make a character.
    }
  }
  return undefined;
}
