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
import { assertEquals } from "../assert.ts";

/** The names of events and calls, in the order in which they were reported. */
class Diary implements ConversationObserver {
  readonly names: string[] = [];

  event({ event }: ProgramEvent): void {
    this.names.push(event);
  }

  call({ call, result }: CallEvent): void {
    this.names.push(`${call} = ${result}`);
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
