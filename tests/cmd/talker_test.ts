import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { CLOSED_PORT, portOf, run, start } from "../harness.ts";
import {
  assertResult,
  checkEach,
  datagramPeer,
  datagramSocket,
  endpoint,
  HOSTILE,
  jsonEvents,
  tracedCalls,
  tracedNames,
  utf8,
} from "./support.ts";

/** A name that is kept for the loopback, so that nobody is asked for it. */
const BOTH = "parley.localhost";

/** A command line to a port. */
const to = ({ port }: { readonly port: number }, ...args: string[]) => [
  "--port",
  `${port}`,
  ...args,
];

/** A peer that answers one datagram with another. */
const answerer = (answer: Uint8Array) =>
  datagramPeer((socket, from) => socket.send(answer, from));

Deno.test("talker sends MESSAGE as one datagram, to the letter", async () => {
  const messages = [
    "hello",
    "",
    "안녕 ✓",
    "007",
    "a\n\x1b[31m\u009b",
    "€".repeat(21_835),
  ];
  for (const message of messages) {
    using peer = datagramSocket();
    const { length } = utf8(message);
    assertResult(await run("talker", to(peer, "127.0.0.1", message)), {
      stdout: `talker: sent ${length} bytes to 127.0.0.1\n`,
    });
    const [data] = await peer.receive();
    assertEquals(data, utf8(message));
  }
});

Deno.test("talker names the host as it was given", async () => {
  await using listener = start("listener", ["--port", "0", "--count", "4"]);
  const port = await portOf(listener);
  const hosts = ["localhost", BOTH, "::1", "0:0:0:0:0:0:0:1"];
  await checkEach(hosts, async (host) => {
    assertResult(await run("talker", to({ port }, host, "hi")), {
      stdout: `talker: sent 2 bytes to ${host}\n`,
    });
  });
  assertEquals((await listener.end()).code, 0);
});

Deno.test("talker sends the largest datagram, and refuses a larger one", async () => {
  using peer = datagramSocket();
  const largest = "x".repeat(65_507);
  assertResult(await run("talker", to(peer, "127.0.0.1", largest)), {
    stdout: "talker: sent 65507 bytes to 127.0.0.1\n",
  });
  const [data] = await peer.receive(new Uint8Array(65_536));
  assertEquals(data, utf8(largest));
  await checkEach(["x".repeat(65_508), "€".repeat(21_836)], async (message) => {
    const result = await run("talker", to(peer, "127.0.0.1", message));
    assertEquals([result.code, result.stdout], [1, ""]);
    const [error, usage] = result.stderr.split("\n");
    assertStringIncludes(error ?? "", "talker: MESSAGE has 65508 bytes");
    assertStringIncludes(usage ?? "", "usage: talker ");
  });
});

Deno.test("talker takes what comes after -- for operands", async () => {
  for (
    const { args, message } of [
      { args: ["--", "127.0.0.1", "-hello"], message: "-hello" },
      { args: ["127.0.0.1", "--", "--json"], message: "--json" },
      { args: ["127.0.0.1", "--", "--"], message: "--" },
      { args: ["127.0.0.1", "hi", "--ipv4"], message: "hi" },
    ]
  ) {
    using peer = datagramSocket();
    assertResult(await run("talker", to(peer, ...args)), {
      stdout: `talker: sent ${message.length} bytes to 127.0.0.1\n`,
    });
    const [data] = await peer.receive();
    assertEquals(data, utf8(message));
  }
});

Deno.test("talker sends to only one family", async () => {
  using peer = datagramSocket();
  assertResult(await run("talker", to(peer, "-4", BOTH, "hello")), {
    stdout: `talker: sent 5 bytes to ${BOTH}\n`,
  });
  assertEquals((await peer.receive())[0], utf8("hello"));
  assertResult(await run("talker", to(peer, "-6", "127.0.0.1", "hello")), {
    code: 2,
    stderr: "getaddrinfo: Address family for hostname not supported\n",
  });
});

/** What `--connect` says until the answer. */
const CONNECTED = "talker: connected to 127.0.0.1\n" +
  "talker: sent 5 bytes to 127.0.0.1\n";

Deno.test("talker --connect shows the answer, hostile as it may be", async () => {
  for (
    const { bytes, shown } of [
      { bytes: utf8("hello yourself"), shown: "hello yourself" },
      { bytes: utf8(""), shown: "" },
      ...HOSTILE,
    ]
  ) {
    await using peer = answerer(bytes);
    const args = to(peer, "--connect", "127.0.0.1", "hello");
    assertResult(await run("talker", args), {
      stdout: CONNECTED + `talker: received "${shown}"\n`,
    });
  }
});

Deno.test("talker --connect talks with listener --echo over both families", async () => {
  const args = ["--port", "0", "--count", "2", "--echo"];
  await using listener = start("listener", args);
  const port = await portOf(listener);
  for (const host of ["127.0.0.1", "::1"]) {
    const args = to({ port }, "--connect", host, "hello");
    assertResult(await run("talker", args), {
      stdout: `talker: connected to ${host}\n` +
        `talker: sent 5 bytes to ${host}\ntalker: received "hello"\n`,
    });
  }
});

Deno.test("talker --connect never shows an answer from anywhere else", async () => {
  using stranger = datagramSocket();
  await using peer = datagramPeer(async (socket, from) => {
    await stranger.send(utf8("forged"), from);
    await socket.send(utf8("genuine"), from);
  });
  const args = to(peer, "--connect", "127.0.0.1", "hello");
  assertResult(await run("talker", args), {
    stdout: CONNECTED + 'talker: received "genuine"\n',
  });
});

Deno.test("talker --connect waits no longer than its timeout", async () => {
  using stranger = datagramSocket();
  await using peer = datagramPeer((_, from) =>
    stranger.send(utf8("forged"), from)
  );
  const args = to(peer, "--connect", "--timeout=0.3", "127.0.0.1", "hello");
  assertResult(await run("talker", args), {
    code: 2,
    stdout: CONNECTED,
    stderr: "talker: recv: Connection timed out\n",
  });
});

Deno.test("talker --quiet leaves the payload's bytes untouched", async () => {
  const args = ["--quiet", "127.0.0.1", "hello"];
  for (const { bytes } of HOSTILE) {
    await using peer = answerer(bytes);
    const result = await run("talker", to(peer, "--connect", ...args));
    assertEquals([result.code, result.stderr], [0, ""]);
    assertEquals(result.bytes, bytes);
  }
  assertResult(await run("talker", ["--port", CLOSED_PORT, ...args]), {});
});

Deno.test("talker --json reports what happens in objects", async () => {
  const sent = { event: "sent", to: "127.0.0.1", bytes: 5, of: 5 };
  // Its own port is any: it was bound to every interface.
  const own = /^\{"family":"IPv4","host":"0\.0\.0\.0","port":[1-9]\d*\}$/;
  const args = ["--json", "127.0.0.1", "hello"];
  for (const { bytes, json } of HOSTILE) {
    await using peer = answerer(bytes);
    const result = await run("talker", to(peer, "--connect", ...args));
    assertEquals([result.code, result.stderr], [0, ""]);
    const from = endpoint("127.0.0.1", peer.port);
    const events = jsonEvents("talker", result.stdout);
    const local = events[0]?.["local"];
    assertMatch(JSON.stringify(local), own);
    assertEquals(events, [
      { event: "connected", peer: from, local },
      { ...sent, remote: from, local },
      { event: "message", peer: from, data: json },
    ]);
  }
  const plain = await run("talker", ["--port", CLOSED_PORT, ...args]);
  const events = jsonEvents("talker", plain.stdout);
  const local = events[0]?.["local"];
  assertMatch(JSON.stringify(local), own);
  const remote = endpoint("127.0.0.1", Number(CLOSED_PORT));
  assertEquals(events, [{ ...sent, remote, local }]);
});

Deno.test("talker --json reports an answer that never came in an object", async () => {
  using mute = datagramSocket();
  const args = ["--connect", "--json", "--timeout=0.3", "127.0.0.1", "hello"];
  const { code, stdout, stderr } = await run("talker", to(mute, ...args));
  assertEquals([code, stderr], [2, ""]);
  assertEquals(jsonEvents("talker", stdout).at(-1), {
    event: "error",
    step: "recv",
    code: "ETIMEDOUT",
    message: "Connection timed out",
    address: endpoint("127.0.0.1", mute.port),
  });
});

Deno.test("talker --trace shows its calls on stderr", async () => {
  await using peer = answerer(utf8("hi"));
  const args = ["--trace", "127.0.0.1", "hello"];
  const connected = await run("talker", to(peer, "--connect", ...args));
  const calls = tracedCalls(connected.stderr);
  assertEquals(
    calls[0],
    `getaddrinfo("127.0.0.1", "${peer.port}", {AF_UNSPEC, SOCK_DGRAM}) = ` +
      "1 address",
  );
  assertStringIncludes(connected.stderr, 'send(3, "hello", 5) = 5 <');
  assertEquals(tracedNames(connected.stderr), [
    ...["getaddrinfo", "socket", "bind", "connect", "send", "recv", "close"],
  ]);
  const plain = await run("talker", ["--port", CLOSED_PORT, ...args]);
  assertStringIncludes(
    plain.stderr,
    'sendto(3, "hello", 5, 127.0.0.1:1) = 5 <',
  );
  assertEquals(tracedNames(plain.stderr), [
    ...["getaddrinfo", "socket", "bind", "sendto", "close"],
  ]);
});

Deno.test("talker --connect exits 130 when it is interrupted", async () => {
  using mute = datagramSocket();
  const args = to(mute, "--connect", "127.0.0.1", "hello");
  await using talker = start("talker", args);
  await talker.stdout(/sent 5 bytes/);
  talker.signal("SIGINT");
  assertResult(await talker.end(), { code: 130, stdout: CONNECTED });
});

Deno.test("talker works if only the name it is given is granted", async () => {
  await using listener = start("listener", ["--port", "0", "--count", "1"]);
  const port = await portOf(listener);
  const flags = [`--allow-net=localhost:${port},[::]:0`];
  const args = to({ port }, "localhost", "hello");
  assertResult(await run("talker", args, { flags }), {
    stdout: "talker: sent 5 bytes to localhost\n",
  });
  assertStringIncludes((await listener.end()).stdout, 'contains "hello"\n');
});
