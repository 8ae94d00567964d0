import fc from "fast-check";
import { Folded } from "../../lib/pictures/folded.ts";
import { assertEquals } from "../assert.ts";

Deno.test("Folded keeps the first and the last items in their order", () => {
  fc.assert(fc.property(
    fc.nat(30),
    fc.nat(5),
    fc.integer({ min: 1, max: 5 }),
    (count, head, tail) => {
      const folded = new Folded<number>(head, tail);
      const items = Array.from({ length: count }, (_, i) => i);
      const evicted = items.map((item) => folded.add(item))
        .filter((item) => item !== undefined);
      const most = head + tail;
      const isWhole = count <= most;
      const last = items.slice(Math.max(head, count - tail));
      assertEquals(folded.total, count);
      assertEquals(folded.skipped, isWhole ? 0 : count - most);
      assertEquals(folded.head, isWhole ? items : items.slice(0, head));
      assertEquals(folded.tail, isWhole ? [] : last);
      assertEquals(folded.kept, [...items.slice(0, head), ...last]);
      assertEquals(evicted, isWhole ? [] : items.slice(head, count - tail));
    },
  ));
});
