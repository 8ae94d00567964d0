import fc from "fast-check";
import { SocketError } from "../../lib/calls/errors.ts";
import {
  message,
  readWhole,
  requireExact,
} from "../../lib/program/messages.ts";
import { UsageError } from "../../lib/program/options.ts";
import { assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { encode } from "./support.ts";

/** An input that gives its chunks, and throws those that are errors. */
function inputOf(...chunks: readonly (Uint8Array | Error)[]) {
  const rest = [...chunks];
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const [chunk] = rest;
      if (chunk instanceof Error) {
        rest.shift();
        return Promise.reject(chunk);
      }
      if (chunk === undefined) return Promise.resolve(null);
      const part = chunk.subarray(0, buffer.length);
      buffer.set(part);
      if (part.length < chunk.length) rest[0] = chunk.subarray(part.length);
      else rest.shift();
      return Promise.resolve(part.length);
    },
  };
}

Deno.test("requireExact() refuses U+FFFD, and nothing else", () => {
  for (const text of ["", "hello", "é\u0000\n", "\ufffc\ufffe", "😀"]) {
    assertEquals(requireExact(text, "MESSAGE", "write -"), text);
  }
  for (const text of ["\ufffd", "caf\ufffd", "\ufffdx"]) {
    const run = () => requireExact(text, "MESSAGE", "write -");
    assertThrows(run, UsageError, ": write -");
  }
});

Deno.test("message() makes an option whose text is exact", () => {
  const option = message("what to say", "give a file");
  assertEquals(option.parse("x", "--message", undefined), "x");
  assertThrows(
    () => option.parse("\ufffd", "--message", undefined),
    UsageError,
    "--message is not UTF-8",
  );
});

Deno.test("readWhole() gives all bytes, however they come", async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), {
    maxLength: 5,
  });
  await fc.assert(fc.asyncProperty(chunks, async (chunks) => {
    const all = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
    assertEquals(await readWhole(inputOf(...chunks), 100), all);
  }));
});

Deno.test("readWhole() takes so many bytes and no more", async () => {
  assertEquals(await readWhole(inputOf(encode("12345")), 5), encode("12345"));
  await assertRejects(
    () => readWhole(inputOf(encode("12345"), encode("6")), 5),
    UsageError,
    "more than 5 bytes",
  );
});

Deno.test("readWhole() waits for an input that has nothing now", async () => {
  const input = inputOf(new Deno.errors.WouldBlock(), encode("later"));
  assertEquals(await readWhole(input, 5), encode("later"));
});

Deno.test("readWhole() names the call that failed", async () => {
  const input = inputOf(new Error("Is a directory (os error 21)"));
  const error = await assertRejects(() => readWhole(input, 5), SocketError);
  assertEquals([error.step, error.reason], ["read", "Is a directory"]);
});
