import { IpAddress } from "../../lib/address/ip_address.ts";
import type { FailureEvent } from "../../lib/calls/errors.ts";
import { Tally } from "../../lib/calls/tally.ts";
import { assertEquals } from "../assert.ts";

/** The messages of a tally of some addresses. */
function messagesOf(addresses: readonly string[]): string[] {
  const messages: string[] = [];
  const observer = {
    event: ({ message }: FailureEvent) => void messages.push(message),
  };
  {
    using tally = new Tally({
      step: "gave way",
      code: "EAGAIN",
      unit: "connection",
      observer,
    });
    for (const address of addresses) tally.add(IpAddress.parse(address));
    assertEquals(messages, []);
  }
  return messages;
}

Deno.test("Tally says in one line how many came from how many addresses", () => {
  assertEquals(messagesOf([]), []);
  assertEquals(messagesOf(["::1"]), ["1 connection from 1 address"]);
  assertEquals(messagesOf(["::1", "10.0.0.1", "::1"]), [
    "3 connections from 2 addresses",
  ]);
});

Deno.test("Tally keeps a bounded number of addresses apart", () => {
  const addresses = Array.from(
    { length: 5000 },
    (_, i) => `10.0.${i >> 8}.${i & 255}`,
  );
  assertEquals(messagesOf(addresses), [
    "5000 connections from 4096 addresses or more",
  ]);
});

Deno.test("Tally reports each time that it is quiet", async () => {
  const events: FailureEvent[] = [];
  let reported = Promise.withResolvers<void>();
  const event = (event: FailureEvent) => {
    events.push(event);
    reported.resolve();
  };
  using tally = new Tally({
    step: "not answered",
    code: "EAGAIN",
    unit: "datagram",
    quiet: 1,
    observer: { event },
  });
  for (let round = 1; round <= 2; round++) {
    tally.add(IpAddress.parse("::1"));
    await reported.promise;
    reported = Promise.withResolvers();
    assertEquals(events.length, round);
  }
  assertEquals(events[1], {
    event: "error",
    step: "not answered",
    code: "EAGAIN",
    message: "1 datagram from 1 address",
  });
});
