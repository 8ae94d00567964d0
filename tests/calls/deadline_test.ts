import {
  bounded,
  deadline,
  isTimeout,
  startWait,
} from "../../lib/calls/deadline.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { timersSetBy } from "../timers.ts";

/** Waits until a signal aborts, and returns its reason. */
function aborted(signal: AbortSignal): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  signal.addEventListener("abort", () => resolve(signal.reason));
  return promise;
}

class Stop extends Error {}

const never = () => new Promise<never>(() => {});

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

Deno.test("deadline() sets no clock for 0, which is no limit", () => {
  const { signal } = deadline(0);
  assert(!signal.aborted);
});

Deno.test("deadline() sets no clock for more than a timer takes", async () => {
  for (const milliseconds of [2 ** 31, Infinity]) {
    // A timer of so long would be over at once.
    const { signal } = deadline(milliseconds);
    await aborted(AbortSignal.timeout(1));
    assert(!signal.aborted);
  }
});

Deno.test("deadline() aborts with the outer signal's reason", () => {
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

Deno.test("deadline() is over at once if the outer signal has aborted", () => {
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

Deno.test("bounded() is the promise itself without a limit", () => {
  const promise = Promise.resolve(7);
  assertEquals(bounded(promise, 0) === promise, true);
});

Deno.test("bounded() returns what the promise resolves to, or throws what it throws", async () => {
  const { signal } = new AbortController();
  // A timer left running would fail this test.
  assertEquals(await bounded(Promise.resolve(7), 60_000, signal), 7);
  await assertRejects(
    () => bounded(Promise.reject(new Stop()), 60_000, signal),
    Stop,
  );
});

Deno.test("bounded() throws a TimeoutError when the time is over", async () => {
  const error = await assertRejects(() => bounded(never(), 1), DOMException);
  assert(isTimeout(error));
});

Deno.test("bounded() throws the signal's reason, before or during the wait", async () => {
  const aborted = AbortSignal.abort(new Stop());
  await assertRejects(() => bounded(never(), 60_000, aborted), Stop);
  const controller = new AbortController();
  const waiting = bounded(never(), 0, controller.signal);
  controller.abort(new Stop());
  await assertRejects(() => waiting, Stop);
});

Deno.test("bounded() swallows what the promise throws too late", async () => {
  const late = Promise.withResolvers<never>();
  await assertRejects(() => bounded(late.promise, 1), DOMException);
  // An unhandled rejection would fail this test.
  late.reject(new Error("too late"));
});

Deno.test("startWait() calls back in the order in which the waits began", async () => {
  const expired: string[] = [];
  const over = Promise.withResolvers<void>();
  startWait(2, () => expired.push("first"));
  const end = startWait(2, () => expired.push("ended"));
  startWait(2, () => expired.push("second"));
  startWait(2, () => over.resolve());
  end();
  await over.promise;
  assertEquals(expired, ["first", "second"]);
});

Deno.test("startWait() never calls back before the time is over", async () => {
  // The second wait begins later, on the timer of the first.
  const over = Promise.withResolvers<number>();
  startWait(20, () => {});
  const busyUntil = performance.now() + 10;
  while (performance.now() < busyUntil);
  const started = performance.now();
  startWait(20, () => over.resolve(performance.now() - started));
  assert(await over.promise >= 20);
});

Deno.test("startWait() stops its timer with the last wait", () => {
  // A timer left running would fail this test.
  const ends = [1, 2, 3].map(() => startWait(60_000, () => {}));
  for (const end of ends) end();
  // Ending a wait again does nothing.
  ends[0]!();
});

Deno.test("startWait() needs no new timer for one wait after the other", async () => {
  const timers = await timersSetBy(async () => {
    for (let i = 0; i < 5; i++) {
      const end = startWait(60_000, () => {});
      await Promise.resolve();
      end();
      await Promise.resolve();
    }
  });
  // A timer left running would fail this test.
  assertEquals(timers, 1);
});

Deno.test("startWait() sets one timer if a wait begins as the last one is over", async () => {
  const over = Promise.withResolvers<void>();
  const begin = (left: number) =>
    startWait(1, () => left === 0 ? over.resolve() : begin(left - 1));
  begin(3);
  await over.promise;
});

Deno.test("startWait() lets a wait begin and end others when it is over", async () => {
  const over = Promise.withResolvers<void>();
  let isLate = false;
  startWait(1, () => {
    end();
    startWait(1, () => over.resolve());
  });
  const end = startWait(1, () => isLate = true);
  await over.promise;
  assertEquals(isLate, false);
});

Deno.test("startWait() takes more than a timer does for no limit", () => {
  // A timer left running would fail this test.
  let isOver = false;
  startWait(2 ** 31, () => isOver = true);
  startWait(Infinity, () => isOver = true);
  assert(!isOver);
});

Deno.test("what came in time is in time, however late the process hears of it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  using peer = await Deno.connect({ hostname, port });
  using conn = await listener.accept();
  const read = bounded(conn.read(new Uint8Array(9)), 50);
  const sent = peer.write(new Uint8Array(1));
  // As if the process were stopped.
  const busyUntil = performance.now() + 300;
  while (performance.now() < busyUntil);
  assertEquals([await read, await sent], [1, 1]);
});
