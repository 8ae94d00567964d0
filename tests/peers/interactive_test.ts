import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../assert.ts";
import { type Running, start, type StartOptions } from "../harness.ts";
import { programOnTerminal } from "../terminal.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import {
  IPV4,
  type Listening,
  type Loopback,
  ncatListening,
  peerTest,
  peerTestOverBoth,
  resettingServer,
  socatListening,
} from "./peers.ts";

/** `client -i`, at work with a peer. */
function interactive(
  { host }: Loopback,
  { port }: Listening,
  options: StartOptions = {},
): Running {
  return start("client", ["--interactive", host, String(port)], options);
}

/** What `client` says first. */
const CONNECTED = "client: connecting to 127.0.0.1\n";

/** What `client` says of a reset. */
const RESET = /^client: (?:recv|send): Connection reset by peer\n$/m;

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // As much as `getRandomValues` fills at once.
  const step = 65_536;
  for (let at = 0; at < length; at += step) {
    crypto.getRandomValues(bytes.subarray(at, at + step));
  }
  return bytes;
}

peerTestOverBoth(
  ["socat"],
  "client -i takes 10 MiB through socat and back, byte for byte",
  async (loopback) => {
    const sent = randomBytes(10 << 20);
    await using peer = await socatListening(
      "TCP-LISTEN",
      loopback,
      "EXEC:cat",
    );
    await using client = interactive(loopback, peer, { stdin: sent });
    const { code, bytes } = await client.end();
    assertEquals({ code, length: bytes.length }, { code: 0, length: 10 << 20 });
    assert(bytes.every((byte, i) => byte === sent[i]), "other bytes came back");
  },
);

peerTestOverBoth(
  ["ncat"],
  "client -i and ncat talk in turns",
  async (loopback) => {
    await using peer = await ncatListening(loopback);
    await using client = interactive(loopback, peer);
    await client.write("Who is there?\n");
    await peer.stdout(/^Who is there\?\n$/);
    await peer.write("ncat.\n");
    await client.stdout(/^ncat\.\n$/);
    await client.write("Which ncat?\n");
    await peer.stdout(/\nWhich ncat\?\n$/);
    await client.closeStdin();
    await peer.closeStdin();
    const { code, stdout } = await client.end();
    assertEquals({ code, stdout }, { code: 0, stdout: "ncat.\n" });
  },
);

peerTest(
  ["socat"],
  "client -i hears what a peer says after our end of stdin",
  async () => {
    // wc counts until the end of what it is sent, and only then answers.
    await using peer = await socatListening("TCP-LISTEN", IPV4, "EXEC:wc -c");
    await using client = interactive(IPV4, peer, { stdin: "12345" });
    const { code, stdout } = await client.end();
    assertEquals(code, 0);
    assertMatch(stdout, /^ *5\n$/);
  },
);

peerTest(
  ["ncat", "script"],
  "client -i ends with its peer if stdin is a terminal",
  async () => {
    await using peer = await ncatListening(IPV4, { stdin: "Good-bye\n" });
    const { host } = IPV4;
    const args = ["--interactive", host, String(peer.port)];
    await using client = programOnTerminal("client", args);
    const { code, stdout } = await client.end();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Good-bye\r\n");
  },
);

peerTest(
  ["ncat"],
  "client -i sends ncat all of a piped stdin after ncat ended its half",
  async () => {
    await using peer = await ncatListening(IPV4, { stdin: "Good-bye\n" });
    await using client = interactive(IPV4, peer);
    await client.stdout(/^Good-bye\n$/);
    const sent = "x".repeat(5 << 20);
    await client.write(sent);
    await client.closeStdin();
    const { code, stderr } = await client.end();
    assertEquals({ code, stderr }, { code: 0, stderr: CONNECTED });
    assertEquals((await peer.end()).stdout === sent, true);
  },
);

/** How a peer over TLS ends its half. */
type End = "close_notify" | "cut";

/**
 * A peer over TLS that says good-bye and ends its half, by its own word or by
 * a relay that cuts it off, and then counts what it is sent.
 */
async function tlsPeer({ path }: Certificates, end: End) {
  const hostname = "127.0.0.1";
  const listener = Deno.listenTls({
    hostname,
    port: 0,
    cert: await Deno.readTextFile(path("leaf.pem")),
    key: await Deno.readTextFile(path("leaf.key")),
  });
  const relay = Deno.listen({ hostname, port: 0 });
  const heard = Promise.withResolvers<void>();
  const relayed = (async () => {
    using near = await relay.accept();
    using far = await Deno.connect({ hostname, port: listener.addr.port });
    const back = (async () => {
      const buffer = new Uint8Array(1 << 16);
      for (;;) {
        const read = far.read(buffer);
        const length = await Promise.race([read, heard.promise]);
        if (typeof length !== "number") break;
        await near.write(buffer.subarray(0, length));
      }
      await near.closeWrite();
    })();
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const length = await near.read(buffer);
      if (length === null) break;
      for (let at = 0; at < length;) {
        at += await far.write(buffer.subarray(at, length));
      }
    }
    await far.closeWrite();
    await back;
  })();
  const received = (async () => {
    using conn = await listener.accept();
    await conn.write(new TextEncoder().encode("Good-bye\n"));
    if (end === "close_notify") await conn.closeWrite();
    let received = 0;
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const length = await conn.read(buffer);
      if (length === null) return received;
      received += length;
    }
  })();
  return {
    port: relay.addr.port,
    /** Cuts the connection off behind the good-bye. */
    cut: () => heard.resolve(),
    /** How much it is sent. */
    async received() {
      await relayed;
      const length = await received;
      listener.close();
      relay.close();
      return length;
    },
  };
}

for (
  const { end, code, reason } of [
    { end: "close_notify", code: 0, reason: "" },
    {
      end: "cut",
      code: 2,
      reason: "client: recv: peer closed connection without sending TLS " +
        "close_notify\n",
    },
  ] as const
) {
  peerTest(
    ["openssl"],
    `client -i sends all of a piped stdin over TLS after a peer's ${end}`,
    async () => {
      await using certificates = await makeCertificates();
      const peer = await tlsPeer(certificates, end);
      const ca = ["--tls", "--ca", certificates.path("ca.pem")];
      const args = ["-i", ...ca, "127.0.0.1", String(peer.port)];
      await using client = start("client", args);
      await client.stdout(/^Good-bye\n$/);
      if (end === "cut") peer.cut();
      await client.write(new Uint8Array(5 << 20));
      await client.closeStdin();
      const { stderr, ...result } = await client.end();
      assertEquals(await peer.received(), 5 << 20);
      assertEquals(result.code, code);
      assertEquals(stderr, CONNECTED + reason);
    },
  );
}

peerTest(
  ["socat"],
  "client -i reports that a peer reset, after what came before",
  async () => {
    await using peer = await resettingServer();
    await using client = interactive(IPV4, peer);
    await peer.write("half");
    await client.stdout(/^half$/);
    peer.signal("SIGKILL");
    const { code, stdout, stderr } = await client.end();
    assertEquals({ code, stdout }, { code: 2, stdout: "half" });
    assertMatch(stderr, RESET);
  },
);

peerTest(
  ["socat"],
  "client -i always reports that a peer reset while it was sent to",
  async () => {
    const stdin = new Uint8Array(16 << 20);
    // Whether sending or receiving meets the reset first is a matter of luck.
    for (let i = 0; i < 8; i++) {
      await using peer = await resettingServer();
      await using client = interactive(IPV4, peer, { stdin });
      await peer.stdout(/[^]/);
      peer.signal("SIGKILL");
      const { code, stderr } = await client.end();
      assertEquals(code, 2);
      assertMatch(stderr, RESET);
    }
  },
);
