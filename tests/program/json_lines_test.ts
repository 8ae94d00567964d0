import fc from "fast-check";
import type { CallEvent } from "../../lib/calls/observer.ts";
import { jsonLine } from "../../lib/program/json_lines.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { at, encode, objects, TIME } from "./support.ts";

const V4 = at("127.0.0.1", 51234);

Deno.test("jsonLine() adds base64 to bytes that are not UTF-8", () => {
  const line = jsonLine("listener", {
    event: "datagram",
    peer: V4,
    data: new Uint8Array([0x61, 0xff, 0x00]),
  });
  const [object] = objects(line);
  assertEquals(object?.data, { bytes: 3, text: "a\ufffd\0", base64: "Yf8A" });
});

/** What the peer may send: any bytes, and text that turns a terminal's. */
const anyData = fc.oneof(
  fc.uint8Array(),
  fc.array(fc.constantFrom("a", "é", "\u202e", "\u2066", "\u200f", "\u2028"))
    .map((chars) => encode(chars.join(""))),
);

Deno.test("jsonLine() gives back every byte on one harmless line", () => {
  fc.assert(fc.property(anyData, (data) => {
    const line = jsonLine("client", { event: "message", peer: V4, data });
    assertMatch(line, /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+\n$/u);
    const { data: shown } = JSON.parse(line);
    const back = shown.base64 === undefined
      ? encode(shown.text)
      : Uint8Array.fromBase64(shown.base64);
    assertEquals(back, data);
    assertEquals(shown.bytes, data.length);
  }));
});

const CALL: CallEvent = {
  event: "call",
  call: "connect",
  arguments: ["[::1]:3490"],
  result: -1,
  code: "ECONNREFUSED",
  message: "Connection refused",
  milliseconds: 0.18,
};

Deno.test("jsonLine() names the process", () => {
  const object = JSON.parse(jsonLine("server", { event: "waiting" }));
  assertEquals(object.pid, Deno.pid);
});

Deno.test("jsonLine() says when a call began and ended", () => {
  const object = JSON.parse(jsonLine("client", CALL));
  const { start, end, time } = object;
  for (const text of [start, end, time]) assertMatch(text, TIME);
  const [from, to] = [start, end].map((text) => Temporal.Instant.from(text));
  assertEquals(to!.since(from!).total("microseconds"), 180);
  assertEquals(end, time);
});
