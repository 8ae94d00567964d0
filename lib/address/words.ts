/**
 * The 128 bits of an address as four signed 32-bit words, the first one first.
 *
 * @module
 */

/** Four words. */
export type Words = readonly [number, number, number, number];

/** Sets all but the first bits of the words to zero. */
export function maskWords(words: Words, bits: number): Words {
  const [w0, w1, w2, w3] = words;
  return [
    w0 & mask(bits),
    w1 & mask(bits - 32),
    w2 & mask(bits - 64),
    w3 & mask(bits - 96),
  ];
}

/** Returns a word whose first bits are set, as many as there are of them. */
function mask(bits: number): number {
  if (bits >= 32) return -1;
  return bits <= 0 ? 0 : -1 << 32 - bits;
}

/** Counts the leading bits that two sets of words share. */
export function commonBits(a: Words, b: Words): number {
  for (let i = 0; i < 4; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return 32 * i + Math.clz32(difference);
  }
  return 128;
}

/** Compares two sets of words as unsigned numbers: below 0, 0 or above 0. */
export function compareWords(a: Words, b: Words): number {
  for (let i = 0; i < 4; i++) {
    const difference = (a[i]! >>> 0) - (b[i]! >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Adds a number to the last words; what carries over beyond them is lost.
 *
 * @param words the words
 * @param number a safe integer, which may be negative
 * @param first the first word that may change, 0 to 3
 */
export function add(words: Words, number: number, first: number): Words {
  const sums = [...words] as [number, number, number, number];
  let rest = number;
  for (let i = 3; i >= first && rest !== 0; i--) {
    // In two parts, since the sum of both could be more than a safe integer.
    const above = Math.floor(rest / 2 ** 32);
    const sum = (words[i]! >>> 0) + (rest - above * 2 ** 32);
    sums[i] = sum | 0;
    rest = above + Math.floor(sum / 2 ** 32);
  }
  return sums;
}
