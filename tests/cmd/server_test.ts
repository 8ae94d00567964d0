import { assertEquals, assertStringIncludes } from "../assert.ts";
import { portOf, run, type Running, start, untilRefused } from "../harness.ts";
import {
  assertResult,
  endpoint,
  jsonEvents,
  jsonPortOf,
  readAll,
  tracedCalls,
  tracedNames,
  utf8,
} from "./support.ts";

const GREETING = "Hello, world!";

/** The trace of the wait for a connection that ends with its socket. */
const STOPPED = /^accept\(3\) = \? \(stopped\)$/m;

/** What server says first. */
function opening(address: string): string {
  return `server: listening on ${address}\nserver: waiting for connections...\n`;
}

const connect = (port: number, hostname = "127.0.0.1") =>
  Deno.connect({ hostname, port });

/** All that a server says to somebody who says nothing. */
async function hear(port: number, hostname?: string): Promise<string> {
  using conn = await connect(port, hostname);
  return await readAll(conn);
}

/** Starts a server for so many connections. */
function serve(count: number, ...args: string[]): Running {
  return start("server", ["--port", "0", "--count", `${count}`, ...args]);
}

Deno.test("server greets client over both families, to the letter", async () => {
  await using server = serve(2);
  const port = await portOf(server);
  for (const host of ["127.0.0.1", "::1"]) {
    assertResult(await run("client", [host, `${port}`]), {
      stdout: `client: connecting to ${host}\n` +
        `client: received '${GREETING}'\n`,
    });
  }
  assertResult(await server.end(), {
    stdout: opening(`[::]:${port}`) +
      "server: got connection from 127.0.0.1\n" +
      "server: got connection from ::1\n",
  });
});

for (
  const { options, heard } of [
    { options: [], heard: GREETING },
    { options: ["--message", "Welcome"], heard: "Welcome" },
    { options: ["--message=안녕, 세상아! ✓\n"], heard: "안녕, 세상아! ✓\n" },
    { options: ["--message", "-hello"], heard: "-hello" },
    { options: ["--message", ""], heard: "" },
  ]
) {
  const name = ["server", ...options, "sends", JSON.stringify(heard)].join(" ");
  Deno.test(`${name} and closes`, async () => {
    await using server = serve(1, ...options);
    assertEquals(await hear(await portOf(server)), heard);
    assertEquals((await server.end()).code, 0);
  });
}

Deno.test("server greets a peer that talks first, and does not reset it", async () => {
  await using server = serve(1);
  using conn = await connect(await portOf(server));
  await conn.write(utf8("GET / HTTP/1.1\r\n\r\n".repeat(100)));
  assertEquals(await readAll(conn), GREETING);
});

Deno.test("server serves its connections at once", async () => {
  await using server = serve(3);
  const port = await portOf(server);
  using first = await connect(port);
  using second = await connect(port, "::1");
  assertEquals(await hear(port), GREETING);
  assertEquals(await readAll(second), GREETING);
  assertEquals(await readAll(first), GREETING);
});

Deno.test("server --max-connections 1 lets the next one wait", async () => {
  await using server = serve(2, "--max-connections", "1", "--json");
  const port = await jsonPortOf(server);
  using first = await connect(port);
  using second = await connect(port, "::1");
  assertEquals(await readAll(first), GREETING);
  first.closeWrite();
  assertEquals(await readAll(second), GREETING);
  second.closeWrite();
  const { stdout } = await server.end();
  const order = jsonEvents("server", stdout)
    .filter(({ connection }) => connection !== undefined)
    .map(({ event, connection }) => `${event} ${connection}`);
  assertEquals(order, [
    ...["accepted 1", "sent 1", "closing 1"],
    ...["accepted 2", "sent 2", "closing 2"],
  ]);
});

for (
  const { options, bound } of [
    { options: ["--host", "127.0.0.1"], bound: "127.0.0.1" },
    { options: ["--host", "::1"], bound: "[::1]" },
    { options: ["-4"], bound: "0.0.0.0" },
    { options: ["--host", "localhost", "--ipv4"], bound: "127.0.0.1" },
  ]
) {
  Deno.test(`server ${options.join(" ")} listens only there`, async () => {
    await using server = serve(1, ...options);
    const port = await portOf(server);
    const host = bound === "[::1]" ? "::1" : "127.0.0.1";
    assertEquals(await hear(port, host), GREETING);
    assertResult(await server.end(), {
      stdout: opening(`${bound}:${port}`) +
        `server: got connection from ${host}\n`,
    });
  });
}

Deno.test("server -6 has no word for who comes over IPv4", async () => {
  await using server = serve(1, "-6");
  const port = await portOf(server);
  const refused = await hear(port, "127.0.0.1").catch(() => "");
  assertEquals(refused, "");
  assertEquals(await hear(port, "::1"), GREETING);
  assertResult(await server.end(), {
    stdout: opening(`[::]:${port}`) + "server: got connection from ::1\n",
  });
});

Deno.test("server --json reports what happens in objects", async () => {
  await using server = serve(1, "--json");
  const port = await jsonPortOf(server);
  using conn = await connect(port);
  assertEquals(await readAll(conn), GREETING);
  conn.closeWrite();
  const { code, stdout, stderr } = await server.end();
  assertEquals([code, stderr], [0, ""]);
  const { port: from } = conn.localAddr;
  assertEquals(jsonEvents("server", stdout), [
    { event: "configuring" },
    { event: "creating" },
    { event: "binding" },
    { event: "openingListener" },
    { event: "listening", address: endpoint("::", port) },
    { event: "waiting" },
    {
      event: "accepted",
      connection: 1,
      peer: endpoint("127.0.0.1", from),
      local: endpoint("127.0.0.1", port),
    },
    { event: "sent", connection: 1, bytes: 13, of: 13 },
    { event: "closing", connection: 1 },
    { event: "closingListener" },
    { event: "finished" },
  ]);
});

Deno.test("server --trace shows its calls on stderr", async () => {
  await using server = serve(1, "--trace", "--backlog", "7");
  const port = await portOf(server);
  using conn = await connect(port);
  assertEquals(await readAll(conn), GREETING);
  conn.closeWrite();
  const { stdout, stderr } = await server.end();
  assertStringIncludes(stdout, opening(`[::]:${port}`));
  const from = `127.0.0.1:${conn.localAddr.port}`;
  const calls = tracedCalls(stderr);
  for (
    const call of [
      `accept(3) = 4 ${from}`,
      'send(4, "Hello, world!", 13) = 13',
    ]
  ) {
    assertEquals(calls.filter((each) => each === call).length, 1, call);
  }
  assertStringIncludes(stderr, "listen(3, 7) = 0");
  const names = tracedNames(stderr);
  assertEquals(names.slice(0, 7), [
    ...["getaddrinfo", "socket", "setsockopt", "bind", "listen"],
    ...["accept", "send"],
  ]);
  // The listening socket is closed after the last connection.
  assertEquals(names.slice(-2), ["close", "close"]);
});

Deno.test("server --trace --json shows its calls in objects on stderr", async () => {
  await using server = serve(1, "--trace", "--json");
  assertEquals(await hear(await jsonPortOf(server)), GREETING);
  const { stdout, stderr } = await server.end();
  assertEquals(jsonEvents("server", stdout).at(-1), { event: "finished" });
  const calls = jsonEvents("server", stderr);
  const { milliseconds, ...send } = calls.find(({ call }) => call === "send")!;
  const { local, remote, ...rest } = send;
  assertEquals(rest, {
    event: "call",
    call: "send",
    arguments: ["4", "13"],
    fd: 4,
    connection: 1,
    data: { bytes: 13, text: GREETING },
    result: 13,
  });
  const accepted = jsonEvents("server", stdout)
    .find(({ event }) => event === "accepted");
  assertEquals({ local, remote }, {
    local: accepted?.["local"],
    remote: accepted?.["peer"],
  });
  assertEquals(typeof milliseconds, "number");
  assertEquals(calls.filter(({ event }) => event !== "call"), []);
});

Deno.test("server --quiet says nothing", async () => {
  await using server = serve(1, "--quiet", "--trace");
  await server.stderr(/listen\(3, \d+\) = 0/);
  server.signal("SIGTERM");
  const { code, stdout, stderr } = await server.end();
  assertEquals([code, stdout], [0, ""]);
  tracedCalls(stderr);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`server finishes what it has in hand at ${signal}`, async () => {
    await using server = start("server", ["--port", "0", "--trace"]);
    const port = await portOf(server);
    using conn = await connect(port);
    await server.stdout(/got connection/);
    server.signal(signal);
    await server.stderr(STOPPED);
    await untilRefused(port);
    assertEquals(await readAll(conn), GREETING);
    conn.closeWrite();
    const { code, stdout } = await server.end();
    assertEquals(code, 0);
    assertEquals(
      stdout,
      opening(`[::]:${port}`) + "server: got connection from 127.0.0.1\n",
    );
  });
}

Deno.test("server waits for what it has in hand no longer than its timeout", async () => {
  await using server = start("server", ["--port", "0", "--timeout", "0.5"]);
  using conn = await connect(await portOf(server));
  await server.stdout(/got connection/);
  server.signal("SIGTERM");
  assertEquals((await server.end()).code, 0);
  assertEquals(await readAll(conn), GREETING);
});

Deno.test("server ends at once at a second signal", async () => {
  await using server = start("server", ["--port=0", "--timeout=0", "--trace"]);
  using conn = await connect(await portOf(server));
  assertEquals(await readAll(conn), GREETING);
  server.signal("SIGINT");
  await server.stderr(STOPPED);
  server.signal("SIGINT");
  assertEquals((await server.end()).code, 130);
});
