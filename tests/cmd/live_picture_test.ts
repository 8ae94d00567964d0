/** `--picture`: what programs draw of themselves when they end. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { CLOSED_PORT, portOf, run, start } from "../harness.ts";
import {
  assertResult,
  bash,
  checkEach,
  datagramSocket,
  jsonEvents,
  readAll,
  streamPeer,
  utf8,
} from "./support.ts";
import { hasTerminal, startOnTerminal } from "../terminal.ts";

const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  time_server: ["--port", "0"],
  server: ["--port", "0"],
  listener: ["--port", "0"],
  client: ["127.0.0.1", CLOSED_PORT],
  talker: ["127.0.0.1", "hello"],
};

Deno.test("every program that talks names the flag that its picture needs", async () => {
  await checkEach(Object.entries(OPERANDS), async ([program, operands]) => {
    const args = ["--picture", "tcp.svg", ...operands];
    const result = await run(program, args, { flags: ["--allow-net"] });
    const stderr = `${program}: needs --allow-write=tcp.svg\n`;
    assertResult(result, { code: 1, stderr });
  });
});

/** A folder that goes when the test ends. */
async function folder() {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("a server draws its connections when a signal stops it", async () => {
  await using dir = await folder();
  const table: [string, RegExp][] = [
    ["time_server.svg", /^<svg [^]*>accept\(.*<[^]*<\/svg>\n$/],
    ["server.md", /^```mermaid\nsequenceDiagram\n[^]*accept\([^]*```\n$/],
    ["listener.mmd", /^sequenceDiagram\n[^]*recvfrom\(/],
  ];
  await checkEach(table, async ([name, picture]) => {
    const [program = ""] = name.split(".");
    const path = `${dir.path}/${name}`;
    const flags = ["--unstable-net", "--allow-net", `--allow-write=${path}`];
    const args = ["--port", "0", "--picture", path];
    await using server = start(program, args, { flags, stdin: "" });
    const port = await portOf(server);
    if (program === "listener") {
      using socket = datagramSocket();
      const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
      await socket.send(utf8("hello"), to);
      await server.stdout(/hello/);
    } else {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(utf8("GET / HTTP/1.0\r\n\r\n"));
      conn.closeWrite();
      await readAll(conn);
    }
    server.signal("SIGINT");
    const { code, stderr } = await server.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertMatch(await Deno.readTextFile(path), picture);
  });
});

Deno.test("a server draws its picture when a second signal ends it", async () => {
  await using server = start("server", [
    ...["--host", "127.0.0.1", "--port", "0", "--trace", "--picture", "-"],
  ]);
  const port = await portOf(server);
  using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await server.stderr(/^shutdown\(4/m);
  server.signal("SIGINT");
  await server.stderr(/^close\(3\)/m);
  server.signal("SIGINT");
  const { code, stderr } = await server.end();
  assertEquals(code, 130);
  assertMatch(stderr, /^recv\(4, 16384\) = \? \(stopped\)$/m);
  assertMatch(stderr, /│ recv\(4\)[^]* = \? \(stopped\)/);
});

Deno.test("client draws what it received, beside every other option", async () => {
  await checkEach([[], ["-q"], ["--json"], ["--trace"]], async (options) => {
    await using peer = streamPeer((conn) => conn.write(utf8("Hello")));
    const args = ["--picture", "-", ...options, "127.0.0.1", `${peer.port}`];
    const flags = ["--allow-net"];
    const { code, stdout, stderr } = await run("client", args, { flags });
    assertEquals(code, 0);
    // The picture comes behind all else.
    const before = stderr.slice(0, stderr.search(/^ +client/m));
    const isTraced = options[0] === "--trace";
    assertEquals(/^connect\([^]*^close\(/m.test(before), isTraced);
    assertEquals(before !== "", isTraced);
    assertMatch(stderr, /│ recv\(.*\) = 5 .*│/);
    if (options[0] === "-q") assertEquals(stdout, "Hello");
    if (options[0] === "--json") jsonEvents("client", stdout);
  });
});

Deno.test("a program draws what failed, and why", async () => {
  const refused = await run("client", [
    ...["--picture", "-", "127.0.0.1", CLOSED_PORT],
  ]);
  assertEquals(refused.code, 2);
  const errors = "client: connect: Connection refused\n" +
    "client: failed to connect\n";
  assertEquals(refused.stderr.slice(0, errors.length), errors);
  assertMatch(refused.stderr, /= -1 ECONNREFUSED/);

  using silent = datagramSocket();
  const line = ["--connect", "--timeout", "0.1", "--port", `${silent.port}`];
  const late = await run("talker", [
    ...["--picture", "-", ...line, "127.0.0.1", "hello"],
  ]);
  assertEquals(late.code, 2);
  assertMatch(late.stderr, /^talker: recv: Connection timed out\n/);
  assertMatch(late.stderr, /talker over UDP/);
  assertMatch(late.stderr, /= \? \(gave up after/);
  await silent.receive();
});

Deno.test({
  name: "a picture is as wide as its terminal, and one in a file 80 columns",
  ignore: !hasTerminal,
  async fn() {
    await using dir = await folder();
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const file = `${dir.path}/it.txt`;
    const server = [
      ...[Deno.execPath(), "run", "--quiet", "--allow-all", "cmd/server.ts"],
      ...["--host=127.0.0.1", `--port=${taken.addr.port}`],
    ];
    const draw = async (columns: string, path: string) => {
      await using running = startOnTerminal([
        ...["sh", "-c", 'stty cols "$0" && exec "$@"', columns],
        ...[...server, `--picture=${path}`],
      ], { stdin: "" });
      const { stdout } = await running.end();
      const picture = path === "-" ? stdout : await Deno.readTextFile(path);
      return Math.max(...picture.split(/\r?\n/).map(({ length }) => length));
    };
    // A terminal that does not know its size has none.
    assertEquals(await draw("0", "-"), 80);
    assertEquals(await draw("100", "-"), 100);
    assertEquals(await draw("100", file), 80);
  },
});

Deno.test("a client that a signal stops shows what it waited for", async () => {
  await using peer = streamPeer((conn) => conn.read(new Uint8Array(1)));
  await using client = start("client", [
    ...["--trace", "--picture", "-", "127.0.0.1", `${peer.port}`],
  ]);
  await client.stdout(/connecting to/);
  client.signal("SIGINT");
  const { code, stderr } = await client.end();
  assertEquals(code, 130);
  assertMatch(stderr, /^recv\(3, 16384\) = \? \(stopped\)$/m);
  assertMatch(stderr, /│ recv\(3\)[^]* = \? \(stopped\)/);
});

Deno.test("a usage error draws nothing", async () => {
  await using dir = await folder();
  const path = `${dir.path}/a.svg`;
  const { code } = await run("client", ["--picture", path, "localhost:80"]);
  assertEquals([code, [...Deno.readDirSync(dir.path)]], [1, []]);
});

Deno.test("parley draws pictures as well", async () => {
  await using peer = streamPeer((conn) => conn.write(utf8("Hello")));
  const args = ["client", "--picture=-", "-q", "127.0.0.1", `${peer.port}`];
  await using client = bash('"$@" 2>&1 >/dev/null', "parley", args);
  const { stdout } = await client.end();
  assert(stdout.includes("│ getaddrinfo()"), stdout);
});
