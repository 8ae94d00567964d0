import { assertEquals, assertMatch } from "../assert.ts";
import { portOf, type Result, run, type Running, start } from "../harness.ts";
import {
  finish,
  IPV4,
  type Listening,
  type Loopback,
  ncat,
  ncatListening,
  onFreePort,
  peerTest,
  peerTestOverBoth,
  socat,
  socatAddress,
  socatListening,
} from "./peers.ts";

/** As much as a datagram over IPv4 holds. */
const LARGEST = "0123456789".repeat(6551).slice(0, 65_507);
const HOSTILE = new Uint8Array([
  ...new TextEncoder().encode('"\x1b]0;title\x07\r\nlistener: \t\0\x7f\x9b ß'),
  ...[0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80],
]);

/** A listener at work. */
function listener(...args: string[]): Running {
  return start("listener", ["--port", "0", ...args]);
}

/** Sends one datagram from a socat; an empty file makes an empty one. */
async function sendFile(
  loopback: Loopback,
  port: number,
  data: Uint8Array,
): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, data);
    const address = `${socatAddress("UDP", loopback, port)},shut-null`;
    const { code, stderr } = await finish(socat(["-U", address, file]));
    assertEquals(code, 0, stderr);
  } finally {
    await Deno.remove(file);
  }
}

/** What `listener --count 1` prints of one datagram. */
function narration(
  port: number,
  host: string,
  length: number,
  shown: string,
): string {
  return `listener: bound to [::]:${port}\n` +
    "listener: waiting to recvfrom...\n" +
    `listener: got packet from ${host}\n` +
    `listener: packet is ${length} bytes long\n` +
    `listener: packet contains "${shown}"\n`;
}

/** Fails unless a datagram that somebody sends is shown in such a way. */
async function assertShows(
  { host }: Loopback,
  send: (port: number) => Promise<unknown>,
  length: number,
  shown: string,
): Promise<void> {
  await using receiver = listener("--count", "1");
  const port = await portOf(receiver);
  await send(port);
  const { code, stdout, stderr } = await receiver.end();
  assertEquals(stdout, narration(port, host, length, shown));
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
}

peerTestOverBoth(
  ["ncat"],
  "listener shows a datagram from ncat",
  (loopback) =>
    assertShows(
      loopback,
      (port) => {
        const args = ["-u", "--send-only"];
        return finish(ncat(loopback, port, { args, stdin: "from ncat" }));
      },
      9,
      "from ncat",
    ),
);

peerTestOverBoth(
  ["socat"],
  "listener shows a datagram from socat",
  (loopback) =>
    assertShows(
      loopback,
      (port) => {
        const address = socatAddress("UDP", loopback, port);
        return finish(socat(["-U", address, "STDIO"], { stdin: "from socat" }));
      },
      10,
      "from socat",
    ),
);

peerTestOverBoth(
  ["socat"],
  "listener shows an empty datagram",
  (loopback) =>
    assertShows(
      loopback,
      (port) => sendFile(loopback, port, new Uint8Array()),
      0,
      "",
    ),
);

peerTestOverBoth(
  ["socat"],
  "listener shows a datagram of 65507 bytes whole",
  (loopback) =>
    assertShows(
      loopback,
      (port) => sendFile(loopback, port, new TextEncoder().encode(LARGEST)),
      65_507,
      LARGEST,
    ),
);

peerTest(
  ["socat"],
  "listener makes control characters and what is not UTF-8 safe to see",
  () =>
    assertShows(
      IPV4,
      (port) => sendFile(IPV4, port, HOSTILE),
      HOSTILE.length,
      '"\\x1b]0;title\\x07\\r\\nlistener: \\t\\x00\\x7f\\x9b ß' +
        "\\xff\\xc3(\\xed\\xa0\\x80",
    ),
);

peerTest(
  ["socat"],
  "listener --quiet leaves the bytes of a datagram untouched",
  async () => {
    await using receiver = await onFreePort(
      (port) => {
        const args = ["--quiet", "--count", "1", "--trace"];
        return start("listener", [...args, "--port", String(port)]);
      },
      /^bind\(.*\) = 0$/m,
    );
    await sendFile(IPV4, receiver.port, HOSTILE);
    const { code, bytes } = await receiver.end();
    assertEquals({ code, bytes }, { code: 0, bytes: HOSTILE });
  },
);

/** Fails unless a peer hears each of its datagrams again. */
async function assertEchoes(connect: (port: number) => Running): Promise<void> {
  await using echo = listener("--echo", "--count", "2");
  await using peer = connect(await portOf(echo));
  await peer.write("one\n");
  await peer.stdout(/^one\n$/);
  await peer.write("two\n");
  await peer.stdout(/^one\ntwo\n$/);
  assertEquals((await echo.end()).code, 0);
}

peerTestOverBoth(
  ["ncat"],
  "listener --echo answers ncat",
  (loopback) => assertEchoes((port) => ncat(loopback, port, { args: ["-u"] })),
);

peerTestOverBoth(
  ["socat"],
  "listener --echo answers socat",
  (loopback) =>
    assertEchoes((port) =>
      socat([socatAddress("UDP", loopback, port), "STDIO"])
    ),
);

function talk(
  { host }: Loopback,
  { port }: Listening,
  message: string,
  ...args: string[]
): Promise<Result> {
  return run("talker", ["--port", String(port), ...args, host, message]);
}

/** Fails unless a peer hears what `talker` says. */
async function assertHears(
  loopback: Loopback,
  peer: Listening,
  message: string,
): Promise<void> {
  const { code, stdout, stderr } = await talk(loopback, peer, message);
  assertEquals(
    stdout,
    `talker: sent ${message.length} bytes to ${loopback.host}\n`,
  );
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  await peer.stdout(new RegExp(`^${message}$`));
}

peerTestOverBoth(["ncat"], "ncat hears talker", async (loopback) => {
  await using peer = await ncatListening(loopback, { args: ["-u"] });
  await assertHears(loopback, peer, "hello, ncat");
});

peerTestOverBoth(["socat"], "socat hears talker", async (loopback) => {
  await using peer = await socatListening("UDP-RECVFROM", loopback, "STDIO");
  await assertHears(loopback, peer, "hello, socat");
});

peerTest(["socat"], "socat hears 65507 bytes of talker whole", async () => {
  await using peer = await socatListening("UDP-RECVFROM", IPV4, "STDIO", {
    stdin: "",
  });
  assertEquals((await talk(IPV4, peer, LARGEST)).code, 0);
  assertEquals((await peer.end()).stdout, LARGEST);
});

/** What `talker --connect` prints of one question and its answer. */
function conversation(host: string, question: string, answer: string): string {
  return `talker: connected to ${host}\n` +
    `talker: sent ${question.length} bytes to ${host}\n` +
    `talker: received "${answer}"\n`;
}

peerTestOverBoth(
  ["ncat"],
  "talker --connect shows ncat's answer",
  async (loopback) => {
    await using peer = await ncatListening(loopback, { args: ["-u"] });
    const talked = talk(loopback, peer, "ping", "--connect");
    await peer.stdout(/^ping$/);
    await peer.write("pong\n");
    const { code, stdout } = await talked;
    assertEquals(stdout, conversation(loopback.host, "ping", "pong\\n"));
    assertEquals(code, 0);
  },
);

peerTestOverBoth(
  ["socat"],
  "talker --connect shows socat's echo",
  async (loopback) => {
    await using peer = await socatListening("UDP-RECVFROM", loopback, "PIPE");
    const { code, stdout } = await talk(loopback, peer, "hello", "--connect");
    assertEquals(stdout, conversation(loopback.host, "hello", "hello"));
    assertEquals(code, 0);
  },
);

peerTest(["socat"], "talker --connect shows an empty answer", async () => {
  await using peer = await socatListening("UDP-RECVFROM", IPV4, "STDIO", {
    stdin: "",
    socketOptions: ",shut-null",
  });
  const { code, stdout } = await talk(IPV4, peer, "ping", "--connect");
  assertEquals(stdout, conversation(IPV4.host, "ping", ""));
  assertEquals(code, 0);
});

peerTestOverBoth(
  ["socat"],
  "talker --connect shows no answer from anybody but its peer",
  async (loopback) => {
    await using peer = await socatListening("UDP-RECVFROM", loopback, "STDIO");
    const talked = talk(loopback, peer, "ping", "--connect");
    const [, port] = await peer.stderr(/receiving packet from AF=.*:(\d+)\n/);
    const forged = new TextEncoder().encode("forged");
    await sendFile(loopback, Number(port), forged);
    await peer.write("pong");
    const { stdout } = await talked;
    assertEquals(stdout, conversation(loopback.host, "ping", "pong"));
  },
);

peerTest(
  ["ncat"],
  "talker --connect does not wait forever for an answer",
  async () => {
    await using peer = await ncatListening(IPV4, { args: ["-u"] });
    const args = ["--connect", "--timeout", "0.3"];
    const { code, stdout, stderr } = await talk(IPV4, peer, "ping", ...args);
    assertEquals(code, 2);
    assertEquals(
      stdout,
      "talker: connected to 127.0.0.1\ntalker: sent 4 bytes to 127.0.0.1\n",
    );
    assertMatch(stderr, /^talker: recv: .+\n$/);
  },
);
