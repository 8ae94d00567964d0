import {
  connectDatagram,
  sendDatagram,
} from "../../lib/sockets/connect_datagram.ts";
import {
  type DatagramSocket,
  listenDatagram,
  MAX_DATAGRAM_BYTES,
  serveDatagram,
} from "../../lib/sockets/datagram.ts";
import { AddrInfoError, SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent, SocketEvent } from "../../lib/sockets/events.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

class Stop extends Error {}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A name of both loopback addresses, whatever the hosts file says. */
const BOTH = "parley.localhost";

/** An observer that keeps the events that it is told. */
function recorder() {
  const events: SocketEvent[] = [];
  return { events, event: (event: SocketEvent) => void events.push(event) };
}

/** An observer that keeps the calls that it is told. */
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
    assertEquals(peer.host, hostname);
    assertEquals(peer.family, hostname === "::1" ? "IPv6" : "IPv4");
  }
});

Deno.test("listenDatagram() binds one address alone", async () => {
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
    address: { family: "IPv6", host: "::1", port },
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

Deno.test("listenDatagram() closes its socket when the signal aborts", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const socket = await listenDatagram({ hostname: "::1", port: 0, signal });
  const { hostname, port } = socket.addr;
  const received = assertRejects(() => socket.receive(), SocketError);
  controller.abort();
  await received;
  // The port is free again.
  using _ = await listenDatagram({ hostname, port });
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
    await socket.sendTo(datagram.data, datagram.from);
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

Deno.test("sendTo() fails where a datagram is too long", async () => {
  using socket = await listen();
  const error = await assertRejects(
    () => socket.sendTo(new Uint8Array(65_508), socket.addr),
    SocketError,
    "Message too long",
  );
  assertEquals([error.step, error.code], ["sendto", "EMSGSIZE"]);
  assertEquals(error.address?.port, socket.addr.port);
});

Deno.test("a datagram socket tells its calls as C makes them", async () => {
  const observer = tracer();
  const socket = await listenDatagram({ hostname: "::1", port: 0, observer });
  const { port } = socket.addr;
  await socket.sendTo(encode("hi"), socket.addr);
  await socket.receive();
  socket.close();
  assertEquals(observer.calls, [
    'getaddrinfo("::1", "0", {AF_UNSPEC, SOCK_DGRAM, AI_PASSIVE}) = 1 address',
    "socket(AF_INET6, SOCK_DGRAM) = ok",
    "bind([::1]:0) = 0",
    `sendto(2, [::1]:${port}) = 2`,
    `recvfrom(65527) = 2 from [::1]:${port}`,
    "close() = 0",
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
  assertEquals((await socket.receive()).peer.host, "127.0.0.1");
});

Deno.test("sendDatagram() tells each address but the last that it cannot send to", async () => {
  const observer = recorder();
  // One byte more than IPv6 can hold, let alone IPv4.
  const data = new Uint8Array(65_528);
  const error = await assertRejects(
    () => sendDatagram({ hostname: BOTH, port: 9, data, observer }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["sendto", "EMSGSIZE"]);
  assertEquals(error.address?.host, "127.0.0.1");
  assertEquals(observer.events, [{
    event: "error",
    step: "sendto",
    code: "EMSGSIZE",
    message: "Message too long",
    address: { family: "IPv6", host: "::1", port: 9 },
  }]);
});

Deno.test("sendDatagram() knows no host of an impossible name", async () => {
  const error = await assertRejects(
    () => sendDatagram({ hostname: "a b", port: 9, data: encode("x") }),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_NONAME");
});

Deno.test("sendDatagram() sends nothing where the signal has aborted", async () => {
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
  assertEquals(socket.peer, { family: "IPv4", host: "127.0.0.1", port });
  assertEquals(await socket.send(encode("hello")), 5);
  const { data, from } = await peer.receive();
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
  const { from } = await peer.receive();
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
  const { data, from } = await peer.receive();
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
    () => socket.receive(1),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  assertEquals(observer.calls.slice(1), [
    "socket(AF_INET, SOCK_DGRAM) = ok",
    `connect(127.0.0.1:${port}) = 0`,
    "recv(65527) = -1 ETIMEDOUT",
  ]);
});

Deno.test("a connected datagram socket may be closed while it waits", async () => {
  using peer = await listen();
  const { hostname, port } = peer.addr;
  const socket = await connectDatagram({ hostname, port });
  const received = assertRejects(() => socket.receive(), SocketError);
  socket.close();
  await received;
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
  );
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
  const served = serveDatagram(socket, async ({ data, from }) => {
    await socket.sendTo(data, from);
  }, { count: 1 });
  using talker = await connectDatagram({
    hostname,
    port,
    first: encode("echo"),
  });
  assertEquals(decode(await talker.receive()), "echo");
  await served;
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
    ({ peer }) => void hosts.push(peer.host),
    { family: "IPv6", count: 1 },
  );
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
  await served;
  assertEquals(
    observer.events.map(({ event }) => event),
    ["waiting", "datagram"],
  );
});

Deno.test("serveDatagram() receives nothing where the signal has aborted", async () => {
  const socket = await listen();
  await sendAll(socket, "one");
  let handled = false;
  await serveDatagram(socket, () => {
    handled = true;
  }, { signal: AbortSignal.abort() });
  assert(!handled);
});

Deno.test("serveDatagram() ends when its socket is closed", async () => {
  const socket = await listen();
  const observer = recorder();
  const served = serveDatagram(socket, () => {}, { observer });
  socket.close();
  await served;
  assertEquals(observer.events.map(({ event }) => event), ["waiting"]);
});

Deno.test("serveDatagram() tells what a handler throws, and goes on", async () => {
  const socket = await listen();
  const observer = recorder();
  const texts: string[] = [];
  await sendAll(socket, "one", "two");
  await serveDatagram(socket, ({ data, from }) => {
    texts.push(decode(data));
    throw new SocketError("sendto", new Deno.errors.NetworkUnreachable(), {
      family: "IPv4",
      host: from.hostname,
      port: 1,
    });
  }, { count: 2, observer });
  assertEquals(texts, ["one", "two"]);
  const errors = observer.events.filter(({ event }) => event === "error");
  assertEquals(errors[0], {
    event: "error",
    step: "sendto",
    code: "ENETUNREACH",
    message: "Network is unreachable",
    address: { family: "IPv4", host: "127.0.0.1", port: 1 },
  });
  assertEquals(errors.length, 2);
});

Deno.test("connectDatagram() closes its socket when the signal aborts", async () => {
  using listener = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const controller = new AbortController();
  const { signal } = controller;
  const talker = await connectDatagram({ hostname, port, signal });
  const received = assertRejects(() => talker.receive(), SocketError);
  controller.abort();
  assertEquals((await received).code, "ECANCELED");
});
