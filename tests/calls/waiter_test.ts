import { isTimeout } from "../../lib/calls/deadline.ts";
import { isBounded, Waiter } from "../../lib/calls/waiter.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

class Stop extends Error {}

/** A waiter, and those that have left. */
function waiter(wait: { timeout?: number; signal?: AbortSignal } = {}) {
  const left: Waiter<string>[] = [];
  return { left, waiter: new Waiter<string>(wait, (self) => left.push(self)) };
}

Deno.test("A waiter has what comes, and has not left", async () => {
  const { signal } = new AbortController();
  // A timer left running would fail this test.
  const { waiter: waiting, left } = waiter({ timeout: 60_000, signal });
  waiting.resolve("datagram");
  assertEquals(await waiting.promise, "datagram");
  assertEquals(left, []);
});

Deno.test("A waiter throws what the wait ended with", async () => {
  const { waiter: waiting, left } = waiter({ timeout: 60_000 });
  waiting.reject(new Stop());
  await assertRejects(() => waiting.promise, Stop);
  assertEquals(left, []);
});

Deno.test("A waiter leaves when its time is over", async () => {
  const { waiter: waiting, left } = waiter({ timeout: 1 });
  const error = await assertRejects(() => waiting.promise, DOMException);
  assert(isTimeout(error));
  assert(left[0] === waiting);
});

Deno.test("A waiter leaves at once when the signal aborts", async () => {
  const controller = new AbortController();
  const { waiter: waiting, left } = waiter({ signal: controller.signal });
  controller.abort(new Stop());
  // In the same turn, so that what comes now is for the next in the queue.
  assert(left[0] === waiting);
  await assertRejects(() => waiting.promise, Stop);
});

Deno.test("A waiter that has what it waited for does not leave at the signal", async () => {
  const controller = new AbortController();
  const { waiter: waiting, left } = waiter({ signal: controller.signal });
  waiting.resolve("datagram");
  controller.abort(new Stop());
  assertEquals(await waiting.promise, "datagram");
  assertEquals(left, []);
});

Deno.test("isBounded() knows a wait that has an end of its own", () => {
  const { signal } = new AbortController();
  for (const wait of [undefined, {}, { timeout: 0 }, { signal: undefined }]) {
    assert(!isBounded(wait));
  }
  for (const wait of [{ timeout: 1 }, { signal }, { timeout: 0, signal }]) {
    assert(isBounded(wait));
  }
});
