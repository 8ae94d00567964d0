/** The width of text against Python's `unicodedata`. */

import { anyCharacter } from "../arbitraries.ts";
import { assert, assertEquals } from "../assert.ts";
import fc from "fast-check";
import { peerTest } from "../peers/peers.ts";
import {
  charWidth,
  cutText,
  foldText,
  textWidth,
} from "../../lib/pictures/text_width.ts";
import { UNICODE_VERSION } from "../../lib/pictures/width_table.ts";

/** Prints one character for each: unassigned, none, narrow or wide. */
const PYTHON = `
import unicodedata
print(unicodedata.unidata_version)
kinds = dict.fromkeys(("Mn", "Me", "Cf", "Cc", "Cs"), "0") | {"Cn": "?"}
columns = {"W": "2", "F": "2"}
print("".join(
    kinds.get(unicodedata.category(c)) or
    columns.get(unicodedata.east_asian_width(c), "1")
    for c in map(chr, range(0x110000))
))
`;

/** The widths of Hangul's vowels and final consonants, which join a letter. */
function isJoining(code: number): boolean {
  return (code >= 0x1160 && code <= 0x11ff) ||
    (code >= 0xd7b0 && code <= 0xd7fb);
}

peerTest(
  ["python3"],
  "every assigned character is as wide as Python's unicodedata says",
  async () => {
    const { success, stdout } = await new Deno.Command("python3", {
      args: ["-c", PYTHON],
    }).output();
    assert(success);
    const [version, widths] = new TextDecoder().decode(stdout).split("\n");
    assertEquals(widths?.length, 0x110000);
    // A newer Unicode made a few characters wide and assigned others.
    const exact = version === UNICODE_VERSION;
    let different = 0;
    for (let code = 0; code < 0x110000; code++) {
      const expected = widths![code]!;
      if (expected === "?" || code === 0xad || isJoining(code)) continue;
      if (String(charWidth(code)) !== expected) different++;
    }
    assert(exact ? different === 0 : different < 2000, `${different} differ`);
  },
);

Deno.test("text is as wide as its characters", () => {
  assertEquals(textWidth("hello"), 5);
  assertEquals(textWidth("안녕하세요"), 10);
  assertEquals(textWidth("여보"), 4); // letters by their parts
  assertEquals(textWidth("日本語 ｶﾅ Ａ"), 12);
  assertEquals(textWidth("🙂"), 2);
  assertEquals(textWidth("é"), 1);
  assertEquals(textWidth("\u0378"), 1); // unassigned
});

Deno.test("cut text fills no more columns than it may", () => {
  assertEquals(cutText("안녕하세요", 10), "안녕하세요");
  assertEquals(cutText("안녕하세요", 9), "안녕하세…");
  assertEquals(cutText("안녕하세요", 8), "안녕하…");
  assertEquals(cutText("abc", 0), "");
  assertEquals(cutText("\0\0\0", 0), "\0\0\0"); // fills no column
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter }),
      fc.nat(40),
      (text, columns) => {
        const cut = cutText(text, columns);
        assert(textWidth(cut) <= columns);
        assert(cut === text || cut === "" || cut.endsWith("…"));
        // A few marks come before the first column as well.
        assert(cut.length <= (columns + 1) * 20);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("folded text loses nothing of an endpoint, and is no wider than it may be", () => {
  const endpoint = "[2001:db8:1234:5678:9abc:def0:1234:5678]:57182";
  assertEquals(foldText("127.0.0.1:80", 20), ["127.0.0.1:80"]);
  assertEquals(foldText(endpoint, 38), [
    "[2001:db8:1234:5678:9abc:def0:1234:",
    "5678]:57182",
  ]);
  assertEquals(foldText(endpoint, 18), [
    "[2001:db8:1234:",
    "5678:9abc:def0:",
    "1234:5678]:57182",
  ]);
  assertEquals(foldText("가".repeat(9), 7), ["가가가", "가가가", "가가가"]);
  assertEquals(foldText("a".repeat(40), 7), ["aaaaaa", "aaaaaa", "aaaaaa…"]);
  assertEquals([foldText("", 5), foldText("가", 1)], [[""], ["…"]]);
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter }),
      fc.nat(40),
      (text, columns) => {
        const lines = foldText(text, columns);
        assert(lines.length >= 1 && lines.length <= 3);
        assert(lines.every((line) => textWidth(line) <= columns));
      },
    ),
    { numRuns: 40 },
  );
});
