import { IpAddress } from "../../lib/address/ip_address.ts";
import { Endpoint } from "../../lib/address/endpoint.ts";
import type { Observer, SocketEvent } from "../../lib/sockets/events.ts";
import { pause } from "../../lib/calls/deadline.ts";
import { connectStream } from "../../lib/sockets/streams/connect.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import { serveStream } from "../../lib/sockets/serving/serve.ts";
import type {
  ServeHandler,
  ServeOptions,
} from "../../lib/sockets/serving/serve_options.ts";
import { StreamListener } from "../../lib/sockets/streams/stream_listener.ts";
import {
  assert,
  assertEquals,
  assertRefused,
  assertThrows,
} from "../assert.ts";

/** Keeps the events, and wakes those who wait for one. */
class Diary {
  readonly events: SocketEvent[] = [];
  #changed = Promise.withResolvers<void>();

  event(event: SocketEvent): void {
    this.events.push(event);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** How often something has happened. */
  count(kind: SocketEvent["event"]): number {
    return this.events.filter(({ event }) => event === kind).length;
  }

  /** Waits until something has happened that often. */
  async until(kind: SocketEvent["event"], times: number): Promise<void> {
    while (this.count(kind) < times) await this.#changed.promise;
  }
}

/** Sends back each byte until the peer closes. */
const echo: ServeHandler = async (conn) => {
  const buffer = new Uint8Array(1);
  while (await conn.read(buffer) !== null) await conn.write(buffer);
};

/** Sends a byte to an echo, and waits for it. */
async function roundTrip(conn: Deno.Conn): Promise<void> {
  await conn.write(new Uint8Array([7]));
  assertEquals(await conn.read(new Uint8Array(1)), 1);
}

/** Waits for the end of a connection, orderly or not. */
async function ended(conn: Deno.Conn): Promise<void> {
  try {
    assertEquals(await conn.read(new Uint8Array(1)), null);
  } catch (error) {
    assert(error instanceof Deno.errors.ConnectionReset);
  }
}

/** What goes to `console.error` meanwhile. */
async function consoleErrors(run: () => Promise<void>): Promise<unknown[]> {
  const shown: unknown[] = [];
  const { error } = console;
  console.error = (...values: unknown[]) => void shown.push(...values);
  try {
    await run();
  } finally {
    console.error = error;
  }
  return shown;
}

const dial = ({ hostname, port }: Deno.NetAddr) =>
  Deno.connect({ hostname, port });

const listen = () => listenStream({ hostname: "127.0.0.1", port: 0 });

Deno.test("serveStream() reports what happens, and ends after the count", async () => {
  const listener = await listen();
  const { addr } = listener;
  const diary = new Diary();
  const server = serveStream(listener, echo, { count: 1, observer: diary });
  const conn = await dial(addr);
  const { port } = conn.localAddr as Deno.NetAddr;
  await roundTrip(conn);
  conn.close();
  await server.finished;
  assertEquals(diary.events, [
    { event: "waiting" },
    {
      event: "accepted",
      connection: 1,
      peer: Endpoint.from({ hostname: "127.0.0.1", port }),
      local: Endpoint.from(addr),
    },
    { event: "closing", connection: 1 },
    { event: "closingListener" },
    { event: "finished" },
  ]);
  await assertRefused(addr.hostname, addr.port);
});

Deno.test("serveStream() serves connections at the same time", async () => {
  const listener = await listen();
  const server = serveStream(listener, echo, { count: 2 });
  using first = await dial(listener.addr);
  await roundTrip(first);
  // The first one is still there when the second one is served.
  using second = await dial(listener.addr);
  await roundTrip(second);
  await roundTrip(first);
  first.close();
  second.close();
  await server.finished;
});

Deno.test("serveStream() closes a connection whose handler is done", async () => {
  const listener = await listen();
  const server = serveStream(listener, async () => {}, { count: 1 });
  using conn = await dial(listener.addr);
  assertEquals(await conn.read(new Uint8Array(1)), null);
  await server.finished;
});

Deno.test("serveStream() lets no more than maxConnections in", async () => {
  const listener = await listen();
  const diary = new Diary();
  let inHand = 0;
  let most = 0;
  const handler: ServeHandler = async (conn, info) => {
    most = Math.max(most, ++inHand);
    await echo(conn, info);
    inHand--;
  };
  const server = serveStream(listener, handler, {
    maxConnections: 2,
    count: 4,
    observer: diary,
  });
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < 4; i++) conns.push(await dial(listener.addr));
  await diary.until("accepted", 2);
  for (const [i, conn] of conns.entries()) {
    // While these come and go, a third one would be accepted as well.
    for (let j = 0; j < 10; j++) await roundTrip(conn);
    assertEquals(diary.count("accepted"), Math.min(i + 2, 4));
    conn.close();
    await diary.until("accepted", Math.min(i + 3, 4));
  }
  await server.finished;
  assertEquals(most, 2);
});

Deno.test("serveStream() waits for the connections in hand when it is stopped", async () => {
  const listener = await listen();
  const { addr } = listener;
  const controller = new AbortController();
  const diary = new Diary();
  const server = serveStream(listener, echo, {
    signal: controller.signal,
    observer: diary,
    grace: 0,
  });
  const conn = await dial(addr);
  await roundTrip(conn);
  controller.abort();
  await diary.until("closingListener", 1);
  await roundTrip(conn);
  await assertRefused(addr.hostname, addr.port);
  assertEquals(diary.count("finished"), 0);
  conn.close();
  await server.finished;
  assertEquals(diary.events.slice(-3), [
    { event: "closingListener" },
    { event: "closing", connection: 1 },
    { event: "finished" },
  ]);
});

Deno.test("serveStream() serves those in its backlog when it is stopped", async () => {
  const listener = await listen();
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < 50; i++) conns.push(await dial(listener.addr));
  const controller = new AbortController();
  const server = serveStream(listener, echo, {
    signal: controller.signal,
    observer: {
      event: ({ event }) => event === "accepted" && controller.abort(),
    },
  });
  for (const conn of conns) {
    await roundTrip(conn);
    conn.close();
  }
  await server.finished;
});

Deno.test("serveStream() closes at a stop only once there was room for the next one", async () => {
  const listener = await listen();
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < 2; i++) conns.push(await dial(listener.addr));
  const controller = new AbortController();
  const { signal } = controller;
  const told: string[] = [];
  const server = serveStream(listener, async (conn, info) => {
    if (info.connection === 1) {
      controller.abort();
      // As many as would do to close it, were there room.
      for (let i = 0; i < 5; i++) await pause(1);
    }
    told.push(`${info.connection}`);
    await echo(conn, info);
  }, { maxConnections: 1, signal });
  for (const conn of conns) {
    await roundTrip(conn);
    conn.close();
  }
  await server.finished;
  assertEquals(told, ["1", "2"]);
});

Deno.test("serveStream() can be stopped while it is full", async () => {
  const listener = await listen();
  const controller = new AbortController();
  const { signal } = controller;
  const server = serveStream(listener, echo, { maxConnections: 1, signal });
  using conn = await dial(listener.addr);
  await roundTrip(conn);
  controller.abort();
  await roundTrip(conn);
  conn.close();
  await server.finished;
});

Deno.test("serveStream() can be stopped while it waits for the last ones", async () => {
  const listener = await listen();
  const controller = new AbortController();
  const { signal } = controller;
  const server = serveStream(listener, echo, { count: 1, signal, grace: 1 });
  using conn = await dial(listener.addr);
  await roundTrip(conn);
  controller.abort();
  await ended(conn);
  await server.finished;
});

Deno.test("serveStream() ends the connections in hand when the grace is over", async () => {
  const listener = await listen();
  const controller = new AbortController();
  const { signal } = controller;
  const server = serveStream(listener, echo, { signal, grace: 1 });
  using conn = await dial(listener.addr);
  await roundTrip(conn);
  controller.abort();
  await ended(conn);
  await server.finished;
});

Deno.test("serveStream() accepts nobody if it was stopped before", async () => {
  const listener = await listen();
  const { addr } = listener;
  const diary = new Diary();
  const signal = AbortSignal.abort();
  await serveStream(listener, echo, { signal, observer: diary }).finished;
  assertEquals(diary.count("accepted"), 0);
  await assertRefused(addr.hostname, addr.port);
});

Deno.test("serveStream() ends when its listener is closed", async () => {
  const listener = await listen();
  const diary = new Diary();
  const server = serveStream(listener, echo, { observer: diary });
  using conn = await dial(listener.addr);
  await roundTrip(conn);
  listener.close();
  conn.close();
  await server.finished;
  assertEquals(diary.count("error"), 0);
});

Deno.test("serveStream() turns peers of the other family away", async () => {
  const listener = await listenStream({ port: 0 });
  const { port } = listener.addr;
  const diary = new Diary();
  const server = serveStream(listener, echo, {
    family: "IPv6",
    count: 1,
    observer: diary,
  });
  using four = await Deno.connect({ hostname: "127.0.0.1", port });
  await ended(four);
  using six = await Deno.connect({ hostname: "::1", port });
  await roundTrip(six);
  six.close();
  await server.finished;
  const peers = diary.events.flatMap((event) =>
    event.event === "accepted" ? [event.peer.address.toString()] : []
  );
  assertEquals(peers, ["::1"]);
});

Deno.test("serveStream() shows IPv4 peers of a dual-stack socket as IPv4", async () => {
  const listener = await listenStream({ port: 0 });
  const { port } = listener.addr;
  const hosts: string[] = [];
  const server = serveStream(listener, (_conn, { peer }) => {
    hosts.push(`${peer.address.family} ${peer}`.replace(/:\d+$/, ""));
    return Promise.resolve();
  }, { count: 1 });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await ended(conn);
  await server.finished;
  assertEquals(hosts, ["IPv4 127.0.0.1"]);
});

Deno.test("serveStream() reports what a handler throws, and goes on", async () => {
  const listener = await listen();
  const diary = new Diary();
  const server = serveStream(listener, (_conn, { connection }) => {
    if (connection === 1) throw new Deno.errors.ConnectionReset();
    return Promise.resolve();
  }, { count: 2, observer: diary });
  for (let i = 0; i < 2; i++) {
    using conn = await dial(listener.addr);
    await ended(conn);
  }
  await server.finished;
  const errors = diary.events.filter(({ event }) => event === "error");
  assertEquals(errors, [{
    event: "error",
    step: "internal",
    code: "ECONNRESET",
    message: "Connection reset by peer",
    connection: 1,
  }]);
});

Deno.test("serveStream() goes on after file descriptors ran out, and reports it once", async () => {
  using listener = await listen();
  const starved = Object.assign(
    new Error("Too many open files (os error 24)"),
    { code: "EMFILE" },
  );
  let accepts = 0;
  const starving = new StreamListener([{
    addr: listener.addr,
    accept: () => ++accepts <= 2 ? Promise.reject(starved) : listener.accept(),
    close: () => listener.close(),
  }]);
  const diary = new Diary();
  const server = serveStream(starving, echo, { count: 1, observer: diary });
  const conn = await dial(listener.addr);
  await roundTrip(conn);
  conn.close();
  await server.finished;
  const errors = diary.events.filter(({ event }) => event === "error");
  assertEquals(errors, [{
    event: "error",
    step: "accept",
    code: "EMFILE",
    message: "Too many open files",
  }]);
});

Deno.test("serveStream() listens until the last of its count is done, and resets who waits", async () => {
  const listener = await listen();
  const { addr } = listener;
  const diary = new Diary();
  const server = serveStream(listener, echo, { count: 1, observer: diary });
  using conn = await dial(addr);
  await roundTrip(conn);
  using late = await dial(addr);
  assertEquals(diary.count("closingListener"), 0);
  conn.close();
  await server.finished;
  await ended(late);
  assertEquals(diary.events.map(({ event }) => event), [
    ...["waiting", "accepted", "closing", "closingListener", "finished"],
  ] as SocketEvent["event"][]);
});

Deno.test("serveStream() closes its listener before it is reported closed", async () => {
  const listener = await listen();
  const states: boolean[] = [];
  const observer = {
    event({ event }: SocketEvent) {
      if (event === "closingListener") states.push(listener.isClosed);
      if (event === "finished") states.push(listener.isClosed);
    },
  };
  await serveStream(listener, echo, { observer }).shutdown();
  assertEquals(states, [false, true]);
});

Deno.test("serveStream() can be stopped without a signal, and waited for with await using", async () => {
  const listener = await listen();
  const { addr } = listener;
  {
    await using server = serveStream(listener, echo);
    assertEquals(server.addr, addr);
    using conn = await dial(server.addr);
    await roundTrip(conn);
    conn.close();
  }
  await assertRefused(addr.hostname, addr.port);
});

Deno.test("serveStream() aborts the signal of its handlers when it is stopped", async () => {
  const listener = await listen();
  const stop = new AbortController();
  const reasons: unknown[] = [];
  const server = serveStream(listener, (_conn, { signal }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => {
      reasons.push(signal.reason);
      resolve();
    });
    stop.abort("enough");
    return promise;
  }, { signal: stop.signal });
  using conn = await dial(listener.addr);
  await ended(conn);
  await server.finished;
  assertEquals(reasons, ["enough"]);
});

Deno.test("serveStream() is not held up by a handler that outlives the grace", async () => {
  const listener = await listen();
  const diary = new Diary();
  const hold = Promise.withResolvers<void>();
  const handled = Promise.withResolvers<void>();
  const server = serveStream(listener, async () => {
    await hold.promise;
    handled.resolve();
  }, { grace: 1, observer: diary });
  using conn = await dial(listener.addr);
  await diary.until("accepted", 1);
  await server.shutdown();
  await ended(conn);
  assertEquals(diary.events.slice(-3), [
    { event: "closingListener" },
    { event: "closing", connection: 1 },
    { event: "finished" },
  ]);
  hold.resolve();
  await handled.promise;
  assertEquals(diary.events.at(-1), { event: "finished" });
});

Deno.test("serveStream() hands what a handler throws to onError, whole", async () => {
  const listener = await listen();
  const bugs: unknown[] = [];
  const own = new TypeError("my own bug");
  const server = serveStream(listener, (_conn, { connection }) => {
    if (connection === 1) throw own;
    return Promise.reject(own);
  }, {
    count: 2,
    onError(error, { connection }) {
      bugs.push(error, connection);
      const more = new Error("not even this ends the server");
      if (connection === 1) throw more;
      return Promise.reject(more);
    },
  });
  const shown = await consoleErrors(async () => {
    for (let i = 0; i < 2; i++) {
      using conn = await dial(listener.addr);
      await ended(conn);
    }
    await server.finished;
  });
  assertEquals(bugs, [own, 1, own, 2]);
  assertEquals(
    shown.map(String),
    Array(2).fill(
      "Error: not even this ends the server",
    ),
  );
});

Deno.test("serveStream() shows what a handler throws if nobody observes it", async () => {
  const own = new TypeError("my own bug");
  for (const observer of [undefined, {}, { event() {} }]) {
    const listener = await listen();
    const fail = () => Promise.reject(own);
    const server = serveStream(listener, fail, { count: 1, observer });
    const shown = await consoleErrors(async () => {
      using conn = await dial(listener.addr);
      await ended(conn);
      await server.finished;
    });
    assertEquals(shown, observer?.event === undefined ? [own] : []);
  }
});

Deno.test("serveStream() serves whatever becomes of its observer", async () => {
  const bug = () => {
    throw new Error("an observer's bug");
  };
  /** One whose methods can't even be read. */
  const unreadable = new Proxy<Observer>({}, { get: bug });
  for (const observer of [unreadable, { event: bug, call: bug }]) {
    const shown = await consoleErrors(async () => {
      const local = { hostname: "127.0.0.1", port: 0, observer };
      const listener = await listenStream(local);
      const server = serveStream(listener, echo, { count: 1, observer });
      const { hostname, port } = server.addr;
      using conn = await connectStream({ hostname, port, observer });
      await conn.writeAll(new Uint8Array(3));
      await conn.closeWrite();
      assertEquals((await conn.readAll()).length, 3);
      await server.finished;
    });
    assert(shown.length > 0);
  }
});

Deno.test("serveStream() hands on what a handler throws without a value", async () => {
  const listener = await listen();
  const errors: unknown[] = [];
  const server = serveStream(listener, () => Promise.reject(), {
    count: 1,
    onError: (error) => void errors.push(error),
  });
  using conn = await dial(listener.addr);
  await ended(conn);
  await server.finished;
  assertEquals(errors, [undefined]);
});

Deno.test("serveStream() takes no rules of another type", async () => {
  using listener = await listen();
  for (
    const [options, named] of [
      [{ allow: ["127.0.0.1"] }, "allow is a list"],
      [{ allow: [undefined] }, "allow is a list"],
      [{ deny: "10.0.0.0/8" }, "deny is a list"],
      [{ deny: IpAddress.parse("::1") }, "deny is a list"],
      [{ family: "ipv4" }, "not ipv4"],
    ] satisfies [object, string][]
  ) {
    assertThrows(
      () => serveStream(listener, () => {}, options as object as ServeOptions),
      TypeError,
      named,
    );
  }
});

Deno.test("serveStream() finds nothing wrong with a handler that closes its connection", async () => {
  const listener = await listen();
  const errors: unknown[] = [];
  const server = serveStream(listener, async (conn) => {
    const reading = conn.read(new Uint8Array(1));
    conn.close();
    await reading;
  }, { count: 1, onError: (error) => void errors.push(error) });
  using conn = await dial(listener.addr);
  await ended(conn);
  await server.finished;
  assertEquals(errors, []);
});

Deno.test("serveStream() takes no number that is out of its range", async () => {
  using listener = await listen();
  for (
    const options of [
      { maxConnections: 0 },
      { maxConnections: NaN },
      { count: 0 },
      { count: 1.5 },
      { grace: -1 },
      { grace: NaN },
      { grace: Infinity },
    ]
  ) {
    assertThrows(
      () => serveStream(listener, echo, options),
      RangeError,
      Object.keys(options)[0]!,
    );
  }
});
