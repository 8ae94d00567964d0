import fc from "fast-check";
import { nearest } from "../../lib/program/nearest.ts";
import { assertEquals } from "../assert.ts";

const WORDS = [
  ...["port", "host", "count", "max-connections", "max-per-host", "cert"],
  ...["json", "timeout", "ipv4", "ipv6", "version", "quiet"],
];

Deno.test("nearest() finds the word that was misspelt", () => {
  const table: [string, string | undefined][] = [
    ["port", "port"],
    ["prot", "port"],
    ["pport", "port"],
    ["prt", "port"],
    ["part", "port"],
    ["Port", "port"],
    ["jsno", "json"],
    ["timout", "timeout"],
    ["tiemoutt", "timeout"],
    ["max-conection", "max-connections"],
  ];
  for (const [text, word] of table) assertEquals(nearest(text, WORDS), word);
});

Deno.test("nearest() takes the start of a word, and a word with more behind it", () => {
  const table: [string, string | undefined][] = [
    ["time", "timeout"],
    ["ti", "timeout"],
    ["max-c", "max-connections"],
    ["max-", undefined],
    ["ip", undefined],
    ["hostname", "host"],
    ["count-of", "count"],
  ];
  for (const [text, word] of table) assertEquals(nearest(text, WORDS), word);
});

Deno.test("nearest() finds nothing if nothing is near, or several are", () => {
  for (const text of ["", "x", "bogus", "ipv5", "verbose", "_", "__proto__"]) {
    assertEquals(nearest(text, WORDS), undefined, text);
  }
  assertEquals(nearest("port", []), undefined);
});

Deno.test("nearest() finds every word that is there, and one with a slip", () => {
  const word = fc.constantFrom(...WORDS.filter((word) => !/ipv/.test(word)));
  fc.assert(fc.property(word, fc.nat(), (word, nat) => {
    assertEquals(nearest(word, WORDS), word);
    const at = nat % (word.length - 1);
    const swapped = word.slice(0, at) + word[at + 1] + word[at] +
      word.slice(at + 2);
    assertEquals(nearest(swapped, WORDS), word);
  }));
});
