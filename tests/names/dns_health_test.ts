import { Endpoint } from "../../lib/address/endpoint.ts";
import {
  ailmentOf,
  noteAilment,
  noteAnswer,
} from "../../lib/names/dns/health.ts";
import { inAskingOrder, Server } from "../../lib/names/dns/server.ts";
import { assertEquals } from "../assert.ts";

/** Endpoints that no other test knows. */
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((i) =>
  Endpoint.parse(`192.0.2.${i}:5353`)
) as [Endpoint, Endpoint, Endpoint];

/** The order in which three servers are asked, by their ranks. */
function order(): number[] {
  const servers = [FIRST, SECOND, THIRD].map((endpoint, rank) =>
    new Server(endpoint, rank, false)
  );
  return inAskingOrder(servers).map(({ rank }) => rank);
}

Deno.test("A server that was dead or quiet is asked last, until it answers", () => {
  assertEquals(order(), [0, 1, 2]);
  noteAilment(FIRST, "dead");
  assertEquals(order(), [1, 2, 0]);
  noteAilment(SECOND, "quiet");
  assertEquals(order(), [2, 0, 1]);
  // Where all are, the configuration's order holds.
  noteAilment(THIRD, "dead");
  assertEquals(order(), [0, 1, 2]);
  noteAnswer(SECOND);
  assertEquals(order(), [1, 0, 2]);
  noteAnswer(FIRST);
  noteAnswer(THIRD);
  assertEquals(order(), [0, 1, 2]);
});

Deno.test("A server is known by its address and its port", () => {
  noteAilment(FIRST, "dead");
  assertEquals(ailmentOf(new Endpoint(FIRST.address, 53)), undefined);
  assertEquals(ailmentOf(Endpoint.parse("192.0.2.1:5353")), "dead");
  noteAnswer(FIRST);
});

Deno.test("A server that was only quiet this time is still dead", () => {
  noteAilment(FIRST, "dead");
  noteAilment(FIRST, "quiet");
  assertEquals(ailmentOf(FIRST), "dead");
  noteAnswer(FIRST);
  assertEquals(ailmentOf(FIRST), undefined);
});
