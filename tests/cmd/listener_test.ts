import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import {
  freePort,
  portOf,
  type Result,
  run,
  type Running,
  start,
} from "../harness.ts";
import {
  assertResult,
  datagramSocket,
  endpoint,
  HOSTILE,
  jsonEvents,
  jsonPortOf,
  type TestSocket,
  tracedCalls,
  tracedNames,
  utf8,
} from "./support.ts";

/** What listener says first. */
function opening(address: string): string {
  return `listener: bound to ${address}\nlistener: waiting to recvfrom...\n`;
}

/** What it says about one datagram. */
function packet(from: string, bytes: number, shown: string): string {
  return `listener: got packet from ${from}\n` +
    `listener: packet is ${bytes} bytes long\n` +
    `listener: packet contains "${shown}"\n`;
}

/** Starts a listener for so many datagrams. */
function listen(count: number, ...args: string[]): Running {
  return start("listener", ["--port", "0", "--count", `${count}`, ...args]);
}

/** Sends one datagram to a port of 127.0.0.1. */
async function send(
  socket: TestSocket,
  data: string | Uint8Array,
  port: number,
): Promise<void> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  await socket.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
}

/** Lets talker say something. */
async function talk(host: string, message: string, port: number) {
  const args = ["--port", `${port}`, host, message];
  assertEquals((await run("talker", args)).code, 0);
}

Deno.test("listener shows what talker sends over both families, to the letter", async () => {
  await using listener = listen(2);
  const port = await portOf(listener);
  await talk("127.0.0.1", "hello", port);
  await talk("::1", "안녕 ✓", port);
  assertResult(await listener.end(), {
    stdout: opening(`[::]:${port}`) + packet("127.0.0.1", 5, "hello") +
      packet("::1", 10, "안녕 ✓"),
  });
});

Deno.test("listener shows datagrams of every size whole", async () => {
  await using listener = listen(4);
  const port = await portOf(listener);
  using socket = datagramSocket();
  let shown = "";
  for (const size of [0, 1, 1473, 65_507]) {
    const text = "0123456789".repeat(6551).slice(0, size);
    await send(socket, text, port);
    shown += packet("127.0.0.1", size, text);
    // The next one finds the socket's buffer empty.
    await listener.stdout(new RegExp(`packet is ${size} bytes`));
  }
  assertResult(await listener.end(), {
    stdout: opening(`[::]:${port}`) + shown,
  });
});

/** Sends all that is hostile, and gives what the listener leaves. */
async function sendHostile(listener: Running, port: number): Promise<Result> {
  using socket = datagramSocket();
  for (const { bytes } of HOSTILE) await send(socket, bytes, port);
  return await listener.end();
}

Deno.test("listener shows hostile bytes so that they do no harm", async () => {
  await using listener = listen(HOSTILE.length);
  const port = await portOf(listener);
  const packets = HOSTILE.map(({ bytes, shown }) =>
    packet("127.0.0.1", bytes.length, shown)
  );
  assertResult(await sendHostile(listener, port), {
    stdout: opening(`[::]:${port}`) + packets.join(""),
  });
});

Deno.test("listener --quiet leaves the payload's bytes untouched", async () => {
  const port = freePort();
  const where = ["--host", "127.0.0.1", "--port", `${port}`];
  const args = ["--quiet", "--trace", `--count=${HOSTILE.length}`, ...where];
  await using listener = start("listener", args);
  await listener.stderr(/bind\(.*\) = 0/);
  const { code, bytes } = await sendHostile(listener, port);
  assertEquals(code, 0);
  const sent = HOSTILE.flatMap((each) => [...each.bytes]);
  assertEquals(bytes, new Uint8Array(sent));
});

Deno.test("listener --json reports datagrams in objects", async () => {
  await using listener = listen(HOSTILE.length + 1, "--json");
  const port = await jsonPortOf(listener);
  using socket = datagramSocket();
  await send(socket, "", port);
  await listener.stdout(/"datagram"/);
  for (const { bytes } of HOSTILE) await send(socket, bytes, port);
  const { code, stdout, stderr } = await listener.end();
  assertEquals([code, stderr], [0, ""]);
  const datagram = {
    event: "datagram",
    peer: endpoint("127.0.0.1", socket.port),
  };
  assertEquals(jsonEvents("listener", stdout), [
    { event: "configuring" },
    { event: "creating" },
    { event: "binding" },
    { event: "bound", address: endpoint("::", port) },
    { event: "waiting" },
    { ...datagram, data: { bytes: 0, text: "" } },
    ...HOSTILE.map(({ json }) => ({ ...datagram, data: json })),
  ]);
});

Deno.test("listener --echo sends each datagram back to where it came from", async () => {
  const payloads = [utf8(""), ...HOSTILE.map(({ bytes }) => bytes)];
  await using listener = listen(2 * payloads.length, "--echo");
  const port = await portOf(listener);
  using first = datagramSocket();
  using second = datagramSocket();
  for (const bytes of payloads) {
    for (const socket of [first, second]) {
      await send(socket, bytes, port);
      const [echo, from] = await socket.receive();
      assertEquals(echo, bytes);
      assertEquals("port" in from && from.port, port);
    }
  }
  assertEquals((await listener.end()).code, 0);
});

for (
  const { options, bound, from } of [
    { options: ["--host", "127.0.0.1"], bound: "127.0.0.1", from: "127.0.0.1" },
    { options: ["--host", "::1"], bound: "[::1]", from: "::1" },
    { options: ["-4"], bound: "0.0.0.0", from: "127.0.0.1" },
  ]
) {
  Deno.test(`listener ${options.join(" ")} is bound only there`, async () => {
    await using listener = listen(1, ...options);
    const port = await portOf(listener);
    await talk(from, "hello", port);
    assertResult(await listener.end(), {
      stdout: opening(`${bound}:${port}`) + packet(from, 5, "hello"),
    });
  });
}

Deno.test("listener -6 passes over what comes over IPv4", async () => {
  await using listener = listen(1, "-6");
  const port = await portOf(listener);
  await talk("127.0.0.1", "not heard", port);
  await talk("::1", "heard", port);
  assertResult(await listener.end(), {
    stdout: opening(`[::]:${port}`) + packet("::1", 5, "heard"),
  });
});

Deno.test("listener --trace shows its calls on stderr", async () => {
  await using listener = listen(1, "--trace", "--echo");
  const port = await portOf(listener);
  using socket = datagramSocket();
  await send(socket, "hello", port);
  const { stderr } = await listener.end();
  const calls = tracedCalls(stderr);
  const from = `127.0.0.1:${socket.port}`;
  assertEquals(
    calls[0],
    'getaddrinfo(NULL, "0", {AF_UNSPEC, SOCK_DGRAM, AI_PASSIVE}) = 2 addresses',
  );
  assertStringIncludes(stderr, `recvfrom(3, "hello", 65527) = 5 ${from} <`);
  assertStringIncludes(stderr, `sendto(3, "hello", 5, ${from}) = 5 <`);
  assertEquals(tracedNames(stderr), [
    ...["getaddrinfo", "socket", "bind", "recvfrom", "sendto", "close"],
  ]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`listener keeps listening until ${signal}, and exits 0`, async () => {
    await using listener = start("listener", ["--port", "0"]);
    const port = await portOf(listener);
    using socket = datagramSocket();
    await send(socket, "one", port);
    await listener.stdout(/"one"/);
    await send(socket, "two", port);
    await listener.stdout(/"two"/);
    listener.signal(signal);
    assertResult(await listener.end(), {
      stdout: opening(`[::]:${port}`) + packet("127.0.0.1", 3, "one") +
        packet("127.0.0.1", 3, "two"),
    });
  });
}

Deno.test("listener --echo reports a peer that it may not answer, and goes on", async () => {
  const flags = ["--allow-net=[::]:0,0.0.0.0:0,127.0.0.1"];
  const args = ["--port", "0", "--echo", "--count", "2"];
  await using listener = start("listener", args, { flags });
  const port = `${await portOf(listener)}`;
  const refused = await run("talker", ["--port", port, "::1", "six"]);
  assertEquals(refused.code, 0);
  const answered = await run("talker", [
    ...["--connect", "--port", port],
    ...["127.0.0.1", "four"],
  ]);
  assertStringIncludes(answered.stdout, 'talker: received "four"\n');
  const { code, stderr } = await listener.end();
  assertEquals(code, 0);
  assertEquals(
    /^listener: needs '--allow-net=\[::1\]:\d+'\n$/.test(stderr),
    true,
    stderr,
  );
});

Deno.test("two listeners --echo end the loop that a forged datagram begins", async () => {
  const args = ["--echo", "--host", "127.0.0.1", "--port"];
  await using one = start("listener", [...args, "0"]);
  const port = await portOf(one);
  const forger = datagramSocket();
  // It hears the forger only when the other one has the forger's port.
  one.signal("SIGSTOP");
  await send(forger, "round", port);
  forger.close();
  await using two = start("listener", [...args, `${forger.port}`]);
  await portOf(two);
  one.signal("SIGCONT");
  const line = /^listener: not answered: 1 datagram from 1 address\n/m;
  await Promise.any([one.stderr(line), two.stderr(line)]);
  for (const listener of [one, two]) listener.signal("SIGTERM");
  for (const { code } of await Promise.all([one.end(), two.end()])) {
    assertEquals(code, 0);
  }
});

Deno.test("listener --echo reports sends that fail as one line and a count", async () => {
  // Nobody but the loopback may be answered.
  const flags = ["--allow-net=[::]:0,0.0.0.0:0,127.0.0.1"];
  const args = ["--port", "0", "--echo", "--count", "10"];
  await using listener = start("listener", args, { flags });
  const port = await portOf(listener);
  const hostname = "::1";
  const transport = "udp";
  const socket = Deno.listenDatagram({ transport, hostname, port: 0 });
  using cleanup = new DisposableStack();
  cleanup.defer(() => socket.close());
  const to = { transport, hostname, port } as const;
  for (let i = 0; i < 10; i++) {
    await socket.send(utf8(`${i}`), to);
    await listener.stdout(new RegExp(`contains "${i}"`));
  }
  const { code, stderr } = await listener.end();
  assertEquals(code, 0);
  assertMatch(
    stderr,
    /^listener: (needs '--allow-net=\[::1\]:\d+')\nlistener: \1 \(10 times\)\n$/,
  );
});
