import { platform } from "../../lib/calls/platform.ts";
import { Endpoint } from "../../lib/address/endpoint.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { SocketEvent } from "../../lib/sockets/events.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import type { StreamListener } from "../../lib/sockets/streams/stream_listener.ts";
import {
  assert,
  assertEquals,
  assertRefused,
  assertRejects,
} from "../assert.ts";

class Stop extends Error {}

/** Connects to a listener, and closes. */
async function visit(hostname: string, port: number): Promise<void> {
  const conn = await Deno.connect({ hostname, port });
  conn.close();
}

Deno.test("listenStream() listens on every interface of both families", async () => {
  using listener = await listenStream({ port: 0 });
  const { hostname, port } = listener.addr;
  assertEquals(hostname, "::");
  await visit("127.0.0.1", port);
  await visit("::1", port);
});

Deno.test("listenStream() listens on every interface of one family", async () => {
  using listener = await listenStream({ port: 0, family: "IPv4" });
  const { hostname, port } = listener.addr;
  assertEquals(hostname, "0.0.0.0");
  await visit("127.0.0.1", port);
  await assertRefused("::1", port);
});

Deno.test("listenStream() listens on one address only", async () => {
  for (
    const [hostname, other] of [["127.0.0.1", "::1"], ["::1", "127.0.0.1"]] as [
      string,
      string,
    ][]
  ) {
    using listener = await listenStream({ hostname, port: 0 });
    assertEquals(listener.addr.hostname, hostname);
    await visit(hostname, listener.addr.port);
    await assertRefused(other, listener.addr.port);
  }
});

const hosts = ({ addrs }: StreamListener) =>
  addrs.map(({ hostname }) => hostname);

Deno.test("listenStream() takes a name, and binds all of its addresses to one port", async () => {
  using listener = await listenStream({ hostname: "a.localhost", port: 0 });
  assertEquals(hosts(listener), ["::1", "127.0.0.1"]);
  const { port } = listener.addr;
  for (const addr of listener.addrs) {
    assertEquals(addr.port, port);
    await visit(addr.hostname, port);
    (await listener.accept()).close();
  }
  using four = await listenStream({
    hostname: "a.localhost",
    port: 0,
    family: "IPv4",
  });
  assertEquals(hosts(four), ["127.0.0.1"]);
});

Deno.test("listenStream() takes no part of a name of which somebody has another", async () => {
  using first = await listenStream({ hostname: "127.0.0.1", port: 0 });
  const { port } = first.addr;
  const error = await assertRejects(
    () => listenStream({ hostname: "a.localhost", port }),
    SocketError,
  );
  assertEquals([error.code, String(error.address)], [
    "EADDRINUSE",
    `127.0.0.1:${port}`,
  ]);
  await assertRefused("::1", port);
});

Deno.test("listenStream() listens on several hosts, and reports each", async () => {
  const events: SocketEvent[] = [];
  using listener = await listenStream({
    hostname: ["127.0.0.1", "::1", "127.0.0.2"],
    port: 0,
    observer: { event: (event) => void events.push(event) },
  });
  assertEquals(hosts(listener), ["127.0.0.1", "::1", "127.0.0.2"]);
  const { port } = listener.addr;
  assertEquals(
    events.map((event) =>
      event.event === "listening" ? String(event.address) : event.event
    ),
    [
      ...["configuring", "creating", "binding", "openingListener"],
      ...[`127.0.0.1:${port}`, `[::1]:${port}`, `127.0.0.2:${port}`],
    ],
  );
});

Deno.test("listenStream() takes both wildcards for every interface of both families", async () => {
  for (const hostname of [["::", "0.0.0.0"], ["0.0.0.0", "::"]]) {
    using listener = await listenStream({ hostname, port: 0 });
    const { port } = listener.addr;
    for (const hostname of ["127.0.0.1", "::1"]) {
      using client = await Deno.connect({ hostname, port });
      using served = await listener.accept();
      assertEquals(served.peer.port, client.localAddr.port);
    }
  }
});

Deno.test("listenStream() takes no hosts that overlap, and reports nothing of them", async () => {
  const events: unknown[] = [];
  for (
    const hostname of [
      ["127.0.0.1", "127.0.0.1"],
      ["127.0.0.1", "::ffff:127.0.0.1"],
      ["a.localhost", "127.0.0.1"],
      ["0.0.0.0", "127.0.0.1"],
      ["::1", "::"],
      ["127.0.0.1", "::"],
      ["::", "::1"],
    ]
  ) {
    await assertRejects(
      () =>
        listenStream({
          hostname,
          port: 0,
          observer: { event: (event) => void events.push(event) },
        }),
      RangeError,
      hostname[0]!,
    );
  }
  assertEquals(events, []);
  using listener = await listenStream({
    hostname: ["::1", "0.0.0.0"],
    port: 0,
  });
  assertEquals(hosts(listener), ["::1", "0.0.0.0"]);
});

Deno.test("listenStream() takes no multicast address", async () => {
  for (const hostname of ["224.0.0.1", "ff02::1"]) {
    await assertRejects(
      () => listenStream({ hostname, port: 0 }),
      RangeError,
      hostname,
    );
  }
});

Deno.test("listenStream() reports its steps", async () => {
  const events: SocketEvent[] = [];
  const observer = { event: (event: SocketEvent) => void events.push(event) };
  using listener = await listenStream({
    hostname: "127.0.0.1",
    port: 0,
    observer,
  });
  const { port } = listener.addr;
  assertEquals(events, [
    { event: "configuring" },
    { event: "creating" },
    { event: "binding" },
    { event: "openingListener" },
    {
      event: "listening",
      address: Endpoint.from({ hostname: "127.0.0.1", port }),
    },
  ]);
});

Deno.test("listenStream() reports the calls that C makes", async () => {
  const calls: CallEvent[] = [];
  const observer = {
    event() {},
    call: (call: CallEvent) => void calls.push(call),
  };
  using _ = await listenStream({
    hostname: "::1",
    port: 0,
    backlog: 5,
    observer,
  });
  assertEquals(
    calls.map((call) => `${call.call}(${call.arguments.join(", ")})`),
    [
      'getaddrinfo("::1", "0", {AF_UNSPEC, SOCK_STREAM, AI_PASSIVE})',
      "socket(AF_INET6, SOCK_STREAM)",
      ...platform.listenerOptions.map((name) =>
        `setsockopt(3, SOL_SOCKET, ${name}, 1)`
      ),
      "bind(3, [::1]:0)",
      "listen(3, 5)",
    ],
  );
});

Deno.test("listenStream() fails to bind a port that is taken", async () => {
  using taken = await listenStream({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const calls: CallEvent[] = [];
  const error = await assertRejects(
    () =>
      listenStream({
        hostname: "127.0.0.1",
        port,
        observer: { event() {}, call: (call) => void calls.push(call) },
      }),
    SocketError,
    "Address already in use",
  );
  assertEquals([error.step, error.code], ["bind", "EADDRINUSE"]);
  assertEquals(String(error.address), `127.0.0.1:${port}`);
  assertEquals(calls.slice(-2).map(({ call, code }) => [call, code]), [
    ["bind", "EADDRINUSE"],
    ["close", undefined],
  ]);
});

Deno.test("listenStream() does not take half of a port that is taken", async () => {
  // Clients would find two programs behind one name: IPv4 is still free.
  using taken = await listenStream({ hostname: "::1", port: 0 });
  const { port } = taken.addr;
  const error = await assertRejects(() => listenStream({ port }), SocketError);
  assertEquals([error.step, error.code], ["bind", "EADDRINUSE"]);
  assertEquals(String(error.address), `[::]:${port}`);
});

Deno.test("listenStream() fails to bind an address of another machine", async () => {
  const error = await assertRejects(
    // RFC 5737 keeps it for documentation.
    () => listenStream({ hostname: "203.0.113.1", port: 0 }),
    SocketError,
    "Cannot assign requested address",
  );
  assertEquals([error.step, error.code], ["bind", "EADDRNOTAVAIL"]);
});

Deno.test("listenStream() knows no service of an unknown name", async () => {
  const error = await assertRejects(
    () => listenStream({ port: "nosuchservice" }),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_SERVICE");
});

Deno.test("listenStream() knows no host of an impossible name", async () => {
  const error = await assertRejects(
    () => listenStream({ hostname: "a b", port: 0 }),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_NONAME");
});

Deno.test("listenStream() heeds its signal only until the socket is open", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  using listener = await listenStream({ hostname: "::1", port: 0, signal });
  controller.abort();
  const accepted = listener.accept();
  await visit("::1", listener.addr.port);
  (await accepted).close();
});

Deno.test("listenStream() opens nothing if the signal has aborted", async () => {
  const signal = AbortSignal.abort(new Stop());
  await assertRejects(() => listenStream({ port: 0, signal }), Stop);
});

Deno.test("listenStream() leaves nothing open if the signal aborts meanwhile", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = listenStream({ hostname: "::1", port: 0, signal });
  controller.abort(new Stop());
  const outcome = await listening.catch((error: unknown) => error);
  // Close it, so that only what is asserted can fail.
  const left = outcome instanceof Stop ? undefined : await listening;
  left?.close();
  assert(outcome instanceof Stop);
});

Deno.test("listenStream() reports its first step before it looks anything up", async () => {
  const events: string[] = [];
  const error = await assertRejects(() =>
    listenStream({
      hostname: "a b",
      port: 0,
      observer: { event: ({ event }) => void events.push(event) },
    }), AddrInfoError);
  assertEquals([error.code, ...events], ["EAI_NONAME", "configuring"]);
});

Deno.test("listenStream() opens nothing for numbers out of their range", async () => {
  const cases = [
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 31].map((backlog) => ({ backlog })),
    ...[-1, 1.5, NaN, 65536].map((port) => ({ port })),
    ...[-1, NaN, Infinity, 2 ** 31].map((timeout) => ({ timeout })),
  ];
  for (const options of cases) {
    await assertRejects(
      () => listenStream({ hostname: "127.0.0.1", port: 0, ...options }),
      RangeError,
    );
  }
});
