import { deadline, isTimeout, within } from "../../lib/calls/deadline.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

/** Waits until a signal aborts, and gives its reason. */
function aborted(signal: AbortSignal): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  signal.addEventListener("abort", () => resolve(signal.reason));
  return promise;
}

class Stop extends Error {}

Deno.test("deadline() aborts with a timeout when the time is over", async () => {
  using limit = deadline(1);
  const reason = await aborted(limit.signal);
  assert(isTimeout(reason));
});

Deno.test("deadline() stops the clock when it is disposed of", () => {
  // A timer left running would fail this test.
  using limit = deadline(60_000);
  assert(!limit.signal.aborted);
});

Deno.test("deadline() sets no clock for 0, which waits for ever", () => {
  const { signal } = deadline(0);
  assert(!signal.aborted);
});

Deno.test("deadline() aborts with the outer signal, for its reason", () => {
  for (const milliseconds of [0, 60_000]) {
    const outer = new AbortController();
    using limit = deadline(milliseconds, outer.signal);
    assert(!limit.signal.aborted);
    const reason = new Stop();
    outer.abort(reason);
    assertEquals(limit.signal.reason, reason);
    assert(!isTimeout(limit.signal.reason));
  }
});

Deno.test("deadline() is over at once where the outer signal has aborted", () => {
  const reason = new Stop();
  using limit = deadline(60_000, AbortSignal.abort(reason));
  assertEquals(limit.signal.reason, reason);
});

Deno.test("deadline() lets go of the outer signal", () => {
  const outer = new AbortController();
  const limit = deadline(60_000, outer.signal);
  limit[Symbol.dispose]();
  outer.abort();
  assert(!limit.signal.aborted);
});

Deno.test("isTimeout() knows AbortSignal.timeout()'s reason, and no other", async () => {
  assert(isTimeout(await aborted(AbortSignal.timeout(1))));
  for (const reason of [new Stop(), AbortSignal.abort().reason, "timeout"]) {
    assert(!isTimeout(reason));
  }
});

Deno.test("within() gives what the promise gives", async () => {
  const { signal } = new AbortController();
  assertEquals(await within(Promise.resolve(7), signal), 7);
  await assertRejects(
    () => within(Promise.reject(new Stop()), signal),
    Stop,
  );
});

Deno.test("within() ends with the signal, for its reason", async () => {
  const controller = new AbortController();
  const never = new Promise<never>(() => {});
  const waiting = within(never, controller.signal);
  controller.abort(new Stop());
  await assertRejects(() => waiting, Stop);
  await assertRejects(() => within(never, controller.signal), Stop);
});

Deno.test("within() swallows what the promise throws too late", async () => {
  const late = Promise.withResolvers<never>();
  await assertRejects(
    () => within(late.promise, AbortSignal.abort(new Stop())),
    Stop,
  );
  // An unhandled rejection would fail this test.
  late.reject(new Error("too late"));
});
