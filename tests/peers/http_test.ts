import { assert, assertEquals, assertMatch } from "../assert.ts";
import { portOf, type Result, Running, start } from "../harness.ts";
import {
  finish,
  IPV4,
  IPV6,
  type Loopback,
  ncat,
  peerTest,
  peerTestOverBoth,
  resettingClient,
  socat,
  socatAddress,
} from "./peers.ts";

const HEAD =
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n";
const TIME =
  /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d \d{4}\n$/;
const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

function timeServer(...args: string[]): Running {
  return start("time_server", ["--port", "0", ...args]);
}

function curl(
  { bracketed }: Loopback,
  port: number,
  args: readonly string[] = [],
): Promise<Result> {
  // No configuration file, no proxy, no pattern in the brackets of an address.
  const flags = ["-q", "--noproxy", "*", "--globoff", "--no-progress-meter"];
  const url = `http://${bracketed}:${port}/`;
  return finish(new Running("curl", [...flags, "--include", ...args, url]));
}

/** Fails unless it is the whole answer of the C program. */
function assertTime({ bytes, stdout }: Pick<Result, "bytes" | "stdout">): void {
  assertEquals(bytes.length, 104);
  assertEquals(stdout.slice(0, 79), `${HEAD}Local time is: `);
  assertMatch(stdout.slice(79), TIME);
}

/** Fails unless it is a complete answer with such a status. */
function assertRefusal(answer: string, status: number): void {
  const end = answer.indexOf("\r\n\r\n");
  const [line = "", ...fields] = answer.slice(0, end).split("\r\n");
  const body = answer.slice(end + 4);
  assertMatch(line, new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z ]+$`));
  assert(fields.includes("Connection: close"), answer);
  assert(fields.includes(`Content-Length: ${body.length}`), answer);
  assert(fields.some((field) => /^Date: \w{3}, .* GMT$/.test(field)), answer);
  assertEquals(fields.includes("Allow: GET, HEAD"), status === 405);
}

peerTestOverBoth(
  ["curl"],
  "time_server gives curl the C program's 104 bytes",
  async (loopback) => {
    await using server = timeServer();
    const { code, ...answer } = await curl(loopback, await portOf(server));
    assertEquals(code, 0);
    assertTime(answer);
  },
);

peerTestOverBoth(
  ["ncat"],
  "time_server gives ncat the C program's 104 bytes",
  async (loopback) => {
    await using server = timeServer();
    const port = await portOf(server);
    assertTime(await finish(ncat(loopback, port, { stdin: REQUEST })));
  },
);

peerTestOverBoth(
  ["curl"],
  "time_server answers a HEAD from curl with the head only",
  async (loopback) => {
    await using server = timeServer();
    const answer = await curl(loopback, await portOf(server), ["--head"]);
    assertEquals(answer.code, 0);
    assertEquals(answer.bytes.length, 64);
    assertEquals(answer.stdout, HEAD);
  },
);

peerTest(
  ["ncat"],
  "time_server sends nothing behind the head that answers a HEAD",
  async () => {
    await using server = timeServer();
    const port = await portOf(server);
    const stdin = "HEAD / HTTP/1.0\r\n\r\n";
    const { stdout } = await finish(ncat(IPV4, port, { stdin }));
    assertEquals(stdout, HEAD);
  },
);

peerTest(["curl"], "time_server refuses curl's POST with 405", async () => {
  await using server = timeServer();
  const data = ["--data", "time=now"];
  const { code, stdout } = await curl(IPV4, await portOf(server), data);
  assertEquals(code, 0);
  assertRefusal(stdout, 405);
});

peerTest(
  ["ncat"],
  "time_server refuses a malformed head with 400",
  async () => {
    await using server = timeServer();
    const port = await portOf(server);
    for (
      const stdin of [
        "What time is it?\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET #time HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
      ]
    ) {
      const { stdout } = await finish(ncat(IPV4, port, { stdin }));
      assertRefusal(stdout, 400);
    }
  },
);

peerTest(
  ["curl"],
  "time_server refuses a method that it does not know with 501",
  async () => {
    await using server = timeServer();
    const method = ["--request", "BREW"];
    const { code, stdout } = await curl(IPV4, await portOf(server), method);
    assertEquals(code, 0);
    assertRefusal(stdout, 501);
  },
);

peerTest(
  ["curl"],
  "time_server refuses a target over 8 KiB with 414",
  async () => {
    await using server = timeServer();
    const target = ["--request-target", `/${"x".repeat(8 << 10)}`];
    const { code, stdout } = await curl(IPV4, await portOf(server), target);
    assertEquals(code, 0);
    assertRefusal(stdout, 414);
  },
);

peerTest(
  ["curl"],
  "time_server refuses a head over 8 KiB with 431",
  async () => {
    await using server = timeServer();
    const field = ["--header", `X-Long: ${"x".repeat(8 << 10)}`];
    const { code, stdout } = await curl(IPV4, await portOf(server), field);
    assertEquals(code, 0);
    assertRefusal(stdout, 431);
  },
);

peerTest(
  ["ncat"],
  "time_server's 431 reaches a peer that sends far more than that",
  async () => {
    await using server = timeServer();
    const stdin = `GET / HTTP/1.1\r\nX-Long: ${"x".repeat(1 << 20)}\r\n\r\n`;
    const port = await portOf(server);
    const { stdout } = await finish(ncat(IPV4, port, { stdin }));
    assertRefusal(stdout, 431);
  },
);

peerTest(
  ["ncat"],
  "time_server's answer reaches a peer that sends a body with its GET",
  async () => {
    await using server = timeServer();
    const port = await portOf(server);
    const length = 1 << 20;
    const stdin = `GET / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n` +
      "x".repeat(length);
    const peers = Array.from({ length: 8 }, () => ncat(IPV4, port, { stdin }));
    for (const { code, ...answer } of await Promise.all(peers.map(finish))) {
      assertTime(answer);
      assertEquals({ code, stderr: answer.stderr }, { code: 0, stderr: "" });
    }
  },
);

peerTest(
  ["ncat"],
  "time_server gives up a request that is never finished with 408",
  async () => {
    await using server = timeServer("--timeout", "0.3");
    await using peer = ncat(IPV4, await portOf(server));
    await peer.write("GET / HTTP/1.1\r\nHost: ");
    await peer.stdout(/Timeout\n$/);
    await peer.closeStdin();
    assertRefusal((await peer.end()).stdout, 408);
  },
);

peerTestOverBoth(
  ["socat"],
  "time_server reads a request that comes in single bytes",
  async (loopback) => {
    await using server = timeServer();
    const address = socatAddress("TCP", loopback, await portOf(server));
    assertTime(
      await finish(
        socat(["-b", "1", `${address},nodelay`, "STDIO"], { stdin: REQUEST }),
      ),
    );
  },
);

peerTest(
  ["ncat", "curl"],
  "time_server never mixes what it says of connections at the same time",
  async () => {
    const others = 20;
    await using server = timeServer("--count", String(others + 1));
    const port = await portOf(server);
    await using slow = ncat(IPV6, port);
    await slow.write(REQUEST.slice(0, 20));
    await server.stdout(/Reading request\.\.\.\n/);

    const urls = Array(others - 1).fill(`http://127.0.0.1:${port}/`);
    const parallel = ["--parallel", "--parallel-immediate", ...urls];
    const { bytes } = await curl(IPV4, port, parallel);
    assertEquals(bytes.length, others * 104);

    await slow.write(REQUEST.slice(20));
    await slow.closeStdin();
    assertTime(await slow.end());
    const { code, stdout, stderr } = await server.end();
    const block = (host: string, request: string) =>
      `Client is connected... ${host}\nReading request...\n` +
      `Received ${request} bytes.\nSending response...\n` +
      "Sent 79 of 79 bytes.\nSent 25 of 25 bytes.\nClosing connection...\n";
    const size = stdout.match(/127\.0\.0\.1\nReading.*\nReceived (\d+)/)?.[1];
    assertEquals(
      stdout,
      "Configuring local address...\nCreating socket...\n" +
        "Binding socket to local address...\nListening...\n" +
        `Open http://localhost:${port}/\nWaiting for connection...\n` +
        block("::1", String(REQUEST.length)) +
        block("127.0.0.1", String(size)).repeat(others) +
        "Closing listening socket...\nFinished.\n",
    );
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
  },
);

peerTest(
  ["socat", "curl"],
  "time_server goes on after a peer that resets in its request",
  async () => {
    await using server = timeServer("--trace");
    const port = await portOf(server);
    await using peer = resettingClient(port);
    await peer.write(REQUEST.slice(0, 20));
    await server.stderr(/^recv\(4, .*\) = 20 /m);
    peer.signal("SIGKILL");
    await server.stderr(/^time_server: recv: Connection reset by peer\n/m);
    await server.stdout(/Closing connection\.\.\.\n$/);
    assertTime(await curl(IPV4, port));
  },
);
