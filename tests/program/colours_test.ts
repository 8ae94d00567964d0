import { COLOURS, PALETTE } from "../../lib/program/colours.ts";
import { assert, assertEquals } from "../assert.ts";

/** The relative luminance of a colour of the 6 × 6 × 6 cube, as WCAG 2 has it. */
function luminance(colour: number): number {
  const at = colour - 16;
  const linear = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6]
    .map((step) => (step === 0 ? 0 : 55 + 40 * step) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

Deno.test("colours are seen on a black and on a white ground", () => {
  for (const colour of Object.values(PALETTE).flat()) {
    const light = luminance(colour) + 0.05;
    // WCAG 2 asks for 3 of large letters.
    assert(light / 0.05 > 3.9, `${colour} on black: ${light / 0.05}`);
    assert(1.05 / light > 3.9, `${colour} on white: ${1.05 / light}`);
  }
});

Deno.test("each line has its colour, and an empty one has none", () => {
  const { failure } = COLOURS;
  const [a, b] = [failure("a"), failure("b")];
  assertEquals(failure("a\n\nb\n"), `${a}\n\n${b}\n`);
  assertEquals(a, "\x1b[1;38;5;196ma\x1b[22;39m");
});

Deno.test("neighbouring connections have different colours, and none lacks one", () => {
  const { connection } = COLOURS;
  const painted = Array.from({ length: 20 }, (_, i) => connection(i + 1)("x"));
  for (const [at, each] of painted.entries()) {
    assertEquals(each.endsWith("x\x1b[22;39m"), true);
    assert(each !== painted[at + 1]);
  }
});
