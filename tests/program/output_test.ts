import fc from "fast-check";
import { Output, type Stream, type Writer } from "../../lib/program/output.ts";
import { assertEquals } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Two streams that keep what is written to them, in one list. */
class Page {
  /** What each write was given, as in `stdout hello`. */
  readonly lines: string[] = [];
  /** The most that one write takes, in bytes. */
  most = Infinity;
  /** What writes to each stream fail with. */
  readonly broken = new Map<Stream, Error>();
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();

  get writers(): Record<Stream, Writer> {
    return { stdout: this.#writer("stdout"), stderr: this.#writer("stderr") };
  }

  #writer(stream: Stream): Writer {
    return {
      write: async (bytes) => {
        await this.gate;
        const error = this.broken.get(stream);
        if (error !== undefined) throw error;
        const taken = bytes.subarray(0, this.most);
        this.lines.push(`${stream} ${new TextDecoder().decode(taken)}`);
        return taken.length;
      },
    };
  }
}

Deno.test("Output keeps the order of what goes to both streams", async () => {
  const page = new Page();
  const output = new Output({ writers: page.writers });
  output.write("stdout", "1");
  output.write("stderr", "2");
  output.write("stdout", encode("3"));
  output.write("stdout", "4");
  await output.flush();
  assertEquals(page.lines, ["stdout 1", "stderr 2", "stdout 3", "stdout 4"]);
});

Deno.test("Output writes in one go what is queued in one turn", async () => {
  const page = new Page();
  const output = new Output({ writers: page.writers });
  for (const text of ["a", "b", "", "c"]) output.write("stdout", text);
  await output.flush();
  assertEquals(page.lines, ["stdout abc"]);
});

Deno.test("Output goes on where a write took a part", async () => {
  const page = new Page();
  page.most = 2;
  const output = new Output({ writers: page.writers });
  output.write("stdout", "hello");
  await output.flush();
  assertEquals(page.lines, ["stdout he", "stdout ll", "stdout o"]);
});

Deno.test("Output copies bytes, which the caller may then overwrite", async () => {
  const page = new Page();
  const output = new Output({ writers: page.writers });
  const bytes = encode("first");
  output.write("stdout", bytes);
  bytes.set(encode("other"));
  await output.flush();
  assertEquals(page.lines, ["stdout first"]);
});

Deno.test("Output writes bytes untouched", async () => {
  const written: number[] = [];
  const writer: Writer = {
    write(bytes) {
      written.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const output = new Output({ writers: { stdout: writer, stderr: writer } });
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  output.write("stdout", bytes);
  await output.flush();
  assertEquals(written, [...bytes]);
});

Deno.test("Output writes what is queued while it writes", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new Output({ writers: page.writers });
  output.write("stdout", "a");
  const flushed = output.flush();
  output.write("stderr", "b");
  gate.resolve();
  await flushed;
  output.write("stdout", "c");
  await output.flush();
  assertEquals(page.lines, ["stdout a", "stderr b", "stdout c"]);
});

Deno.test("Output with a limit gathers what comes while it writes", async () => {
  const page = new Page();
  const { stdout, stderr } = page.writers;
  const later = Promise.withResolvers<void>();
  let begun = false;
  const output: Output = new Output({
    limit: 5,
    writers: {
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
    },
  });
  output.write("stdout", "a");
  await output.flush();
  await later.promise;
  assertEquals(page.lines, ["stdout a", "stdout bc"]);
});

Deno.test("Output writes all of any text and bytes, in their order", async () => {
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
      const output = new Output({ writers, limit: 1 << 30 });
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

Deno.test("Output refuses what does not fit, and has room again", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new Output({ writers: page.writers, limit: 5 });
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

Deno.test("Output takes what goes on with something, however full it is", async () => {
  const page = new Page();
  const output = new Output({ writers: page.writers, limit: 3 });
  assertEquals(output.write("stdout", "abc"), true);
  assertEquals(output.write("stdout", "no", { units: 1 }), false);
  assertEquals(output.write("stdout", "def", { goesOn: true }), true);
  await output.flush();
  assertEquals(page.lines, ["stdout abcdef"]);
  assertEquals(output.lost, 1);
});

Deno.test("Output counts what it gives up, and writes none of it", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new Output({ writers: page.writers, limit: 1 << 20 });
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
  output.write("stderr", "told");
  await output.flush();
  const lines = page.lines.map((line) => line.slice(0, 11));
  assertEquals(lines, ["stdout aaaa", "stderr told"]);
});

Deno.test("Output does not count what is taken while it gives up", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const output = new Output({ writers: page.writers, limit: 1 << 20 });
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

Deno.test("Output tries again where a stream takes nothing now", async () => {
  const page = new Page();
  page.broken.set("stdout", new Deno.errors.WouldBlock());
  const { stdout, stderr } = page.writers;
  const write = (bytes: Uint8Array) =>
    stdout.write(bytes).finally(() => page.broken.clear());
  const output = new Output({ writers: { stdout: { write }, stderr } });
  output.write("stdout", "patience");
  await output.flush();
  assertEquals(page.lines, ["stdout patience"]);
});

Deno.test("Output with a limit counts what failed, and goes on", async () => {
  const page = new Page();
  page.broken.set("stdout", new Error("No space left on device (os error 28)"));
  const output = new Output({ writers: page.writers, limit: 1 << 20 });
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

Deno.test("Output with a limit tells errors where nobody reads the narration", async () => {
  const told = Promise.withResolvers<string>();
  const gate = Promise.withResolvers<number>();
  const output = new Output({
    limit: 5,
    writers: {
      stdout: { write: () => gate.promise },
      stderr: {
        write(bytes) {
          told.resolve(new TextDecoder().decode(bytes));
          return Promise.resolve(bytes.length);
        },
      },
    },
  });
  output.write("stdout", "stuck");
  output.write("stderr", "error");
  assertEquals(await told.promise, "error");
  gate.resolve(5);
  await output.flush();
});

Deno.test("Output tells once that stdout failed, and writes no more to it", async () => {
  const page = new Page();
  const error = new Deno.errors.BrokenPipe();
  page.broken.set("stdout", error);
  const failures: unknown[] = [];
  const output = new Output({
    writers: page.writers,
    onFailure: (failure) => failures.push(failure),
  });
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

Deno.test("Output does without a stderr that failed", async () => {
  const page = new Page();
  page.broken.set("stderr", new Deno.errors.BrokenPipe());
  const failures: unknown[] = [];
  const output = new Output({
    writers: page.writers,
    onFailure: (failure) => failures.push(failure),
  });
  output.write("stderr", "a");
  output.write("stdout", "b");
  await output.flush();
  assertEquals(failures, []);
  assertEquals(page.lines, ["stdout b"]);
});

Deno.test("Output has nothing to flush at first", async () => {
  await new Output({ writers: new Page().writers }).flush();
});
