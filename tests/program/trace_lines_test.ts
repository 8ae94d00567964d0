import { stripAnsiCode } from "@std/fmt/colors";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { ResolutionEvent } from "../../lib/names/events.ts";
import { COLOURS } from "../../lib/program/colours.ts";
import type { TraceWord } from "../../lib/program/common.ts";
import { TraceLines } from "../../lib/program/trace_lines.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { at, encode } from "./support.ts";

/** Takes colours away; the package comes without types. */
const plain: (text: string) => string = stripAnsiCode;

/** A call that went well, unless its fields say something else. */
function made(call: string, fields: Partial<CallEvent>): CallEvent {
  const own = { arguments: [], result: 0, milliseconds: 0.05 };
  return { event: "call", call, ...own, ...fields };
}

const HELLO = encode("Hello, world!");
const REFUSED = made("connect", {
  arguments: ["3", "[::1]:3490"],
  result: -1,
  code: "ECONNREFUSED",
  message: "Connection refused",
  milliseconds: 0.18,
});

/** What the programs write most, each with its line. */
const LINES: readonly (readonly [CallEvent, string])[] = [
  [
    made("getaddrinfo", {
      arguments: ['"localhost"', '"3490"', "{AF_UNSPEC, SOCK_STREAM}"],
      result: "1 address",
      milliseconds: 0.312,
    }),
    'getaddrinfo("localhost", "3490", {AF_UNSPEC, SOCK_STREAM}) = ' +
    "1 address <0.31 ms>",
  ],
  [
    made("getaddrinfo", {
      arguments: ["NULL", '"3490"', "{AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}"],
      result: "2 addresses",
    }),
    'getaddrinfo(NULL, "3490", {AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}) = ' +
    "2 addresses",
  ],
  [
    made("socket", {
      arguments: ["AF_INET6", "SOCK_STREAM"],
      result: 3,
      with: "connect",
    }),
    "socket(AF_INET6, SOCK_STREAM) = 3",
  ],
  [
    REFUSED,
    "connect(3, [::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>",
  ],
  [
    made("connect", { arguments: ["3", "127.0.0.1:4950"], emulated: true }),
    "connect(3, 127.0.0.1:4950) = 0 (emulated)",
  ],
  [
    made("accept", {
      arguments: ["3"],
      result: 4,
      connection: 1,
      remote: at("127.0.0.1", 57182),
      milliseconds: 3007.31,
    }),
    "accept(3) = 4 127.0.0.1:57182 <3007.31 ms>",
  ],
  [
    made("accept", { arguments: ["3"], result: "?", message: "stopped" }),
    "accept(3) = ? (stopped)",
  ],
  [
    made("send", { arguments: ["4", "13"], result: 13, data: HELLO }),
    'send(4, "Hello, world!", 13) = 13 <0.05 ms>',
  ],
  [
    made("recv", { arguments: ["4", "16384"], result: 13, data: HELLO }),
    'recv(4, "Hello, world!", 16384) = 13 <0.05 ms>',
  ],
  [
    made("recv", {
      arguments: ["4", "16384"],
      result: "?",
      message: "gave up after 10 s",
    }),
    "recv(4, 16384) = ? (gave up after 10 s)",
  ],
  [
    made("sendto", {
      arguments: ["3", "13", "[::1]:4950"],
      result: 13,
      remote: at("::1", 4950),
      data: HELLO,
    }),
    'sendto(3, "Hello, world!", 13, [::1]:4950) = 13 <0.05 ms>',
  ],
  [
    made("recvfrom", {
      arguments: ["3", "65535"],
      result: 13,
      remote: at("::1", 57182),
      data: HELLO,
    }),
    'recvfrom(3, "Hello, world!", 65535) = 13 [::1]:57182 <0.05 ms>',
  ],
  [made("close", { arguments: ["4"] }), "close(4) = 0"],
];

Deno.test("calls are written as strace does, in 80 columns", () => {
  const lines = new TraceLines();
  for (const [call, line] of LINES) {
    assertEquals(lines.call(call), line);
    assert(line.length <= 80, line);
  }
});

/** A received message as it is written. */
function shown(data: Uint8Array, result: number): string {
  const call = made("recv", { arguments: ["4", "512"], data, result });
  const [, text] = /^recv\(4, (".*"(?:\.\.\.)?), 512\)/.exec(
    new TraceLines().call(call),
  ) ?? [];
  return text ?? "";
}

Deno.test("bytes are quoted, escaped, and cut before a character that is not whole", () => {
  const start = (text: string) => encode(text).slice(0, 32);
  const table: [Uint8Array, number, string][] = [
    [encode(""), 0, '""'],
    [encode("a".repeat(32)), 32, `"${"a".repeat(32)}"`],
    [encode("a".repeat(32)), 33, `"${"a".repeat(32)}"...`],
    [encode('"\\"'), 3, String.raw`"\"\\\""`],
    [encode("a\r\n\x1b[2J\0\x85"), 10, String.raw`"a\r\n\x1b[2J\x00\x85"`],
    [start("안".repeat(11)), 33, `"${"안".repeat(10)}"...`],
    [start(`a${"🙂".repeat(8)}`), 33, `"a${"🙂".repeat(7)}"...`],
    // At the end of a message what is not whole is not UTF-8.
    [encode("안").subarray(0, 2), 2, String.raw`"\xec\x95"`],
    [new Uint8Array(32).fill(0x80), 40, `"${"\\x80".repeat(32)}"...`],
    [new Uint8Array([0xff, 0x22]), 2, String.raw`"\xff\""`],
  ];
  for (const [data, total, text] of table) {
    assertEquals(shown(data, total), text);
  }
});

Deno.test("what is sent is known before it is sent", () => {
  const call = { call: "send", arguments: ["4", "40"], data: encode("é") };
  const lines = new TraceLines();
  assertEquals(lines.waiting(call), 'send(4, "é"..., 40) …');
  const failed = { result: -1, code: "EPIPE", message: "Broken pipe" };
  assertEquals(
    lines.call(made("send", { ...call, ...failed })),
    'send(4, "é"..., 40) = -1 EPIPE (Broken pipe) <0.05 ms>',
  );
});

Deno.test("short leaves bytes out, time puts the seconds first", () => {
  const call = made("send", {
    arguments: ["4", "13"],
    result: 13,
    data: HELLO,
  });
  const line = (...words: TraceWord[]) => new TraceLines(words).call(call);
  assertEquals(line("short"), "send(4, 13) = 13 <0.05 ms>");
  assertMatch(line("time"), /^\d+\.\d{6} send\(4, "Hello, world!", 13\) = 13 /);
  for (const words of [["short", "time"], ["time", "short"]] as const) {
    assertMatch(line(...words), /^\d+\.\d{6} send\(4, 13\) = 13 <0\.05 ms>$/);
  }
  const lines = new TraceLines(["time"]);
  const waiting = lines.waiting({ call: "accept", arguments: ["3"] });
  assertMatch(waiting, /^\d+\.\d{6} accept\(3\) …$/);
  const order = lines.resolution({ event: "order", address: "::1" });
  assertMatch(order, /^\d+\.\d{6} {3}order: ::1 first$/);
});

Deno.test("colours change nothing but colour", () => {
  const lines = new TraceLines([], COLOURS);
  for (const [call, line] of LINES) {
    assertEquals(plain(lines.call(call)), line);
  }
  const { call, success, failure, connection } = COLOURS;
  assertEquals(
    lines.call(REFUSED),
    `${call("connect")}(3, [::1]:3490) ` +
      `${failure("= -1 ECONNREFUSED (Connection refused)")} <0.18 ms>`,
  );
  const close = made("close", { arguments: ["5"], connection: 2 });
  assertEquals(
    lines.call(close),
    `${call("close")}${connection(2)("(5)")} ${success("= 0")}`,
  );
});

Deno.test("nothing in a line of the trace moves the cursor", () => {
  const lines = new TraceLines();
  const text = "\x1b[2J\n";
  const table = [
    lines.call(made("getaddrinfo", { arguments: [text], result: text })),
    lines.waiting({ call: "getaddrinfo", arguments: [text] }),
    lines.resolution({ event: "passedOver", source: text, reason: text }),
  ];
  for (const line of table) {
    // deno-lint-ignore no-control-regex
    assertMatch(line, /^[^\x00-\x1f]*\\x1b\[2J\\n[^\x00-\x1f]*$/);
  }
});

Deno.test("a step of a look-up says who answered, and why the order is so", () => {
  const table: [ResolutionEvent, string][] = [
    [
      {
        event: "answer",
        source: "192.0.2.53:53",
        question: "A host.example",
        answer: ["192.0.2.1", "192.0.2.2"],
        milliseconds: 1.2,
      },
      "  192.0.2.53:53: A host.example = 192.0.2.1, 192.0.2.2 <1.20 ms>",
    ],
    [
      {
        event: "answer",
        source: "literal",
        question: "127.1",
        answer: ["127.0.0.1"],
      },
      "  literal: 127.1 = 127.0.0.1",
    ],
    [{ event: "order", address: "::1" }, "  order: ::1 first"],
    // RFC 6724 section 6.
    [
      { event: "order", address: "127.0.0.1", rule: 6 },
      "  order: 127.0.0.1 next by RFC 6724 rule 6 (prefer higher precedence)",
    ],
  ];
  const lines = new TraceLines();
  for (const [event, line] of table) {
    assertEquals(lines.resolution(event), line);
  }
});
