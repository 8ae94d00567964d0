import { assertEquals } from "../assert.ts";
import { CLOSED_PORT, portOf, run, start } from "../harness.ts";
import { IPV4, ncatListening, peerTest, peerTestOverBoth } from "./peers.ts";

/** What a server prints if its port is taken. */
const TAKEN = {
  server: {
    stdout: "",
    stderr: "server: bind: Address already in use\nserver: failed to bind\n",
  },
  time_server: {
    stdout: "Configuring local address...\nCreating socket...\n" +
      "Binding socket to local address...\n",
    stderr: "time_server: bind: Address already in use\n",
  },
  listener: {
    stdout: "",
    stderr: "listener: bind: Address already in use\n" +
      "listener: failed to bind socket\n",
  },
};

for (const [program, words] of Object.entries(TAKEN)) {
  const assertTaken = async (port: number, ...args: string[]) => {
    const line = ["--port", String(port), ...args];
    const { code, stdout, stderr } = await run(program, line);
    assertEquals({ code, stdout, stderr }, { code: 2, ...words });
  };

  Deno.test(`${program} says that another ${program} has its port`, async () => {
    await using first = start(program, ["--port", "0"]);
    await assertTaken(await portOf(first));
  });

  peerTest(["ncat"], `${program} says that ncat has its port`, async () => {
    const args = program === "listener" ? ["-u"] : [];
    await using peer = await ncatListening(IPV4, { args });
    await assertTaken(peer.port, "--host", IPV4.host);
  });
}

for (
  const [program, ...operands] of [
    ["showip"],
    ["client"],
    ["talker", "hello"],
  ] as const
) {
  Deno.test(`${program} says that a name cannot be a host's`, async () => {
    for (const host of ["no such host", "x".repeat(300)]) {
      const { code, stderr } = await run(program, [host, ...operands]);
      // C's line, then one of ours that names the host.
      const ours = program === "showip"
        ? ""
        : `${program}: cannot resolve "${host}"\n`;
      assertEquals({ code, stderr }, {
        code: 2,
        stderr: "getaddrinfo: Name or service not known\n" + ours,
      });
    }
  });
}

peerTestOverBoth([], "client says that it was refused", async ({ host }) => {
  const result = await run("client", [host, CLOSED_PORT]);
  const { code, stdout, stderr } = result;
  assertEquals(
    stderr,
    "client: connect: Connection refused\nclient: failed to connect\n",
  );
  assertEquals({ code, stdout }, { code: 2, stdout: "" });
});
