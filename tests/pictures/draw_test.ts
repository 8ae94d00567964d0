/** What is in a picture. */

import type { DrawOptions } from "../../lib/pictures/draw.ts";
import {
  otherSide,
  type Scene,
  type Side,
} from "../../lib/pictures/picture.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import * as made from "./conversations.ts";
import { draw } from "./read.ts";
import { Recorder } from "./recorder.ts";

/** Its arrows, as in `connect(3) connection accept(3)`; `|` is no box. */
function arrowsOf({ arrows, boxes }: Scene): string[] {
  const at = (side: Side, row: number) =>
    boxes.find((box) =>
      box.side === side && box.first <= row && row <= box.last
    )?.name ?? "|";
  return arrows.map((arrow) => {
    const { from, departs, arrives, label } = arrow;
    const to = arrives === undefined ? "x" : at(otherSide(from), arrives);
    return `${at(from, departs)} ${label} ${to}`;
  });
}

function namesOf({ boxes }: Scene, side: Side): string[] {
  return boxes.filter((box) => box.side === side).map(({ name, outcome }) =>
    outcome === undefined ? name : `${name} ${outcome}`
  );
}

async function drawOne(
  texts: readonly string[],
  options?: DrawOptions,
): Promise<Scene> {
  const { scenes } = await draw(texts, options);
  assertEquals(scenes.length, 1);
  return scenes[0]!;
}

Deno.test("a TCP conversation has the textbook's calls in the textbook's order", async () => {
  const { server, client } = made.tcp();
  const scene = await drawOne([server, client]);
  assertEquals(namesOf(scene, "left"), [
    ...["getaddrinfo()", "socket() = 3", "connect(3)", "recv(3) = 13"],
    ...["recv(3) = 0", "close(3)"],
  ]);
  assertEquals(namesOf(scene, "right"), [
    ...["getaddrinfo()", "socket() = 3", "bind(3)", "listen(3)"],
    ...["accept(3) = 4", "close(3)", "send(4) = 13", "shutdown(4)"],
    ...["recv(4) = 0", "close(4)"],
  ]);
  assertEquals(arrowsOf(scene), [
    "connect(3) connection accept(3)",
    "send(4) 13 bytes recv(3)",
    "shutdown(4) end of file recv(3)",
    "close(3) end of file recv(4)",
  ]);
  const accept = scene.boxes.find(({ name }) => name === "accept(3)")!;
  assert(accept.waits && accept.last > accept.first);
  assertEquals(scene.left, {
    name: "client",
    details: ["process 4242", "127.0.0.1:57182"],
    recorded: true,
  });
  assertEquals(scene.right?.details, ["process 4240", "127.0.0.1:3490"]);
});

Deno.test("recordings may come in any order, in one file or in several", async () => {
  const { server, client } = made.tcp();
  const picture = await draw([server, client]);
  assertEquals(await draw([client, server]), {
    ...picture,
    title: "client and server over TCP",
  });
  assertEquals(await draw([server + client]), picture);
  assertEquals(await draw([client + server]), picture);
});

Deno.test("the two streams of one process are one lifeline", async () => {
  const { server, client } = made.tcp();
  const lines = server.split("\n");
  const calls = lines.filter((line) => line.includes('"event":"call"'));
  const events = lines.filter((line) => !calls.includes(line));
  const texts = [calls.join("\n"), events.join("\n"), client];
  assertEquals(await draw(texts), await draw([server, client]));
});

Deno.test("a UDP conversation has no connection", async () => {
  const { listener, talker } = made.udp();
  const scene = await drawOne([listener, talker]);
  assertEquals(arrowsOf(scene), ["sendto(3) 5 bytes recvfrom(3)"]);
  // A wildcard is the address that the other end has seen.
  assertEquals(scene.left?.details[1], "127.0.0.1:40735");
  assertEquals(scene.right?.details[1], "127.0.0.1:4950");
});

Deno.test("connect() of a datagram socket sends nothing, and is marked", async () => {
  const { listener, talker } = made.udpConnected();
  const scene = await drawOne([listener, talker]);
  assertEquals(arrowsOf(scene), [
    "send(3) 15 bytes recvfrom(3)",
    "sendto(3) 15 bytes recv(3)",
  ]);
  const emulated = scene.boxes.filter((box) => box.emulated);
  assertEquals(emulated.map(({ name }) => name), ["connect(3)"]);
});

Deno.test("an end that was not recorded is a lifeline without calls", async () => {
  const scene = await drawOne([made.timeServer()]);
  assertEquals(scene.left, {
    name: "127.0.0.1:55000",
    details: ["not recorded"],
    recorded: false,
  });
  assertEquals(arrowsOf(scene), [
    "| connection accept(3)",
    "| 78 bytes recv(4)",
    "send(4) 79 bytes |",
    "send(4) 25 bytes |",
    "shutdown(4) end of file |",
    "| end of file recv(4)",
  ]);
});

Deno.test("an attempt that failed with a code nobody knows has it as its word", async () => {
  for (const code of ["EODD", "valueOf", "constructor", "__proto__"]) {
    const { text } = new Recorder("client", 7)
      .call("socket", { result: 3 })
      .call("connect", { fd: 3, result: -1, code, remote: "[::1]:3490" })
      .call("close", { fd: 3 });
    const [arrow] = arrowsOf(await drawOne([text]));
    assertEquals(arrow, `connect(3) ${code} x`);
  }
});

Deno.test("a refused attempt does not arrive, and the next one does", async () => {
  const scene = await drawOne([made.refusedThenConnected()]);
  assertEquals(arrowsOf(scene).slice(0, 2), [
    "connect(3) refused x",
    "connect(3) connection |",
  ]);
  // The refused one went to another address than the lifeline's.
  const [refused, accepted] = scene.arrows;
  assertEquals([refused?.data, accepted?.data], ["[::1]:3490", undefined]);
  const failed = scene.boxes.filter((box) => box.failed);
  assertEquals(failed.map(({ outcome }) => outcome), ["= -1 ECONNREFUSED"]);
});

Deno.test("an attempt that is not answered says so", async () => {
  const timedOut = { result: -1, code: "ETIMEDOUT", message: "" };
  const table = [
    [{ result: "?", message: "gave up after 10 s" }, "no answer"],
    [{ result: "?", message: "stopped" }, "stopped"],
    [timedOut, "no answer"],
    [{ ...timedOut, code: "EHOSTUNREACH" }, "unreachable"],
    [{ ...timedOut, code: "ECONNABORTED" }, "ECONNABORTED"],
  ] as const;
  for (const [outcome, label] of table) {
    const scene = await drawOne([made.failedConnect(outcome)]);
    assertEquals(arrowsOf(scene), [`connect(3) ${label} x`]);
    assertEquals(scene.right?.name, "192.0.2.1:3490");
  }
});

Deno.test("attempts that race each other are one conversation", async () => {
  const own = { fd: 4, local: "127.0.0.1:50000", remote: "127.0.0.1:3490" };
  const { text } = new Recorder("client", 9)
    .call("socket", { args: ["AF_INET6", "SOCK_STREAM"], result: 3, fd: 3 })
    .call("socket", { args: ["AF_INET", "SOCK_STREAM"], result: 4, fd: 4 })
    .call("connect", own)
    .call("connect", {
      fd: 3,
      remote: "[2001:db8::1]:3490",
      result: "?",
      message: "stopped",
      ms: 250,
    })
    .call("close", { fd: 3 })
    .call("recv", { ...own, result: 13 })
    .call("close", own);
  assertEquals(arrowsOf(await drawOne([text])), [
    "connect(4) connection |",
    "connect(3) stopped x",
    "| 13 bytes recv(4)",
    "close(4) end of file |",
  ]);
});

Deno.test("a datagram that could not be sent is no conversation", async () => {
  const { listener, talker } = made.udp();
  const [first = "", second = "", ...rest] = talker.split(/(?<=\n)/);
  const { text } = new Recorder("talker", 511).call("sendto", {
    fd: 3,
    remote: "[2001:db8::1]:4950",
    result: -1,
    code: "ENETUNREACH",
    message: "Network is unreachable",
  });
  const tried = [first, second, text, ...rest].join("");
  const scene = await drawOne([listener, tried]);
  assertEquals(arrowsOf(scene), ["sendto(3) 5 bytes recvfrom(3)"]);
  assertEquals(namesOf(scene, "left")[2], "sendto(3) = -1 ENETUNREACH");
});

Deno.test("a server that cannot bind is drawn without a peer", async () => {
  const scene = await drawOne([made.bindFailure()]);
  assertEquals(scene.left, undefined);
  assertEquals(scene.right?.name, "server");
  assertEquals(namesOf(scene, "right")[2], "bind(3) = -1 EADDRINUSE");
  assertEquals(scene.arrows, []);
});

Deno.test("a datagram that is lost does not arrive, the next one does", async () => {
  const { listener, talker } = made.lostDatagram();
  const scene = await drawOne([listener, talker]);
  assertEquals(arrowsOf(scene), [
    "sendto(3) 3 bytes recvfrom(3)",
    "sendto(3) 3 bytes lost x",
    "sendto(3) 3 bytes recvfrom(3)",
  ]);
  assertEquals(scene.breaks.map(({ side, text }) => [side, text]), [
    ["left", "2.50 s"],
  ]);
});

Deno.test("what a listener never received was lost, and no other's", async () => {
  const { talker } = made.udp();
  const listener = made.bound(new Recorder("listener", 510))
    .call("recvfrom", { fd: 3, result: "?", message: "stopped", ms: 2000 })
    .call("close", { args: ["3"], fd: 3 });
  const lost = await draw([listener.text, talker]);
  assertEquals(lost.notes, []);
  assertEquals(arrowsOf(lost.scenes[0]!), ["sendto(3) 5 bytes lost x"]);
  assertEquals(namesOf(lost.scenes[0]!, "right").slice(-2), [
    "recvfrom(3) = ? (stopped)",
    "close(3)",
  ]);
  const elsewhere = talker.replaceAll("4950", "4951");
  const { scenes, notes } = await draw([listener.text, elsewhere]);
  assertEquals(arrowsOf(scenes[0]!), []);
  assertEquals(notes.length, 1);
});

Deno.test("a reset comes from the close that caused it", async () => {
  const { server, client } = made.resetConnection();
  assertEquals(arrowsOf(await drawOne([server, client])), [
    "connect(3) connection accept(3)",
    "send(3) 5 bytes lost x",
    "close(4) reset recv(3)",
  ]);
});

Deno.test("who closes what was reset sends no end of file", async () => {
  const { client } = made.resetConnection();
  const arrows = arrowsOf(await drawOne([client]));
  assertEquals(arrows.at(-1), "| reset recv(3)");
});

Deno.test("a TLS handshake that failed says so, and why", async () => {
  const client = made.connected(new Recorder("client", 7))
    .call("handshake", {
      args: ["3"],
      fd: 3,
      result: -1,
      code: "EPROTO",
      message: "the certificate's issuer is not trusted",
    });
  const scene = await drawOne([client.text]);
  const [connection, handshake] = scene.arrows;
  assertEquals(handshake?.label, "handshake failed");
  assertEquals([connection?.failed, handshake?.failed], [false, true]);
  assertEquals(
    scene.boxes.at(-1)?.outcome,
    "= -1 EPROTO (the certificate's issuer is not trusted)",
  );
});

Deno.test("a handshake that was reset is one arrow: the reset", async () => {
  const server = "127.0.0.1:3490";
  const client = "127.0.0.1:57182";
  const reset = { result: -1, code: "ECONNRESET" };
  const ofClient = made.connected(new Recorder("client", 7));
  const alone = ofClient.text;
  ofClient.call("handshake", { fd: 3, ...reset }).call("close", { fd: 3 });
  assertEquals(arrowsOf(await drawOne([ofClient.text])), [
    "connect(3) connection |",
    "| reset handshake(3)",
  ]);
  const own = { fd: 4, local: server, remote: client };
  const ofServer = made.listening(new Recorder("server", 8))
    .call("accept", { ...own, fd: 3, result: 4 })
    .call("handshake", { ...own, ...reset }).call("close", own);
  const plain = new Recorder("client", 7).call("close", { fd: 3 });
  assertEquals(arrowsOf(await drawOne([ofServer.text, alone + plain.text])), [
    "connect(3) connection accept(3)",
    "close(3) reset handshake(4)",
  ]);
});

Deno.test("a TLS handshake is one arrow between both ends", async () => {
  const { server, client } = made.tls();
  const arrows = arrowsOf(await drawOne([server, client]));
  assertEquals(arrows[1], "handshake(3) TLS handshake handshake(4)");
});

Deno.test("no arrow stands for a number of bytes that there cannot be", async () => {
  const own = { fd: 3, local: "127.0.0.1:57182", remote: "127.0.0.1:3490" };
  const client = made.connected(new Recorder("client", 7));
  for (const result of [-5, 1.5, 1e300]) {
    client.call("send", { result, ...own });
  }
  const labels = (await drawOne([client.text])).arrows
    .map(({ label }) => label);
  assertEquals(labels, ["connection"]);
});

Deno.test("bytes of a stream are matched by their places in it", async () => {
  const { server, client } = made.coalesced();
  assertEquals(arrowsOf(await drawOne([server, client])), [
    "connect(3) connection accept(3)",
    "send(3) 10 bytes recv(4)",
    "send(3) 8 bytes recv(4)",
    "send(4) 79 bytes recv(3)",
    "send(4) 25 bytes recv(3)",
    "close(4) end of file recv(3)",
  ]);
});

Deno.test("messages that cross each other arrive later than they leave", async () => {
  const { server, client } = made.crossing();
  const scene = await drawOne([server, client]);
  const arrow = scene.arrows.find(({ label }) => label === "13 bytes")!;
  assert(arrow.arrives! > arrow.departs);
});

Deno.test("clocks of two machines are not compared", async () => {
  const { server, client } = made.tcp();
  const later = client.replaceAll("2026-01-01", "2031-07-07");
  assertEquals(await draw([server, later]), await draw([server, client]));
});

Deno.test("connections at the same time are drawn one below the other", async () => {
  const { server, clients } = made.several(3);
  const { scenes } = await draw([server, ...clients.toReversed()]);
  assertEquals(
    scenes.map(({ heading, left }) => [heading, left?.details[1]]),
    [
      ["Conversation 1", "127.0.0.1:50001"],
      ["Conversation 2", "127.0.0.1:50002"],
      ["Conversation 3", "127.0.0.1:50003"],
    ],
  );
  for (const [i, scene] of scenes.entries()) {
    assertEquals(arrowsOf(scene), [
      "connect(3) connection accept(3)",
      `send(${4 + i}) 13 bytes recv(3)`,
      `close(${4 + i}) end of file recv(3)`,
    ]);
  }
  // What a server does once is drawn once.
  const all = scenes.flatMap((scene) => namesOf(scene, "right"));
  for (const name of ["listen(3)", "close(3)"]) {
    assertEquals(all.filter((each) => each === name).length, 1);
  }
});

Deno.test("recordings that do not belong together stand beside each other", async () => {
  const { scenes, notes } = await draw([
    made.udp().listener,
    made.tcp().client,
  ]);
  assertEquals(scenes.length, 1);
  assertEquals(scenes[0]!.arrows, []);
  assertEquals([scenes[0]!.left?.name, scenes[0]!.right?.name], [
    "client",
    "listener",
  ]);
  assertStringIncludes(notes.join(), "do not belong together");
});

Deno.test("an attempt that is drawn beside somebody else's server says where it went", async () => {
  const refused = { result: -1, code: "ECONNREFUSED", message: "" };
  const client = made.failedConnect(refused);
  const { scenes } = await draw([made.tcp().server, client]);
  assertEquals(scenes[0]!.arrows.map(({ label, data }) => [label, data]), [
    ["refused", "192.0.2.1:3490"],
  ]);
  const alone = await drawOne([client]);
  assertEquals(alone.arrows.map(({ data }) => data), [undefined]);
});

Deno.test("the ends of another conversation are not taken for each other's", async () => {
  const { server } = made.tcp();
  const other = made.tcp().client.replaceAll("57182", "57183");
  const { notes } = await draw([server, other]);
  assertStringIncludes(notes.join(), "do not belong together");
});

Deno.test("what belongs to nobody else's recording is said", async () => {
  const { server, client } = made.tcp();
  const { listener, talker } = made.udp();
  const other = client.replaceAll("4242", "777").replaceAll("57182", "57183")
    .replaceAll("3490", "3491");
  const looker = new Recorder("showip", 3)
    .call("getaddrinfo", { result: "2 addresses" }).text;
  const apart = "These recordings do not belong together: " +
    "no end of one is the other end of another.";
  const no = (names: string) =>
    `No end of what ${names} recorded is the other end of another's.`;
  const table: [string[], string[]][] = [
    [[client, other], [apart]],
    [[client, talker], [apart]],
    [[client, other, made.failedConnect({ result: "?", message: "" })], [
      apart,
    ]],
    [[server, listener], [apart]],
    [[server, client, other], [no("client (process 777)")]],
    [[server, client, looker], []],
    [[server, client, listener, talker], []],
    [[server, client, listener], [no("listener (process 510)")]],
    [[server + client], []],
    [[server], []],
    [[looker, looker.replace('"pid":3', '"pid":4')], []],
  ];
  for (const [texts, expected] of table) {
    const { notes } = await draw(texts);
    assertEquals(notes, expected);
    assertEquals((await draw(texts.toReversed())).notes, expected);
  }
});

Deno.test("a client whose other end is left out is not taken for a stranger", async () => {
  const { server, clients } = made.several(100);
  const own = clients[59]!;
  const { notes, scenes } = await draw([server, own]);
  assertEquals(notes, [
    "The other end of what server (process 4240) and client (process 160) " +
    "recorded may be left out.",
  ]);
  // It stands by itself, and not beside what the server did with another.
  const of = scenes.filter(({ left }) => left?.name === "client");
  assertEquals(of.map(({ right }) => right?.recorded), [false]);
  assertEquals((await draw([server, clients[2]!])).notes, []);
});

Deno.test("a recording that is given twice is drawn once", async () => {
  const { server, client } = made.tcp();
  const picture = await draw([server, client]);
  const twice = await draw([server, client, server, client, client]);
  assertEquals(twice.scenes, picture.scenes);
  assertEquals(twice.notes, [
    "The recording of server and client was given twice.",
  ]);
});

Deno.test("IPv4 seen through an IPv6 socket and a scope do not hide a peer", async () => {
  const { server, client } = made.tcp();
  const mapped = server.replaceAll(
    '"family":"IPv4","host":"127.0.0.1"',
    '"family":"IPv6","host":"::ffff:127.0.0.1"',
  );
  assertEquals(await draw([mapped, client]), await draw([server, client]));
  const scoped = (text: string, scope: string) =>
    text.replaceAll('"host":"127.0.0.1"', `"host":"fe80::1%${scope}"`);
  const { notes, scenes } = await draw([
    scoped(server, "eth0"),
    scoped(client, "2"),
  ]);
  assertEquals([notes, scenes[0]!.arrows.length], [[], 4]);
});

Deno.test("a recording without calls is drawn from its events, with a note", async () => {
  const { server, client } = made.tcp();
  const events = (text: string) =>
    text.split("\n").filter((line) => !line.includes('"call"')).join("\n");
  const { scenes, notes } = await draw([events(server), events(client)]);
  assertEquals(namesOf(scenes[0]!, "left"), ["connected", "received 13 bytes"]);
  assertEquals(namesOf(scenes[0]!, "right"), [
    ...["listening on [::]:3490", "accepted", "closing"],
  ]);
  assertEquals(arrowsOf(scenes[0]!), [
    "connected connection accepted",
    "| 13 bytes received",
  ]);
  assertStringIncludes(notes.join(), "The calls of server and client were not");
  // One end with calls and one without have messages as well.
  const half = await drawOne([events(server), client]);
  assertEquals(arrowsOf(half)[0], "connect(3) connection accepted");
});

Deno.test("datagrams are drawn from events, and joined if they say where they went", async () => {
  const at = (host: string, port: number) => ({ family: "IPv4", host, port });
  const data = { bytes: 5, text: "Hello" };
  const listener = new Recorder("listener", 1)
    .event("bound", { address: { family: "IPv6", host: "::", port: 4950 } })
    .event("datagram", { peer: at("127.0.0.1", 40735), data })
    .event("closingListener");
  const talker = new Recorder("talker", 2).event("sent", {
    to: "localhost",
    local: at("0.0.0.0", 40735),
    remote: at("127.0.0.1", 4950),
    bytes: 5,
    of: 5,
  });
  const scene = await drawOne([listener.text, talker.text], { data: true });
  assertEquals(arrowsOf(scene), ["sent 5 bytes received"]);
  assertEquals(scene.arrows[0]!.data, '"Hello"');
});

Deno.test("a program without a conversation has a lifeline", async () => {
  const { text } = new Recorder("showip", 3)
    .call("getaddrinfo", { result: "2 addresses" })
    .event("host", { host: "localhost" });
  const scene = await drawOne([text]);
  assertEquals(namesOf(scene, "left"), ["getaddrinfo()"]);
  assertEquals(scene.right, undefined);
});

Deno.test("--calls, --no-times and --data change what is written", async () => {
  const texts = Object.values(made.tcp());
  const whole = await drawOne(texts, { calls: true });
  assertEquals(namesOf(whole, "right").slice(1, 4), [
    "socket(AF_INET6, SOCK_STREAM) = 3",
    "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1)",
    "bind(3, [::]:3490)",
  ]);
  const timeless = await drawOne(texts, { times: false });
  assert(timeless.boxes.every(({ time }) => time === undefined));
  assertEquals((await drawOne(texts)).arrows[1]!.data, undefined);
  const quoted = await drawOne(texts, { data: true });
  assertEquals(quoted.arrows[1]!.data, '"Hello, world!"');
  const { title } = await draw(texts, { title: "TCP\n" });
  assertEquals(title, "TCP\\n");
});

Deno.test("two runs look alike without times and identifiers", async () => {
  const options = { times: false, identifiers: false };
  const { server, client } = made.tcp();
  const other = (text: string) =>
    text.replaceAll(":57182", ":50001").replaceAll(
      '"port":57182',
      '"port":50001',
    )
      .replaceAll("3490", "40404").replace(/"pid":\d+/g, '"pid":1')
      .replace(/"milliseconds":[\d.]+/g, '"milliseconds":7');
  const picture = await draw([server, client], options);
  assertEquals(await draw([other(server), other(client)], options), picture);
  assertEquals(picture.scenes[0]!.left?.details, ["127.0.0.1"]);
});

Deno.test("a long conversation is folded in the middle", async () => {
  const { server, client } = made.long(1000);
  const scene = await drawOne([server, client], { data: true });
  assert(scene.rows <= 40);
  const [fold] = scene.breaks;
  const shown = scene.boxes.length;
  assertEquals(fold?.text, `… ${1007 + 1005 - shown} more calls`);
  const data = scene.arrows.map(({ data }) => data);
  assert(data.includes('"message 1"') && data.includes('"message 1000"'));
  assert(!data.includes('"message 500"'));
  assert(scene.arrows.every(({ arrives }) => arrives !== undefined));
  assert(scene.boxes.some(({ name }) => name === "shutdown(4)"));
});
