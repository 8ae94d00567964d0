/** The examples, each talking to a C program, in a network of its own. */

import { assertEquals, assertMatch } from "../assert.ts";
import { checkEach } from "../cmd/support.ts";
import { isInstalled, Running } from "../harness.ts";
import { finish, peerTest, required } from "./peers.ts";

const isCapable = required ||
  (Deno.build.os === "linux" && Deno.uid() === 0 && isInstalled("gcc"));

/** A network namespace in which every port is free, and a C program in it. */
class Host implements AsyncDisposable {
  readonly #holder: Running;
  readonly #folder: string;

  private constructor(holder: Running, folder: string) {
    this.#holder = holder;
    this.#folder = folder;
  }

  static async make(): Promise<Host> {
    const folder = await Deno.makeTempDir();
    const script = "ip link set lo up && gcc -o $1/c_peer $2 && " +
      "echo ready && exec cat";
    const source = "tests/peers/c_peer.c";
    const line = ["bash", "-c", script, "bash", folder, source];
    const host = new Host(new Running("unshare", ["--net", ...line]), folder);
    await host.#holder.stdout(/ready/);
    return host;
  }

  /** Starts the C program in one of its roles. */
  c(...args: string[]): Running {
    return this.#start(`${this.#folder}/c_peer`, args);
  }

  /** Starts an example. */
  example(name: string, ...args: string[]): Running {
    const flags = ["--quiet", "--allow-net", "--allow-read", "--unstable-net"];
    const script = `examples/${name}.ts`;
    return this.#start(Deno.execPath(), ["run", ...flags, script, ...args]);
  }

  #start(command: string, args: readonly string[]): Running {
    const enter = ["--target", String(this.#holder.pid), "--net", "--wd"];
    return new Running("nsenter", [...enter, command, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Registers a test of an example beside the C program. */
function exampleTest(name: string, fn: (host: Host) => Promise<void>): void {
  const run = async () => {
    await using host = await Host.make();
    await fn(host);
  };
  if (isCapable) peerTest(["unshare", "nsenter", "ip", "gcc"], name, run);
  else Deno.test({ name, fn: run, ignore: true });
}

exampleTest("the server example greets C clients", async (host) => {
  await using server = host.example("server");
  await server.stdout(/waiting for connections/);
  for (const address of ["127.0.0.1", "::1"]) {
    const { stdout } = await finish(host.c("client", address));
    assertEquals(stdout, "Hello, world!\n");
    await server.stdout(new RegExp(`server: got connection from ${address}\n`));
  }
});

exampleTest("the client example prints a C server's greeting", async (host) => {
  await using server = host.c("server");
  await server.stdout(/ready/);
  const { code, stdout } = await finish(host.example("client", "127.0.0.1"));
  assertEquals(code, 0);
  assertEquals(
    stdout,
    "client: connecting to 127.0.0.1\nclient: received 'Hello, world!'\n",
  );
});

exampleTest("the client example fails as the C client does", async (host) => {
  const { code, stderr } = await finish(host.example("client", "127.0.0.1"));
  assertEquals(code, 2);
  assertEquals(
    stderr,
    "client: connect: Connection refused\nclient: failed to connect\n",
  );
});

exampleTest("the listener example prints a C datagram", async (host) => {
  await using listener = host.example("listener");
  await listener.stdout(/waiting to recvfrom/);
  await finish(host.c("talker", "127.0.0.1", "hello"));
  const { code, stdout } = await listener.end();
  assertEquals(code, 0);
  assertEquals(
    stdout,
    "listener: waiting to recvfrom...\n" +
      "listener: got packet from 127.0.0.1\n" +
      "listener: packet is 5 bytes long\n" +
      'listener: packet contains "hello"\n',
  );
});

exampleTest("the talker example reaches a C listener", async (host) => {
  await using listener = host.c("listener");
  await listener.stdout(/ready/);
  const talker = await finish(host.example("talker", "127.0.0.1", "hello"));
  assertEquals(talker.stdout, "talker: sent 5 bytes to 127.0.0.1\n");
  assertEquals((await listener.end()).stdout, "ready\nhello\n");
});

exampleTest("the time_server example answers a C browser", async (host) => {
  await using server = host.example("time_server");
  await server.stdout(/Waiting for connection/);
  const { stdout } = await finish(host.c("browser", "127.0.0.1"));
  assertMatch(
    stdout,
    /^HTTP\/1.1 200 OK\r\nConnection: close\r\nContent-Type: text\/plain\r\n\r\nLocal time is: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n\n$/,
  );
  const { code, stdout: told } = await server.end();
  assertEquals(code, 0);
  assertMatch(
    told,
    /Received 18 bytes\.\nSending response\.\.\.\nSent 79 of 79 bytes\.\nSent 25 of 25 bytes\.\n/,
  );
});

Deno.test("the other examples print what the programs print", async () => {
  const env = { TZ: "UTC" };
  const cases = [
    [
      "showip",
      ["127.1"],
      /^IP addresses for 127\.1:\n\n {2}IPv4: 127\.0\.0\.1\n$/,
    ],
    [
      "time_console",
      [],
      /^Local time is: \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\n$/,
    ],
  ] as const;
  await checkEach(cases, async ([name, args, expected]) => {
    const script = `examples/${name}.ts`;
    const line = ["run", "--quiet", "--allow-net", "--allow-read", script];
    const example = new Running(Deno.execPath(), [...line, ...args], { env });
    assertMatch((await finish(example)).stdout, expected);
  });
});
