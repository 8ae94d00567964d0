import { assertEquals, assertRejects } from "./assert.ts";
import { Running, type StartOptions } from "./harness.ts";

/** Runs some JavaScript in a process of its own. */
function evaluate(code: string, options?: StartOptions): Running {
  return new Running(Deno.execPath(), ["eval", code], options);
}

const ECHO = "await Deno.stdin.readable.pipeTo(Deno.stdout.writable)";
const STUCK = "setTimeout(() => {}, 60_000)";

Deno.test("Running returns what a process left behind", async () => {
  await using running = evaluate(
    "console.log('out'); console.error('err'); Deno.exit(3)",
  );
  const { code, stdout, stderr, bytes } = await running.end();
  assertEquals([code, stdout, stderr], [3, "out\n", "err\n"]);
  assertEquals(bytes, new TextEncoder().encode("out\n"));
});

Deno.test("Running takes all of stdin, or what is written", async () => {
  await using given = evaluate(ECHO, { stdin: "all of it" });
  assertEquals((await given.end()).stdout, "all of it");
  await using written = evaluate(ECHO);
  await written.write("a part");
  await written.stdout(/a part/);
  await written.closeStdin();
  assertEquals((await written.end()).stdout, "a part");
});

Deno.test("Running fails if what is waited for never comes", async () => {
  await using running = evaluate("console.log('something else')");
  await assertRejects(
    () => running.stdout(/what is waited for/),
    Error,
    "something else",
  );
});

Deno.test("Running kills a process that is stuck, and says so", async () => {
  const running = evaluate(STUCK, { stuckAfter: 1 });
  await assertRejects(() => running.end(), Error, "was stuck");
});

Deno.test("Running ends its process when it is disposed of", async () => {
  const running = evaluate(STUCK);
  await running[Symbol.asyncDispose]();
  // It has ended: there is nobody to take the signal.
  running.signal("SIGTERM");
  await running.exited();
  assertEquals((await running.end()).code, 128 + 9);
});

Deno.test({
  name: "Running lets a process that it kills pass the signal on",
  ignore: Deno.build.os === "windows",
  async fn() {
    // As a task does: what it starts has its stdout, and outlives a SIGKILL.
    const script = "sleep 60 & trap 'kill $!' TERM; echo ready; wait $!";
    const running = new Running("sh", ["-c", script], { killedBy: "SIGTERM" });
    await running.stdout(/ready/);
    await running[Symbol.asyncDispose]();
    assertEquals((await running.end()).stdout, "ready\n");
  },
});
