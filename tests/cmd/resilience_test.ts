/** What nobody outside may do: end a server, or hold it up. */

import net from "node:net";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { freePort, portOf, run, Running, start } from "../harness.ts";
import { dropsOf, queuedBytesOf } from "../process.ts";
import {
  assertResult,
  bash,
  checkEach,
  datagramSocket,
  jsonEvents,
  jsonPortOf,
  readAll,
  utf8,
} from "./support.ts";

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** The stream servers: what a client asks them, and all of their answer. */
const SERVERS = {
  time_server: { request: GET, answer: /^HTTP\/1\.1 200 OK\r\n[^]{86}\n$/ },
  server: { request: "", answer: /^Hello, world!$/ },
} as const;

type Server = keyof typeof SERVERS;
const PROGRAMS = Object.keys(SERVERS) as Server[];

const linux = Deno.build.os === "linux";

const connect = (port: number, hostname = "127.0.0.1") =>
  Deno.connect({ hostname, port });

/** Writes all of some bytes. */
async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Fails unless somebody who does all as it should be is answered. */
async function assertServed(program: Server, port: number): Promise<void> {
  using conn = await connect(port);
  await writeAll(conn, utf8(SERVERS[program].request));
  assertMatch(await readAll(conn), SERVERS[program].answer);
}

/** Resets a connection, once it has said something. */
async function reset(port: number, words: string): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  const closed = Promise.withResolvers<void>();
  socket.on("error", () => {});
  socket.on("close", () => closed.resolve());
  socket.write(words, () => socket.resetAndDestroy());
  await closed.promise;
}

/** Bytes that are the same each time, and follow no rule that anybody reads. */
function garbage(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 16;
  });
}

/** How a browser begins to speak TLS. */
const TLS_HELLO = new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);

/** What is said, and whether our half is ended, and all of the answer. */
async function talk(
  port: number,
  words: string | Uint8Array<ArrayBuffer>,
  { end = false, piecewise = false } = {},
): Promise<string> {
  using conn = await connect(port);
  const bytes = typeof words === "string" ? utf8(words) : words;
  if (piecewise) {
    for (const byte of bytes) await conn.write(new Uint8Array([byte]));
  } else {
    await writeAll(conn, bytes);
  }
  if (end) await conn.closeWrite();
  return await readAll(conn);
}

/** A status line, or nothing; what `server` says has none. */
type Status = "200" | "400" | "408" | "414" | "431" | "";

/** What is wrong, and the status with which `time_server` answers it. */
type Fault = (port: number) => Promise<readonly [Status, string] | void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  "leaves without a word": async (port) => (await connect(port)).close(),
  "leaves after its request": async (port) => {
    using conn = await connect(port);
    await writeAll(conn, utf8(GET));
  },
  "leaves in the middle of the answer": async (port) => {
    using conn = await connect(port);
    await writeAll(conn, utf8(GET));
    await conn.read(new Uint8Array(1));
  },
  "leaves in the middle of its request": async (port) => {
    using conn = await connect(port);
    await writeAll(conn, utf8("GET / HT"));
  },
  "leaves with more to say than is read": async (port) => {
    using conn = await connect(port);
    await writeAll(conn, utf8(GET.repeat(1000))).catch(() => {});
  },
  "resets at once": (port) => reset(port, ""),
  "resets in its request": (port) => reset(port, "GET /"),
  "resets after its request": (port) => reset(port, GET),
  "ends its half at once": async (
    port,
  ) => ["", await talk(port, "", { end: true })],
  "ends its half in its request": async (
    port,
  ) => ["400", await talk(port, "GET", { end: true })],
  "ends its half after its request": async (
    port,
  ) => ["200", await talk(port, GET, { end: true })],
  "says a byte at a time": async (
    port,
  ) => ["200", await talk(port, GET, { piecewise: true, end: true })],
  "never says a word": async (port) => ["408", await talk(port, "")],
  "never ends its request": async (
    port,
  ) => ["408", await talk(port, "GET / HTTP/1.1\r\nHost: ")],
  "has a head without an end": async (
    port,
  ) => ["431", await talk(port, `GET / HTTP/1.1\r\nX: ${"x".repeat(200_000)}`)],
  "has a method without an end": async (
    port,
  ) => ["414", await talk(port, "X".repeat(8193))],
  "sends garbage": async (port) => ["400", await talk(port, garbage(100_000))],
  "sends noughts": async (
    port,
  ) => ["400", await talk(port, new Uint8Array(1000))],
  "speaks TLS": async (port) => ["400", await talk(port, TLS_HELLO)],
  "comes in a crowd and leaves": async (port) => {
    const crowd = Array.from({ length: 100 }, () => connect(port));
    for (const conn of await Promise.all(crowd)) conn.close();
  },
};

/** Each line that a program printed on stderr names it and what failed. */
const ERRORS = /^(?:\w+: (?:accept|recv|send): [^\n]+\n)*$/;

for (const program of PROGRAMS) {
  Deno.test(`${program} serves on after a client that`, async (t) => {
    await using server = start(program, ["--port=0", "--timeout=0.3"]);
    const port = await portOf(server);
    for (const [fault, commit] of Object.entries(FAULTS)) {
      await t.step(fault, async () => {
        const [status, answer] = await commit(port) ?? [];
        if (answer !== undefined && program === "server") {
          assertMatch(answer, SERVERS.server.answer);
        } else if (answer !== undefined) {
          assertEquals(answer.split(" ", 2)[1] ?? "", status!);
        }
        await assertServed(program, port);
      });
    }
    server.signal("SIGTERM");
    const { code, stderr } = await server.end();
    assertMatch(stderr, ERRORS);
    assertEquals(code, 0);
  });

  Deno.test(`${program} serves others while some do nothing at all`, async () => {
    await using server = start(program, ["--port=0", "--timeout=0"]);
    const port = await portOf(server);
    const idle = await Promise.all(
      Array.from({ length: 200 }, () => connect(port)),
    );
    await assertServed(program, port);
    for (const conn of idle) {
      await writeAll(conn, utf8(SERVERS[program].request));
      await conn.closeWrite();
    }
    const answers = await Promise.all(idle.map(readAll));
    for (const answer of answers) assertMatch(answer, SERVERS[program].answer);
    for (const conn of idle) conn.close();
    await assertServed(program, port);
  });
}

Deno.test("server is not held up by who reads nothing of a long greeting", async () => {
  // The longest that Linux takes as one word of a command line.
  const message = "x".repeat(131_000);
  const args = ["--port=0", "--timeout=0.5", "--message", message];
  await using server = start("server", args);
  const port = await portOf(server);
  const deaf = await Promise.all(
    Array.from({ length: 50 }, () => connect(port)),
  );
  assertEquals((await talk(port, "", { end: true })).length, message.length);
  for (const conn of deaf) {
    assertEquals((await readAll(conn)).length, message.length);
    conn.close();
  }
  assertEquals((await talk(port, "")).length, message.length);
});

for (const program of PROGRAMS) {
  Deno.test({
    name: `${program} waits when descriptors run out, and reports it once`,
    ignore: !linux,
    async fn() {
      const args = ["--port=0", "--timeout=0"];
      await using server = bash('ulimit -n 64; exec "$@"', program, args);
      const port = await portOf(server);
      const told = server.stderr(/accept: Too many open files\n/);
      const crowd = await Promise.all(
        Array.from({ length: 150 }, () => connect(port)),
      );
      await told;
      await Promise.all(crowd.map(async (conn) => {
        await writeAll(conn, utf8(SERVERS[program].request));
        await conn.closeWrite();
        assertMatch(await readAll(conn), SERVERS[program].answer);
        conn.close();
      }));
      await assertServed(program, port);
      server.signal("SIGTERM");
      const { code, stdout, stderr } = await server.end();
      assertEquals({ code, stderr }, {
        code: 0,
        stderr: `${program}: accept: Too many open files\n`,
      });
      assertEquals(stdout.match(/127\.0\.0\.1\n/g)?.length, 151);
    },
  });

  Deno.test(`${program} --max-connections bounds how many it has in hand`, async () => {
    const args = ["--port=0", "--json", "--timeout=0", "--max-connections=8"];
    await using server = start(program, args);
    const port = await jsonPortOf(server);
    const crowd = await Promise.all(
      Array.from({ length: 40 }, () => connect(port)),
    );
    await server.stdout(/"connection":8\b/);
    await Promise.all(crowd.map(async (conn) => {
      await writeAll(conn, utf8(SERVERS[program].request));
      await conn.closeWrite();
      assertMatch(await readAll(conn), SERVERS[program].answer);
      conn.close();
    }));
    server.signal("SIGTERM");
    const { stdout } = await server.end();
    let [inHand, most] = [0, 0];
    for (const { event } of jsonEvents(program, stdout)) {
      if (event === "accepted") most = Math.max(most, ++inHand);
      if (event === "closing") inHand--;
    }
    assertEquals([most, inHand], [8, 0]);
  });
}

/** Peers from one address that say nothing, and come again when turned out. */
class Idlers implements Disposable {
  readonly #sockets = new Set<net.Socket>();
  readonly #port: number;
  #isOver = false;

  constructor(port: number, count: number) {
    this.#port = port;
    for (let i = 0; i < count; i++) this.#come();
  }

  #come(): void {
    if (this.#isOver) return;
    const socket = net.connect({
      ...{ port: this.#port, host: "127.0.0.1", allowHalfOpen: true },
    });
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#come();
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Asks from an address of this machine, and returns the answer. */
async function askFrom(
  localAddress: string,
  program: Server,
  port: number,
): Promise<string> {
  const socket = net.connect({ port, host: "127.0.0.1", localAddress });
  socket.write(SERVERS[program].request);
  let answer = "";
  for await (const chunk of socket) answer += new TextDecoder().decode(chunk);
  return answer;
}

for (const program of PROGRAMS) {
  for (
    const [limits, script] of [
      [["--max-connections=8", "--backlog=8"], 'exec "$@"'],
      [[], 'ulimit -n 64; exec "$@"'],
    ] as const
  ) {
    Deno.test({
      name: `${program} ${
        limits.join(" ") || "without descriptors"
      } answers a second address while the first takes all places`,
      ignore: !linux,
      async fn() {
        const args = ["--port=0", "--json", "--timeout=0", ...limits];
        await using server = bash(script, program, args);
        const port = await jsonPortOf(server);
        using _idlers = new Idlers(port, 150);
        await server.stdout(/"connection":8\b/);
        for (let i = 0; i < 3; i++) {
          const answer = await askFrom("127.0.0.2", program, port);
          assertMatch(answer, SERVERS[program].answer);
        }
      },
    });
  }
}

for (const program of PROGRAMS) {
  Deno.test(`${program} reports who gave way and who was refused, once`, async () => {
    const args = ["--port=0", "--deny=10.0.0.0/8,127.0.0.2", "--deny=::1"];
    await using server = start(program, args);
    const port = await portOf(server);
    if (linux) assertEquals(await askFrom("127.0.0.2", program, port), "");
    for (let i = 0; i < 2; i++) {
      const conn = await connect(port, "::1");
      assertEquals(await readAll(conn).catch(() => ""), "");
      conn.close();
    }
    await assertServed(program, port);
    server.signal("SIGTERM");
    const { code, stderr } = await server.end();
    assertEquals({ code, stderr }, {
      code: 0,
      stderr: `${program}: refused: ${
        linux
          ? "3 connections from 2 addresses"
          : "2 connections from 1 address"
      }\n`,
    });
  });
}

/**
 * Shows the first lines that a program prints, up to its port, then nothing
 * until stdin ends, then the rest.
 */
const STALL = `
exec 4<&0
exec "$@" > >(
  while IFS= read -r line; do
    printf '%s\\n' "$line"
    [[ $line =~ "port\\":"[0-9]+|:[0-9]+/?$ ]] && break
  done
  cat <&4 >/dev/null
  exec cat
)
`;

/** Starts a program whose stdout nobody reads until its stdin ends. */
function startStalled(program: string, args: readonly string[]): Running {
  const words = [Deno.execPath(), "run", "--quiet", "--allow-all"];
  words.push(`cmd/${program}.ts`, ...args);
  return new Running("bash", ["-c", STALL, "bash", ...words]);
}

/** How many times something was told, and how many were told as not shown. */
function countOf(
  stdout: string,
  stderr: string,
  pattern: RegExp,
): [shown: number, lost: number] {
  const lost = stderr.matchAll(/^… (\d+) \w+ not shown$/gm);
  return [
    stdout.match(pattern)?.length ?? 0,
    lost.reduce((sum, [, count]) => sum + Number(count), 0),
  ];
}

Deno.test("time_server serves on if nobody reads its output, and counts what it did not show", async () => {
  await using server = startStalled("time_server", ["--port=0", "--json"]);
  // Whatever goes wrong here, the reader must not be waited for.
  await using _reader = { [Symbol.asyncDispose]: () => server.closeStdin() };
  const port = await jsonPortOf(server);
  // So many fill what may wait to be written.
  const connections = 11_000;
  const numbers = Array(connections).keys();
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (const _ of numbers) await assertServed("time_server", port);
  }));
  await server.closeStdin();
  server.signal("SIGTERM");
  const { code, stdout, stderr } = await server.end();
  const [shown, lost] = countOf(stdout, stderr, /"event":"accepted"/g);
  assertEquals(code, 0);
  assert(lost > 0, stderr);
  assertEquals(shown + lost, connections);
});

Deno.test("server counts what nobody had read when it was stopped", async () => {
  await using server = startStalled("server", ["--port=0", "--json"]);
  await using _reader = { [Symbol.asyncDispose]: () => server.closeStdin() };
  const port = await jsonPortOf(server);
  // A pipe holds 64 KiB, which these fill: each prints some 300 bytes.
  const connections = 500;
  for (let i = 0; i < connections; i++) await assertServed("server", port);
  server.signal("SIGTERM");
  // What it was writing would be taken, were it read before.
  await server.exited();
  await server.closeStdin();
  const { code, stdout, stderr } = await server.end();
  const [shown, lost] = countOf(stdout, stderr, /"event":"accepted"/g);
  assertEquals(code, 0);
  assert(lost > 0, stderr);
  assertEquals(shown + lost, connections);
});

/** Waits until a socket's queue is empty: all was received. */
async function received(port: number): Promise<void> {
  while (await queuedBytesOf(port) > 0);
}

/**
 * Sends datagrams as fast as it can, then one that says so, and again where
 * that one was thrown away, until it is shown.
 *
 * @returns how many were sent, and how many of them were thrown away
 */
async function flood(
  listener: Running,
  port: number,
  count: number,
): Promise<{ sent: number; drops: number }> {
  using socket = datagramSocket();
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  for (let sent = 0; sent < count; sent++) await socket.send(utf8("…"), to);
  let shown = false;
  for (let sent = count + 1;; sent++) {
    listener.stdout(new RegExp(`"${sent}"`)).then(() => shown = true, () => {});
    const before = await dropsOf(port);
    await socket.send(utf8(`${sent}`), to);
    let drops = before;
    while (!shown && drops === before) drops = await dropsOf(port);
    if (shown) return { sent, drops: await dropsOf(port) };
  }
}

for (const args of [[], ["--echo"]]) {
  Deno.test({
    name: `${
      ["listener", ...args].join(" ")
    } shows each of 20,000 datagrams that come at once`,
    ignore: !linux,
    async fn() {
      await using listener = start("listener", ["--port=0", ...args]);
      const port = await portOf(listener);
      const { sent, drops } = await flood(listener, port, 20_000);
      listener.signal("SIGTERM");
      const { code, stdout, stderr } = await listener.end();
      const [shown] = countOf(stdout, stderr, /contains "/g);
      assertEquals(code, 0);
      // It answers no flood, unless the system threw most of it away.
      assertMatch(
        stderr,
        args.length === 0
          ? /^$/
          : /^(listener: not answered: \d+ datagrams from 1 address\n)*$/,
      );
      assertEquals(shown + drops, sent);
    },
  });
}

/** As many datagrams of 1000 bytes as surely wait in a socket's queue. */
const QUEUED = 50;

Deno.test({
  name:
    "listener serves on where nobody reads what it shows, and counts what it did not",
  ignore: !linux,
  async fn() {
    await using listener = startStalled("listener", ["--port=0"]);
    await using _reader = {
      [Symbol.asyncDispose]: () => listener.closeStdin(),
    };
    const port = await portOf(listener);
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    using crowd = datagramSocket();
    const data = new Uint8Array(1000).fill(0x2e);
    const rounds = 240;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < QUEUED; i++) await crowd.send(data, to);
      await received(port);
    }
    await listener.closeStdin();
    listener.signal("SIGTERM");
    const { code, stdout, stderr } = await listener.end();
    const [shown, lost] = countOf(stdout, stderr, /contains "/g);
    assertEquals(code, 0);
    assert(lost > 0, stderr);
    assertEquals(shown + lost, rounds * QUEUED);
  },
});

Deno.test("listener --echo outlives senders that are gone, and whatever they sent", async () => {
  await using listener = start("listener", ["--port=0", "--echo"]);
  const port = await portOf(listener);
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  using socket = datagramSocket();
  const echo = async (data: Uint8Array<ArrayBuffer>) => {
    await socket.send(data, to);
    const [echoed] = await socket.receive(new Uint8Array(65_507));
    assertEquals(echoed, data);
  };
  for (const data of [utf8(""), garbage(65_507), TLS_HELLO]) {
    for (let i = 0; i < 10; i++) {
      const gone = datagramSocket();
      await gone.send(data, to);
      gone.close();
      // It is heard behind that, and before the queue is full.
      await echo(utf8("hello"));
    }
    await echo(data);
  }
});

for (const program of [...PROGRAMS, "listener"] as const) {
  Deno.test(`${program} outlives a stdout that is closed from the start`, async () => {
    const closed = 'exec 3> >(:); wait $!; exec "$@" >&3';
    const args = ["--port", `${freePort()}`, "--trace"];
    await using server = bash(closed, program, args);
    const [, found] = await server.stderr(/bind\(3, \[::\]:(\d+)\)/);
    const port = Number(found);
    for (let i = 0; i < 3; i++) {
      if (program === "listener") {
        using socket = datagramSocket();
        await socket.send(utf8("hello"), {
          ...{ transport: "udp", hostname: "127.0.0.1", port },
        });
        await server.stderr(new RegExp(`= 5 127.0.0.1:${socket.port} `));
      } else {
        await assertServed(program, port);
      }
    }
    server.signal("SIGTERM");
    assertEquals((await server.end()).code, 0);
  });
}

/** Connects again and again until nobody listens any more. */
async function keepAsking(
  program: Server,
  port: number,
  answered: (from: number, answer: string) => void,
): Promise<void> {
  for (;;) {
    let conn: Deno.TcpConn;
    try {
      conn = await connect(port);
    } catch (error) {
      // Either nobody listens, or nobody does any more.
      assert(
        error instanceof Deno.errors.ConnectionRefused ||
          error instanceof Deno.errors.ConnectionReset,
      );
      return;
    }
    using _closed = conn;
    // At a port that nobody has any more one may meet oneself.
    if (conn.localAddr.port === port) return;
    const answer = await writeAll(conn, utf8(SERVERS[program].request))
      .then(() => readAll(conn)).catch(() => "");
    answered(conn.localAddr.port, answer);
  }
}

for (const program of PROGRAMS) {
  Deno.test(`${program} answers all that it accepted before SIGTERM, and leaves its port`, async () => {
    await using server = start(program, ["--port=0", "--json"]);
    const port = await jsonPortOf(server);
    const answers: number[] = [];
    await Promise.all(
      Array.from(
        { length: 16 },
        () =>
          keepAsking(program, port, (from, answer) => {
            // Those that were never accepted hear nothing at all.
            if (answer === "") {
              return;
            }
            assertMatch(answer, SERVERS[program].answer);
            if (answers.push(from) === 500) server.signal("SIGTERM");
          }),
      ),
    );
    const { code, stdout, stderr } = await server.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const accepted = jsonEvents(program, stdout)
      .filter(({ event }) => event === "accepted")
      .map(({ peer }) => (peer as { port: number }).port);
    assertEquals(accepted.toSorted(), answers.toSorted());
    await using next = start(program, [`--port=${port}`]);
    assertEquals(await portOf(next), port);
    await assertServed(program, port);
  });
}

Deno.test({
  name:
    "--reuse-port lets two servers share a port, and only where both say so",
  ignore: !linux,
  async fn() {
    await checkEach(PROGRAMS, async (program) => {
      await using first = start(program, ["--port=0", "--reuse-port"]);
      const port = await portOf(first);
      const shared = [`--port=${port}`, "--reuse-port"];
      await using second = start(program, shared);
      assertEquals(await portOf(second), port);
      const third = await run(program, [`--port=${port}`]);
      assertMatch(third.stderr, /: bind: Address already in use\n/);
      assertEquals(third.code, 2);
      let heard = 0;
      for (const each of [first, second]) {
        each.stdout(/127\.0\.0\.1\n/).then(() => heard++, () => {});
      }
      // The system draws lots: each server wins one of very many.
      for (let i = 0; heard < 2 && i < 500; i++) {
        await assertServed(program, port);
      }
      assertEquals(heard, 2);
      // What one leaves the other one serves.
      first.signal("SIGTERM");
      assertEquals((await first.end()).code, 0);
      for (let i = 0; i < 10; i++) await assertServed(program, port);
    });
    await using alone = start("server", ["--port=0"]);
    const args = ["--reuse-port", `--port=${await portOf(alone)}`];
    assertResult(await run("server", args), {
      code: 2,
      stderr: "server: bind: Address already in use\nserver: failed to bind\n",
    });
  },
});
