import { Change } from "../../lib/calls/change.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("A change wakes all who wait for it, and nobody who comes later", async () => {
  const change = new Change();
  const woken: string[] = [];
  const first = change.next.then(() => woken.push("first"));
  const second = change.next.then(() => woken.push("second"));
  change.happened();
  const later = change.next.then(() => woken.push("later"));
  await Promise.all([first, second]);
  assertEquals(woken, ["first", "second"]);
  change.happened();
  await later;
  assertEquals(woken, ["first", "second", "later"]);
});

Deno.test("A change that nobody waits for is over", () => {
  const change = new Change();
  change.happened();
  const { next } = change;
  change.happened();
  assert(next !== change.next);
});
