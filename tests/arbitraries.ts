/** What properties are tested with. */

import fc from "fast-check";

/**
 * Any character, and halves of one: as `"binary"`, whose table takes a second
 * to make.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.oneof(
  fc.nat(0x7f),
  fc.nat(0xffff),
  fc.nat(0x10ffff),
).map((code) => String.fromCodePoint(code));
