import { RateLimit } from "../../lib/conversations/rate_limit.ts";
import { assertEquals } from "../assert.ts";

/** How often one may within some tries at one moment. */
function taken(limit: RateLimit, key: string, tries: number, at: number) {
  let count = 0;
  for (let i = 0; i < tries; i++) if (limit.take(key, at)) count++;
  return count;
}

Deno.test("RateLimit allows a burst, and then so many a second", () => {
  const limit = new RateLimit({ perSecond: 100, burst: 50, maxKeys: 10 });
  assertEquals(taken(limit, "a", 200, 0), 50);
  assertEquals(taken(limit, "a", 200, 100), 10);
  assertEquals(taken(limit, "a", 200, 105), 0);
  assertEquals(taken(limit, "a", 200, 110), 1);
  // However long it was quiet, no more than a burst.
  assertEquals(taken(limit, "a", 200, 60_000), 50);
});

Deno.test("RateLimit limits each for itself", () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1, maxKeys: 10 });
  assertEquals([taken(limit, "a", 2, 0), taken(limit, "b", 2, 0)], [1, 1]);
});

Deno.test("RateLimit forgets the one that was quiet longest when its table is full", () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1, maxKeys: 2 });
  for (const key of ["a", "b", "a", "c"]) limit.take(key, 0);
  assertEquals(limit.size, 2);
  assertEquals(["a", "c"].map((key) => limit.take(key, 0)), [false, false]);
  assertEquals(limit.take("b", 0), true);
  assertEquals(limit.size, 2);
});
