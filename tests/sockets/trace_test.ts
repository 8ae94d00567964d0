import { descriptorCount, giveUp } from "../../lib/calls/descriptors.ts";
import { platform } from "../../lib/calls/platform.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { Observer, SocketEvent } from "../../lib/sockets/events.ts";
import { connectDatagram } from "../../lib/sockets/datagrams/connect_datagram.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { serveDatagram } from "../../lib/sockets/datagrams/serve_datagram.ts";
import { serveStream } from "../../lib/sockets/serving/serve.ts";
import { connectStream } from "../../lib/sockets/streams/connect.ts";
import type { RawConn } from "../../lib/sockets/raw_conn.ts";
import { StreamListener } from "../../lib/sockets/streams/stream_listener.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { canBeSilent, silentListener } from "../harness.ts";

/** Events and calls in the order in which they were reported. */
class Diary implements Observer {
  readonly lines: string[] = [];
  readonly calls: CallEvent[] = [];

  event({ event }: SocketEvent): void {
    this.lines.push(event);
  }

  call(call: CallEvent): void {
    this.calls.push(call);
    if (call.call === "getaddrinfo") return;
    const { arguments: args, result, code, message, emulated } = call;
    const outcome = [
      result,
      code,
      result === "?" && message,
      emulated && "emulated",
    ].filter((each) => each);
    const isZero = result === 0 ? [0] : [];
    this.lines.push(
      `${call.call}(${args.join(", ")}) = ${[...isZero, ...outcome].join(" ")}`,
    );
  }

  /** Whether a call of that name was reported. */
  has(line: string): boolean {
    return this.lines.some((each) => each.startsWith(line));
  }
}

const encode = (text: string) => new TextEncoder().encode(text);
const LOOPBACK = "127.0.0.1";

/** The options that Deno sets on this system. */
const SET = platform.listenerOptions.map((name) =>
  `setsockopt(3, SOL_SOCKET, ${name}, 1) = 0`
);

/** Lets the system and what waits for it have a turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** A name that is kept for the loopback, so that nobody is asked for it. */
const BOTH = "parley.localhost";

Deno.test("each step of a server is reported before its call", async () => {
  const observer = new Diary();
  {
    using listener = await listenStream({
      hostname: LOOPBACK,
      port: 0,
      backlog: 5,
      observer,
    });
    assertEquals(observer.lines, [
      "configuring",
      "creating",
      "socket(AF_INET, SOCK_STREAM) = 3",
      ...SET,
      "binding",
      "bind(3, 127.0.0.1:0) = 0",
      "openingListener",
      "listen(3, 5) = 0",
      "listening",
    ]);
    const { port } = listener.addr;
    const listen = observer.calls.at(-1);
    assertEquals([String(listen?.local), listen?.fd], [`127.0.0.1:${port}`, 3]);
  }
  assertEquals(observer.lines.at(-1), "close(3) = 0");
  assertEquals(descriptorCount(), 0);
});

Deno.test("a bind that fails is the last step that is reported, and its socket is closed", async () => {
  using taken = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { port } = taken.addr;
  for (const options of [{ hostname: LOOPBACK }, { family: "IPv4" as const }]) {
    const observer = new Diary();
    await assertRejects(
      () => listenStream({ ...options, port, observer }),
      Error,
    );
    const [, address] = observer.lines.at(-2)!.match(/3, (.*):/)!;
    assertEquals(observer.lines, [
      "configuring",
      "creating",
      "socket(AF_INET, SOCK_STREAM) = 3",
      ...SET,
      "binding",
      `bind(3, ${address}:${port}) = -1 EADDRINUSE`,
      "close(3) = 0",
    ]);
    // It begins where the bind ends.
    assertEquals(observer.calls.at(-1)?.milliseconds, 0);
    assertEquals(descriptorCount(), 0);
  }
});

Deno.test("a listener on several hosts has a number for each, and fails without any", async () => {
  const observer = new Diary();
  const hostname = [LOOPBACK, "127.0.0.2"];
  using taken = Deno.listen({ hostname: "127.0.0.2", port: 0 });
  const { port } = taken.addr;
  await assertRejects(
    () => listenStream({ hostname, port, observer }),
    Error,
  );
  assertEquals(
    observer.lines.filter((line) => /^(socket|bind|close)\(/.test(line)),
    [
      "socket(AF_INET, SOCK_STREAM) = 3",
      `bind(3, 127.0.0.1:${port}) = 0`,
      "socket(AF_INET, SOCK_STREAM) = 4",
      `bind(4, 127.0.0.2:${port}) = -1 EADDRINUSE`,
      "close(4) = 0",
      "close(3) = 0",
    ],
  );
  assertEquals(observer.lines.filter((line) => line === "creating").length, 1);
  assertEquals(descriptorCount(), 0);
});

Deno.test("accept shows at which of several sockets it was called", async () => {
  const observer = new Diary();
  const hostname = [LOOPBACK, "127.0.0.2"];
  {
    using listener = await listenStream({ hostname, port: 0, observer });
    for (const [i, { hostname, port }] of listener.addrs.entries()) {
      using client = await Deno.connect({ hostname, port });
      using _server = await listener.accept();
      const accept = observer.calls.at(-1);
      assertEquals([accept?.call, accept?.fd, accept?.result], [
        ...["accept", 3 + i, 5],
      ]);
      assertEquals(String(accept?.local), `${hostname}:${port}`);
      assertEquals(accept?.remote?.port, client.localAddr.port);
    }
  }
  assertEquals(descriptorCount(), 0);
});

Deno.test("connections have the lowest free numbers, and later ones those that were closed", async () => {
  const observer = new Diary();
  const listener = await listenStream({
    hostname: LOOPBACK,
    port: 0,
    observer,
  });
  const { hostname, port } = listener.addr;
  const release = Promise.withResolvers<void>();
  const server = serveStream(listener, async (conn, { connection }) => {
    if (connection === 1) await release.promise;
    else await conn.read(new Uint8Array(1));
  }, { observer });
  const first = await Deno.connect({ hostname, port });
  const second = await Deno.connect({ hostname, port });
  while (!observer.has("accept(3) = 5")) await turn();
  second.close();
  while (!observer.has("close(5)")) await turn();
  const third = await Deno.connect({ hostname, port });
  while (observer.lines.filter((line) => line === "accepted").length < 3) {
    await turn();
  }
  const accepts = observer.calls.filter(({ call }) => call === "accept");
  assertEquals(accepts.map(({ result, connection }) => [result, connection]), [
    ...[[4, 1], [5, 2], [5, 3]],
  ]);
  release.resolve();
  third.close();
  first.close();
  await server.shutdown();
  const closed = observer.lines.filter((line) => line.startsWith("close("));
  assertEquals(closed.toSorted(), [
    ...["close(3) = 0", "close(4) = 0", "close(5) = 0", "close(5) = 0"],
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("all calls on a connection have its number and both ends", async () => {
  const observer = new Diary();
  const listener = await listenStream({
    hostname: LOOPBACK,
    port: 0,
    observer,
  });
  const { hostname, port } = listener.addr;
  const server = serveStream(listener, async (conn) => {
    await conn.writeAll(encode("Hello, world!"));
    await conn.linger();
  }, { observer, count: 1 });
  const own = new Diary();
  {
    using client = await connectStream({ hostname, port, observer: own });
    await client.readAll();
  }
  await server.finished;
  assertEquals(observer.lines.slice(observer.lines.indexOf("waiting")), [
    "waiting",
    "accept(3) = 5",
    "accepted",
    "send(5, 13) = 13",
    "shutdown(5, SHUT_WR) = 0",
    "recv(5, 16384) = 0",
    "closing",
    "close(5) = 0",
    "closingListener",
    "close(3) = 0",
    "finished",
  ]);
  const [connect] = own.calls.filter(({ call }) => call === "connect");
  const calls = observer.calls.filter(({ connection }) => connection === 1);
  assertEquals(calls.map(({ call }) => call), [
    ...["accept", "send", "shutdown", "recv", "close"],
  ]);
  for (const { local, remote } of calls) {
    assertEquals([local, remote], [connect?.remote, connect?.local]);
  }
  assertEquals(calls[1]?.data, encode("Hello, world!"));
  assertEquals(descriptorCount(), 0);
});

Deno.test({
  name: "attempts that race hold their numbers at the same time",
  ignore: !canBeSilent,
  async fn() {
    using silent = await silentListener("::1");
    const { port } = silent;
    using _listener = Deno.listen({ hostname: LOOPBACK, port });
    const observer = new Diary();
    {
      using _conn = await connectStream({
        hostname: BOTH,
        port,
        attemptDelay: 20,
        observer,
      });
      assertEquals(observer.lines, [
        "socket(AF_INET6, SOCK_STREAM) = 3",
        "socket(AF_INET, SOCK_STREAM) = 4",
        `connect(4, 127.0.0.1:${port}) = 0`,
        `connect(3, [::1]:${port}) = ? stopped`,
        "close(3) = 0",
        "connected",
      ]);
      const stopped = observer.calls.find(({ result }) => result === "?");
      assertEquals(stopped?.code, undefined);
      assertEquals(String(stopped?.remote), `[::1]:${port}`);
    }
    assertEquals(observer.lines.at(-1), "close(4) = 0");
    assertEquals(descriptorCount(), 0);
  },
});

Deno.test({
  name: "a connect whose time is over was given up, and is closed",
  ignore: !canBeSilent,
  async fn() {
    using silent = await silentListener(LOOPBACK);
    const { port } = silent;
    const hostname = LOOPBACK;
    const observer = new Diary();
    await assertRejects(
      () => connectStream({ hostname, port, timeout: 20, observer }),
      Error,
    );
    assertEquals(
      observer.lines.map((line) => line.replace(/after [\d.]+/, "after 0.02")),
      [
        "socket(AF_INET, SOCK_STREAM) = 3",
        `connect(3, 127.0.0.1:${port}) = ? gave up after 0.02 s`,
        "close(3) = 0",
        "error",
      ],
    );
    assertEquals(descriptorCount(), 0);
  },
});

Deno.test("a server that is stopped reports that its accept is over before its socket is closed", async () => {
  const observer = new Diary();
  const listener = await listenStream({
    hostname: LOOPBACK,
    port: 0,
    observer,
  });
  const server = serveStream(listener, () => {}, { observer });
  await server.shutdown();
  assertEquals(observer.lines.slice(-4), [
    "closingListener",
    "accept(3) = ? stopped",
    "close(3) = 0",
    "finished",
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("a connection that came when nobody waited any more was accepted, and is closed", async () => {
  const observer = new Diary();
  const came = Promise.withResolvers<RawConn>();
  const addr = { transport: "tcp", hostname: LOOPBACK, port: 3490 } as const;
  const listener = new StreamListener([
    { addr, accept: () => came.promise, close() {} },
  ], observer);
  await assertRejects(
    () => listener.accept({ signal: AbortSignal.timeout(0) }),
    DOMException,
  );
  const conn = { localAddr: addr, remoteAddr: { ...addr, port: 50123 } };
  came.resolve({ ...conn, close() {} } as unknown as RawConn);
  await came.promise;
  await Promise.resolve();
  listener.close();
  assertEquals(
    observer.lines.map((line) => line.replace(/after .*/, "after a while")),
    [
      "accept(3) = ? gave up after a while",
      "accept(3) = 4",
      "close(3) = 0",
      "close(4) = 0",
    ],
  );
  assertEquals(descriptorCount(), 0);
});

Deno.test("what a read brings when nobody waits for it any more is shown", async () => {
  const observer = new Diary();
  const addr = { transport: "tcp", hostname: LOOPBACK, port: 3490 } as const;
  const reads: PromiseWithResolvers<number | null>[] = [];
  const raw = {
    localAddr: addr,
    remoteAddr: { ...addr, port: 50123 },
    read() {
      const read = Promise.withResolvers<number | null>();
      reads.push(read);
      return read.promise;
    },
    close() {},
  };
  const conn = new StreamConn(raw as unknown as RawConn, observer);
  const given = [0, 1, 2].map((i) => conn.read(new Uint8Array(512 + i)));
  giveUp(conn);
  reads[0]?.resolve(5);
  reads[1]?.resolve(null);
  assertEquals(await Promise.all(given.slice(0, 2)), [5, null]);
  conn.close();
  // Its number may be another socket's by now.
  reads[2]?.resolve(5);
  await given[2];
  assertEquals(
    observer.lines.map((line) => line.replace(/ after .*/, "")),
    [
      ...["recv(3, 512) = ? gave up", "recv(3, 513) = ? gave up"],
      ...["recv(3, 514) = ? gave up", "recv(3, 512) = 5", "recv(3, 513) = 0"],
      "close(3) = 0",
    ],
  );
  assertEquals(descriptorCount(), 0);
});

Deno.test("a connection that was opened without an observer has a number once it is observed", async () => {
  const listener = await listenStream({ hostname: LOOPBACK, port: 0 });
  const { hostname, port } = listener.addr;
  const observer = new Diary();
  const server = serveStream(listener, async (conn) => {
    await conn.writeAll(encode("x"));
  }, { observer, count: 1 });
  using client = await Deno.connect({ hostname, port });
  await client.read(new Uint8Array(1));
  await server.finished;
  assertEquals(observer.lines, [
    ...["waiting", "accepted", "send(3, 1) = 1", "closing", "close(3) = 0"],
    ...["closingListener", "finished"],
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("a connected datagram socket shows what is imitated", async () => {
  using peer = await listenDatagram({ hostname: LOOPBACK, port: 0 });
  const { hostname, port } = peer.addr;
  const observer = new Diary();
  {
    const first = encode("hello");
    const where = { hostname, port, first, observer };
    using socket = await connectDatagram(where);
    const { data, peer: from } = await peer.receive();
    await peer.sendTo(data, from);
    await socket.receive();
    const local = `0.0.0.0:${from.port}`;
    for (const call of observer.calls.slice(3)) {
      assertEquals([`${call.remote}`, `${call.local}`], [
        `127.0.0.1:${port}`,
        local,
      ]);
    }
  }
  assertEquals(observer.lines, [
    "socket(AF_INET, SOCK_DGRAM) = 3",
    "bind(3, 0.0.0.0:0) = 0",
    `connect(3, 127.0.0.1:${port}) = 0 emulated`,
    "connected",
    "send(3, 5) = 5",
    "sent",
    "recv(3, 65527) = 5",
    "close(3) = 0",
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("a datagram server that is stopped reports that its receive is over", async () => {
  const observer = new Diary();
  const hostname = [LOOPBACK, "127.0.0.2"];
  const socket = await listenDatagram({ hostname, port: 0, observer });
  const server = serveDatagram(socket, () => {}, { observer });
  // What comes in at the second one shows that it did.
  using client = await listenDatagram({ hostname: "127.0.0.2", port: 0 });
  await client.sendTo(encode("hi"), socket.addrs[1]!);
  while (!observer.has("datagram")) await turn();
  const received = observer.calls.find(({ call }) => call === "recvfrom");
  assertEquals([received?.fd, received?.result, received?.data], [
    ...[4, 2, encode("hi")],
  ]);
  assertEquals(received?.remote?.port, client.addr.port);
  await server.shutdown();
  assertEquals(observer.lines.slice(-3), [
    "recvfrom(3, 65527) = ? stopped",
    "close(3) = 0",
    "close(4) = 0",
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("a connection from a chosen end shows its bind", async () => {
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { hostname, port } = listener.addr;
  const observer = new Diary();
  const where = { hostname, port, localAddress: "127.0.0.2", observer };
  {
    using _conn = await connectStream(where);
    assertEquals(observer.lines.splice(0), [
      "socket(AF_INET, SOCK_STREAM) = 3",
      "bind(3, 127.0.0.2:0) = 0",
      `connect(3, 127.0.0.1:${port}) = 0`,
      "connected",
    ]);
    await assertRejects(
      () => connectStream({ ...where, localAddress: "192.0.2.1" }),
      Error,
    );
    // Which errno it was Deno's sockets for Node do not say right.
    const lines = observer.lines.map((line) => line.replace(/-1 E.*/, "-1"));
    assertEquals(lines, [
      "socket(AF_INET, SOCK_STREAM) = 4",
      "bind(4, 192.0.2.1:0) = -1",
      "close(4) = 0",
      "error",
    ]);
  }
  assertEquals(descriptorCount(), 0);
});
