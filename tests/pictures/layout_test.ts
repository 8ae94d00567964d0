import fc from "fast-check";
import { arrowRows } from "../../lib/pictures/arrow_rows.ts";
import { layOut } from "../../lib/pictures/layout.ts";
import type { Link, Node } from "../../lib/pictures/links.ts";
import type { Side } from "../../lib/pictures/picture.ts";
import { assert, assertEquals } from "../assert.ts";

function node(side: Side): Node {
  return { side, step: undefined, isOwn: true };
}

function link(sender: Node, receiver: Node): Link {
  return { kind: "data", from: sender.side, sender, receiver, arrives: true };
}

/** What both ends did, one after the other, and what they sent each other. */
function play(moves: readonly number[]) {
  const lanes = { left: [] as Node[], right: [] as Node[] };
  const links: Link[] = [];
  const onTheWay: Record<Side, Node[]> = { left: [], right: [] };
  for (const move of moves) {
    const side = move % 2 === 0 ? "left" : "right";
    const own = node(side);
    lanes[side].push(own);
    const kind = move >> 1;
    if (kind === 1) onTheWay[side].push(own);
    const other = side === "left" ? "right" : "left";
    const heard = kind > 1 ? onTheWay[other].splice(0, kind - 1) : [];
    // The rest of a message is received later.
    if (kind === 4) onTheWay[other].unshift(...heard.slice(-1));
    for (const sender of heard) links.push(link(sender, own));
  }
  return { lanes, links };
}

const moves = fc.array(fc.nat(9), { maxLength: 40 });
const waits = fc.constantFrom("no" as const, "yes" as const, "long" as const);

Deno.test("calls keep their order, and no two of one lifeline share a row", () => {
  fc.assert(fc.property(moves, waits, fc.boolean(), (moves, wait, joined) => {
    const { lanes, links } = play(moves);
    const { rows, spans } = layOut(lanes, links, () => wait, joined);
    for (const lane of [lanes.left, lanes.right]) {
      let next = 0;
      for (const each of lane) {
        const { first, last } = spans.get(each)!;
        assert(next <= first && first <= last && last < rows);
        next = last + 1;
      }
    }
  }));
});

Deno.test("nothing is received before it is sent", () => {
  fc.assert(fc.property(moves, waits, (moves, wait) => {
    const { lanes, links } = play(moves);
    const { spans } = layOut(lanes, links, () => wait, true);
    for (const { sender, receiver } of links) {
      assert(spans.get(sender!)!.first <= spans.get(receiver!)!.last);
    }
  }));
});

Deno.test("each message arrives in a row of its own", () => {
  fc.assert(fc.property(moves, waits, (moves, wait) => {
    const { lanes, links } = play(moves);
    const { spans } = layOut(lanes, links, () => wait, true);
    const rows = [...arrowRows(links, spans).values()];
    for (const { departs, arrives } of rows) assert(departs <= arrives);
    assertEquals(new Set(rows.map((row) => row.arrives)).size, links.length);
  }));
});

Deno.test("forged causes, each of which waits for another, are laid out too", () => {
  const pick = fc.nat(100);
  const pairs = fc.array(fc.tuple(pick, pick), { maxLength: 20 });
  fc.assert(fc.property(moves, pairs, (moves, pairs) => {
    const { lanes } = play(moves);
    const all = [...lanes.left, ...lanes.right];
    const links = all.length === 0
      ? []
      : pairs.map(([a, b]) => link(all[a % all.length]!, all[b % all.length]!));
    const { spans } = layOut(lanes, links, () => "yes", true);
    assertEquals(spans.size, all.length);
  }));
});

Deno.test("what is sent and received stands in one row", () => {
  const send = node("left");
  const receive = node("right");
  const first = node("right");
  const lanes = { left: [send], right: [first, receive] };
  const links = [link(send, receive)];
  const { rows, spans } = layOut(lanes, links, () => "no", true);
  assertEquals(rows, 2);
  assertEquals(spans.get(send), { first: 1, last: 1 });
  assertEquals(spans.get(receive), { first: 1, last: 1 });
});

Deno.test("who receives two messages at once stands beside both", () => {
  const sends = [node("left"), node("left")];
  const receive = node("right");
  const lanes = { left: sends, right: [receive] };
  const links = sends.map((send) => link(send, receive));
  const { spans } = layOut(lanes, links, () => "no", true);
  assertEquals(spans.get(receive), { first: 0, last: 1 });
});

Deno.test("who sends what is received in two pieces stands beside both", () => {
  const send = node("left");
  const receives = [node("right"), node("right")];
  const lanes = { left: [send], right: receives };
  const links = receives.map((receive) => link(send, receive));
  const { spans } = layOut(lanes, links, () => "no", true);
  assertEquals(spans.get(send), { first: 0, last: 1 });
  assertEquals(spans.get(receives[1]!), { first: 1, last: 1 });
});

Deno.test("who receives the rest of one message and the next stands beside both", () => {
  const sends = [node("left"), node("left")];
  const receives = [node("right"), node("right")];
  const lanes = { left: sends, right: receives };
  const links = [
    link(sends[0]!, receives[0]!),
    link(sends[0]!, receives[1]!),
    link(sends[1]!, receives[1]!),
  ];
  const { spans } = layOut(lanes, links, () => "no", true);
  assertEquals(spans.get(sends[0]!), { first: 0, last: 1 });
  assertEquals(spans.get(receives[1]!), { first: 1, last: 2 });
  assertEquals(spans.get(sends[1]!), { first: 2, last: 2 });
});
