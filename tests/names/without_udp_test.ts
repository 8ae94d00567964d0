/** Look-ups of programs that have no datagrams: Deno has them on request. */

import { assert, assertEquals } from "../assert.ts";
import { canBeSilent, silentListener } from "../harness.ts";
import { NameServer, type Question, zone } from "./name_server.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const RIGHT = zone({
  "host.example A": ["192.0.2.1"],
  "host.example AAAA": ["2001:db8::1"],
  "1.2.0.192.in-addr.arpa PTR": ["host.example"],
});

/** What a program without `--unstable-net` finds, and by which ways. */
async function findWithoutUdp(
  server: NameServer,
): Promise<{ readonly questions: readonly Question[] }> {
  const module = new URL("../../mod.ts", import.meta.url).href;
  const code = `
    import { getAddrInfo, getNameInfo } from "${module}";
    const nameServer = { ipAddr: "127.0.0.1", port: ${server.port} };
    const hints = { nameServer, socktype: "stream", timeout: 30_000 };
    const addr = { transport: "tcp", hostname: "192.0.2.1", port: 80 };
    const [list, { host }, { code }] = await Promise.all([
      getAddrInfo("host.example", 80, hints),
      getNameInfo(addr, hints),
      getAddrInfo("none.example", 80, hints).catch((error) => error),
    ]);
    const found = list.map(({ addr }) => addr.hostname).toSorted();
    console.log(JSON.stringify({ found, host, code }));`;
  const args = ["eval", "--no-config", "--no-check", "--ext=js", code];
  const env = { DENO_NO_UPDATE_CHECK: "1" };
  const command = new Deno.Command(Deno.execPath(), { args, env });
  const { stdout, stderr } = await command.output();
  assertEquals(decode(stderr), "");
  const { questions } = server;
  return { ...JSON.parse(decode(stdout)), questions };
}

const EXPECTED = {
  found: ["192.0.2.1", "2001:db8::1"],
  host: "host.example",
  code: "EAI_NONAME",
};

Deno.test("without --unstable-net names are asked for over TCP", async () => {
  await using server = new NameServer(RIGHT);
  const { questions, ...found } = await findWithoutUdp(server);
  assertEquals(found, EXPECTED);
  for (const { transport } of questions) assertEquals(transport, "tcp");
});

Deno.test("without --unstable-net Deno asks a server that takes no connections", async () => {
  await using server = new NameServer(RIGHT, { tcp: false });
  const { questions, ...found } = await findWithoutUdp(server);
  assertEquals(found, EXPECTED);
  assert(questions.length > 0);
  // Nobody wants to know the canonical name.
  assert(questions.every(({ type }) => type !== "CNAME"));
});

/** Speaks UDP beside a port that lets no connection in, and says nothing. */
async function withSilentPort(): Promise<
  AsyncDisposable & {
    server: NameServer;
  }
> {
  for (;;) {
    const listener = await silentListener("127.0.0.1");
    const { port } = listener;
    try {
      const server = new NameServer(RIGHT, { port, tcp: false });
      return {
        server,
        async [Symbol.asyncDispose]() {
          listener[Symbol.dispose]();
          await server[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      listener[Symbol.dispose]();
      // Somebody else has that port's other half.
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

Deno.test({
  name: "without --unstable-net Deno asks a server whose TCP port is silent",
  ignore: !canBeSilent,
  async fn() {
    await using silent = await withSilentPort();
    const { questions, ...found } = await findWithoutUdp(silent.server);
    assertEquals(found, EXPECTED);
    assert(questions.length > 0);
  },
});
