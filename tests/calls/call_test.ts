import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import type {
  CallEvent,
  Observer,
  ResolutionEvent,
} from "../../lib/sockets/events.ts";
import {
  type Call,
  formatCall,
  formatResolution,
  traced,
  tracedSync,
} from "../../lib/calls/call.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../assert.ts";

/** Keeps the calls that it is told, without their times. */
class Listener implements Observer {
  readonly calls: Omit<CallEvent, "milliseconds">[] = [];
  event(): void {}
  call({ milliseconds, ...call }: CallEvent): void {
    assert(milliseconds >= 0);
    this.calls.push(call);
  }
}

const CONNECT: Call = { call: "connect", arguments: ["[::1]:3490"] };

const LISTEN: Call = {
  call: "listen",
  arguments: ["511"],
  before: [
    { call: "socket", arguments: ["AF_INET6", "SOCK_STREAM"] },
    { call: "bind", arguments: ["[::]:3490"] },
  ],
  blame: "bind",
};

const refused = () =>
  new SocketError("connect", new Deno.errors.ConnectionRefused());

Deno.test("traced() tells a call and what it returned", async () => {
  const observer = new Listener();
  const value = await traced(
    observer,
    () => ({ call: "recv", arguments: ["16"] }),
    () => Promise.resolve("hello"),
    ({ length }) => length,
  );
  assertEquals(value, "hello");
  assertEquals(observer.calls, [
    { event: "call", call: "recv", arguments: ["16"], result: 5 },
  ]);
});

Deno.test("traced() tells a call that failed, and fails", async () => {
  const observer = new Listener();
  const error = refused();
  const thrown = await assertRejects(
    () => traced(observer, () => CONNECT, () => Promise.reject(error), () => 0),
    SocketError,
  );
  assertEquals(thrown, error);
  assertEquals(observer.calls, [{
    event: "call",
    ...CONNECT,
    result: -1,
    code: "ECONNREFUSED",
    message: "Connection refused",
  }]);
});

Deno.test("traced() tells a failed look-up in gai_strerror's words", async () => {
  const observer = new Listener();
  await assertRejects(
    () =>
      traced(
        observer,
        () => ({ call: "getaddrinfo", arguments: [] }),
        () => Promise.reject(new AddrInfoError("EAI_NONAME")),
        () => 0,
      ),
    AddrInfoError,
  );
  const [call] = observer.calls;
  assertEquals([call?.code, call?.message], [
    "EAI_NONAME",
    "Name or service not known",
  ]);
});

Deno.test("traced() describes nothing to an observer without call", async () => {
  const describe = () => {
    throw new Error("nobody wanted to know");
  };
  const silent: Observer = { event() {} };
  for (const observer of [undefined, silent]) {
    const run = () => Promise.resolve(7);
    assertEquals(await traced(observer, describe, run, describe), 7);
    assertEquals(tracedSync(observer, describe, () => 8, describe), 8);
  }
});

Deno.test("tracedSync() tells the calls that C makes before", () => {
  const observer = new Listener();
  assertEquals(
    tracedSync(observer, () => LISTEN, () => "listener"),
    "listener",
  );
  assertEquals(
    observer.calls.map(({ call, result, with: shared }) =>
      [call, result, shared] as const
    ),
    [
      ["socket", "ok", "listen"],
      ["bind", 0, "listen"],
      ["listen", 0, undefined],
    ],
  );
});

Deno.test("tracedSync() blames the call that fails in C", () => {
  const observer = new Listener();
  assertThrows(() =>
    tracedSync(observer, () => LISTEN, () => {
      throw new Deno.errors.AddrInUse();
    }), Deno.errors.AddrInUse);
  assertEquals(
    observer.calls.map(({ call, result, code }) =>
      [call, result, code] as const
    ),
    [["socket", "ok", undefined], ["bind", -1, "EADDRINUSE"]],
  );
});

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
        ...CONNECT,
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

Deno.test("formatResolution() tells who answered, and why the order is so", () => {
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
