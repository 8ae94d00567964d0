import fc from "fast-check";
import { printable, quotedBytes } from "../../lib/pictures/printable.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("printable() shows what would move the cursor, turn text, or break XML", () => {
  const table: [string, string][] = [
    ["Hello, world!", "Hello, world!"],
    ["안녕하세요 🙂", "안녕하세요 🙂"],
    ["a\r\n\tb", "a\\r\\n\\tb"],
    ["\x00\x1b[2J\x7f\x9b", "\\x00\\x1b[2J\\x7f\\x9b"],
    ["\u202eevil\u2066", "\\u{202e}evil\\u{2066}"],
    ["\u2028\ufeff\ufffe", "\\u{2028}\\u{feff}\\u{fffe}"],
    ["\ud800x", "\\u{d800}x"],
    ["<b>&amp;", "<b>&amp;"],
  ];
  for (const [text, expected] of table) assertEquals(printable(text), expected);
});

Deno.test("quotedBytes() quotes 32 bytes, and no half of a character", () => {
  const bytes = (text: string) => ({ bytes: text.length, text });
  const table: [
    { bytes: number; text: string; base64?: string },
    number,
    string,
  ][] = [
    [bytes("Hello, world!"), 13, '"Hello, world!"'],
    [bytes('say "\\"\n'), 8, '"say \\"\\\\\\"\\n"'],
    [bytes(""), 0, '""'],
    [bytes("x".repeat(32)), 32, `"${"x".repeat(32)}"`],
    [bytes("x".repeat(32)), 33, `"${"x".repeat(32)}"...`],
    [bytes("x".repeat(99)), 99, `"${"x".repeat(32)}"...`],
    [bytes("가".repeat(11)), 33, `"${"가".repeat(10)}"...`],
    [bytes("x".repeat(31) + "🙂"), 35, `"${"x".repeat(31)}"...`],
    [{ bytes: 3, text: "a\ufffdb", base64: "Yf9i" }, 3, '"a\\xffb"'],
  ];
  for (const [data, total, expected] of table) {
    assertEquals(quotedBytes(data, total), expected);
  }
});

Deno.test("quotedBytes() shows any bytes in printable characters", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const text = new TextDecoder().decode(bytes);
    const data = { bytes: bytes.length, text, base64: bytes.toBase64() };
    const shown = quotedBytes(data, bytes.length);
    assertEquals(printable(shown), shown);
    assert(shown.endsWith(bytes.length > 32 ? '"...' : '"'));
  }));
});
