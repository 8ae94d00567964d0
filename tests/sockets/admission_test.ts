import { IpAddress } from "../../lib/address/ip_address.ts";
import { IpPrefix } from "../../lib/address/ip_prefix.ts";
import type { SocketEvent } from "../../lib/sockets/events.ts";
import type { RawConn } from "../../lib/sockets/raw_conn.ts";
import {
  serveStream,
  type StreamServer,
} from "../../lib/sockets/serving/serve.ts";
import type {
  ServeHandler,
  ServeOptions,
} from "../../lib/sockets/serving/serve_options.ts";
import { StreamListener } from "../../lib/sockets/streams/stream_listener.ts";
import { assert, assertEquals } from "../assert.ts";

const OURS = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
const A = "192.0.2.1";
const B = "192.0.2.2";

/** What may fail although nobody waits for it. */
function waiting<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>();
  resolvers.promise.catch(() => {});
  return resolvers;
}

/** A peer that says and takes only what the test lets it. */
class Peer implements RawConn {
  readonly localAddr = OURS;
  readonly remoteAddr: Deno.NetAddr;
  readonly closed = Promise.withResolvers<void>();
  isClosed = false;
  /** Whether it takes what it is sent. */
  takes = true;
  #read = waiting<number | null>();
  readonly #write = waiting<number>();

  constructor(hostname: string, port = 1) {
    this.remoteAddr = { transport: "tcp", hostname, port };
  }

  say(byte: number | null): void {
    const { resolve } = this.#read;
    this.#read = waiting();
    resolve(byte === null ? null : 1);
  }

  read(): Promise<number | null> {
    return this.#read.promise;
  }

  write({ length }: Uint8Array): Promise<number> {
    return this.takes ? Promise.resolve(length) : this.#write.promise;
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.closed.resolve();
    this.#read.reject(new Deno.errors.BadResource());
    this.#write.reject(new Deno.errors.BadResource());
  }
}

/** A server to which peers come as the test says. */
class Stage implements AsyncDisposable {
  readonly server: StreamServer;
  readonly events: SocketEvent[] = [];
  /** From where those came who have a place, or had. */
  readonly served: string[] = [];
  #come = Promise.withResolvers<RawConn>();
  #queue: (Peer | Error)[] = [];
  #asked: (() => void) | undefined;

  constructor(
    handler: ServeHandler,
    { backlog = 4, ...options }: ServeOptions & { backlog?: number } = {},
  ) {
    const listener = new StreamListener(
      [{
        addr: OURS,
        accept: () => this.#accept(),
        close: () => this.#come.reject(new Deno.errors.BadResource()),
      }],
      undefined,
      backlog,
    );
    this.server = serveStream(listener, handler, {
      grace: 1,
      ...options,
      observer: {
        event: (event) => {
          this.events.push(event);
          if (event.event === "accepted") {
            this.served.push(event.peer.toString());
          }
        },
      },
    });
  }

  /** Lets peers come, one after the other, and waits until they were seen. */
  async come(...peers: (Peer | Error)[]): Promise<void> {
    this.#queue.push(...peers);
    const seen = new Promise<void>((resolve) => this.#asked = resolve);
    this.#next();
    await seen;
  }

  /** What was reported as failed at a step. */
  failures(step: string): string[] {
    return this.events.flatMap((event) =>
      event.event === "error" && event.step === step ? [event.message] : []
    );
  }

  #accept(): Promise<RawConn> {
    const { promise } = this.#come;
    if (this.#queue.length === 0) this.#asked?.();
    this.#next();
    return promise;
  }

  #next(): void {
    const next = this.#queue.shift();
    if (next === undefined) return;
    const { resolve, reject } = this.#come;
    this.#come = Promise.withResolvers();
    if (next instanceof Error) reject(next);
    else resolve(next);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown();
  }
}

/** Peers from one address, each from a port of its own. */
function peers(host: string, count: number, first = 1): Peer[] {
  return Array.from({ length: count }, (_, i) => new Peer(host, first + i));
}

const from = (host: string, ...ports: number[]) =>
  ports.map((port) => `${host}:${port}`);

/** Waits for a byte, answers it, and ends. */
const ask: ServeHandler = async (conn) => {
  await conn.read(new Uint8Array(1));
  await conn.write(new Uint8Array(1));
};

/** Answers at once, and lingers. */
const greet: ServeHandler = async (conn) => {
  await conn.write(new Uint8Array(1));
  await conn.closeWrite();
  while (await conn.read(new Uint8Array(1)) !== null);
};

Deno.test("a full server takes the place of the longest-idle connection of the address that holds most", async () => {
  await using stage = new Stage(ask, { maxConnections: 4 });
  const idle = peers(A, 4);
  const other = peers(B, 3);
  await stage.come(...idle, other[0]!);
  assertEquals(stage.served, from(A, 1, 2, 3, 4).concat(from(B, 1)));
  assertEquals(idle.map(({ isClosed }) => isClosed), [
    ...[true, false, false, false],
  ]);
  // A holds two more than B's one, and then as many as B.
  await stage.come(other[1]!, other[2]!);
  assertEquals(stage.served.at(-1), `${B}:2`);
  assertEquals(idle.map(({ isClosed }) => isClosed), [
    ...[true, true, false, false],
  ]);
});

Deno.test("one address does not give way to itself, and is served in its order", async () => {
  await using stage = new Stage(ask, { maxConnections: 2 });
  const all = peers(A, 5);
  await stage.come(...all);
  assertEquals(stage.served, from(A, 1, 2));
  for (const [i, peer] of all.entries()) {
    peer.say(7);
    await peer.closed.promise;
    await settled();
    assertEquals(stage.served, from(A, 1, 2, 3, 4, 5).slice(0, i + 3));
  }
});

Deno.test("a free place goes to the address that has the fewest", async () => {
  await using stage = new Stage(ask, { maxConnections: 2, backlog: 9 });
  const [first, ...rest] = peers(A, 5);
  await stage.come(first!, ...rest, ...peers(B, 2));
  // A's two are not two more than B's none … but they are.
  assertEquals(stage.served, [...from(A, 1, 2), `${B}:1`]);
  assert(first!.isClosed);
  rest[0]!.say(7);
  await rest[0]!.closed.promise;
  await settled();
  // A has no place now, B one.
  assertEquals(stage.served.at(-1), `${A}:3`);
});

Deno.test("what is being answered never gives way", async () => {
  const answered = Promise.withResolvers<void>();
  await using stage = new Stage(async (conn) => {
    await conn.read(new Uint8Array(1));
    await answered.promise;
    await conn.write(new Uint8Array(1));
  }, { maxConnections: 3 });
  const asking = peers(A, 3);
  await stage.come(...asking);
  for (const peer of asking) peer.say(7);
  await settled();
  const [other] = peers(B, 1);
  await stage.come(other!);
  assertEquals(stage.served, from(A, 1, 2, 3));
  answered.resolve();
  await Promise.all(asking.map(({ closed }) => closed.promise));
  await settled();
  assertEquals(stage.served.at(-1), `${B}:1`);
});

Deno.test("a connection that only lingers gives way to anybody, before any other", async () => {
  await using stage = new Stage(greet, { maxConnections: 2 });
  const all = peers(A, 3);
  await stage.come(...all);
  assertEquals(stage.served, from(A, 1, 2));
  // Only after a while, so that the peer can read its answer.
  await all[0]!.closed.promise;
  assertEquals(stage.served, from(A, 1, 2, 3));
});

Deno.test("a peer that takes no byte for a second gives way as an idle one", async () => {
  await using stage = new Stage(greet, { maxConnections: 2 });
  const deaf = peers(A, 2);
  for (const peer of deaf) peer.takes = false;
  await stage.come(...deaf, ...peers(B, 1));
  assertEquals(stage.served, from(A, 1, 2));
  await deaf[0]!.closed.promise;
  assertEquals(stage.served.at(-1), `${B}:1`);
});

Deno.test("a full park closes the oldest of the address that has most there", async () => {
  await using stage = new Stage(ask, { maxConnections: 1, backlog: 3 });
  const many = peers(A, 5);
  const [other] = peers(B, 1);
  await stage.come(...many.slice(0, 3), other!, ...many.slice(3));
  assertEquals(stage.served, from(A, 1));
  assertEquals(many.map(({ isClosed }) => isClosed), [
    ...[false, true, true, false, false],
  ]);
  assert(!other!.isClosed);
  await stage.server.shutdown();
  assertEquals(
    stage.failures("gave way"),
    ["2 connections from 1 address"],
  );
});

Deno.test("maxPerHost lets the next one of an address wait, however many places are free", async () => {
  await using stage = new Stage(ask, { maxPerHost: 1 });
  const all = peers(A, 2);
  await stage.come(...all, ...peers(B, 1));
  assertEquals(stage.served, [...from(A, 1), ...from(B, 1)]);
  all[0]!.say(7);
  await all[0]!.closed.promise;
  await settled();
  assertEquals(stage.served.at(-1), `${A}:2`);
});

Deno.test("who waits for a place is closed when the count is reached, and not counted", async () => {
  const stage = new Stage(ask, { maxConnections: 1, count: 2 });
  const all = peers(A, 4);
  await stage.come(...all);
  for (const peer of all.slice(0, 2)) {
    peer.say(7);
    await peer.closed.promise;
  }
  await stage.server.finished;
  assertEquals(stage.served, from(A, 1, 2));
  assert(all.every(({ isClosed }) => isClosed));
  assertEquals(stage.events.at(-1), { event: "finished" });
  assertEquals(stage.failures("gave way"), []);
});

Deno.test("who waits for a place at a stop is served within the grace", async () => {
  const stage = new Stage(ask, { maxConnections: 1, grace: 0 });
  const all = peers(A, 3);
  await stage.come(...all);
  const finished = stage.server.shutdown();
  for (const peer of all) {
    peer.say(7);
    await peer.closed.promise;
  }
  await finished;
  assertEquals(stage.served, from(A, 1, 2, 3));
});

const EMFILE = () =>
  Object.assign(new Error("Too many open files (os error 24)"), {
    code: "EMFILE",
  });

Deno.test("without descriptors nobody is turned out while connections end by themselves", async () => {
  await using stage = new Stage(ask, { backlog: 9 });
  const all = peers(A, 6);
  await stage.come(...all.slice(0, 3));
  const rest = stage.come(EMFILE(), ...all.slice(3));
  for (const peer of all) {
    peer.say(7);
    await peer.closed.promise;
    await settled();
  }
  await rest;
  assertEquals(stage.served, from(A, 1, 2, 3, 4, 5, 6));
  assertEquals(
    stage.events.filter(({ event }) => event === "error").length,
    1,
  );
});

Deno.test("without descriptors it is seen who knocks, and the address that holds most gives way", async () => {
  await using stage = new Stage(ask, { backlog: 9 });
  const all = peers(A, 6);
  await stage.come(...all.slice(0, 3), EMFILE(), ...all.slice(3));
  const [other] = peers(B, 1);
  await stage.come(other!);
  assertEquals(stage.served.at(-1), `${B}:1`);
  assert(!other!.isClosed);
  // What is open never needs the last descriptor.
  const open = all.filter(({ isClosed }) => !isClosed);
  assert(open.length <= 2, `${open.length}`);
});

Deno.test("deny and allow refuse who is in the one, and not in the other", async () => {
  const prefix = IpPrefix.parse("192.0.2.0/24");
  const cases: [ServeOptions, string[]][] = [
    [{ deny: [IpAddress.parse(A)] }, [B, "2001:db8::1", "198.51.100.1"]],
    [{ deny: [prefix] }, ["2001:db8::1", "198.51.100.1"]],
    [{ allow: [prefix] }, [A, B]],
    [{ allow: [prefix], deny: [IpAddress.parse(A)] }, [B]],
    [{ allow: [IpAddress.parse("::ffff:192.0.2.1")] }, [A]],
    [{ allow: [IpPrefix.parse("2001:db8::/32")] }, ["2001:db8::1"]],
    [{ allow: [] }, [A, B, "2001:db8::1", "198.51.100.1"]],
  ];
  for (const [options, expected] of cases) {
    const hosts = [`::ffff:${A}`, B, "2001:db8::1", "198.51.100.1"];
    const served: string[] = [];
    const stage = new Stage((_conn, { peer }) => {
      served.push(peer.address.toString());
    }, options);
    await stage.come(...hosts.map((host) => new Peer(host)));
    await stage.server.shutdown();
    assertEquals(served, expected);
    const refused = hosts.length - expected.length;
    assertEquals(
      stage.failures("refused"),
      [
        [],
        ["1 connection from 1 address"],
        ["2 connections from 2 addresses"],
        ["3 connections from 3 addresses"],
      ][refused]!,
    );
  }
});

/** Lets everything happen that waits for nothing. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
