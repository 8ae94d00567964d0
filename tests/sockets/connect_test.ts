import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { connectStream } from "../../lib/sockets/streams/connect.ts";
import { interleave } from "../../lib/sockets/streams/interleave.ts";
import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import { ConnectError } from "../../lib/sockets/streams/connect_error.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { SocketEvent } from "../../lib/sockets/events.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { canBeSilent, CLOSED_PORT, silentListener } from "../harness.ts";

/** The endpoint of an address's text and a port. */
const endpoint = (host: string, port: number) =>
  new Endpoint(IpAddress.parse(host), port);

class Stop extends Error {}

/** A name of both loopback addresses, whatever the hosts file says. */
const BOTH = "parley.localhost";

const listenOn = (hostname: string, port = 0, tcpBacklog = 511) =>
  Deno.listen({ hostname, port, tcpBacklog });

const ignore = !canBeSilent;

/** An observer that keeps the events. */
function recorder() {
  const events: SocketEvent[] = [];
  return { events, event: (event: SocketEvent) => void events.push(event) };
}

const target = (hostname: string) => ({
  addr: { transport: "tcp", hostname, port: 80 } as const,
  peers: [endpoint(hostname, 80)],
});

Deno.test("interleave() lets the families take turns, the first one first", () => {
  const table: [string[], string[]][] = [
    [[], []],
    [["::1"], ["::1"]],
    [["::1", "::2", "1.1.1.1"], ["::1", "1.1.1.1", "::2"]],
    [["1.1.1.1", "::1", "::2"], ["1.1.1.1", "::1", "::2"]],
    [["1.1.1.1", "2.2.2.2", "::1"], ["1.1.1.1", "::1", "2.2.2.2"]],
    [
      ["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"],
      ["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"],
    ],
    [["1.1.1.1", "2.2.2.2"], ["1.1.1.1", "2.2.2.2"]],
  ];
  for (const [hosts, mixed] of table) {
    assertEquals(
      interleave(hosts.map(target)).map(({ hostname }) => hostname),
      mixed,
    );
  }
});

Deno.test("connectStream() reports a refused address, then connects to the next", async () => {
  using listener = listenOn("127.0.0.1");
  const { port } = listener.addr;
  const observer = recorder();
  using conn = await connectStream({ hostname: BOTH, port, observer });
  using _server = await listener.accept();
  assertEquals(conn.remoteAddr.hostname, "127.0.0.1");
  assertEquals(observer.events, [
    {
      event: "error",
      step: "connect",
      code: "ECONNREFUSED",
      message: "Connection refused",
      address: endpoint("::1", port),
    },
    {
      event: "connected",
      peer: endpoint("127.0.0.1", port),
      local: conn.local,
    },
  ]);
});

Deno.test("connectStream() takes the first address if it answers", async () => {
  using listener = listenOn("::1");
  const { port } = listener.addr;
  const observer = recorder();
  using conn = await connectStream({ hostname: BOTH, port, observer });
  assertEquals(conn.remoteAddr.hostname, "::1");
  assertEquals(observer.events, [
    { event: "connected", peer: endpoint("::1", port), local: conn.local },
  ]);
});

Deno.test("connectStream() carries bytes both ways", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  using client = await connectStream({ hostname, port });
  using server = await listener.accept();
  const buffer = new Uint8Array(8);
  await client.write(new Uint8Array([1, 2, 3]));
  assertEquals(await server.read(buffer), 3);
  await server.write(buffer.subarray(0, 2));
  assertEquals(await client.read(buffer), 2);
});

Deno.test("connectStream() keeps to one family", async () => {
  using listener = listenOn("::1");
  const { port } = listener.addr;
  const error = await assertRejects(
    () => connectStream({ hostname: BOTH, port, family: "IPv4" }),
    ConnectError,
  );
  assertEquals(
    error.errors.map(({ address }) => address?.address.toString()),
    ["127.0.0.1"],
  );
});

Deno.test("connectStream() fails if every address refuses, and reports each", async () => {
  const port = Number(CLOSED_PORT);
  const observer = recorder();
  const error = await assertRejects(
    () => connectStream({ hostname: BOTH, port, observer }),
    ConnectError,
  );
  assertEquals(error.code, "ECONNREFUSED");
  const refused = (
    family: string,
    host: string,
  ) => [family, host, port, "connect", "ECONNREFUSED", "Connection refused"];
  const expected = [refused("IPv6", "::1"), refused("IPv4", "127.0.0.1")];
  assertEquals(
    error.errors.map((
      { address, step, code, reason },
    ) => [
      address?.address.family,
      address?.address.toString(),
      address?.port,
      step,
      code,
      reason,
    ]),
    expected,
  );
  assertEquals(
    observer.events.map((event) => event.event === "error" && event.address),
    error.errors.map(({ address }) => address),
  );
});

Deno.test("connectStream() reports the calls that C makes", async () => {
  using listener = listenOn("127.0.0.1");
  const { port } = listener.addr;
  const calls: CallEvent[] = [];
  using _conn = await connectStream({
    hostname: BOTH,
    port,
    observer: { event() {}, call: (call) => void calls.push(call) },
  });
  assertEquals(
    calls.map(({ call, arguments: args, result, code }) =>
      `${call}(${args.join(", ")}) = ${result} ${code ?? ""}`.trimEnd()
    ),
    [
      `getaddrinfo("${BOTH}", "${port}", {AF_UNSPEC, SOCK_STREAM}) = ` +
      "2 addresses",
      "socket(AF_INET6, SOCK_STREAM) = 3",
      `connect(3, [::1]:${port}) = -1 ECONNREFUSED`,
      "close(3) = 0",
      "socket(AF_INET, SOCK_STREAM) = 3",
      `connect(3, 127.0.0.1:${port}) = 0`,
    ],
  );
});

Deno.test("connectStream() knows no host and no service of impossible names", async () => {
  for (
    const [hostname, port, code] of [
      ["a b", 80, "EAI_NONAME"],
      ["", 80, "EAI_NONAME"],
      ["127.0.0.1", "nosuchservice", "EAI_SERVICE"],
    ] as const
  ) {
    const error = await assertRejects(
      () => connectStream({ hostname, port }),
      AddrInfoError,
    );
    assertEquals(error.code, code);
  }
});

Deno.test("connectStream() connects to nobody if the signal has aborted", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  const signal = AbortSignal.abort(new Stop());
  const observer = recorder();
  await assertRejects(
    () => connectStream({ hostname, port, signal, observer }),
    Stop,
  );
  assertEquals(observer.events, []);
});

Deno.test({
  name: "connectStream() tries the next address beside one that is silent",
  ignore,
  async fn() {
    using silent = await silentListener("::1");
    const { port } = silent;
    using listener = listenOn("127.0.0.1", port);
    const observer = recorder();
    using conn = await connectStream({
      hostname: BOTH,
      port,
      attemptDelay: 1,
      observer,
    });
    using _server = await listener.accept();
    assertEquals(conn.remoteAddr.hostname, "127.0.0.1");
    // The silent one has not failed: it was only too late.
    assertEquals(observer.events.map(({ event }) => event), ["connected"]);
  },
});

Deno.test({
  name: "connectStream() ends when the time is over",
  ignore,
  async fn() {
    using silent = await silentListener("127.0.0.1");
    const { port } = silent;
    const observer = recorder();
    const error = await assertRejects(
      () =>
        connectStream({ hostname: "127.0.0.1", port, timeout: 20, observer }),
      ConnectError,
    );
    assertEquals(error.code, "ETIMEDOUT");
    assertEquals(observer.events, [{
      event: "error",
      step: "connect",
      code: "ETIMEDOUT",
      message: "Connection timed out",
      address: endpoint("127.0.0.1", port),
    }]);
  },
});

Deno.test({
  name: "connectStream() ends with the signal's reason",
  ignore,
  async fn() {
    using silent = await silentListener("127.0.0.1");
    const { port } = silent;
    const controller = new AbortController();
    const { signal } = controller;
    const observer = recorder();
    const connecting = connectStream({
      hostname: "127.0.0.1",
      port,
      signal,
      attemptDelay: 1,
      observer,
    });
    // A connection that is made after it was begun shows that it hangs.
    using listener = listenOn("127.0.0.1");
    using _conn = await connectStream({
      hostname: "127.0.0.1",
      port: listener.addr.port,
    });
    controller.abort(new Stop());
    await assertRejects(() => connecting, Stop);
    assert(!observer.events.some(({ event }) => event === "connected"));
    assertEquals(observer.events, []);
  },
});

Deno.test({
  name: "connectStream() reports which address it has tried for a second",
  ignore,
  async fn() {
    using listener = await silentListener("127.0.0.1");
    const { port } = listener;
    const stop = new AbortController();
    const tried = Promise.withResolvers<SocketEvent>();
    const event = (event: SocketEvent) => tried.resolve(event);
    const { signal } = stop;
    const options = { hostname: "127.0.0.1", port, signal };
    const connecting = connectStream({ ...options, observer: { event } });
    assertEquals(await tried.promise, {
      event: "trying",
      peer: endpoint("127.0.0.1", port),
    });
    stop.abort(new Stop());
    await assertRejects(() => connecting, Stop);
  },
});

Deno.test("connectStream() takes an endpoint, and looks nothing up", async () => {
  using listener = listenOn("127.0.0.1");
  const calls: string[] = [];
  using conn = await connectStream({
    endpoint: Endpoint.from(listener.addr),
    observer: { call: ({ call }) => void calls.push(call) },
  });
  using server = await listener.accept();
  assertEquals(conn.peer, Endpoint.from(listener.addr));
  assertEquals(conn.local, Endpoint.from(server.remoteAddr));
  assertEquals(calls, ["socket", "connect"]);
});

Deno.test("connectStream() says the same of one address as of several", async () => {
  const port = Number(CLOSED_PORT);
  for (const hostname of ["127.0.0.1", "::1", "one.localhost"]) {
    for (const isCallObserved of [true, false]) {
      const events: SocketEvent[] = [];
      const error = await assertRejects(
        () =>
          connectStream({
            hostname,
            port,
            family: hostname === "::1" ? "IPv6" : "IPv4",
            observer: {
              event: (event) => void events.push(event),
              ...(isCallObserved && { call() {} }),
            },
          }),
        ConnectError,
        `Cannot connect to "${hostname}"`,
      );
      assertEquals(error.code, "ECONNREFUSED");
      assertEquals(error.errors.length, 1);
      assertEquals(error.errors[0]?.step, "connect");
      assertEquals(
        error.errors[0]?.address?.address.toString(),
        hostname === "one.localhost" ? "127.0.0.1" : hostname,
      );
      assertEquals(events.map(({ event }) => event), ["error"]);
    }
  }
});

Deno.test("connectStream() refuses numbers that make no sense", async () => {
  const hostname = "127.0.0.1";
  for (
    const options of [
      { hostname, port: 0 },
      { hostname, port: -1 },
      { hostname, port: 65536 },
      { hostname, port: 1.5 },
      { hostname, port: NaN },
      { hostname: BOTH, port: 70_000 },
      { hostname, port: "0" },
      { endpoint: endpoint(hostname, 0) },
      { hostname, port: 80, timeout: -1 },
      { hostname, port: 80, timeout: NaN },
      { hostname: BOTH, port: 80, timeout: NaN },
      { hostname, port: 80, attemptDelay: -1 },
      { hostname, port: 80, localPort: 65_536 },
    ]
  ) {
    await assertRejects(() => connectStream(options), RangeError);
  }
});

Deno.test("connectStream() connects from an address and a port of one's own", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  using free = listenOn("127.0.0.1");
  const localPort = free.addr.port;
  free.close();
  using conn = await connectStream({
    hostname,
    port,
    localAddress: "127.0.0.1",
    localPort,
    noDelay: true,
    keepAlive: true,
  });
  using server = await listener.accept();
  assertEquals(Endpoint.from(server.remoteAddr).port, localPort);
  assertEquals(conn.local, endpoint("127.0.0.1", localPort));
  await conn.writeAll(new Uint8Array([1, 2, 3]));
  await conn.closeWrite();
  const buffer = new Uint8Array(8);
  assertEquals(await server.read(buffer), 3);
  assertEquals(await server.read(buffer), null);
  // Our half is ended, the other one is not.
  await server.write(buffer.subarray(0, 5));
  assertEquals((await conn.readExactly(5)).length, 5);
  const late = assertRejects(() => conn.read(buffer), SocketError);
  conn.close();
  assertEquals((await late).code, "ECANCELED");
});

Deno.test("connectStream() fails from an address of another machine", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  const error = await assertRejects(
    () => connectStream({ hostname, port, localAddress: "192.0.2.1" }),
    ConnectError,
  );
  // Deno's bind for Node's sockets says EINVAL for EADDRNOTAVAIL.
  assert(["EADDRNOTAVAIL", "EINVAL"].includes(error.code), error.code);
  const [failed] = error.errors;
  assertEquals([failed?.step, `${failed?.address}`], ["bind", "192.0.2.1:0"]);
});

Deno.test("connectStream() from an address of one's own heeds its signal from the start", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  for (let later = 0; later < 8; later++) {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { hostname, port, localAddress: "127.0.0.1", signal };
    const connecting = assertRejects(() => connectStream(options), Stop);
    for (let i = 0; i < later; i++) await undefined;
    controller.abort(new Stop());
    await connecting;
  }
});

Deno.test("reads that wait at the same time share what comes, from an address of one's own too", async () => {
  using listener = listenOn("127.0.0.1");
  const { hostname, port } = listener.addr;
  const local = { localAddress: "127.0.0.1" };
  for (const options of [{}, local]) {
    using conn = await connectStream({ hostname, port, ...options });
    using server = await listener.accept();
    const buffers = [1, 2, 3].map(() => new Uint8Array(2));
    const reads = buffers.map((buffer) => conn.read(buffer));
    await server.write(new Uint8Array([1, 2, 3, 4, 5, 6]));
    assertEquals(await Promise.all(reads), [2, 2, 2]);
    assertEquals(buffers.flatMap((each) => [...each]), [1, 2, 3, 4, 5, 6]);
  }
});

Deno.test({
  name: "connectStream()'s local end needs its grant",
  permissions: { net: ["127.0.0.1:80"] },
  async fn() {
    const destination = { hostname: "127.0.0.1", port: 80 };
    for (
      const [options, flag] of [
        [{ localAddress: "127.0.0.2" }, "--allow-net=127.0.0.2:0"],
        [{ localPort: 4000 }, "--allow-net=0.0.0.0:4000"],
      ] as const
    ) {
      const error = await assertRejects(
        () => connectStream({ ...destination, ...options }),
        PermissionError,
      );
      assertEquals(error.flag, flag);
    }
  },
});

Deno.test("connectStream()'s signal ends the opening and nothing else", async () => {
  using listener = listenOn("127.0.0.1");
  const { port } = listener.addr;
  for (const hostname of ["127.0.0.1", BOTH]) {
    const controller = new AbortController();
    const { signal } = controller;
    using conn = await connectStream({ hostname, port, signal });
    using server = await listener.accept();
    controller.abort();
    await conn.write(new Uint8Array(2));
    assertEquals(await server.read(new Uint8Array(8)), 2);
  }
});

Deno.test("noDelay and keepAlive are set when the connection stands", async () => {
  using listener = listenOn("127.0.0.1");
  const calls: string[] = [];
  using _conn = await connectStream({
    endpoint: Endpoint.from(listener.addr),
    noDelay: true,
    keepAlive: true,
    observer: {
      call: ({ call, arguments: args }) =>
        void calls.push(`${call}(${args.join(", ")})`),
    },
  });
  assertEquals(calls.slice(2), [
    "setsockopt(3, IPPROTO_TCP, TCP_NODELAY, 1)",
    "setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, 1)",
  ]);
});
