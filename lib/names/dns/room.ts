/**
 * Room for what is sent: to make it for each question takes longer than to
 * write the question.
 *
 * @module
 */

/** How many bytes are made at a time. */
const ROOM_BYTES = 16_384;

let room = new Uint8Array(0);
let used = 0;

/**
 * Returns bytes that nobody else has, and that nobody gets again.
 *
 * @param length how many, fewer than are made at a time
 * @returns zeros
 */
export function blankBytes(length: number): Uint8Array<ArrayBuffer> {
  if (used + length > room.length) {
    room = new Uint8Array(ROOM_BYTES);
    used = 0;
  }
  return room.subarray(used, used += length);
}
