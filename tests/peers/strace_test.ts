import { assertEquals } from "../assert.ts";
import { CLOSED_PORT, silentListener } from "../harness.ts";
import { jsonPortOf, readAll, utf8 } from "../cmd/support.ts";
import { peerTest } from "./peers.ts";
import { Watched } from "./strace.ts";

/** A name that is kept for the loopback, so that nobody is asked for it. */
const BOTH = "parley.localhost";

/** Fails unless a program's trace is what strace saw of it. */
async function assertTruth(watched: Watched): Promise<void> {
  const { system, ours } = await watched.seen();
  assertEquals(ours, system);
}

peerTest(
  ["strace"],
  "the traces of server and client are what strace sees",
  async () => {
    await using server = new Watched("server", ["--port=0", "--count=1"]);
    const port = await jsonPortOf(server.running);
    await using client = new Watched("client", ["::1", `${port}`]);
    await assertTruth(client);
    await assertTruth(server);
  },
);

peerTest(
  ["strace"],
  "the trace of time_server is what strace sees",
  async () => {
    await using server = new Watched("time_server", [
      ...["--port=0", "--count=3", "--reuse-port"],
    ]);
    const port = await jsonPortOf(server.running);
    for (const hostname of ["127.0.0.1", "::1"]) {
      using conn = await Deno.connect({ hostname, port });
      await conn.write(utf8("GET / HTTP/1.1\r\nHost: "));
      await server.running.stdout(/"reading"[^]*/);
      await conn.write(utf8("localhost\r\n\r\n"));
      await readAll(conn);
    }
    // One is refused, and its peer waited for.
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(utf8("BREW / HTTP/1.1\r\n\r\n"));
    await readAll(conn);
    conn.close();
    await assertTruth(server);
  },
);

peerTest(
  ["strace"],
  "the trace of a client that is refused is what strace sees",
  async () => {
    await using client = new Watched("client", [BOTH, CLOSED_PORT]);
    await assertTruth(client);
  },
);

peerTest(
  ["strace"],
  "the trace of a client that tries two addresses at once is what strace sees",
  async () => {
    using silent = await silentListener("::1");
    const { port } = silent;
    using listener = Deno.listen({ hostname: "127.0.0.1", port });
    await using client = new Watched("client", [BOTH, `${port}`]);
    using conn = await listener.accept();
    await conn.write(utf8("hello"));
    await conn.closeWrite();
    await assertTruth(client);
  },
);

peerTest(["strace"], "the trace of client -i is what strace sees", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const args = ["-i", "127.0.0.1", `${listener.addr.port}`];
  await using client = new Watched("client", args, { stdin: "half\n" });
  using conn = await listener.accept();
  const heard = await readAll(conn);
  await conn.write(utf8(`heard ${heard}`));
  await conn.closeWrite();
  await assertTruth(client);
});

for (const options of [[], ["--echo"]]) {
  const talks = options.length > 0 ? ["--connect"] : [];
  const names = `${["listener", ...options].join(" ")} and ${
    ["talker", ...talks].join(" ")
  }`;
  peerTest(
    ["strace"],
    `the traces of ${names} are what strace sees`,
    async () => {
      const args = ["--port=0", "--count=1", ...options];
      await using listener = new Watched("listener", args);
      const port = await jsonPortOf(listener.running);
      const to = [`--port=${port}`, ...talks, "127.0.0.1", "hello"];
      await using talker = new Watched("talker", to);
      await assertTruth(talker);
      await assertTruth(listener);
    },
  );
}

peerTest(
  ["strace"],
  "the trace of a server whose port is taken is what strace sees",
  async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = [`--port=${taken.addr.port}`, "--host=127.0.0.1"];
    await using server = new Watched("server", args);
    await assertTruth(server);
  },
);
