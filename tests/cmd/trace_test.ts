/** The trace beside the narration: what a terminal or a file shows of both. */

import { COLOURS } from "../../lib/program/colours.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { portOf, type Running, start } from "../harness.ts";
import { hasTerminal, programOnTerminal } from "../terminal.ts";
import { bash, readAll, streamPeer, tracedCalls, utf8 } from "./support.ts";

const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });

/** Starts a program whose stdout and stderr are one pipe. */
function onePipe(program: string, ...args: string[]): Running {
  return bash('"$@" 2>&1', program, args);
}

/** Its lines, without durations; `PORT` is its own port, `PEER` any other. */
function linesOf(stdout: string, port: number): string[] {
  return stdout.trimEnd().split("\n").map((line) =>
    line.replace(/ <\d+\.\d\d ms>$/, "").replaceAll(`:${port}`, ":PORT")
      .replaceAll(/127\.0\.0\.1:\d+/g, "PEER")
  );
}

Deno.test("server's narration and trace are in order if they end in one place", async () => {
  await using server = onePipe("server", "--port=0", "--count=2", "--trace");
  const port = await portOf(server);
  for (let i = 0; i < 2; i++) {
    using conn = await connect(port);
    await readAll(conn);
    conn.close();
    // Before the next one comes, all about this one is shown.
    await server.stdout(new RegExp(`(close\\(4\\) = 0[^]*){${i + 1}}`));
  }
  const { code, stdout } = await server.end();
  assertEquals(code, 0);
  const connection = [
    "accept(3) = 4 PEER",
    "server: got connection from 127.0.0.1",
    'send(4, "Hello, world!", 13) = 13',
    "shutdown(4, SHUT_WR) = 0",
    'recv(4, "", 16384) = 0',
    "close(4) = 0",
  ];
  const lines = linesOf(stdout, port);
  // The listening socket is closed once the last one is accepted.
  const listening = lines.indexOf("close(3) = 0");
  assert(listening > lines.lastIndexOf(connection[0]!), stdout);
  assertEquals(lines.toSpliced(listening, 1), [
    'getaddrinfo(NULL, "0", {AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}) = 2 addresses',
    "socket(AF_INET6, SOCK_STREAM) = 3",
    "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0",
    "bind(3, [::]:PORT) = 0",
    "listen(3, 4096) = 0",
    "server: listening on [::]:PORT",
    "server: waiting for connections...",
    ...connection,
    ...connection,
  ]);
});

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Has two connections of time_server overlap: the first one ends last. */
async function overlap(server: Running, port: number): Promise<void> {
  using first = await connect(port);
  await first.write(utf8(GET.slice(0, 4)));
  using second = await connect(port);
  await second.write(utf8(GET));
  await readAll(second);
  await first.write(utf8(GET.slice(4)));
  await readAll(first);
  await server.exited();
}

const BLOCK = [
  "Client is connected... 127.0.0.1",
  "Reading request...",
  "Received 35 bytes.",
  "Sending response...",
  "Sent 79 of 79 bytes.",
  "Sent 25 of 25 bytes.",
  "Closing connection...",
];

Deno.test("the trace of time_server stands between its sentences", async () => {
  const args = ["--port=0", "--count=2", "--trace"];
  await using server = onePipe("time_server", ...args);
  const port = await portOf(server);
  await overlap(server, port);
  const { stdout } = await server.end();
  const lines = linesOf(stdout, port);
  assertEquals(lines.slice(0, 12), [
    "Configuring local address...",
    'getaddrinfo(NULL, "0", {AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}) = 2 addresses',
    "Creating socket...",
    "socket(AF_INET6, SOCK_STREAM) = 3",
    "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0",
    "Binding socket to local address...",
    "bind(3, [::]:PORT) = 0",
    "Listening...",
    "listen(3, 4096) = 0",
    "Open http://localhost:PORT/",
    "Waiting for connection...",
    "accept(3) = 4 PEER",
  ]);
  // The second one, on descriptor 5, is over before the first one.
  assert(lines.indexOf("close(5) = 0") < lines.indexOf("close(4) = 0"));
  const about = lines.filter((line) => /^\w+\((?:4|5)\b/.test(line));
  const sent = about.filter((line) => line.startsWith("send(5"));
  assertEquals(sent.length, 2);
  const told = lines.filter((line) => BLOCK.includes(line));
  assertEquals(told.slice(0, 4), [...BLOCK.slice(0, 2), ...BLOCK.slice(0, 2)]);
  assertEquals(told.toSorted(), [...BLOCK, ...BLOCK].toSorted());
});

Deno.test("the blocks of time_server stay together if the trace goes elsewhere", async () => {
  const args = ["--port=0", "--count=2", "--trace"];
  await using server = start("time_server", args, { stdin: "" });
  await overlap(server, await portOf(server));
  const { stdout, stderr } = await server.end();
  const lines = stdout.split("\n");
  const from = lines.indexOf(BLOCK[0]!);
  assertEquals(lines.slice(from, from + 14), [...BLOCK, ...BLOCK]);
  tracedCalls(stderr);
});

Deno.test("events and calls are in one order with --json", async () => {
  const args = ["--port=0", "--count=1", "--trace", "--json"];
  await using server = onePipe("time_server", ...args);
  const [, port] = await server.stdout(/"event":"listening".*"port":(\d+)/);
  using conn = await connect(Number(port));
  await conn.write(utf8(GET));
  await readAll(conn);
  const { stdout } = await server.end();
  const names = stdout.trimEnd().split("\n").map((line) => {
    const { event, call = event, fd, local, remote, data } = JSON.parse(line);
    const { bytes } = data ?? {};
    if (call === "recv") assertEquals([fd, bytes], [4, 32]);
    if (["recv", "send", "accept"].includes(call)) {
      assertEquals(local?.port, Number(port), line);
      assertEquals(remote, {
        family: "IPv4",
        host: "127.0.0.1",
        port: conn.localAddr.port,
      });
    }
    return call;
  });
  assertEquals(names, [
    ...["configuring", "getaddrinfo", "creating", "socket", "setsockopt"],
    ...["binding", "bind", "openingListener", "listen", "listening"],
    ...["waiting", "accept", "accepted", "reading", "recv", "received"],
    ...["sending", "send", "sent", "send", "sent", "closing", "close"],
    ...["closingListener", "close", "finished"],
  ]);
});

Deno.test("client's narration and trace are in order", async () => {
  await using peer = streamPeer(async (conn) => {
    await conn.write(utf8("안녕하세요?! 반갑습니다."));
    conn.closeWrite();
    await readAll(conn);
  });
  const port = `${peer.port}`;
  await using client = onePipe("client", "--trace", "127.0.0.1", port);
  const { stdout } = await client.end();
  const [look, order, ...lines] = linesOf(stdout, peer.port);
  assertEquals([look, order], [
    "  literal: 127.0.0.1 = 127.0.0.1",
    `getaddrinfo("127.0.0.1", "${port}", {AF_UNSPEC, SOCK_STREAM}) = 1 address`,
  ]);
  assertEquals(lines, [
    "socket(AF_INET, SOCK_STREAM) = 3",
    "connect(3, 127.0.0.1:PORT) = 0",
    "client: connecting to 127.0.0.1",
    'recv(3, "안녕하세요?! 반갑습니"..., 16384) = 34',
    'recv(3, "", 16350) = 0',
    "client: received '안녕하세요?! 반갑습니다.'",
    "close(3) = 0",
  ]);
});

Deno.test({
  name: "a call that waits is seen waiting on a terminal, in colour",
  ignore: !hasTerminal,
  async fn() {
    const seen = Promise.withResolvers<void>();
    await using peer = streamPeer(async (conn) => {
      await seen.promise;
      await conn.write(utf8("x"));
      conn.closeWrite();
      await readAll(conn);
    });
    const args = ["--trace", "127.0.0.1", `${peer.port}`];
    const env = { NO_COLOR: "" };
    await using client = programOnTerminal("client", args, { env });
    // deno-lint-ignore no-control-regex
    await client.stdout(/recv\x1b\[[\d;]+m\(3, 16384\) …\r\n/);
    seen.resolve();
    const { stdout } = await client.end();
    const call = COLOURS.call("recv");
    const waiting = `${call}(3, 16384) …\r\n`;
    const returned = `${call}(3, "x", 16384) ${COLOURS.success("= 1")} <`;
    assert(stdout.includes(waiting + returned), stdout);
    assertMatch(stdout, /client: received 'x'\r\n/);
  },
});
