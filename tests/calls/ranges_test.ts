import { requireCount, requireTime } from "../../lib/calls/ranges.ts";
import { assertEquals, assertThrows } from "../assert.ts";

Deno.test("requireCount() takes whole numbers from 1, and Infinity", () => {
  for (const value of [1, 2, 1_000_000, Infinity]) {
    assertEquals(requireCount("count", value), value);
  }
  for (const value of [0, -1, 1.5, NaN, -Infinity]) {
    const { message } = assertThrows(
      () => requireCount("count", value),
      RangeError,
    );
    assertEquals(message, `count is a whole number from 1, not ${value}`);
  }
});

Deno.test("requireCount() takes no more than the largest number", () => {
  assertEquals(requireCount("backlog", 5, 5), 5);
  for (const value of [0, 6, Infinity, NaN]) {
    const { message } = assertThrows(
      () => requireCount("backlog", value, 5),
      RangeError,
    );
    assertEquals(
      message,
      `backlog is a whole number from 1 to 5, not ${value}`,
    );
  }
});

Deno.test("requireTime() takes what a timer can wait for", () => {
  for (const value of [0, 0.5, 1000, 2 ** 31 - 1]) {
    assertEquals(requireTime("grace", value), value);
  }
  for (const value of [-1, 2 ** 31, Infinity, NaN]) {
    const { message } = assertThrows(
      () => requireTime("grace", value),
      RangeError,
    );
    assertEquals(
      message,
      `grace is 0 to 2147483647 milliseconds, not ${value}`,
    );
  }
});
