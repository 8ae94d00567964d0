import type { FailureEvent } from "../../lib/calls/errors.ts";
import { Repeats } from "../../lib/calls/repeats.ts";
import { assertEquals } from "../assert.ts";

const failure = (step: string, code: string): FailureEvent => ({
  event: "error",
  step,
  code,
  message: `${step} failed`,
});

/** Keeps what is reported, and resolves when so many were. */
function recorder(expected = Infinity) {
  const events: FailureEvent[] = [];
  const complete = Promise.withResolvers<void>();
  const event = (event: FailureEvent) => {
    events.push(event);
    if (events.length === expected) complete.resolve();
  };
  return { events, observer: { event }, complete: complete.promise };
}

Deno.test("Repeats reports a fault at once, and nothing more if it was the only one", () => {
  const { events, observer } = recorder();
  const once = failure("send", "EPIPE");
  {
    using repeats = new Repeats(observer);
    repeats.report(once);
    assertEquals(events, [once]);
  }
  assertEquals(events, [once]);
});

Deno.test("Repeats reports how many there were of each kind, at the end", () => {
  const { events, observer } = recorder();
  const [one, other] = [failure("send", "EPIPE"), failure("send", "EIO")];
  {
    using repeats = new Repeats(observer);
    for (const each of [one, other, one, one, other]) repeats.report(each);
    assertEquals(events, [one, other]);
  }
  assertEquals(events.slice(2), [{ ...one, count: 3 }, { ...other, count: 2 }]);
});

Deno.test("Repeats counts the reasons for which handshakes fail, each for itself", () => {
  const { events, observer } = recorder();
  const handshake = failure("handshake", "EPROTO");
  const one = { ...handshake, message: "the peer speaks no TLS" };
  const other = { ...handshake, message: "the certificate has expired" };
  {
    using repeats = new Repeats(observer);
    for (const each of [one, other, one]) repeats.report(each);
    assertEquals(events, [one, other]);
  }
  assertEquals(events.slice(2), [{ ...one, count: 2 }]);
});

Deno.test("Repeats reports how many there were once it is quiet, and begins anew", async () => {
  const { events, observer, complete } = recorder(2);
  const each = failure("accept", "ECONNRESET");
  using repeats = new Repeats(observer, 1);
  repeats.report(each);
  repeats.report(each);
  await complete;
  assertEquals(events, [each, { ...each, count: 2 }]);
  repeats.report(each);
  assertEquals(events.slice(2), [each]);
});
