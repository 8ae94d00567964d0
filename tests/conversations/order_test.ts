import { collect } from "../../lib/conversations/collect.ts";
import type {
  ConversationObserver,
  ProgramEvent,
} from "../../lib/conversations/events.ts";
import { greeting } from "../../lib/conversations/greeting.ts";
import { timeAnswer } from "../../lib/conversations/time_answer.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import { serveStream } from "../../lib/sockets/serving/serve.ts";
import { connectStream } from "../../lib/sockets/streams/connect.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import { Endpoint } from "../../lib/address/endpoint.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import { Echo } from "../../lib/conversations/echo.ts";
import { pipe } from "../../lib/conversations/pipe.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { assertEquals, assertRejects } from "../assert.ts";

/** The names of events and calls, in the order in which they were reported. */
class Diary implements ConversationObserver {
  readonly names: string[] = [];

  event({ event }: ProgramEvent): void {
    this.names.push(event);
  }

  call({ call, result, message }: CallEvent): void {
    const why = result === "?"
      ? ` (${message?.replace(/after .*/, "late")})`
      : "";
    this.names.push(`${call} = ${result}${why}`);
  }

  /** What was reported from an event on. */
  from(name: string): string[] {
    return this.names.slice(this.names.indexOf(name));
  }
}

const LOCAL = { hostname: "127.0.0.1", port: 0 };
const timeout = 10_000;

Deno.test("what the server and the client say is in order with their calls", async () => {
  const observer = new Diary();
  const listener = await listenStream({ ...LOCAL, observer });
  const message = new TextEncoder().encode("Hello, world!");
  const handler = greeting({ message, timeout, observer });
  const server = serveStream(listener, handler, { count: 1, observer });
  const own = new Diary();
  const { hostname, port } = listener.addr;
  {
    using conn = await connectStream({ hostname, port, observer: own });
    await collect(conn, { maxBytes: 100, timeout, observer: own });
  }
  await server.finished;
  assertEquals(observer.from("waiting"), [
    ...["waiting", "accept = 5", "accepted", "send = 13", "sent"],
    ...["shutdown = 0", "recv = 0", "closing", "close = 0"],
    ...["closingListener", "close = 0", "finished"],
  ]);
  assertEquals(own.from("socket = 4"), [
    ...["socket = 4", "connect = 0", "connected"],
    ...["recv = 13", "recv = 0", "message", "close = 0"],
  ]);
});

Deno.test("what the time server says is in order with its calls", async () => {
  const observer = new Diary();
  const listener = await listenStream({ ...LOCAL, observer });
  const handler = timeAnswer({ timeout, observer });
  const server = serveStream(listener, handler, { count: 1, observer });
  const { hostname, port } = listener.addr;
  {
    using conn = await connectStream({ hostname, port });
    await conn.writeAll(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    await conn.readAll();
  }
  await server.finished;
  assertEquals(observer.from("waiting"), [
    ...["waiting", "accept = 4", "accepted"],
    ...["reading", "recv = 18", "received"],
    ...["sending", "send = 79", "sent", "send = 25", "sent"],
    ...["closing", "close = 0", "closingListener", "close = 0", "finished"],
  ]);
});

Deno.test("the time server gave up the recv of a request that is late", async () => {
  const observer = new Diary();
  const listener = await listenStream({ ...LOCAL, observer });
  const handler = timeAnswer({ timeout: 1, observer });
  const server = serveStream(listener, handler, { count: 1, observer });
  const { hostname, port } = listener.addr;
  {
    using conn = await connectStream({ hostname, port });
    await conn.readAll();
  }
  await server.finished;
  assertEquals(observer.from("reading").slice(0, 5), [
    ...["reading", "recv = ? (gave up late)", "received"],
    ...["sending", "send = 150"],
  ]);
});

Deno.test("a server reports a close before it happens, by the server or its handler", async () => {
  const observer = new Diary();
  const listener = await listenStream({ ...LOCAL, observer });
  const { hostname, port } = listener.addr;
  const server = serveStream(listener, async (conn, { connection }) => {
    if (connection === 1) conn.close();
    else await conn.linger({ timeout: 1 });
  }, { count: 2, observer });
  for (let i = 0; i < 2; i++) {
    using conn = await connectStream({ hostname, port });
    await conn.readAll();
    // The second one says nothing until its time is over.
    if (i === 1) await server.finished;
  }
  await server.finished;
  assertEquals(
    observer.names.filter((name) => /^(closing|close|recv)/.test(name)),
    [
      ...["closing", "close = 0"],
      ...["recv = ? (gave up late)", "closing", "close = 0"],
      "closingListener",
      "close = 0",
    ],
  );
});

Deno.test("a pipe whose peer is silent for too long gave up its recv", async () => {
  using listener = await listenStream(LOCAL);
  const observer = new Diary();
  const { hostname, port } = listener.addr;
  using conn = await connectStream({ hostname, port, observer });
  using _peer = await listener.accept();
  const ended = { read: () => Promise.resolve(null) };
  await assertRejects(() =>
    pipe(conn, {
      input: ended,
      endsWithPeer: false,
      timeout: 1,
      observer,
      flush: () => Promise.resolve(),
    }), SocketError);
  conn.close();
  assertEquals(observer.from("connected"), [
    ...["connected", "shutdown = 0", "recv = ? (gave up late)", "close = 0"],
  ]);
});

for (const isTraced of [false, true]) {
  const name = isTraced ? "and its socket's number if calls are observed" : "";
  Deno.test(
    `an echo is reported with where it went ${name}`.trimEnd(),
    () => testEcho(isTraced),
  );
}

async function testEcho(isTraced: boolean): Promise<void> {
  const events: ProgramEvent[] = [];
  const observer: ConversationObserver = {
    event: (event) => void events.push(event),
  };
  using socket = await listenDatagram({
    ...LOCAL,
    observer: isTraced ? { call() {} } : undefined,
  });
  using echo = new Echo(socket, { observer });
  using peer = await listenDatagram(LOCAL);
  await peer.sendTo(new TextEncoder().encode("hi"), socket.addr);
  await echo.answer(await socket.receive());
  assertEquals(events, [{
    event: "sent",
    to: "127.0.0.1",
    remote: Endpoint.from(peer.addr),
    local: Endpoint.from(socket.addr),
    ...(isTraced && { fd: 3 }),
    bytes: 2,
    of: 2,
  }]);
}
