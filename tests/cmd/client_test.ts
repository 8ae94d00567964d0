import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../assert.ts";
import {
  canBeSilent,
  CLOSED_PORT,
  portOf,
  run,
  silentListener,
  start,
} from "../harness.ts";
import { hasTerminal, programOnTerminal } from "../terminal.ts";
import {
  assertResult,
  bash,
  checkEach,
  endpoint,
  HOSTILE,
  jsonEvents,
  readAll,
  streamPeer,
  tracedCalls,
  tracedNames,
  utf8,
} from "./support.ts";

/** A name that is kept for the loopback, so that nobody is asked for it. */
const BOTH = "parley.localhost";

/** Its own end of a connection over IPv4. */
const LOCAL = /^\{"family":"IPv4","host":"127\.0\.0\.1","port":[1-9]\d*\}$/;

const CONNECTING = "client: connecting to 127.0.0.1\n";
const REFUSED = "client: connect: Connection refused\n";
const FAILED = "client: failed to connect\n";

/** A peer that says something and closes. */
const sayer = (...parts: (string | Uint8Array<ArrayBuffer>)[]) =>
  streamPeer(async (conn) => {
    for (const part of parts) {
      const bytes = typeof part === "string" ? utf8(part) : part;
      for (let at = 0; at < bytes.length;) {
        at += await conn.write(bytes.subarray(at));
      }
    }
  });

/** A peer that says something, and then waits for the other side to leave. */
const stayer = (text: string) =>
  streamPeer(async (conn) => {
    await conn.write(utf8(text));
    await readAll(conn);
  });

/** A peer that says something, and then breaks off on demand. */
async function resetter(
  text: string,
): Promise<AsyncDisposable & { readonly port: number; reset(): void }> {
  let socket: Socket | undefined;
  const server = createServer((accepted) => {
    socket = accepted;
    socket.write(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return {
    port: address.port,
    reset: () => void socket?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      socket?.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The command line that leads to a peer. */
const to = ({ port }: { readonly port: number }) => ["127.0.0.1", `${port}`];

Deno.test("client shows all that came until the peer closed, to the letter", async () => {
  await using peer = sayer("Hello, ", "wor", "ld!\n");
  assertResult(await run("client", to(peer)), {
    stdout: CONNECTING + "client: received 'Hello, world!\\n'\n",
  });
});

Deno.test("client shows that a peer closed without a word", async () => {
  await using peer = sayer();
  assertResult(await run("client", to(peer)), {
    stdout: CONNECTING + "client: received ''\n",
  });
});

Deno.test("client reports each address that failed", async () => {
  const results = await Promise.all([
    run("client", ["127.0.0.1", CLOSED_PORT]),
    run("client", [BOTH, CLOSED_PORT]),
    run("client", ["-6", BOTH, CLOSED_PORT]),
    run("client", ["--quiet", BOTH, CLOSED_PORT]),
  ]);
  const expected = [
    REFUSED + FAILED,
    REFUSED + REFUSED + FAILED,
    REFUSED + FAILED,
    REFUSED + REFUSED + FAILED,
  ];
  for (const [i, stderr] of expected.entries()) {
    assertResult(results[i]!, { code: 2, stderr });
  }
});

Deno.test("client goes on to the address that answers", async () => {
  await using peer = sayer("here");
  assertResult(await run("client", [BOTH, `${peer.port}`]), {
    stdout: CONNECTING + "client: received 'here'\n",
    stderr: REFUSED,
  });
});

Deno.test("client asks for addresses of only one family", async () => {
  await using peer = sayer("here");
  assertResult(await run("client", ["--ipv4", BOTH, `${peer.port}`]), {
    stdout: CONNECTING + "client: received 'here'\n",
  });
  assertResult(await run("client", ["-6", "127.0.0.1", `${peer.port}`]), {
    code: 2,
    stderr: "getaddrinfo: Address family for hostname not supported\n",
  });
});

Deno.test("client --quiet leaves the payload's bytes untouched", async () => {
  for (const { bytes } of HOSTILE) {
    await using peer = sayer(bytes);
    const result = await run("client", ["-q", ...to(peer)]);
    assertEquals([result.code, result.stderr], [0, ""]);
    assertEquals(result.bytes, bytes);
  }
});

Deno.test("client shows hostile bytes so that they do no harm", async () => {
  for (const { bytes, shown } of HOSTILE) {
    await using peer = sayer(bytes);
    assertResult(await run("client", to(peer)), {
      stdout: CONNECTING + `client: received '${shown}'\n`,
    });
  }
});

Deno.test("client --json reports hostile bytes so that they do no harm", async () => {
  for (const { bytes, json } of HOSTILE) {
    await using peer = sayer(bytes);
    const { code, stdout, stderr } = await run("client", [
      "--json",
      ...to(peer),
    ]);
    assertEquals([code, stderr], [0, ""]);
    const from = endpoint("127.0.0.1", peer.port);
    const [connected, message] = jsonEvents("client", stdout);
    assertEquals({ ...connected, local: undefined }, {
      event: "connected",
      peer: from,
      local: undefined,
    });
    assertMatch(JSON.stringify(connected?.["local"]), LOCAL);
    assertEquals(message, { event: "message", peer: from, data: json });
  }
});

Deno.test("client --json reports each address that failed in an object", async () => {
  const args = ["--json", BOTH, CLOSED_PORT];
  const { code, stdout, stderr } = await run("client", args);
  assertEquals([code, stderr], [2, ""]);
  const refused = { event: "error", step: "connect", code: "ECONNREFUSED" };
  const message = "Connection refused";
  const port = Number(CLOSED_PORT);
  assertEquals(jsonEvents("client", stdout), [
    { ...refused, message, address: endpoint("::1", port) },
    { ...refused, message, address: endpoint("127.0.0.1", port) },
    { ...refused, message: "failed to connect", final: true },
  ]);
});

for (
  const { limit, sent, shown } of [
    { limit: 5, sent: "Hello, world!", shown: "Hello" },
    { limit: 12, sent: "Hello, world!", shown: "Hello, world" },
    { limit: 13, sent: "Hello, world!", shown: "Hello, world!" },
    { limit: 1, sent: "", shown: "" },
  ]
) {
  const name = `client --max-bytes ${limit} takes '${shown}' of '${sent}'`;
  Deno.test(name, async () => {
    await using peer = sayer(sent);
    const args = ["--max-bytes", `${limit}`, ...to(peer)];
    const { code, stdout, stderr } = await run("client", args);
    assertEquals(stdout, CONNECTING + `client: received '${shown}'\n`);
    const more = sent.length > limit;
    assertEquals(code, more ? 2 : 0);
    assertEquals(/^client: recv: .*\n$/.test(stderr), more, stderr);
  });
}

Deno.test("client takes a MiB by default", async () => {
  const mib = "0123456789abcdef".repeat(65536);
  const ends = [{ sent: mib, code: 0 }, { sent: mib + "!", code: 2 }];
  await Promise.all(ends.map(async ({ sent, code }) => {
    await using peer = streamPeer((conn) =>
      // The client may leave before it has taken everything.
      new Response(sent).body!.pipeTo(conn.writable).catch(() => {})
    );
    const result = await run("client", ["--quiet", ...to(peer)]);
    assertEquals(result.code, code);
    assertEquals(result.stdout === mib, true);
  }));
});

Deno.test("client waits no longer than its timeout, and shows what came", async () => {
  const reason = "client: recv: Connection timed out\n";
  await Promise.all([
    { said: "", stdout: CONNECTING },
    { said: "Hel", stdout: CONNECTING + "client: received 'Hel'\n" },
  ].map(async ({ said, stdout }) => {
    await using peer = stayer(said);
    const result = await run("client", ["--timeout", "0.5", ...to(peer)]);
    assertResult(result, { code: 2, stdout, stderr: reason });
  }));
});

Deno.test("client shows what has come when the peer is quiet, and goes on", async () => {
  const shown = Promise.withResolvers<void>();
  await using peer = streamPeer(async (conn) => {
    await conn.write(utf8("SSH-2.0-"));
    await conn.write(utf8("old\r\n"));
    await shown.promise;
    await conn.write(utf8("bye"));
  });
  await using client = start("client", ["--timeout", "0", ...to(peer)]);
  const first = "client: received 'SSH-2.0-old\\r\\n'\n";
  await client.stdout(/received '.*'\n/);
  shown.resolve();
  assertResult(await client.end(), {
    stdout: `${CONNECTING}${first}client: received 'bye'\n`,
  });
});

Deno.test("client --trace shows its calls on stderr", async () => {
  await using peer = sayer("Hello, world!");
  const { stdout, stderr } = await run("client", ["--trace", ...to(peer)]);
  assertEquals(stdout, CONNECTING + "client: received 'Hello, world!'\n");
  const where = `127.0.0.1:${peer.port}`;
  const calls = tracedCalls(stderr);
  assertEquals(
    calls[0],
    `getaddrinfo("127.0.0.1", "${peer.port}", {AF_UNSPEC, SOCK_STREAM}) = ` +
      "1 address",
  );
  assertEquals(calls.slice(1, 4), [
    "socket(AF_INET, SOCK_STREAM) = 3",
    `connect(3, ${where}) = 0`,
    'recv(3, "Hello, world!", 16384) = 13',
  ]);
  assertEquals(tracedNames(stderr), [
    ...["getaddrinfo", "socket", "connect", "recv", "recv", "close"],
  ]);
});

Deno.test("client --trace shows the calls that failed", async () => {
  const args = ["--trace", BOTH, CLOSED_PORT];
  const { stderr } = await run("client", args);
  const failed = "= -1 ECONNREFUSED (Connection refused) <";
  for (const where of ["[::1]:1", "127.0.0.1:1"]) {
    assertStringIncludes(stderr, `connect(3, ${where}) ${failed}`);
  }
  assertEquals(stderr.match(/^close\(3\) = 0$/gm)?.length, 2);
});

Deno.test("client --trace --json reports its calls in objects on stderr", async () => {
  const args = ["--trace", "--json", "127.0.0.1", CLOSED_PORT];
  const { stdout, stderr } = await run("client", args);
  assertEquals(jsonEvents("client", stdout).map(({ event }) => event), [
    "error",
    "error",
  ]);
  const calls = jsonEvents("client", stderr)
    .filter(({ event }) => event === "call");
  assertEquals(calls.map(({ call }) => call), [
    ...["getaddrinfo", "socket", "connect", "close"],
  ]);
  const { milliseconds, ...connect } = calls.at(-2)!;
  assertEquals(typeof milliseconds, "number");
  assertEquals(connect, {
    event: "call",
    call: "connect",
    arguments: ["3", "127.0.0.1:1"],
    fd: 3,
    remote: endpoint("127.0.0.1", 1),
    result: -1,
    code: "ECONNREFUSED",
    message: "Connection refused",
  });
});

Deno.test("client -i joins stdin and stdout to the peer", async () => {
  await using peer = streamPeer(async (conn) => {
    const heard = await readAll(conn);
    await conn.write(utf8(`heard ${JSON.stringify(heard)}\n`));
  });
  const stdin = "one\ntwo";
  assertResult(await run("client", ["-i", ...to(peer)], { stdin }), {
    stdout: 'heard "one\\ntwo"\n',
    stderr: CONNECTING,
  });
});

Deno.test("client -i passes hostile bytes both ways untouched", async () => {
  for (const { bytes } of HOSTILE) {
    await using peer = streamPeer(async (conn) => {
      await conn.readable.pipeTo(conn.writable);
    });
    const args = ["--interactive", "--quiet", ...to(peer)];
    const result = await run("client", args, { stdin: bytes });
    assertEquals([result.code, result.stderr], [0, ""]);
    assertEquals(result.bytes, bytes);
  }
});

Deno.test("client -i keeps nothing back", async () => {
  await using peer = streamPeer(async (conn) => {
    await conn.write(utf8("login: "));
    const buffer = new Uint8Array(64);
    const length = await conn.read(buffer);
    const name = new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    await conn.write(utf8(`hello ${name}`));
  });
  await using client = start("client", ["-i", ...to(peer)]);
  await client.stdout(/^login: $/);
  await client.write("beej");
  await client.stdout(/hello beej$/);
  await client.closeStdin();
  assertResult(await client.end(), {
    stdout: "login: hello beej",
    stderr: CONNECTING,
  });
});

Deno.test("client -i sends all of stdin to a peer that ended first", async () => {
  let received = 0;
  await using peer = streamPeer(async (conn) => {
    await conn.write(utf8("bye"));
    await conn.closeWrite();
    for await (const { length } of conn.readable) received += length;
  });
  const stdin = new Uint8Array(5 << 20);
  assertResult(await run("client", ["-i", ...to(peer)], { stdin }), {
    stdout: "bye",
    stderr: CONNECTING,
  });
  assertEquals(received, 5 << 20);
});

for (
  const [stdin, reason] of [
    ["</", "Is a directory"],
    ["0>/dev/null", "Bad file descriptor"],
  ] as const
) {
  Deno.test(`client -i ends at once if stdin can't be read: ${reason}`, async () => {
    await using peer = stayer("");
    const args = ["-i", "--timeout", "0", ...to(peer)];
    await using client = bash(`"$@" ${stdin}`, "client", args);
    assertResult(await client.end(), {
      code: 2,
      stderr: `${CONNECTING}client: read: ${reason}\n`,
    });
  });
}

Deno.test("client -i ends with 2 if the peer is silent after the end of stdin", async () => {
  const ended = Promise.withResolvers<void>();
  await using peer = streamPeer(async (conn) => {
    await conn.write(utf8("Hel"));
    await ended.promise;
  });
  const args = ["-i", "--timeout", "0.3", ...to(peer)];
  const result = await run("client", args);
  ended.resolve();
  assertResult(result, {
    code: 2,
    stdout: "Hel",
    stderr: `${CONNECTING}client: recv: Connection timed out\n`,
  });
});

Deno.test("client -i ends with 2 if the peer refuses what is left of stdin", async () => {
  await using peer = streamPeer(async () => {});
  const stdin = new Uint8Array(16 << 20);
  const args = ["-i", "-q", ...to(peer)];
  const { code, stderr } = await run("client", args, { stdin });
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^client: (?:send|recv): (?:Broken pipe|Connection reset by peer)\n$/,
  );
});

for (
  const { options, stdout } of [
    { options: [], stdout: CONNECTING + "client: received 'Hel'\n" },
    { options: ["--quiet"], stdout: "Hel" },
    { options: ["--interactive", "--quiet"], stdout: "Hel" },
  ]
) {
  const name = ["client", ...options, "shows what came before a reset"];
  Deno.test(name.join(" "), async () => {
    await using peer = await resetter("Hel");
    const args = ["--trace", ...options, ...to(peer)];
    await using client = start("client", args);
    await client.stderr(/recv\(3, "Hel", \d+\) = 3/);
    peer.reset();
    const result = await client.end();
    assertEquals([result.code, result.stdout], [2, stdout]);
    const reason = "\nclient: recv: Connection reset by peer\n";
    assertStringIncludes(result.stderr, reason);
  });
}

for (
  const { options, signal, code } of [
    { options: [], signal: "SIGINT", code: 130 },
    { options: [], signal: "SIGTERM", code: 143 },
    { options: ["-i"], signal: "SIGINT", code: 130 },
    { options: ["--timeout", "0"], signal: "SIGINT", code: 130 },
  ] as const
) {
  const name = ["client", ...options, `exits ${code} at ${signal}`].join(" ");
  Deno.test(name, async () => {
    await using peer = stayer("Hel");
    await using client = start("client", ["--trace", ...options, ...to(peer)]);
    await client.stderr(/recv\(3, "Hel", \d+\) = 3/);
    client.signal(signal);
    const result = await client.end();
    assertEquals(result.code, code);
    // What had come is shown, however short the peer has been quiet.
    const shown = options[0] === "-i" ? "Hel" : "client: received 'Hel'\n";
    assertStringIncludes(result.stdout, shown);
  });
}

Deno.test("client works if only the name it is given is granted", async () => {
  await using server = start("server", ["--port", "0"]);
  const port = await portOf(server);
  for (const host of ["localhost", "127.0.0.1", "::1"]) {
    const where = host === "::1" ? "[::1]" : host;
    const flags = [`--allow-net=${where}:${port}`];
    const result = await run("client", [host, `${port}`], { flags });
    assertEquals([result.code, result.stderr], [0, ""], host);
    assertStringIncludes(result.stdout, "client: received 'Hello, world!'\n");
  }
});

Deno.test({
  name: "client says on a terminal which address it tries",
  ignore: !canBeSilent || !hasTerminal,
  async fn() {
    using listener = await silentListener("127.0.0.1");
    const args = ["--timeout", "1.2", ...to(listener)];
    const trying = `client: trying 127.0.0.1:${listener.port}...`;
    // All wait at the same time: none is answered.
    const unwatched = run("client", args);
    await checkEach([[], ["--quiet"], ["--json"]], async (more) => {
      await using client = programOnTerminal("client", [...args, ...more]);
      const { code, stdout } = await client.end();
      assertEquals([code, stdout.includes(trying)], [2, more.length === 0]);
    });
    const { stdout, stderr } = await unwatched;
    assertEquals([stdout, stderr.includes("trying")], ["", false]);
  },
});
