import { Floor } from "../../lib/program/floor.ts";
import { assertEquals } from "../assert.ts";

/** A stage that has room, or none, and lists what is shown. */
function stage(hasRoom = true) {
  const shown: string[] = [];
  const floor = new Floor({
    show(text, { units = 0, goesOn = false }) {
      shown.push(`${text}/${goesOn ? "+" : units}`);
      return hasRoom;
    },
    lose: (units) => void shown.push(`lost ${units}`),
  });
  return { floor, shown };
}

Deno.test("a floor shows the speaker at once, and others when it is done", () => {
  const { floor, shown } = stage();
  floor.say({ event: "accepted", connection: 1 }, "a1");
  floor.say({ event: "accepted", connection: 2 }, "b1");
  floor.say({ event: "reading", connection: 1 }, "a2");
  floor.say({ event: "closing", connection: 2 }, "b2");
  assertEquals(shown, ["a1/1", "a2/+"]);
  floor.say({ event: "closing", connection: 1 }, "a3");
  assertEquals(shown, ["a1/1", "a2/+", "a3/+", "b1b2/1"]);
});

Deno.test("a floor holds back what is about no connection", () => {
  const { floor, shown } = stage();
  floor.say({ event: "waiting" }, "first");
  floor.say({ event: "accepted", connection: 1 }, "a1");
  floor.say({ event: "closingListener" }, "last");
  floor.say({ event: "closing", connection: 1 }, "a2");
  assertEquals(shown, ["first/0", "a1/1", "a2/+", "last/0"]);
});

Deno.test("a floor shows nothing of who was not heard at first", () => {
  const { floor, shown } = stage(false);
  floor.say({ event: "accepted", connection: 1 }, "a1");
  floor.say({ event: "closing", connection: 1 }, "a2");
  assertEquals(shown, ["a1/1"]);
});

Deno.test("a floor gives up whole blocks when too much waits", () => {
  const { floor, shown } = stage();
  floor.say({ event: "accepted", connection: 1 }, "a");
  const long = "x".repeat(8 << 20);
  for (const connection of [2, 3, 4]) {
    floor.say({ event: "accepted", connection }, connection === 2 ? long : "");
    floor.say({ event: "closing", connection }, "end");
  }
  assertEquals(shown, ["a/1", "lost 1", "lost 1"]);
});
