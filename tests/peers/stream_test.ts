import { assertEquals, assertStringIncludes } from "../assert.ts";
import { portOf, run, Running, start } from "../harness.ts";
import {
  finish,
  IPV4,
  type Loopback,
  ncat,
  ncatListening,
  peerTest,
  peerTestOverBoth,
  resettingClient,
  resettingServer,
  socat,
  socatAddress,
  socatListening,
} from "./peers.ts";

const GREETING = "Hello, world!";

/** What `server` prints of connections from some hosts. */
function narration(port: number, ...hosts: string[]): string {
  return `server: listening on [::]:${port}\n` +
    "server: waiting for connections...\n" +
    hosts.map((host) => `server: got connection from ${host}\n`).join("");
}

/** Fails unless one peer is greeted and reported. */
async function assertGreets(
  loopback: Loopback,
  connect: (port: number) => Running,
  hear: (peer: Running) => Promise<void>,
): Promise<void> {
  await using server = start("server", ["--port", "0", "--count", "1"]);
  const port = await portOf(server);
  await using peer = connect(port);
  await hear(peer);
  const { code, stdout, stderr } = await server.end();
  assertEquals(stdout, narration(port, loopback.host));
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
}

/** Fails unless a peer hears the greeting and nothing else. */
async function hearGreeting(peer: Running): Promise<void> {
  await peer.closeStdin();
  const { code, stdout } = await peer.end();
  assertEquals({ code, stdout }, { code: 0, stdout: GREETING });
}

peerTestOverBoth(
  ["ncat"],
  "server greets ncat",
  (loopback) =>
    assertGreets(loopback, (port) => ncat(loopback, port), hearGreeting),
);

peerTestOverBoth(
  ["socat"],
  "server greets socat",
  (loopback) =>
    assertGreets(
      loopback,
      (port) => socat([socatAddress("TCP", loopback, port), "STDIO"]),
      hearGreeting,
    ),
);

peerTestOverBoth(
  ["telnet"],
  "server greets telnet",
  (loopback) =>
    assertGreets(
      loopback,
      (port) => new Running("telnet", [loopback.host, String(port)]),
      async (peer) => {
        await peer.stdout(/\nHello, world!/);
        const { stdout, stderr } = await peer.end();
        assertStringIncludes(stdout + stderr, "closed by foreign host");
      },
    ),
);

peerTest(
  ["ncat"],
  "server's greeting reaches a peer that talks without being asked",
  async () => {
    await using server = start("server", ["--port", "0"]);
    const stdin = "x".repeat(1 << 20);
    const peer = ncat(IPV4, await portOf(server), { stdin });
    assertEquals((await finish(peer)).stdout, GREETING);
  },
);

peerTest(
  ["ncat", "socat"],
  "server greets a peer while another one does not go",
  async () => {
    await using server = start("server", ["--port", "0", "--count", "2"]);
    const port = await portOf(server);
    await using idle = socat([socatAddress("TCP", IPV4, port), "STDIO"]);
    await idle.stdout(/^Hello, world!$/);
    assertEquals((await finish(ncat(IPV4, port, { stdin: "" }))).code, 0);
    await idle.closeStdin();
    assertEquals((await server.end()).code, 0);
  },
);

peerTest(
  ["ncat", "socat"],
  "server goes on after a peer that resets",
  async () => {
    await using server = start("server", ["--port", "0", "--count", "2"]);
    const port = await portOf(server);
    await using peer = resettingClient(port);
    await peer.stdout(/^Hello, world!$/);
    peer.signal("SIGKILL");
    await peer.end();
    const next = await finish(ncat(IPV4, port, { stdin: "" }));
    assertEquals(next.stdout, GREETING);
    const { code, stdout } = await server.end();
    assertEquals(stdout, narration(port, "127.0.0.1", "127.0.0.1"));
    assertEquals(code, 0);
  },
);

/** Fails unless `client` shows what a peer sends. */
async function assertShows(
  { host }: Loopback,
  peer: { readonly port: number },
  text: string,
): Promise<void> {
  const result = await run("client", [host, String(peer.port)]);
  const { code, stdout, stderr } = result;
  assertEquals(
    stdout,
    `client: connecting to ${host}\nclient: received '${text}'\n`,
  );
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
}

peerTestOverBoth(["ncat"], "client shows what ncat sends", async (loopback) => {
  await using peer = await ncatListening(loopback, { stdin: "from ncat" });
  await assertShows(loopback, peer, "from ncat");
});

peerTestOverBoth(
  ["socat"],
  "client shows what socat sends",
  async (loopback) => {
    await using peer = await socatListening("TCP-LISTEN", loopback, "STDIO", {
      stdin: "from socat",
    });
    await assertShows(loopback, peer, "from socat");
  },
);

peerTest(["ncat"], "client shows a peer that says nothing", async () => {
  await using peer = await ncatListening(IPV4, { stdin: "" });
  await assertShows(IPV4, peer, "");
});

peerTest(["ncat"], "client makes what a peer sends safe to see", async () => {
  const stdin = new Uint8Array([
    ...new TextEncoder().encode("\x1b[2J\x07\r\n\tgrüß\x9b"),
    0xff,
  ]);
  await using peer = await ncatListening(IPV4, { stdin });
  await assertShows(IPV4, peer, "\\x1b[2J\\x07\\r\\n\\tgrüß\\x9b\\xff");
});

peerTest(
  ["socat"],
  "client shows what came before a peer reset, and the reset",
  async () => {
    await using peer = await resettingServer();
    const args = [IPV4.host, String(peer.port), "--trace"];
    await using client = start("client", args);
    await peer.write("half");
    await client.stderr(/^recv\(3, "half", \d+\) = 4 /m);
    peer.signal("SIGKILL");
    await client.stderr(/^client: recv: Connection reset by peer\n/m);
    const { code, stdout } = await client.end();
    assertEquals(
      stdout,
      "client: connecting to 127.0.0.1\nclient: received 'half'\n",
    );
    assertEquals(code, 2);
  },
);
