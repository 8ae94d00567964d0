import fc from "fast-check";
import {
  decodeLossy,
  decodeUtf8,
  displayBytes,
  displayText,
  quoteBytes,
  wholeCharacters,
} from "../../lib/program/display.ts";
import { assert, assertEquals } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Any character that UTF-8 has bytes for; surrogates have none. */
const character = fc.oneof(
  fc.nat(0xff),
  fc.nat(0xd7ff),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
).map((code) => String.fromCodePoint(code));

Deno.test("displayText() shows every control character", () => {
  const table: [string, string][] = [
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\0\x07\b\x1b[31mred", "\\x00\\x07\\x08\\x1b[31mred"],
    ["\x1f\x7f", "\\x1f\\x7f"],
    ["\x80\x85\x9b\x9f", "\\x80\\x85\\x9b\\x9f"],
    // What ends a line elsewhere, and what makes it read another way.
    ["a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["\u202etxt.exe\u202c", "\\u{202e}txt.exe\\u{202c}"],
    ["\u061c\u200e\u200f", "\\u{61c}\\u{200e}\\u{200f}"],
    ["\u202a\u202d\u2066\u2069", "\\u{202a}\\u{202d}\\u{2066}\\u{2069}"],
    // Their neighbours stay.
    [" ~\xa0", " ~\xa0"],
    [
      "\u200d\u2010\u2027\u202f\u2065\u206a",
      "\u200d\u2010\u2027\u202f\u2065\u206a",
    ],
  ];
  for (const [text, shown] of table) assertEquals(displayText(text), shown);
});

Deno.test("displayBytes() shows bytes that are not UTF-8 one by one", () => {
  const table: [number[], string][] = [
    [[0xff, 0xfe], "\\xff\\xfe"],
    [[0x61, 0x80, 0x62], "a\\x80b"],
    // Cut short.
    [[0x61, 0xe2, 0x82], "a\\xe2\\x82"],
    [[0xc3, 0x28], "\\xc3("],
    // RFC 3629 section 3: overlong, surrogate, past U+10FFFF.
    [[0xc0, 0xaf], "\\xc0\\xaf"],
    [[0xe0, 0x80, 0xaf], "\\xe0\\x80\\xaf"],
    [[0xf0, 0x82, 0x82, 0xac], "\\xf0\\x82\\x82\\xac"],
    [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
    [[0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"],
    [[0xf5, 0x80, 0x80, 0x80], "\\xf5\\x80\\x80\\x80"],
    // What is UTF-8 around them stays.
    [[0xff, ...encode("é€😀\n"), 0xff], "\\xffé€😀\\n\\xff"],
    [[...encode("\ufeff"), 0xff], "\ufeff\\xff"],
    [[0xff, 0x1b], "\\xff\\x1b"],
    [[], ""],
  ];
  for (const [bytes, shown] of table) {
    assertEquals(displayBytes(new Uint8Array(bytes)), shown);
  }
});

Deno.test("displayBytes() never contains a control character", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert(!/\p{Cc}/u.test(displayBytes(bytes)));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("displayBytes() leaves printable UTF-8 as it is", () => {
  const printable = fc.string({ unit: character })
    .map((text) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, ""));
  fc.assert(
    fc.property(printable, (text) => {
      assertEquals(displayBytes(encode(text)), text);
    }),
    { numRuns: 1_000 },
  );
  assertEquals(displayBytes(encode("\ufeffBOM \\x1b")), "\ufeffBOM \\x1b");
});

Deno.test("displayBytes() shows UTF-8 the same beside a byte that is none", () => {
  fc.assert(fc.property(fc.string({ unit: character }), (text) => {
    const bytes = new Uint8Array([...encode(text), 0xff]);
    assertEquals(displayBytes(bytes), displayText(text) + "\\xff");
  }));
});

Deno.test("decodeUtf8() returns text only for UTF-8, its BOM included", () => {
  assertEquals(decodeUtf8(encode("\ufeffé")), "\ufeffé");
  assertEquals(decodeUtf8(new Uint8Array([0xc3])), undefined);
});

Deno.test("decodeLossy() puts U+FFFD for what is not UTF-8", () => {
  const bytes = new Uint8Array([...encode("\ufeffé"), 0xff, 0x61]);
  assertEquals(decodeLossy(bytes), "\ufeffé\ufffda");
});

Deno.test("quoteBytes() leaves no doubt where the quotes end", () => {
  assertEquals(quoteBytes(encode('\u200e"\\')), '"\\u{200e}\\"\\\\"');
  fc.assert(fc.property(fc.array(character), fc.uint8Array(), (text, noise) => {
    for (const bytes of [encode(text.join("")), noise]) {
      // As C and JSON read strings: nothing but escaped quotes inside.
      assert(
        /^"(?:[^"\\]|\\(?:["\\nrt]|x[0-9a-f]{2}|u\{[0-9a-f]+\}))*"$/
          .test(quoteBytes(bytes)),
      );
    }
  }));
});

Deno.test("wholeCharacters() leaves whole characters, and the most of them", () => {
  fc.assert(fc.property(fc.array(character), fc.nat(100), (text, length) => {
    const bytes = encode(text.join(""));
    const cut = wholeCharacters(bytes.subarray(0, length));
    const shown = decodeUtf8(cut);
    assert(shown !== undefined && text.join("").startsWith(shown));
    const next = text.join("").slice(shown.length);
    const first = encode([...next][0] ?? "").length;
    const isWhole = cut.length === bytes.length;
    assert(isWhole || cut.length + first > length);
  }));
  // What is no UTF-8 at all stays as it is.
  for (const bytes of [[0x80, 0x80, 0x80, 0x80], [0xff], [0xc3, 0xa9, 0xa9]]) {
    const noise = new Uint8Array(bytes);
    if (bytes[0] !== 0xff) assertEquals(wholeCharacters(noise), noise);
  }
});
