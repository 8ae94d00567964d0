import fc from "fast-check";
import type { Writer } from "../../lib/program/output.ts";
import { ServerOutput } from "../../lib/program/server_output.ts";
import { assertEquals } from "../assert.ts";
import { encode, Page } from "./support.ts";

Deno.test("ServerOutput gathers what comes while it writes", async () => {
  const page = new Page();
  const { stdout, stderr } = page.writers;
  const later = Promise.withResolvers<void>();
  let begun = false;
  const output: ServerOutput = new ServerOutput({
    stderr,
    stdout: {
      write(bytes) {
        if (!begun) {
          begun = true;
          output.write("stdout", "b");
          setTimeout(
            () => later.resolve(void output.write("stdout", "c")),
            0,
          );
        }
        return stdout.write(bytes);
      },
    },
  }, { limit: 5 });
  output.write("stdout", "a");
  await output.flush();
  await later.promise;
  assertEquals(page.lines, ["stdout a", "stdout bc"]);
});

Deno.test("ServerOutput writes all of any text and bytes, in their order", async () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 10 }),
    fc.constantFrom(30_000, 65_535, 65_536, 65_537, 200_000),
  );
  const part = fc.record({
    size,
    kind: fc.constantFrom("text", "bytes", "lent"),
  });
  const parts = fc.array(fc.record({ part, turn: fc.boolean() }));
  await fc.assert(
    fc.asyncProperty(parts, async (parts) => {
      let written = "";
      const decoder = new TextDecoder();
      const writer: Writer = {
        write(bytes) {
          const taken = bytes.subarray(0, 50_000);
          written += decoder.decode(taken);
          return Promise.resolve(taken.length);
        },
      };
      const writers = { stdout: writer, stderr: writer };
      const output = new ServerOutput(writers, { limit: 1 << 30 });
      let expected = "";
      for (const [at, { part: { kind, size }, turn }] of parts.entries()) {
        const text = String.fromCharCode(0x41 + at % 26).repeat(size);
        expected += text;
        const bytes = encode(text);
        if (kind === "text") output.write("stdout", text);
        else output.write("stdout", bytes, { lent: kind === "lent" });
        if (kind === "bytes") bytes.fill(0);
        if (turn) await output.flush();
      }
      await output.flush();
      assertEquals(written === expected, true);
    }),
  );
});

Deno.test("ServerOutput refuses what does not fit, and has room again", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new ServerOutput(page.writers, { limit: 5 });
  assertEquals(output.write("stdout", "abc"), true);
  assertEquals(output.write("stdout", "def"), false);
  // Once full it stays so until half is written, or notices would fill it.
  assertEquals(output.write("stdout", "d"), false);
  assertEquals(output.write("stderr", "de"), true);
  assertEquals(output.write("stderr", encode("fghi")), false);
  gate.resolve();
  await output.flush();
  assertEquals(output.write("stdout", "ghijk"), true);
  await output.flush();
  assertEquals(page.lines, ["stdout abc", "stderr de", "stdout ghijk"]);
});

Deno.test("ServerOutput takes what goes on with something, however full it is", async () => {
  const page = new Page();
  const output = new ServerOutput(page.writers, { limit: 3 });
  assertEquals(output.write("stdout", "abc"), true);
  assertEquals(output.write("stdout", "no", { units: 1 }), false);
  assertEquals(output.write("stdout", "def", { goesOn: true }), true);
  await output.flush();
  assertEquals(page.lines, ["stdout abcdef"]);
  assertEquals(output.lost, 1);
});

Deno.test("ServerOutput counts what it gives up, and writes none of it", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new ServerOutput(page.writers, { limit: 1 << 20 });
  const begun = output.flush();
  // A pipe takes 4096 bytes whole or not at all, so no write has more.
  for (const text of ["a", "b", "c"]) {
    output.write("stdout", text.repeat(4000), { units: 10 });
  }
  await begun;
  await output.giveUp(1);
  assertEquals(output.lost, 30);
  await output.flush();
  gate.resolve();
  output.write("stdout", "d");
  output.write("stderr", "seen");
  await output.flush();
  const lines = page.lines.map((line) => line.slice(0, 11));
  assertEquals(lines, ["stdout aaaa", "stderr seen"]);
});

Deno.test("ServerOutput does not count what is taken while it gives up", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new ServerOutput(page.writers, { limit: 1 << 20 });
  const begun = output.flush();
  for (const text of ["a", "b"]) {
    output.write("stdout", text.repeat(4000), { units: 10 });
  }
  await begun;
  const givenUp = output.giveUp(0);
  gate.resolve();
  await givenUp;
  assertEquals(output.lost, 10);
  const lines = page.lines.map((line) => line.slice(0, 11));
  assertEquals(lines, ["stdout aaaa"]);
});

Deno.test("ServerOutput counts what failed, and goes on", async () => {
  const page = new Page();
  page.broken.set("stdout", new Error("No space left on device (os error 28)"));
  const output = new ServerOutput(page.writers, { limit: 1 << 20 });
  output.write("stdout", "a", { units: 1 });
  output.write("stdout", encode("b"), { units: 2 });
  await output.flush();
  assertEquals(output.lost, 3);
  page.broken.clear();
  output.write("stdout", "c", { units: 4 });
  await output.flush();
  assertEquals(output.lost, 3);
  assertEquals(page.lines, ["stdout c"]);
});

Deno.test("ServerOutput reports once why it cannot write, and counts what was lost when it can", async () => {
  const full = new Error("No space left on device (os error 28)");
  const failures: unknown[] = [];
  // What was counted at each write.
  const lost: number[] = [];
  const output: ServerOutput = new ServerOutput({
    stderr: new Page().writers.stderr,
    stdout: {
      write(bytes) {
        lost.push(output.lost);
        if (lost.length <= 2) return Promise.reject(full);
        return Promise.resolve(bytes.length);
      },
    },
  }, { onFailure: (error) => void failures.push(error) });
  // Text and bytes are never joined.
  for (const data of ["a", encode("b"), "c", encode("d")]) {
    output.write("stdout", data, { units: 1 });
  }
  await output.flush();
  assertEquals(failures, [full]);
  assertEquals(lost, [0, 0, 0, 2]);
});

Deno.test("ServerOutput shows errors even if nobody reads the narration", async () => {
  const shown = Promise.withResolvers<string>();
  const gate = Promise.withResolvers<number>();
  const output = new ServerOutput({
    stdout: { write: () => gate.promise },
    stderr: {
      write(bytes) {
        shown.resolve(new TextDecoder().decode(bytes));
        return Promise.resolve(bytes.length);
      },
    },
  }, { limit: 5 });
  output.write("stdout", "stuck");
  output.write("stderr", "error");
  assertEquals(await shown.promise, "error");
  gate.resolve(5);
  await output.flush();
});

Deno.test("ServerOutput keeps the order of both streams if it is asked to", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new ServerOutput(page.writers, { limit: 12, inOrder: true });
  output.write("stdout", "1");
  output.write("stderr", "2");
  output.write("stderr", "3");
  output.write("stdout", encode("4"));
  // One queue has one limit.
  assertEquals(output.write("stderr", "too much", { units: 1 }), true);
  assertEquals(output.write("stdout", "no", { units: 2 }), false);
  assertEquals(output.write("stderr", "no", { units: 4 }), false);
  assertEquals(output.lost, 6);
  output.lost = 0;
  assertEquals(output.lost, 0);
  gate.resolve();
  await output.flush();
  const lines = ["stderr 123", "stderr 4", "stderr too much"];
  assertEquals(page.lines, lines);
});

Deno.test("ServerOutput has last words on stderr, in one queue as well", async () => {
  const page = new Page();
  const { stdout, stderr } = page.writers;
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const slow: Writer = {
    write(bytes) {
      begun.resolve();
      return stderr.write(bytes);
    },
  };
  const writers = { stdout, stderr: slow };
  const output = new ServerOutput(writers, { limit: 5, inOrder: true });
  output.write("stdout", "a", { units: 1 });
  await begun.promise;
  output.write("stderr", "b");
  output.write("stdout", "full", { units: 2 });
  const givenUp = output.giveUp(0);
  gate.resolve();
  await givenUp;
  assertEquals(output.lost, 2);
  assertEquals(output.write("stderr", "bye"), true);
  output.write("stdout", "never");
  await output.flush();
  assertEquals(page.lines, ["stderr a", "stderr bye"]);
});
