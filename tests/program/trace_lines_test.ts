import type { CallEvent } from "../../lib/calls/observer.ts";
import type { ResolutionEvent } from "../../lib/names/events.ts";
import { formatCall, formatResolution } from "../../lib/program/trace_lines.ts";
import { assertEquals } from "../assert.ts";

Deno.test("formatCall() writes as strace does", () => {
  const table: [Omit<CallEvent, "event">, string][] = [
    [
      {
        call: "getaddrinfo",
        arguments: ['"localhost"', '"3490"', "{AF_UNSPEC, SOCK_STREAM}"],
        result: "2 addresses",
        milliseconds: 0.312,
      },
      'getaddrinfo("localhost", "3490", {AF_UNSPEC, SOCK_STREAM}) = ' +
      "2 addresses <0.31 ms>",
    ],
    [
      {
        call: "connect",
        arguments: ["[::1]:3490"],
        result: -1,
        code: "ECONNREFUSED",
        message: "Connection refused",
        milliseconds: 0.18,
      },
      "connect([::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>",
    ],
    [
      { call: "send", arguments: ["13"], result: 13, milliseconds: 0.05 },
      "send(13) = 13 <0.05 ms>",
    ],
    [
      {
        call: "bind",
        arguments: ["[::]:80"],
        result: 0,
        milliseconds: 12,
        with: "listen",
      },
      "bind([::]:80) = 0 (with listen) <12.00 ms>",
    ],
  ];
  for (const [call, line] of table) {
    assertEquals(formatCall({ event: "call", ...call }), line);
  }
});

Deno.test("formatResolution() says who answered, and why the order is so", () => {
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
  for (const [event, line] of table) {
    assertEquals(formatResolution(event), line);
  }
});
