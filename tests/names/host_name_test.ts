import fc from "fast-check";
import { normalizeHostName } from "../../lib/names/host_name.ts";
import { anyCharacter } from "../arbitraries.ts";
import { assert, assertEquals } from "../assert.ts";

/** Fails unless each host has that form. */
async function assertForms(
  table: readonly (readonly [host: string, name: string | undefined])[],
): Promise<void> {
  for (const [host, name] of table) {
    const shown = JSON.stringify(host.slice(0, 80));
    assertEquals(await normalizeHostName(host), name, shown);
  }
}

/** Fails unless none of the hosts has a form. */
function assertRefused(hosts: readonly string[]): Promise<void> {
  return assertForms(hosts.map((host) => [host, undefined] as const));
}

/** A name of so many characters, in labels of at most 63. */
function nameOf(length: number): string {
  const labels = Array.from(
    { length: Math.floor(length / 64) },
    () => "a".repeat(63),
  );
  return [...labels, "b".repeat(length % 64)].join(".");
}

Deno.test("normalizeHostName() gives ASCII names in lower case", async () => {
  await assertForms([
    ["localhost", "localhost"],
    ["LocalHost", "localhost"],
    ["WWW.Example.TEST", "www.example.test"],
    ["a-b.c--d.test", "a-b.c--d.test"],
    ["1.2.3.4.test", "1.2.3.4.test"],
    ["xn--bcher-kva.test", "xn--bcher-kva.test"],
  ]);
});

Deno.test("normalizeHostName() keeps a dot at the end", async () => {
  await assertForms([
    ["localhost.", "localhost."],
    ["bücher.test.", "xn--bcher-kva.test."],
  ]);
});

Deno.test("normalizeHostName() takes the underscores of the DNS", async () => {
  await assertForms([
    ["_http._tcp.example.test", "_http._tcp.example.test"],
    ["a_b.test", "a_b.test"],
  ]);
});

Deno.test("normalizeHostName() gives names beyond ASCII their ASCII form", async () => {
  await assertForms([
    ["bücher.test", "xn--bcher-kva.test"],
    ["BÜCHER.Test", "xn--bcher-kva.test"],
    ["bu\u0308cher.test", "xn--bcher-kva.test"], // ü in two characters
    ["😀.test", "xn--e28h.test"],
    ["日本.test", "xn--wgv71a.test"],
    ["straße.test", "xn--strae-oqa.test"],
    ["日本。test", "xn--wgv71a.test"], // U+3002 parts labels as well
  ]);
});

Deno.test("normalizeHostName() maps what stands for ASCII to it", async () => {
  await assertForms([
    ["ｌｏｃａｌｈｏｓｔ", "localhost"],
    ["１２７.０.０.１", "127.0.0.1"],
    ["\u212a.test", "k.test"], // the sign of the kelvin
    ["local\u00adhost", "localhost"], // a soft hyphen
  ]);
});

Deno.test("normalizeHostName() refuses characters that no host has", async () => {
  await assertRefused([
    ...[" ", "a b", " a", "a ", "a\n", "a\tb", "a\0b", "\0", "a\x1b[31m"],
    ...["a/b", "a:b", "a:80", "[::1]", "::1", "u@a", "a%41", "%lo", "a\\b"],
    ...["http://a", "a?b", "a#b", "a,b", "a+b", "a*b", "*", "a'b"],
  ]);
});

Deno.test("normalizeHostName() refuses them in names beyond ASCII too", async () => {
  await assertRefused([
    ...["bücher .test", " bücher", "bücher\n", "bü\tcher", "bücher\0.test"],
    ...["bücher.test/x", "bücher.test:80", "u@bücher.test", "bücher%41.test"],
    ...["bücher?x", "bücher#x", "bücher\\x", "[bücher]"],
    // These turn into ASCII that no host has: a/c, %41, (1).
    ...["\u2100.test", "\uff0541.test", "\u2474.test", "a\u3000b"],
  ]);
});

Deno.test("normalizeHostName() refuses what IDNA does not allow", async () => {
  await assertRefused([
    "\u202eabc.test", // right-to-left override
    "a\u200d.test", // a joiner that joins nothing
    "xn--ü.test",
    "xn--a.ü",
    "\ufffd.test",
  ]);
});

Deno.test("normalizeHostName() refuses lone surrogates", async () => {
  await assertRefused(["\ud800", "\ud800.test", "a\udc00b", "ü\ud800.test"]);
});

Deno.test("normalizeHostName() refuses empty labels", async () => {
  await assertRefused([
    ...["", ".", "..", ".a", "a..b", "a..", "..a", "a.b.."],
    ...["ü..test", ".ü", "ü..", "\u3002", "\u00ad", "\u00ad.test"],
  ]);
});

Deno.test("normalizeHostName() takes labels of 63 characters, and no longer ones", async () => {
  const label = "a".repeat(63);
  await assertForms([
    [label, label],
    [`b.${label}.c`, `b.${label}.c`],
    [`${label}a`, undefined],
    [`b.${label}a.c`, undefined],
  ]);
});

Deno.test("normalizeHostName() counts a label's characters in its ASCII form", async () => {
  const ascii = `xn--td${"a".repeat(57)}`;
  assertEquals(ascii.length, 63);
  await assertForms([
    ["ü".repeat(57), ascii],
    ["ü".repeat(58), undefined],
  ]);
});

Deno.test("normalizeHostName() takes names of 253 characters, and no longer ones", async () => {
  const longest = nameOf(253);
  assertEquals(longest.length, 253);
  await assertForms([
    [longest, longest],
    // The dot at the end takes no byte on the wire.
    [`${longest}.`, `${longest}.`],
    [nameOf(254), undefined],
    [`${nameOf(254)}.`, undefined],
  ]);
});

Deno.test("normalizeHostName() refuses names of any length", async () => {
  await assertRefused([
    ...["a".repeat(10_000), "a.".repeat(5_000), ".".repeat(10_000)],
    ...["ü".repeat(10_000), "ü.".repeat(5_000), "😀".repeat(10_000)],
    ..."\ud800 \0 _ -".split(" ").map((char) => char.repeat(10_000)),
  ]);
});

Deno.test("normalizeHostName() gives names that it takes as they are", async () => {
  const text = fc.oneof(
    fc.domain(),
    fc.string(),
    fc.string({ unit: anyCharacter }),
    fc.string({ unit: fc.constantFrom(..."aZ1-_.üß😀。\ud800\0 ") }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (host) => {
      const name = await normalizeHostName(host);
      if (name === undefined) return;
      assert(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(name), name);
      assertEquals(await normalizeHostName(name), name);
    }),
    { numRuns: 100 },
  );
});
