/** Recordings of whole conversations, end by end. */

import { Recorder } from "./recorder.ts";

const HELLO = "Hello, world!";
const CLIENT = "127.0.0.1:57182";
const SERVER = "127.0.0.1:3490";

/** A server's calls until it waits. */
export function listening(server: Recorder, port = 3490): Recorder {
  const together = { ms: 0.63, with: "listen" };
  const local = `[::]:${port}`;
  return server
    .call("getaddrinfo", {
      args: ["NULL", `"${port}"`, "{AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}"],
      result: "2 addresses",
      ms: 0.73,
    })
    .event("creating")
    .call("socket", {
      args: ["AF_INET6", "SOCK_STREAM"],
      result: 3,
      fd: 3,
      ...together,
    })
    .call("setsockopt", {
      args: ["3", "SOL_SOCKET", "SO_REUSEADDR", "1"],
      fd: 3,
      ...together,
    })
    .event("binding")
    .call("bind", { args: ["3", local], fd: 3, local, ...together })
    .call("listen", { args: ["3", "511"], fd: 3, local, ms: 0.63 })
    .event("listening", { address: { family: "IPv6", host: "::", port } })
    .event("waiting");
}

/** A client's calls until it is connected. */
export function connected(
  client: Recorder,
  local = CLIENT,
  remote = SERVER,
): Recorder {
  return client
    .call("getaddrinfo", {
      args: ['"localhost"', '"3490"', "{AF_UNSPEC, SOCK_STREAM}"],
      result: "1 address",
      ms: 17.3,
    })
    .call("socket", {
      args: ["AF_INET", "SOCK_STREAM"],
      result: 3,
      fd: 3,
      ms: 1.92,
      with: "connect",
    })
    .call("connect", { args: ["3", remote], fd: 3, local, remote, ms: 1.92 });
}

/** `server --count 1` and `client`. */
export function tcp(): { server: string; client: string } {
  const server = listening(new Recorder("server", 4240));
  const ends = { connection: 1, local: SERVER, remote: CLIENT };
  server
    .call("accept", { args: ["3"], result: 4, fd: 3, ...ends, ms: 1517.79 })
    .event("accepted", {
      connection: 1,
      peer: { family: "IPv4", host: "127.0.0.1", port: 57182 },
    })
    .call("close", { args: ["3"], fd: 3, ms: 0.15 })
    .call("send", {
      args: ["4", `"${HELLO}"`, "13"],
      result: 13,
      fd: 4,
      ...ends,
      data: HELLO,
    })
    .call("shutdown", { args: ["4", "SHUT_WR"], fd: 4, ...ends, ms: 0.06 })
    .call("recv", { args: ["4", "16384"], result: 0, fd: 4, ...ends, ms: 1.9 })
    .call("close", { args: ["4"], fd: 4, ...ends, ms: 0.25 })
    .event("closing", { connection: 1 })
    .event("finished");
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242, 1_490_000))
    .event("connected", {
      peer: { family: "IPv4", host: "127.0.0.1", port: 3490 },
    })
    .call("recv", {
      args: ["3", "16384"],
      result: 13,
      ...own,
      data: HELLO,
      ms: 5.41,
    })
    .call("recv", { args: ["3", "16371"], result: 0, ...own, ms: 0.28 })
    .event("message", {
      peer: { family: "IPv4", host: "127.0.0.1", port: 3490 },
      data: { bytes: 13, text: HELLO },
    })
    .call("close", { args: ["3"], ...own, ms: 0.44 });
  return { server: server.text, client: client.text };
}

/** `listener`, bound. */
export function bound(listener: Recorder): Recorder {
  const local = "[::]:4950";
  const together = { ms: 0.58, with: "bind" };
  return listener
    .call("getaddrinfo", {
      args: ["NULL", '"4950"', "{AF_UNSPEC, SOCK_DGRAM, AI_PASSIVE}"],
      result: "2 addresses",
      ms: 0.73,
    })
    .call("socket", {
      args: ["AF_INET6", "SOCK_DGRAM"],
      result: 3,
      fd: 3,
      ...together,
    })
    .call("bind", { args: ["3", local], fd: 3, local, ms: 0.58 });
}

/** `listener --count 1` and `talker localhost Hello`. */
export function udp(): { listener: string; talker: string } {
  const peer = "127.0.0.1:40735";
  const listener = bound(new Recorder("listener", 510))
    .call("recvfrom", {
      args: ["3", "65527"],
      result: 5,
      fd: 3,
      local: "[::]:4950",
      remote: peer,
      data: "Hello",
      ms: 1531,
    })
    .call("close", { args: ["3"], fd: 3, ms: 0.12 });
  const talker = new Recorder("talker", 511, 1_500_000)
    .call("getaddrinfo", {
      args: ['"localhost"', '"4950"', "{AF_UNSPEC, SOCK_DGRAM}"],
      result: "1 address",
      ms: 10.5,
    })
    .call("socket", { args: ["AF_INET", "SOCK_DGRAM"], result: 3, fd: 3 })
    .call("sendto", {
      args: ["3", '"Hello"', "5", "127.0.0.1:4950"],
      result: 5,
      fd: 3,
      local: "0.0.0.0:40735",
      remote: "127.0.0.1:4950",
      data: "Hello",
      ms: 0.4,
    })
    .call("close", { args: ["3"], fd: 3, local: "0.0.0.0:40735" });
  return { listener: listener.text, talker: talker.text };
}

/** `listener --echo` and `talker --connect`. */
export function udpConnected(): { listener: string; talker: string } {
  const peer = "127.0.0.1:40735";
  const theirs = { fd: 3, local: "[::]:4950", remote: peer };
  const listener = bound(new Recorder("listener", 510))
    .call("recvfrom", {
      args: ["3", "65527"],
      result: 15,
      ...theirs,
      data: "안녕하세요",
      ms: 1531,
    })
    .call("sendto", {
      args: ["3", '"안녕하세요"', "15", peer],
      result: 15,
      ...theirs,
      data: "안녕하세요",
    });
  const own = { fd: 3, local: peer, remote: "127.0.0.1:4950" };
  const talker = new Recorder("talker", 511)
    .call("getaddrinfo", {
      args: ['"localhost"', '"4950"', "{AF_UNSPEC, SOCK_DGRAM}"],
      result: "1 address",
      ms: 10.5,
    })
    .call("socket", { args: ["AF_INET", "SOCK_DGRAM"], result: 3, fd: 3 })
    .call("bind", { args: ["3", "0.0.0.0:0"], fd: 3, local: "0.0.0.0:40735" })
    .call("connect", {
      args: ["3", "127.0.0.1:4950"],
      ...own,
      emulated: true,
    })
    .call("send", {
      args: ["3", '"안녕하세요"', "15"],
      result: 15,
      ...own,
      data: "안녕하세요",
    })
    .call("recv", {
      args: ["3", "65527"],
      result: 15,
      ...own,
      data: "안녕하세요",
      ms: 41.2,
    })
    .call("close", { args: ["3"], ...own });
  return { listener: listener.text, talker: talker.text };
}

/** `time_server --count 1` and curl, which records nothing. */
export function timeServer(): string {
  const server = listening(new Recorder("time_server", 77), 8080);
  const ends = {
    connection: 1,
    local: "127.0.0.1:8080",
    remote: "127.0.0.1:55000",
  };
  const request = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";
  return server
    .call("accept", { args: ["3"], result: 4, fd: 3, ...ends, ms: 3007.31 })
    .call("recv", {
      args: ["4", "512"],
      result: 78,
      fd: 4,
      ...ends,
      data: request,
    })
    .call("send", {
      args: ["4", '"HTTP/1.1 200 OK"...', "79"],
      result: 79,
      fd: 4,
      ...ends,
      data: "HTTP/1.1 200 OK\r\nConnection: close\r\n",
    })
    .call("send", {
      args: ["4", '"Sun"...', "25"],
      result: 25,
      fd: 4,
      ...ends,
      data: "Sun Nov 22 00:18:51 2026\n",
    })
    .call("shutdown", { args: ["4", "SHUT_WR"], fd: 4, ...ends })
    .call("recv", { args: ["4", "512"], result: 0, fd: 4, ...ends, ms: 2 })
    .call("close", { args: ["4"], fd: 4, ...ends })
    .call("close", { args: ["3"], fd: 3 }).text;
}

/** A client that is refused over IPv6 and gets through over IPv4. */
export function refusedThenConnected(): string {
  const client = new Recorder("client", 9)
    .call("getaddrinfo", {
      args: ['"localhost"', '"3490"', "{AF_UNSPEC, SOCK_STREAM}"],
      result: "2 addresses",
      ms: 2,
    })
    .call("socket", { args: ["AF_INET6", "SOCK_STREAM"], result: 3, fd: 3 })
    .call("connect", {
      args: ["3", "[::1]:3490"],
      result: -1,
      fd: 3,
      remote: "[::1]:3490",
      code: "ECONNREFUSED",
      message: "Connection refused",
      ms: 0.18,
    })
    .call("close", { args: ["3"], fd: 3 })
    .call("socket", { args: ["AF_INET", "SOCK_STREAM"], result: 3, fd: 3 });
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  return client
    .call("connect", { args: ["3", SERVER], ...own, ms: 0.3 })
    .call("recv", { args: ["3", "16384"], result: 13, ...own, data: HELLO })
    .call("recv", { args: ["3", "16371"], result: 0, ...own })
    .call("close", { args: ["3"], ...own }).text;
}

/** A client whose only attempt ends as given. */
export function failedConnect(
  outcome: { result: number | string; code?: string; message: string },
): string {
  return new Recorder("client", 9)
    .call("getaddrinfo", { result: "1 address", ms: 2 })
    .call("socket", { args: ["AF_INET", "SOCK_STREAM"], result: 3, fd: 3 })
    .call("connect", {
      args: ["3", "192.0.2.1:3490"],
      fd: 3,
      remote: "192.0.2.1:3490",
      ms: 10_000,
      ...outcome,
    })
    .call("close", { args: ["3"], fd: 3 }).text;
}

/** A server that cannot bind. */
export function bindFailure(): string {
  return new Recorder("server", 8)
    .call("getaddrinfo", { result: "2 addresses", ms: 0.7 })
    .call("socket", { args: ["AF_INET6", "SOCK_STREAM"], result: 3, fd: 3 })
    .call("bind", {
      args: ["3", "[::]:3490"],
      result: -1,
      fd: 3,
      code: "EADDRINUSE",
      message: "Address already in use",
    })
    .call("close", { args: ["3"], fd: 3 })
    .event("error", {
      step: "bind",
      code: "EADDRINUSE",
      message: "Address already in use",
    }).text;
}

/** A server over TLS and its client. */
export function tls(): { server: string; client: string } {
  const ends = { connection: 1, local: SERVER, remote: CLIENT };
  const server = listening(new Recorder("server", 4240))
    .call("accept", { args: ["3"], result: 4, fd: 3, ...ends, ms: 900 })
    .call("handshake", { args: ["4"], fd: 4, ...ends, ms: 12 })
    .call("send", { result: 13, fd: 4, ...ends, data: HELLO })
    .call("close", { args: ["4"], fd: 4, ...ends });
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242))
    .call("handshake", { args: ["3", '"localhost"'], ...own, ms: 11 })
    .call("recv", { result: 13, ...own, data: HELLO, ms: 2 })
    .call("recv", { result: 0, ...own, ms: 2 })
    .call("close", { args: ["3"], ...own });
  return { server: server.text, client: client.text };
}

/** A server and clients that are connected at the same time. */
export function several(count: number): { server: string; clients: string[] } {
  const server = listening(new Recorder("server", 4240));
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const ends = (i: number) => ({
    connection: i,
    local: SERVER,
    remote: `127.0.0.1:${50_000 + i}`,
  });
  for (const i of numbers) {
    server.call("accept", {
      args: ["3"],
      result: 3 + i,
      fd: 3,
      ...ends(i),
      ms: i === 1 ? 700 : 2,
    });
  }
  for (const i of numbers) {
    server.call("send", { result: 13, fd: 3 + i, ...ends(i), data: HELLO });
  }
  for (const i of numbers.toReversed()) {
    server.call("close", { fd: 3 + i, ...ends(i) });
  }
  server.call("close", { args: ["3"], fd: 3 });
  const clients = numbers.map((i) => {
    const local = `127.0.0.1:${50_000 + i}`;
    const own = { fd: 3, local, remote: SERVER };
    return connected(new Recorder("client", 100 + i), local)
      .call("recv", { result: 13, ...own, data: HELLO, ms: 3 })
      .call("recv", { result: 0, ...own, ms: 3 })
      .call("close", { args: ["3"], ...own }).text;
  });
  return { server: server.text, clients };
}

/** Datagrams to a listener, of which the second one is lost. */
export function lostDatagram(): { listener: string; talker: string } {
  const theirs = {
    fd: 3,
    local: "[::]:4950",
    remote: "127.0.0.1:40735",
    result: 3,
  };
  const own = {
    fd: 3,
    local: "0.0.0.0:40735",
    remote: "127.0.0.1:4950",
    result: 3,
  };
  const listener = bound(new Recorder("listener", 510))
    .call("recvfrom", { ...theirs, data: "one", ms: 300 })
    .call("recvfrom", { ...theirs, data: "six", ms: 2 })
    .call("recvfrom", { fd: 3, result: "?", message: "stopped", ms: 5000 })
    .call("close", { fd: 3 });
  const talker = new Recorder("talker", 511)
    .call("socket", { args: ["AF_INET", "SOCK_DGRAM"], result: 3, fd: 3 })
    .call("sendto", { ...own, data: "one" })
    .call("sendto", { ...own, data: "two" })
    .pause(2500)
    .call("sendto", { ...own, data: "six" })
    .call("close", { fd: 3 });
  return { listener: listener.text, talker: talker.text };
}

/** A peer that resets the connection. */
export function resetConnection(): { server: string; client: string } {
  const ends = { connection: 1, fd: 4, local: SERVER, remote: CLIENT };
  const server = listening(new Recorder("server", 4240))
    .call("accept", { ...ends, fd: 3, result: 4, ms: 900 })
    .call("close", ends);
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242))
    .call("send", { ...own, result: 5, data: "hello" })
    .call("recv", {
      ...own,
      result: -1,
      code: "ECONNRESET",
      message: "Connection reset by peer",
      ms: 3,
    })
    .call("close", own);
  return { server: server.text, client: client.text };
}

/** Both ends speak at once, and hear each other later. */
export function crossing(): { server: string; client: string } {
  const ends = { connection: 1, fd: 4, local: SERVER, remote: CLIENT };
  const server = listening(new Recorder("server", 4240))
    .call("accept", { ...ends, fd: 3, result: 4, ms: 900 })
    .call("send", { ...ends, result: 13, data: HELLO })
    .call("recv", { ...ends, result: 2, data: "Hi" })
    .call("close", ends);
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242))
    .call("send", { ...own, result: 2, data: "Hi" })
    .call("recv", { ...own, result: 13, data: HELLO })
    .call("close", own);
  return { server: server.text, client: client.text };
}

/** A time server whose two sends are received at once, and the other way. */
export function coalesced(): { server: string; client: string } {
  const ends = { connection: 1, fd: 4, local: SERVER, remote: CLIENT };
  const server = listening(new Recorder("time_server", 4240))
    .call("accept", { ...ends, fd: 3, result: 4, ms: 900 })
    .call("recv", { ...ends, result: 10 })
    .call("recv", { ...ends, result: 8 })
    .call("send", { ...ends, result: 79 })
    .call("send", { ...ends, result: 25 })
    .call("close", ends);
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242))
    .call("send", { ...own, result: 18 })
    .call("recv", { ...own, result: 104, ms: 4 })
    .call("recv", { ...own, result: 0 })
    .call("close", own);
  return { server: server.text, client: client.text };
}

/** Both ends of a connection with many messages. */
export function long(messages: number): { server: string; client: string } {
  const ends = { connection: 1, fd: 4, local: SERVER, remote: CLIENT };
  const server = listening(new Recorder("server", 4240))
    .call("accept", { ...ends, fd: 3, result: 4, ms: 900 });
  const own = { fd: 3, local: CLIENT, remote: SERVER };
  const client = connected(new Recorder("client", 4242));
  for (let i = 1; i <= messages; i++) {
    const data = `message ${i}`;
    const result = data.length;
    server.call("send", { ...ends, result, data });
    client.call("recv", { ...own, result, data });
  }
  server.call("shutdown", ends).call("close", ends);
  client.call("recv", { ...own, result: 0 }).call("close", own);
  return { server: server.text, client: client.text };
}

/** Every conversation of this file, as its recordings. */
export function everything(): readonly (readonly string[])[] {
  const { server, clients } = several(3);
  const timedOut = { result: "?", message: "gave up after 10 s" };
  return [
    ...[tcp(), udp(), udpConnected(), tls(), lostDatagram()].map(Object.values),
    ...[resetConnection(), crossing(), coalesced(), long(200)]
      .map(Object.values),
    [timeServer()],
    [refusedThenConnected()],
    [failedConnect(timedOut)],
    [bindFailure()],
    [server, ...clients],
    [udp().listener, tcp().client],
  ];
}
