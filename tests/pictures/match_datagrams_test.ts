import fc from "fast-check";
import { matchDatagrams } from "../../lib/pictures/match_datagrams.ts";
import { assert, assertEquals } from "../assert.ts";

/** A call that moved some bytes. */
function datagram(text: string, order: number, bytes = text.length) {
  const data = { bytes: text.length, text };
  const call = { call: "sendto", arguments: "", result: bytes, data };
  const message = { way: "sent" as const, from: 0, bytes };
  return { step: { call, order, message } };
}

type Datagram = ReturnType<typeof datagram>;

const textOf = ({ step }: Datagram) => step.call.data.text;

Deno.test("datagrams are matched by their order, size and bytes", () => {
  const sent = ["a", "b", "a", "cc", "a"].map((text, i) => datagram(text, i));
  const match = (texts: string[], backwards = false) => {
    const received = texts.map((text, i) => datagram(text, i));
    const partners = matchDatagrams(sent, received, backwards);
    return received.map((each) =>
      sent.findIndex((one) => partners.get(one) === each)
    );
  };
  assertEquals(match(["a", "b", "a", "cc", "a"]), [0, 1, 2, 3, 4]);
  assertEquals(match(["b", "cc"]), [1, 3]); // the others were lost
  assertEquals(match(["cc", "b"]), [3, 1]); // one overtook the other
  assertEquals(match(["a"]), [0]);
  assertEquals(match(["a"], true), [4]); // the last of many
  assertEquals(match(["x"]), [-1]);
});

Deno.test("a preview matches a longer one of the same datagram", () => {
  const sent = datagram("x".repeat(32), 0, 99);
  const received = datagram("x".repeat(99), 0);
  assertEquals(matchDatagrams([sent], [received], false).get(sent), received);
});

Deno.test("what arrives of what was sent is matched, if nothing is sent twice", () => {
  const flags = fc.array(fc.boolean(), { maxLength: 30 });
  fc.assert(fc.property(flags, fc.boolean(), (arrives, backwards) => {
    const sent = arrives.map((_, i) => datagram(`number ${i}`, i));
    const received = sent.filter((_, i) => arrives[i])
      .map((each) => datagram(textOf(each), 0));
    const partners = matchDatagrams(sent, received, backwards);
    assertEquals(partners.size, received.length);
    for (const [one, other] of partners) {
      assertEquals(textOf(one), textOf(other));
    }
    assert(new Set(partners.values()).size === received.length);
  }));
});
