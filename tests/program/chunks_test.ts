import { BUFFER_BYTES, bytesOf, Chunks } from "../../lib/program/chunks.ts";
import { assert, assertEquals } from "../assert.ts";
import { encode } from "./support.ts";

/** All chunks that are left, as text. */
function drain(chunks: Chunks): string[] {
  const decoder = new TextDecoder();
  return [...chunks.take()].map((chunk) => decoder.decode(bytesOf(chunk)));
}

Deno.test("Chunks joins text for one stream up to a length", () => {
  const chunks = new Chunks(4);
  for (const text of ["ab", "cd", "e"]) chunks.add("stdout", text, 1, false);
  chunks.add("stderr", "f", 0, false);
  chunks.add("stdout", "g", 0, false);
  assertEquals(drain(chunks), ["abcd", "e", "f", "g"]);
});

Deno.test("Chunks copies small bytes together, and keeps lent ones apart", () => {
  const chunks = new Chunks(Infinity);
  const [first, second, lent] = ["ab", "cd", "ef"].map(encode);
  chunks.add("stdout", first!, 1, false);
  chunks.add("stdout", second!, 1, false);
  chunks.add("stdout", lent!, 1, true);
  first!.fill(0);
  const [copied, last] = [...chunks.take()];
  assertEquals(new TextDecoder().decode(bytesOf(copied!)), "abcd");
  assertEquals(copied!.units, 2);
  assert(bytesOf(last!) === lent);
});

Deno.test("Chunks writes the next bytes into a buffer that was written", () => {
  const chunks = new Chunks(Infinity);
  chunks.add("stdout", encode("a"), 0, false);
  const [first] = [...chunks.take()];
  chunks.recycle(first!);
  chunks.add("stdout", encode("b"), 0, false);
  const [second] = [...chunks.take()];
  assert(second!.buffer === first!.buffer);
});

Deno.test("Chunks does not join what would not fit its buffer", () => {
  const chunks = new Chunks(Infinity);
  const half = new Uint8Array(BUFFER_BYTES / 2 + 1);
  chunks.add("stdout", half, 0, false);
  chunks.add("stdout", half, 0, false);
  chunks.add("stdout", new Uint8Array(BUFFER_BYTES + 1), 0, false);
  const lengths = [half.length, half.length, BUFFER_BYTES + 1];
  assertEquals(drain(chunks).map(({ length }) => length), lengths);
});

Deno.test("Chunks counts what it throws away", () => {
  const chunks = new Chunks(1);
  for (const units of [1, 2, 3]) chunks.add("stdout", "x", units, false);
  assertEquals(chunks.clear(), 6);
  assertEquals([...chunks.take()], []);
});
