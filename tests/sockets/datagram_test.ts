import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import {
  connectDatagram,
  sendDatagram,
} from "../../lib/sockets/datagrams/connect_datagram.ts";
import {
  DatagramSocket,
  MAX_DATAGRAM_BYTES,
} from "../../lib/sockets/datagrams/datagram.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { serveDatagram } from "../../lib/sockets/datagrams/serve_datagram.ts";
import { PermissionError, SocketError } from "../../lib/calls/errors.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { SocketEvent } from "../../lib/sockets/events.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../assert.ts";

/** The endpoint of an address's text and a port. */
const endpoint = (host: string, port: number) =>
  new Endpoint(IpAddress.parse(host), port);

class Stop extends Error {}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A name of both loopback addresses, whatever the hosts file says. */
const BOTH = "parley.localhost";

/** An observer that keeps the events. */
function recorder() {
  const events: SocketEvent[] = [];
  return { events, event: (event: SocketEvent) => void events.push(event) };
}

/** An observer that keeps the calls. */
function tracer() {
  const calls: string[] = [];
  const call = ({ call, arguments: args, result, code = "" }: CallEvent) =>
    void calls.push(`${call}(${args.join(", ")}) = ${result} ${code}`.trim());
  return { calls, event() {}, call };
}

const listen = (hostname = "127.0.0.1") =>
  listenDatagram({ hostname, port: 0 });

Deno.test("MAX_DATAGRAM_BYTES is what IPv4 leaves of 65535 bytes", () => {
  assertEquals(MAX_DATAGRAM_BYTES, 65535 - 20 - 8);
});

Deno.test("listenDatagram() hears both families on one socket, IPv4 as such", async () => {
  using socket = await listenDatagram({ port: 0 });
  assertEquals(socket.addr.hostname, "::");
  const { port } = socket.addr;
  for (const hostname of ["127.0.0.1", "::1"]) {
    await sendDatagram({ hostname, port, data: encode(hostname) });
    const { data, peer } = await socket.receive();
    assertEquals(decode(data), hostname);
    assertEquals(String(peer.address), hostname);
    assertEquals(peer.address.family, hostname === "::1" ? "IPv6" : "IPv4");
  }
});

Deno.test("listenDatagram() binds only one address", async () => {
  const observer = recorder();
  using socket = await listenDatagram({
    hostname: "::1",
    port: 0,
    observer,
  });
  const { hostname, port } = socket.addr;
  assertEquals(hostname, "::1");
  assertEquals(observer.events.at(-1), {
    event: "bound",
    address: endpoint("::1", port),
  });
});

Deno.test("listenDatagram() fails to bind a port that is taken", async () => {
  using taken = await listen();
  const { hostname, port } = taken.addr;
  const error = await assertRejects(
    () => listenDatagram({ hostname, port }),
    SocketError,
    "Address already in use",
  );
  assertEquals([error.step, error.code], ["bind", "EADDRINUSE"]);
});

Deno.test("listenDatagram()'s signal ends the opening and nothing else", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  using socket = await listenDatagram({ hostname: "::1", port: 0, signal });
  controller.abort();
  await socket.sendTo(encode("hi"), socket.addr);
  assertEquals(decode((await socket.receive()).data), "hi");
});

Deno.test("a pending receive() fails in strerror's words when its socket is closed", async () => {
  const socket = await listen();
  const received = socket.receive();
  socket.close();
  const error = await assertRejects(() => received, SocketError);
  assertEquals([error.step, error.code, error.reason], [
    "recvfrom",
    "ECANCELED",
    "Operation canceled",
  ]);
});

Deno.test("a datagram goes there and back, whatever its size", async () => {
  using socket = await listen();
  const { hostname, port } = socket.addr;
  using peer = await listen();
  const to = { transport: "udp", hostname, port } as const;
  for (const size of [0, 1, 1472, 1473, 9000, 65_507]) {
    const data = new Uint8Array(size).map((_, i) => i % 251);
    assertEquals(await peer.sendTo(data, to), size);
    const datagram = await socket.receive();
    assertEquals(datagram.data.length, size);
    assertEquals(datagram.data, data);
    await socket.sendTo(datagram.data, datagram.peer);
    assertEquals((await peer.receive()).data.length, size);
  }
});

Deno.test("a datagram over IPv6 may hold 20 bytes more", async () => {
  using socket = await listen("::1");
  const { port } = socket.addr;
  const data = new Uint8Array(65_527);
  await sendDatagram({ hostname: "::1", port, data });
  assertEquals((await socket.receive()).data.length, 65_527);
});

Deno.test("sendTo() fails if a datagram is too long", async () => {
  using socket = await listen();
  const error = await assertRejects(
    () => socket.sendTo(new Uint8Array(65_508), socket.addr),
    SocketError,
    "Message too long",
  );
  assertEquals([error.step, error.code], ["sendto", "EMSGSIZE"]);
  assertEquals(error.address?.port, socket.addr.port);
});

Deno.test("a datagram socket reports its calls as C makes them", async () => {
  const observer = tracer();
  const socket = await listenDatagram({ hostname: "::1", port: 0, observer });
  const { port } = socket.addr;
  await socket.sendTo(encode("hi"), socket.addr);
  await socket.receive();
  socket.close();
  assertEquals(observer.calls, [
    'getaddrinfo("::1", "0", {AF_UNSPEC, SOCK_DGRAM, AI_PASSIVE}) = 1 address',
    "socket(AF_INET6, SOCK_DGRAM) = 3",
    "bind(3, [::1]:0) = 0",
    `sendto(3, 2, [::1]:${port}) = 2`,
    "recvfrom(3, 65527) = 2",
    "close(3) = 0",
  ]);
});

Deno.test("sendDatagram() sends to the first address of a name", async () => {
  using socket = await listen("::1");
  const { port } = socket.addr;
  const sent = await sendDatagram({ hostname: BOTH, port, data: encode("hi") });
  assertEquals(sent, 2);
  assertEquals(decode((await socket.receive()).data), "hi");
});

Deno.test("sendDatagram() keeps to one family", async () => {
  using socket = await listen("127.0.0.1");
  const { port } = socket.addr;
  const data = encode("hi");
  await sendDatagram({ hostname: BOTH, port, family: "IPv4", data });
  assertEquals((await socket.receive()).peer.address.toString(), "127.0.0.1");
});

Deno.test("sendDatagram() reports each address but the last that it cannot send to", async () => {
  const observer = recorder();
  // One byte more than IPv6 can hold, let alone IPv4.
  const data = new Uint8Array(65_528);
  const error = await assertRejects(
    () => sendDatagram({ hostname: BOTH, port: 9, data, observer }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["sendto", "EMSGSIZE"]);
  assertEquals(error.address?.address.toString(), "127.0.0.1");
  assertEquals(observer.events, [{
    event: "error",
    step: "sendto",
    code: "EMSGSIZE",
    message: "Message too long",
    address: endpoint("::1", 9),
  }]);
});

Deno.test("sendDatagram() knows no host of an impossible name", async () => {
  const error = await assertRejects(
    () => sendDatagram({ hostname: "a b", port: 9, data: encode("x") }),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_NONAME");
});

Deno.test("sendDatagram() sends nothing if the signal has aborted", async () => {
  const signal = AbortSignal.abort(new Stop());
  const data = encode("x");
  await assertRejects(
    () => sendDatagram({ hostname: "127.0.0.1", port: 9, data, signal }),
    Stop,
  );
});

Deno.test("a connected datagram socket hears its peer and nobody else", async () => {
  using peer = await listen();
  using stranger = await listen();
  const { hostname, port } = peer.addr;
  using socket = await connectDatagram({ hostname, port });
  assertEquals(socket.peer, endpoint("127.0.0.1", port));
  assertEquals(await socket.send(encode("hello")), 5);
  const { data, peer: from } = await peer.receive();
  assertEquals(decode(data), "hello");
  // The same address at another port is another peer.
  await stranger.sendTo(encode("not me"), from);
  await stranger.sendTo(new Uint8Array(), from);
  await peer.sendTo(encode("me"), from);
  await stranger.sendTo(encode("nor me"), from);
  await peer.sendTo(new Uint8Array(), from);
  assertEquals(decode(await socket.receive()), "me");
  assertEquals((await socket.receive()).length, 0);
});

Deno.test("a connected datagram socket hears no other address of its host", async () => {
  // Linux has all of 127.0.0.0/8 on the loopback; so has nobody else.
  if (Deno.build.os !== "linux") return;
  using peer = await listen("127.0.0.1");
  const { port } = peer.addr;
  using stranger = await listenDatagram({ hostname: "127.0.0.2", port });
  using socket = await connectDatagram({ hostname: "127.0.0.1", port });
  await socket.send(encode("hello"));
  const { peer: from } = await peer.receive();
  await stranger.sendTo(encode("not me"), from);
  await peer.sendTo(encode("me"), from);
  assertEquals(decode(await socket.receive()), "me");
});

Deno.test("a connected datagram socket keeps every datagram that it gave", async () => {
  using peer = await listen();
  const { hostname, port } = peer.addr;
  using socket = await connectDatagram({
    hostname,
    port,
    first: encode("first"),
  });
  const { data, peer: from } = await peer.receive();
  assertEquals(decode(data), "first");
  await peer.sendTo(encode("one"), from);
  await peer.sendTo(encode("two"), from);
  const one = await socket.receive();
  const two = await socket.receive();
  assertEquals([decode(one), decode(two)], ["one", "two"]);
});

Deno.test("a connected datagram socket waits no longer than its time", async () => {
  using peer = await listen();
  using stranger = await listen();
  const { hostname, port } = peer.addr;
  const observer = tracer();
  using socket = await connectDatagram({ hostname, port, observer });
  const to = { ...socket.addr, hostname };
  await stranger.sendTo(encode("not me"), to);
  const error = await assertRejects(
    () => socket.receive({ timeout: 1 }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  assertEquals(observer.calls.slice(1), [
    "socket(AF_INET, SOCK_DGRAM) = 3",
    "bind(3, 0.0.0.0:0) = 0",
    `connect(3, 127.0.0.1:${port}) = 0`,
    "recv(3, 65527) = ?",
  ]);
});

Deno.test("a datagram socket that can't be bound to a local address says bind", async () => {
  const where = { hostname: "127.0.0.1", port: 9, localAddress: "192.0.2.1" };
  const data = encode("nobody");
  for (
    const open of [
      () => connectDatagram(where),
      () => sendDatagram({ ...where, data }),
    ]
  ) {
    const error = await assertRejects(open, SocketError);
    assertEquals(
      error.message,
      "Cannot bind 192.0.2.1:0: Cannot assign requested address",
    );
  }
});

Deno.test("a connected datagram socket may be closed while it waits", async () => {
  using peer = await listen();
  const { hostname, port } = peer.addr;
  const socket = await connectDatagram({ hostname, port });
  const received = assertRejects(() => socket.receive(), SocketError);
  socket.close();
  // It is the call of a connected socket, as it is when its time is over.
  const { step, code } = await received;
  assertEquals([step, code], ["recv", "ECANCELED"]);
});

/** Sends some texts to a socket, one datagram each. */
async function sendAll(to: DatagramSocket, ...texts: string[]): Promise<void> {
  using sender = await listen();
  for (const text of texts) await sender.sendTo(encode(text), to.addr);
}

Deno.test("serveDatagram() gives each datagram to its handler, up to the count", async () => {
  const socket = await listen();
  const observer = recorder();
  const texts: string[] = [];
  await sendAll(socket, "one", "", "three", "four");
  await serveDatagram(
    socket,
    ({ data }) => void texts.push(decode(data)),
    { count: 3, observer },
  ).finished;
  assertEquals(texts, ["one", "", "three"]);
  assertEquals(
    observer.events.map(({ event }) => event),
    ["waiting", "datagram", "datagram", "datagram"],
  );
  await assertRejects(() => socket.receive(), SocketError);
});

Deno.test("serveDatagram() echoes", async () => {
  const socket = await listen();
  const { hostname, port } = socket.addr;
  const served = serveDatagram(socket, async ({ data, peer }) => {
    await socket.sendTo(data, peer);
  }, { count: 1 });
  using talker = await connectDatagram({
    hostname,
    port,
    first: encode("echo"),
  });
  assertEquals(decode(await talker.receive()), "echo");
  await served.finished;
});

Deno.test("serveDatagram() throws the other family's datagrams away", async () => {
  const socket = await listenDatagram({ port: 0 });
  const { port } = socket.addr;
  const hosts: string[] = [];
  for (const hostname of ["127.0.0.1", "::1"]) {
    await sendDatagram({ hostname, port, data: encode("x") });
  }
  await serveDatagram(
    socket,
    ({ peer }) => void hosts.push(String(peer.address)),
    { family: "IPv6", count: 1 },
  ).finished;
  assertEquals(hosts, ["::1"]);
});

Deno.test("serveDatagram() ends when the signal aborts", async () => {
  const socket = await listen();
  const controller = new AbortController();
  const { signal } = controller;
  const observer = recorder();
  const handled = Promise.withResolvers<void>();
  const served = serveDatagram(socket, () => handled.resolve(), {
    signal,
    observer,
  });
  await sendAll(socket, "one");
  await handled.promise;
  controller.abort();
  await served.finished;
  assertEquals(
    observer.events.map(({ event }) => event),
    ["waiting", "datagram"],
  );
});

Deno.test("serveDatagram() receives nothing if the signal has aborted", async () => {
  const socket = await listen();
  await sendAll(socket, "one");
  let handled = false;
  await serveDatagram(socket, () => {
    handled = true;
  }, { signal: AbortSignal.abort() }).finished;
  assert(!handled);
});

Deno.test("serveDatagram() ends when its socket is closed", async () => {
  const socket = await listen();
  const observer = recorder();
  const served = serveDatagram(socket, () => {}, { observer });
  socket.close();
  await served.finished;
  assertEquals(observer.events.map(({ event }) => event), ["waiting"]);
});

Deno.test("serveDatagram() reports what a handler throws, and goes on", async () => {
  const socket = await listen();
  const observer = recorder();
  const texts: string[] = [];
  await sendAll(socket, "one", "two");
  await serveDatagram(socket, ({ data, peer }) => {
    texts.push(decode(data));
    throw new SocketError(
      "sendto",
      new Deno.errors.NetworkUnreachable(),
      endpoint(peer.address.toString(), 1),
    );
  }, { count: 2, observer }).finished;
  assertEquals(texts, ["one", "two"]);
  const errors = observer.events.filter(({ event }) => event === "error");
  assertEquals(errors[0], {
    event: "error",
    step: "sendto",
    code: "ENETUNREACH",
    message: "Network is unreachable",
    address: endpoint("127.0.0.1", 1),
  });
  assertEquals(errors.length, 2);
});

Deno.test("connectDatagram()'s signal ends the opening and nothing else", async () => {
  using peer = await listen();
  const { hostname, port } = peer.addr;
  const controller = new AbortController();
  const { signal } = controller;
  using talker = await connectDatagram({ hostname, port, signal });
  controller.abort();
  await talker.send(encode("ping"));
  await peer.sendTo(encode("pong"), (await peer.receive()).peer);
  assertEquals(decode(await talker.receive()), "pong");
});

/** Makes a receive end before anything came. */
const receiveInVain = (
  socket: { receive(wait: { timeout: number }): Promise<unknown> },
) =>
  assertRejects(() => socket.receive({ timeout: 1 }), SocketError, "timed out");

Deno.test("a receive that ended by time loses no datagram", async () => {
  using socket = await listen();
  using sender = await listen();
  for (let i = 0; i < 3; i++) await receiveInVain(socket);
  for (const text of ["1", "2", "3", "4", "5"]) {
    await sender.sendTo(encode(text), socket.addr);
  }
  const texts: string[] = [];
  while (texts.length < 5) texts.push(decode((await socket.receive()).data));
  assertEquals(texts.join(""), "12345");
});

Deno.test("a connected receive that ended by time loses no datagram", async () => {
  using peer = await listen();
  using stranger = await listen();
  const { hostname, port } = peer.addr;
  using socket = await connectDatagram({ hostname, port });
  const to = { ...socket.addr, hostname };
  for (let i = 0; i < 3; i++) await receiveInVain(socket);
  for (const text of ["1", "2", "3", "4", "5"]) {
    await stranger.sendTo(encode("no"), to);
    await peer.sendTo(encode(text), to);
  }
  const texts: string[] = [];
  while (texts.length < 5) texts.push(decode(await socket.receive()));
  assertEquals(texts.join(""), "12345");
});

Deno.test("a receive that its signal ended throws the reason and loses nothing", async () => {
  using socket = await listen();
  const controller = new AbortController();
  const { signal } = controller;
  const received = assertRejects(() => socket.receive({ signal }), Stop);
  controller.abort(new Stop());
  await received;
  await assertRejects(() => socket.receive({ signal }), Stop);
  await socket.sendTo(encode("hi"), socket.addr);
  assertEquals(decode((await socket.receive()).data), "hi");
});

Deno.test("receives are served in their order", async () => {
  using socket = await listen();
  const texts = [{}, { timeout: 60_000 }, {}, { timeout: 60_000 }].map(
    async (wait) => decode((await socket.receive(wait)).data),
  );
  for (const text of ["1", "2", "3", "4"]) {
    await socket.sendTo(encode(text), socket.addr);
  }
  assertEquals(await Promise.all(texts), ["1", "2", "3", "4"]);
});

Deno.test("received bytes are the receiver's own", async () => {
  using socket = await listen();
  await socket.sendTo(encode("one"), socket.addr);
  await socket.sendTo(encode("two"), socket.addr);
  const one = await socket.receive();
  const two = await socket.receive();
  assertEquals([decode(one.data), decode(two.data)], ["one", "two"]);
  assertEquals(one.data.buffer.byteLength, 3);
});

for (
  const [target, bound] of [
    ["0.0.0.0", "127.0.0.1"],
    ["::", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:7F00:1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
  ] as const
) {
  // An IPv6 socket of Windows takes IPv6 only.
  const ignore = Deno.build.os === "windows" && /^::f/i.test(target);
  const name = `a socket that is connected to ${target} hears its peer`;
  Deno.test(name, { ignore }, async () => {
    using peer = await listen(bound);
    const { port } = peer.addr;
    using socket = await connectDatagram({ hostname: target, port });
    await socket.send(encode("ping"));
    await peer.sendTo(encode("pong"), (await peer.receive()).peer);
    assertEquals(decode(await socket.receive({ timeout: 5_000 })), "pong");
  });
}

Deno.test("a datagram's sender can be answered, over both families", async () => {
  using socket = await listenDatagram({ port: 0 });
  for (const hostname of ["127.0.0.1", "::1"]) {
    using sender = await listen(hostname);
    await sender.sendTo(encode("ping"), { ...socket.addr, hostname });
    const { peer } = await socket.receive();
    assertEquals(peer, Endpoint.from(sender.addr));
    await socket.sendTo(encode("pong"), peer);
    assertEquals(decode((await sender.receive()).data), "pong");
  }
});

Deno.test("iterating over a datagram socket ends quietly when it is closed", async () => {
  using peer = await listen();
  const { hostname, port } = peer.addr;
  const socket = await connectDatagram({ hostname, port, first: encode("hi") });
  const asked: string[] = [];
  const asking = (async () => {
    for await (const { data, peer: from } of peer) {
      asked.push(decode(data));
      await peer.sendTo(encode("answer"), from);
    }
  })();
  for await (const data of socket) {
    assertEquals(decode(data), "answer");
    socket.close();
  }
  peer.close();
  await asking;
  assertEquals(asked, ["hi"]);
});

Deno.test("serveDatagram() returns a server at once, and shutdown() ends it", async () => {
  const socket = await listen();
  const { addr } = socket;
  const stopped = Promise.withResolvers<void>();
  const server = serveDatagram(socket, (_, { signal }) => {
    signal.addEventListener("abort", () => stopped.resolve());
    return stopped.promise;
  });
  assertEquals(server.addr, addr);
  assert(!("then" in server));
  using sender = await listen();
  await sender.sendTo(encode("one"), addr);
  await server.shutdown();
  await server.finished;
  await assertRejects(() => socket.receive(), SocketError);
});

Deno.test("serveDatagram() runs as many handlers at a time as concurrency says", async () => {
  for (const concurrency of [undefined, 1, 3]) {
    const socket = await listen();
    await sendAll(socket, ..."abcdef");
    let inHand = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const server = serveDatagram(socket, async () => {
      most = Math.max(most, ++inHand);
      if (inHand === (concurrency ?? 1)) gate.resolve();
      await gate.promise;
      inHand--;
    }, { concurrency, count: 6 });
    await server.finished;
    assertEquals(most, concurrency ?? 1);
  }
});

Deno.test("serveDatagram() waits for its handlers, but no longer than the grace", async () => {
  const socket = await listen();
  const inHand = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const server = serveDatagram(socket, async () => {
    inHand.resolve();
    await held.promise;
  }, { grace: 1 });
  await sendAll(socket, "one");
  await inHand.promise;
  await server.shutdown();
  await assertRejects(() => socket.receive(), SocketError);
  held.resolve();
});

Deno.test("serveDatagram() hands what a handler throws to onError, as it is", async () => {
  const socket = await listen();
  const errors: unknown[] = [];
  const bug = new Stop();
  const observer = recorder();
  await sendAll(socket, "sync", "async");
  const server = serveDatagram(socket, ({ data }) => {
    if (decode(data) === "sync") throw bug;
    return Promise.reject(bug);
  }, {
    count: 2,
    observer,
    onError: (error, { peer }) => void errors.push(error, String(peer.address)),
  });
  await server.finished;
  assertEquals(errors, [bug, "127.0.0.1", bug, "127.0.0.1"]);
  assertEquals(observer.events.map(({ event }) => event), [
    "waiting",
    "datagram",
    "error",
    "datagram",
    "error",
  ]);
});

Deno.test({
  name: "sendTo() says which permission a peer needs, and lets Deno ask nobody",
  permissions: { net: ["127.0.0.1:0"] },
  async fn() {
    using socket = await listen();
    const error = await assertRejects(
      () => socket.sendTo(encode("?"), endpoint("127.0.0.2", 9)),
      PermissionError,
    );
    assertEquals(error.flag, "--allow-net=127.0.0.2:9");
  },
});

Deno.test("sendTo() knows nobody of an impossible name", async () => {
  using socket = await listen();
  // No server is asked for a label that is too long.
  const hostname = "a".repeat(64);
  const to = { transport: "udp", hostname, port: 9 } as const;
  const error = await assertRejects(
    () => socket.sendTo(encode("?"), to),
    AddrInfoError,
  );
  assertEquals([error.host, error.service], [hostname, 9]);
});

Deno.test("what can't be sent rejects, and is nothing that the system said", async () => {
  using socket = await listen();
  using connected = await connectDatagram(socket.addr);
  const text = "text" as unknown as Uint8Array;
  const { addr } = socket;
  for (
    const send of [
      () => socket.sendTo(text, addr),
      () => connected.send(text),
      () => sendDatagram({ ...addr, data: text }),
      () => connectDatagram({ ...addr, first: text }),
    ]
  ) {
    await assertRejects(send, TypeError, "Uint8Array, not string");
  }
  const far = { ...addr, port: 70_000 };
  await assertRejects(() => socket.sendTo(encode("?"), far), RangeError);
  const nowhere = "127.0.0.1:9" as unknown as Endpoint;
  await assertRejects(
    () => socket.sendTo(encode("?"), nowhere),
    TypeError,
    "Expected an Endpoint or a Deno.NetAddr, not string",
  );
});

Deno.test("serveDatagram() refuses numbers that make no sense", async () => {
  using socket = await listen();
  for (
    const options of [{ concurrency: 0 }, { count: 0 }, { grace: -1 }, {
      concurrency: NaN,
    }]
  ) {
    assertThrows(() => serveDatagram(socket, () => {}, options), RangeError);
  }
  const family = "ipv4" as "IPv4";
  assertThrows(() => serveDatagram(socket, () => {}, { family }), TypeError);
});

Deno.test("serveDatagram() reports receives that fail as one line, and their count", async () => {
  const raw = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  let failures = 3;
  const failing: Deno.DatagramConn = {
    addr: raw.addr,
    receive: (buffer) =>
      failures-- > 0
        ? Promise.reject(new Deno.errors.ConnectionRefused())
        : raw.receive(buffer),
    send: (data, to) => raw.send(data, to),
    close: () => raw.close(),
  } as Deno.DatagramConn;
  const { events, event } = recorder();
  const socket = new DatagramSocket(failing);
  const server = serveDatagram(socket, () => {}, {
    count: 1,
    observer: { event },
  });
  await socket.sendTo(new Uint8Array(1), socket.addr);
  await server.finished;
  const errors = events.filter((event) => event.event === "error");
  assertEquals(
    errors.map(({ step, code, count }) => [step, code, count]),
    [
      ["recvfrom", "ECONNREFUSED", undefined],
      ["recvfrom", "ECONNREFUSED", 3],
    ],
  );
});

Deno.test("a first datagram ends by time and signal, as where Deno looks up a name", async () => {
  const { listenDatagram: open } = Deno;
  // Deno's own look-ups take as long as they like.
  Deno.listenDatagram = (options) => {
    const socket = open(
      options as Deno.UdpListenOptions & { readonly transport: "udp" },
    );
    socket.send = () => {
      begun.resolve();
      return new Promise(() => {});
    };
    return socket;
  };
  let begun = Promise.withResolvers<void>();
  const to = { hostname: "127.0.0.1", port: 9 };
  const data = new Uint8Array(1);
  try {
    for (
      const send of [
        (how: object) => connectDatagram({ ...to, first: data, ...how }),
        (how: object) => sendDatagram({ ...to, data, ...how }),
      ]
    ) {
      const late = await assertRejects(() => send({ timeout: 1 }), SocketError);
      assertEquals(late.code, "ETIMEDOUT");
      const controller = new AbortController();
      const { signal } = controller;
      begun = Promise.withResolvers();
      const stopped = assertRejects(() => send({ signal }), Stop);
      await begun.promise;
      controller.abort(new Stop());
      await stopped;
    }
  } finally {
    Deno.listenDatagram = open;
  }
});

Deno.test("without --unstable-net datagrams throw a TypeError that names the flag", async () => {
  const module = new URL("../../mod.ts", import.meta.url).href;
  const code = `
    import * as parley from "${module}";
    const options = { hostname: "127.0.0.1", port: 9, data: new Uint8Array() };
    for (const name of ["listenDatagram", "connectDatagram", "sendDatagram"]) {
      await parley[name](options).catch((error) => console.log(String(error)));
    }`;
  const args = ["eval", "--no-config", "--no-check", "--ext=js", code];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const line = "TypeError: Datagrams need --unstable-net, " +
    'or "unstable": ["net"] in deno.json\n';
  assertEquals(decode(stdout), line.repeat(3));
});

Deno.test("datagrams take an endpoint, and come from an address and a port of one's own", async () => {
  using peer = await listen();
  const free = await listen();
  const localPort = free.addr.port;
  free.close();
  const to = Endpoint.from(peer.addr);
  const own = { endpoint: to, localAddress: "127.0.0.1", localPort };
  await sendDatagram({ ...own, data: encode("one") });
  assertEquals((await peer.receive()).peer, endpoint("127.0.0.1", localPort));
  using socket = await connectDatagram(own);
  await socket.send(encode("two"));
  const { peer: from } = await peer.receive();
  assertEquals(from, endpoint("127.0.0.1", localPort));
  await peer.sendTo(encode("answer"), from);
  assertEquals(decode(await socket.receive()), "answer");
});

Deno.test("connectDatagram() refuses numbers that make no sense", async () => {
  for (
    const options of [
      { hostname: "127.0.0.1", port: 0 },
      { hostname: "127.0.0.1", port: 65_536 },
      { hostname: "127.0.0.1", port: 9, localPort: -1 },
      { hostname: "127.0.0.1", port: 9, timeout: NaN },
    ]
  ) {
    await assertRejects(() => connectDatagram(options), RangeError);
  }
  using socket = await listen();
  await assertRejects(() => socket.receive({ timeout: -1 }), RangeError);
});

Deno.test("close() may be called twice, and is one call", async () => {
  const observer = tracer();
  const socket = await listenDatagram({ hostname: "::1", port: 0, observer });
  socket.close();
  socket.close();
  assertEquals(observer.calls.slice(-2), [
    "bind(3, [::1]:0) = 0",
    "close(3) = 0",
  ]);
});
