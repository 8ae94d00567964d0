import { assert, assertEquals, assertMatch } from "../assert.ts";
import { type Running, start, type StartOptions } from "../harness.ts";
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
  ["ncat"],
  "client -i ends with its peer while stdin is still open",
  async () => {
    await using peer = await ncatListening(IPV4, { stdin: "Good-bye\n" });
    await using client = interactive(IPV4, peer);
    const { code, stdout } = await client.end();
    assertEquals({ code, stdout }, { code: 0, stdout: "Good-bye\n" });
  },
);

peerTest(
  ["socat"],
  "client -i tells that a peer reset, after what came before",
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
  "client -i always tells that a peer reset while it was sent to",
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
