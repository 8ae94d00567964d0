import { OrderedOutput } from "../../lib/program/ordered_output.ts";
import type { Writer } from "../../lib/program/output.ts";
import { assertEquals } from "../assert.ts";
import { encode, Page } from "./support.ts";

/** Fails a test in which no stream fails. */
function unexpected(error: unknown): never {
  throw error;
}

Deno.test("OrderedOutput keeps the order of what goes to both streams", async () => {
  const page = new Page();
  const output = new OrderedOutput(unexpected, page.writers);
  output.write("stdout", "1");
  output.write("stderr", "2");
  output.write("stdout", encode("3"));
  output.write("stdout", "4");
  await output.flush();
  assertEquals(page.lines, ["stdout 1", "stderr 2", "stdout 3", "stdout 4"]);
});

Deno.test("OrderedOutput writes in one go what is queued in one turn", async () => {
  const page = new Page();
  const output = new OrderedOutput(unexpected, page.writers);
  for (const text of ["a", "b", "", "c"]) output.write("stdout", text);
  await output.flush();
  assertEquals(page.lines, ["stdout abc"]);
});

Deno.test("OrderedOutput goes on if a write took a part", async () => {
  const page = new Page();
  page.most = 2;
  const output = new OrderedOutput(unexpected, page.writers);
  output.write("stdout", "hello");
  await output.flush();
  assertEquals(page.lines, ["stdout he", "stdout ll", "stdout o"]);
});

Deno.test("OrderedOutput copies bytes, which the caller may then overwrite", async () => {
  const page = new Page();
  const output = new OrderedOutput(unexpected, page.writers);
  const bytes = encode("first");
  output.write("stdout", bytes);
  bytes.set(encode("other"));
  await output.flush();
  assertEquals(page.lines, ["stdout first"]);
});

Deno.test("OrderedOutput writes bytes untouched", async () => {
  const written: number[] = [];
  const writer: Writer = {
    write(bytes) {
      written.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const output = new OrderedOutput(unexpected, {
    stdout: writer,
    stderr: writer,
  });
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  output.write("stdout", bytes);
  await output.flush();
  assertEquals(written, [...bytes]);
});

Deno.test("OrderedOutput writes what is queued while it writes", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new OrderedOutput(unexpected, page.writers);
  output.write("stdout", "a");
  const flushed = output.flush();
  output.write("stderr", "b");
  gate.resolve();
  await flushed;
  output.write("stdout", "c");
  await output.flush();
  assertEquals(page.lines, ["stdout a", "stderr b", "stdout c"]);
});

Deno.test("OrderedOutput tries again if a stream takes nothing now", async () => {
  const page = new Page();
  page.broken.set("stdout", new Deno.errors.WouldBlock());
  const { stdout, stderr } = page.writers;
  const write = (bytes: Uint8Array) =>
    stdout.write(bytes).finally(() => page.broken.clear());
  const output = new OrderedOutput(unexpected, {
    stdout: { write },
    stderr,
  });
  output.write("stdout", "patience");
  await output.flush();
  assertEquals(page.lines, ["stdout patience"]);
});

Deno.test("OrderedOutput reports once that stdout failed, and writes no more to it", async () => {
  const page = new Page();
  const error = new Deno.errors.BrokenPipe();
  page.broken.set("stdout", error);
  const failures: unknown[] = [];
  const output = new OrderedOutput(
    (failure) => failures.push(failure),
    page.writers,
  );
  output.write("stdout", encode("a"));
  output.write("stdout", encode("b"));
  output.write("stderr", "c");
  await output.flush();
  page.broken.clear();
  assertEquals(output.write("stdout", "d"), true);
  await output.flush();
  assertEquals(failures, [error]);
  assertEquals(page.lines, ["stderr c"]);
});

Deno.test("OrderedOutput does without a stderr that failed", async () => {
  const page = new Page();
  page.broken.set("stderr", new Deno.errors.BrokenPipe());
  const failures: unknown[] = [];
  const output = new OrderedOutput(
    (failure) => failures.push(failure),
    page.writers,
  );
  output.write("stderr", "a");
  output.write("stdout", "b");
  await output.flush();
  assertEquals(failures, []);
  assertEquals(page.lines, ["stdout b"]);
});

Deno.test("OrderedOutput has nothing to flush at first", async () => {
  await new OrderedOutput(unexpected, new Page().writers).flush();
});
