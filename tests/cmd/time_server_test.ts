import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../assert.ts";
import { portOf, type Running, start, untilRefused } from "../harness.ts";
import {
  assertResult,
  checkEach,
  endpoint,
  jsonEvents,
  jsonPortOf,
  readAll,
  tracedCalls,
  tracedNames,
  utf8,
} from "./support.ts";

const HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n" +
  "Content-Type: text/plain\r\n\r\n";
const BEGINNING = `${HEAD}Local time is: `;
const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** The trace of the wait for a connection that ends with its socket. */
const STOPPED = /^accept\(3\) = \? \(stopped\)$/m;

/** What time_server says until its first connection. */
function opening(port: number, host = "localhost"): string {
  return "Configuring local address...\nCreating socket...\n" +
    "Binding socket to local address...\nListening...\n" +
    `Open http://${host}:${port}/\nWaiting for connection...\n`;
}

/** What it says about one connection. */
function block(from: string, received: number, sent = [79, 25]): string {
  return `Client is connected... ${from}\nReading request...\n` +
    `Received ${received} bytes.\n` +
    (sent.length === 0 ? "" : "Sending response...\n") +
    sent.map((bytes) => `Sent ${bytes} of ${bytes} bytes.\n`).join("") +
    "Closing connection...\n";
}

const ENDING = "Closing listening socket...\nFinished.\n";

const connect = (port: number, hostname = "127.0.0.1") =>
  Deno.connect({ hostname, port });

/** Starts a server for so many connections. */
function serve(count: number, ...args: string[]): Running {
  return start("time_server", ["--port", "0", "--count", `${count}`, ...args]);
}

/** Sends all of a request. */
async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = utf8(text);
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** The answer to a request, to its end. */
async function ask(
  port: number,
  request: string,
  hostname?: string,
): Promise<string> {
  using conn = await connect(port, hostname);
  await send(conn, request);
  return await readAll(conn);
}

/** Fails unless the answer is the C program's, with the present time. */
function assertTime(answer: string, earliest: number, zone = "GMT"): void {
  assertEquals(answer.length, 104);
  assertEquals(answer.slice(0, 79), BEGINNING);
  assertMatch(
    answer.slice(79),
    /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d \d{4}\n$/,
  );
  const time = Date.parse(answer.slice(79, -1) + ` ${zone}`);
  // The time that it sends is cut to the second.
  assert(Math.floor(earliest / 1000) * 1000 <= time && time <= Date.now());
}

/** Fails unless a head has the present time in the form of RFC 9110. */
function assertDate(head: string): void {
  const [, date = ""] = head.match(/^Date: (.*)\r$/m) ?? [];
  assertMatch(date, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$/);
  const age = Date.now() - Date.parse(date);
  assert(age >= 0 && age < 60_000, date);
}

Deno.test("time_server sends the time over both families, to the letter", async () => {
  const zone = { env: { TZ: "Asia/Seoul" } };
  await using server = start("time_server", ["--port=0", "--count=2"], zone);
  const port = await portOf(server);
  for (const host of ["127.0.0.1", "::1"]) {
    const earliest = Date.now();
    assertTime(await ask(port, GET, host), earliest, "GMT+0900");
  }
  assertResult(await server.end(), {
    stdout: opening(port) + block("127.0.0.1", GET.length) +
      block("::1", GET.length) + ENDING,
  });
});

Deno.test("time_server answers HEAD with the head only", async () => {
  await using server = serve(1);
  const port = await portOf(server);
  const request = "HEAD / HTTP/1.0\r\n\r\n";
  assertEquals(await ask(port, request), HEAD);
  assertResult(await server.end(), {
    stdout: opening(port) + block("127.0.0.1", request.length, [64]) + ENDING,
  });
});

Deno.test("time_server refuses a HEAD without content", async () => {
  await using server = serve(1);
  const port = await portOf(server);
  const answer = await ask(port, "HEAD * HTTP/1.1\r\n\r\n");
  assertMatch(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assertMatch(answer, /\r\nContent-Length: 12\r\n(?:.*\r\n)*\r\n$/);
});

Deno.test("time_server reads a head wherever its packets are split", async () => {
  await using server = serve(1, "--trace");
  using conn = await connect(await portOf(server));
  const parts = ["GE", "T / HTTP/1.1\r", "\nHost: localhost\r\n\r", "\n"];
  for (const part of parts) {
    await send(conn, part);
    await server.stderr(new RegExp(`recv\\(4, .*\\) = ${part.length} <`));
  }
  assertTime(await readAll(conn), 0);
  const { stdout } = await server.end();
  assertStringIncludes(stdout, `Received ${parts.join("").length} bytes.\n`);
});

/** A head of so many bytes in all. */
function headOf(bytes: number): string {
  const [before, after] = ["GET / HTTP/1.1\r\nX: ", "\r\n\r\n"];
  return before + "x".repeat(bytes - before.length - after.length) + after;
}

Deno.test("time_server answers each request with its status", async () => {
  const requests: readonly (readonly [request: string, status: string])[] = [
    [GET, "200 OK"],
    [headOf(8192), "200 OK"],
    [headOf(8193), "431 Request Header Fields Too Large"],
    [headOf(100_000), "431 Request Header Fields Too Large"],
    [
      "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
      "405 Method Not Allowed",
    ],
    ["OPTIONS * HTTP/1.1\r\n\r\n", "405 Method Not Allowed"],
    ["CONNECT a:1 HTTP/1.1\r\n\r\n", "405 Method Not Allowed"],
    ["get / HTTP/1.1\r\n\r\n", "501 Not Implemented"],
    ["BREW /pot HTTP/1.1\r\n\r\n", "501 Not Implemented"],
    ["GET / HTTP/1.1\r\n\r\n", "200 OK"],
    ["GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK"],
    ["GET a:1 HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["GET * HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["GET /# HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n", "400 Bad Request"],
    [`GET /${"x".repeat(9000)} HTTP/1.1\r\n\r\n`, "414 URI Too Long"],
    ["GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported"],
    ["GET /\r\n\r\n", "400 Bad Request"],
    ["GET  / HTTP/1.1\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1 \r\n\r\n", "400 Bad Request"],
    ["GET / HTTX/1.1\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\nno field\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\n : x\r\n\r\n", "400 Bad Request"],
    ["GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", "400 Bad Request"],
    ["\x16\x03\x01\x02\x00", "400 Bad Request"],
  ];
  await using server = serve(requests.length);
  const port = await portOf(server);
  await checkEach(requests, async ([request, status]) => {
    const answer = await ask(port, request);
    const [head = "", body = ""] = answer.split(/(?<=\r\n)\r\n/);
    assertEquals(head.split("\r\n")[0], `HTTP/1.1 ${status}`, request);
    assertStringIncludes(head, "\r\nConnection: close\r\n");
    const [, length = body.length] = /^Content-Length: (\d+)\r$/m.exec(head) ??
      [];
    assertEquals(body.length, Number(length), request);
    if (status === "200 OK") assertTime(answer, 0);
    else assertDate(head);
    if (status.startsWith("405")) assertMatch(head, /^Allow: GET, HEAD\r$/m);
  });
  const { code, stdout } = await server.end();
  assertEquals([code, stdout.endsWith(ENDING)], [0, true]);
});

Deno.test("time_server answers a head that breaks off, and no head not at all", async () => {
  await using server = serve(2);
  const port = await portOf(server);
  for (
    const { request, begin } of [
      { request: "GET / HT", begin: "HTTP/1.1 400 Bad Request\r\n" },
      { request: "", begin: "" },
    ]
  ) {
    using conn = await connect(port);
    await send(conn, request);
    await conn.closeWrite();
    const answer = await readAll(conn);
    assertEquals(answer.slice(0, begin.length), begin);
    assertEquals(answer === "", begin === "");
  }
  const { stdout } = await server.end();
  const nothing = block("127.0.0.1", 0, []);
  assertEquals(stdout.slice(-(nothing + ENDING).length), nothing + ENDING);
});

Deno.test("time_server answers 408 to a head that is not finished in time", async () => {
  await using server = serve(2, "--timeout", "0.5");
  const port = await portOf(server);
  await Promise.all(["", "GET / HTTP/1.1\r\nHost:"].map(async (request) => {
    const answer = await ask(port, request);
    assertMatch(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assertDate(answer);
    assertStringIncludes(answer, "\r\nConnection: close\r\n");
  }));
  assertEquals((await server.end()).code, 0);
});

Deno.test("time_server never mixes what it says of two connections", async () => {
  await using server = serve(3);
  const port = await portOf(server);
  using slow = await connect(port);
  await send(slow, "GET / HTTP/1.1\r\n");
  await server.stdout(/Reading request/);
  assertTime(await ask(port, GET, "::1"), 0);
  assertEquals(await ask(port, "HEAD / HTTP/1.1\r\n\r\n", "::1"), HEAD);
  await send(slow, "\r\n");
  assertTime(await readAll(slow), 0);
  const { stdout } = await server.end();
  const blocks = [
    block("127.0.0.1", 18),
    block("::1", GET.length),
    block("::1", 19, [64]),
  ];
  for (const each of blocks) assertStringIncludes(stdout, each);
  const length = opening(port).length + blocks.join("").length + ENDING.length;
  assertEquals(stdout.length, length);
});

Deno.test("time_server --max-connections 1 lets the next one wait", async () => {
  await using server = serve(2, "--max-connections", "1", "--json");
  const port = await jsonPortOf(server);
  using first = await connect(port);
  using second = await connect(port, "::1");
  await send(second, GET);
  await server.stdout(/"event":"reading"/);
  await send(first, GET);
  assertTime(await readAll(first), 0);
  assertTime(await readAll(second), 0);
  const { stdout } = await server.end();
  const order = jsonEvents("time_server", stdout)
    .filter(({ event }) => event === "accepted" || event === "closing")
    .map(({ event, connection }) => `${event} ${connection}`);
  assertEquals(order, ["accepted 1", "closing 1", "accepted 2", "closing 2"]);
});

for (
  const { options, host, peer } of [
    { options: ["--host", "127.0.0.1"], host: "127.0.0.1", peer: "127.0.0.1" },
    { options: ["--host", "::1"], host: "[::1]", peer: "::1" },
    { options: ["--ipv4"], host: "localhost", peer: "127.0.0.1" },
    { options: ["--ipv6"], host: "localhost", peer: "::1" },
  ]
) {
  Deno.test(`time_server ${options.join(" ")} says where to find it`, async () => {
    await using server = serve(1, ...options);
    const port = await portOf(server);
    assertTime(await ask(port, GET, peer), 0);
    assertResult(await server.end(), {
      stdout: opening(port, host) + block(peer, GET.length) + ENDING,
    });
  });
}

Deno.test("time_server --json prints what happens as objects", async () => {
  await using server = serve(1, "--json");
  const port = await jsonPortOf(server);
  using conn = await connect(port, "::1");
  await send(conn, GET);
  assertTime(await readAll(conn), 0);
  const { code, stdout, stderr } = await server.end();
  assertEquals([code, stderr], [0, ""]);
  const peer = endpoint("::1", conn.localAddr.port);
  const connection = 1;
  assertEquals(jsonEvents("time_server", stdout), [
    { event: "configuring" },
    { event: "creating" },
    { event: "binding" },
    { event: "openingListener" },
    { event: "listening", address: endpoint("::", port) },
    { event: "waiting" },
    { event: "accepted", connection, peer, local: endpoint("::1", port) },
    { event: "reading", connection },
    { event: "received", connection, bytes: GET.length },
    { event: "sending", connection },
    { event: "sent", connection, bytes: 79, of: 79 },
    { event: "sent", connection, bytes: 25, of: 25 },
    { event: "closing", connection },
    { event: "closingListener" },
    { event: "finished" },
  ]);
});

Deno.test("time_server --trace prints its calls on stderr", async () => {
  await using server = serve(1, "--trace", "--backlog", "3");
  const port = await portOf(server);
  using conn = await connect(port);
  await send(conn, GET);
  assertTime(await readAll(conn), 0);
  const { stderr } = await server.end();
  const calls = tracedCalls(stderr);
  for (
    const call of [
      'getaddrinfo(NULL, "0", {AF_UNSPEC, SOCK_STREAM, AI_PASSIVE}) = ' +
      "2 addresses",
      "listen(3, 3) = 0",
      `accept(3) = 4 127.0.0.1:${conn.localAddr.port}`,
    ]
  ) assert(calls.includes(call), call);
  assertEquals(tracedNames(stderr), [
    ...["getaddrinfo", "socket", "setsockopt", "bind", "listen"],
    ...["accept", "recv", "send", "send", "close", "close"],
  ]);
});

Deno.test("time_server --quiet says nothing", async () => {
  await using server = serve(1, "--quiet", "--trace");
  await server.stderr(/listen\(3, \d+\) = 0/);
  server.signal("SIGINT");
  const { code, stdout } = await server.end();
  assertEquals([code, stdout], [0, ""]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`time_server finishes what it has in hand at ${signal}`, async () => {
    await using server = start("time_server", ["--port", "0", "--trace"]);
    const port = await portOf(server);
    using conn = await connect(port);
    await server.stdout(/Reading request/);
    server.signal(signal);
    await server.stderr(STOPPED);
    await untilRefused(port);
    await send(conn, GET);
    assertTime(await readAll(conn), 0);
    const { code, stdout } = await server.end();
    assertEquals(code, 0);
    assertEquals(
      stdout,
      opening(port) + block("127.0.0.1", GET.length) + ENDING,
    );
  });
}

Deno.test("time_server says goodbye if nobody came", async () => {
  await using server = start("time_server", ["--port", "0"]);
  const port = await portOf(server);
  await server.stdout(/Waiting for connection/);
  server.signal("SIGTERM");
  assertResult(await server.end(), { stdout: opening(port) + ENDING });
});

Deno.test("time_server ends at once at a second signal", async () => {
  const args = ["--port", "0", "--timeout", "0", "--trace"];
  await using server = start("time_server", args);
  using conn = await connect(await portOf(server));
  await server.stdout(/Reading request/);
  server.signal("SIGTERM");
  await server.stderr(STOPPED);
  server.signal("SIGTERM");
  assertEquals((await server.end()).code, 143);
  assertEquals(await readAll(conn), "");
});
