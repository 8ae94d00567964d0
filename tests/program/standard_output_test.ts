import { errorEvent } from "../../lib/calls/errors.ts";
import { OrderedOutput } from "../../lib/program/ordered_output.ts";
import type { Writer } from "../../lib/program/output.ts";
import { certainWriter } from "../../lib/program/standard_output.ts";
import { assertEquals } from "../assert.ts";
import { encode, Page } from "./support.ts";

const PIPE_BYTES = 64;
const LF = 0x0a;

/** Rust's stdout, whose lines go to a non-blocking pipe of some room. */
class RustStdout implements Writer {
  /** What the pipe took. */
  text = "";
  /** How much it takes until somebody reads. */
  room: number;
  #held = new Uint8Array();

  constructor(room: number) {
    this.room = room;
  }

  write(bytes: Uint8Array): Promise<number> {
    try {
      return Promise.resolve(this.#write(bytes));
    } catch (error) {
      // Somebody reads before the next write.
      this.room = 100;
      return Promise.reject(error);
    }
  }

  #write(bytes: Uint8Array): number {
    const end = bytes.lastIndexOf(LF) + 1;
    let taken = 0;
    if (end > 0 || bytes.length >= 1024) {
      this.#flush();
      taken = this.#pipe(bytes.subarray(0, end || bytes.length));
      if (end === 0) return taken;
    }
    const rest = bytes.subarray(taken, taken < end ? end - 1 : bytes.length);
    const kept = rest.subarray(0, 1024 - this.#held.length);
    this.#held = new Uint8Array([...this.#held, ...kept]);
    this.#flush();
    return taken + kept.length;
  }

  #flush(): void {
    while (this.#held.length > 0) {
      this.#held = this.#held.slice(this.#pipe(this.#held));
    }
  }

  #pipe(bytes: Uint8Array): number {
    const isWhole = bytes.length <= this.room;
    if (this.room === 0 || bytes.length <= PIPE_BYTES && !isWhole) {
      throw new Deno.errors.WouldBlock("Resource temporarily unavailable");
    }
    const taken = bytes.subarray(0, this.room);
    this.room -= taken.length;
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }
}

/** Writes to a pipe that has some room at first, and returns what came. */
async function write(text: string, room: number) {
  const stdout = new RustStdout(room);
  const failures: unknown[] = [];
  const output = new OrderedOutput((error) => failures.push(error), {
    ...new Page().writers,
    stdout: certainWriter(stdout, PIPE_BYTES),
  });
  output.write("stdout", encode(text));
  await output.flush();
  return { text: stdout.text, failures };
}

Deno.test("a non-blocking stdout that is full gets each byte once", async () => {
  const texts = [
    "login: ",
    "hello\n",
    "hello\nlogin: ",
    "one\ntwo\nthree",
    "x".repeat(1200),
  ];
  for (const text of texts) {
    for (const room of [0, 1, 4, 6, 8, 63, 2000]) {
      assertEquals(await write(text, room), { text, failures: [] });
    }
  }
});

Deno.test("a non-blocking stdout that took some of many lines ends the output", async () => {
  const text = "a line\n".repeat(1000);
  const { text: shown, failures: [error] } = await write(text, 200);
  assertEquals(shown, text.slice(0, shown.length));
  assertEquals(errorEvent(error).code, "EAGAIN");
});

Deno.test("what stdout fails with otherwise is passed on", async () => {
  const page = new Page();
  const error = new Deno.errors.BrokenPipe();
  page.broken.set("stdout", error);
  const failures: unknown[] = [];
  const output = new OrderedOutput((error) => failures.push(error), {
    ...page.writers,
    stdout: certainWriter(page.writers.stdout),
  });
  output.write("stdout", "hello");
  await output.flush();
  assertEquals(failures, [error]);
});
