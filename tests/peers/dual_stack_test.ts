/** What servers do where an IPv6 socket takes IPv6 only. */

import { assertEquals } from "../assert.ts";
import { mayUnshare, Running } from "../harness.ts";

const ignore = !mayUnshare();

/** In a network of its own, runs a program, then others against its port. */
const SCRIPT = String.raw`
ip link set lo up
echo 1 > /proc/sys/net/ipv6/bindv6only
deno=$1 flags=$2 server=$3
shift 3
address='(on|to) .*:([0-9]+)$'
coproc "$deno" run --quiet $flags cmd/$server
exec 3<&"${"$"}{COPROC[0]}"
while IFS= read -r line <&3; do
  echo "$line"
  [[ $line =~ $address ]] && port=${"$"}{BASH_REMATCH[2]}
  [[ $line == *waiting* || $line == *Waiting* ]] && break
done
for peer in "$@"; do
  "$deno" run --quiet -A cmd/${"$"}{peer/PORT/$port} > /dev/null ||
    echo "failed: $peer"
done
cat <&3
`;

/** Runs a server there, and returns what it says, its port left out. */
async function serve(
  flags: string,
  server: string,
  ...peers: string[]
): Promise<string[]> {
  const args = ["--net", "bash", "-c", SCRIPT, "bash"];
  await using running = new Running("unshare", [
    ...args,
    ...[Deno.execPath(), flags, server, ...peers],
  ], { stdin: "" });
  const { stdout, stderr } = await running.end();
  const lines = `${stdout}${stderr}`.split("\n").slice(0, -1);
  return lines.map((line) => line.replace(/(\]|0\.0\.0\.0):\d+$/, "$1:PORT"));
}

for (const options of ["", " --reuse-port"]) {
  Deno.test({
    name: `server${options} hears both families through two sockets`,
    ignore,
    async fn() {
      assertEquals(
        await serve(
          "-A",
          `server.ts --port 0 --count 2${options}`,
          "client.ts 127.0.0.1 PORT",
          "client.ts ::1 PORT",
        ),
        [
          "server: listening on [::]:PORT",
          "server: listening on 0.0.0.0:PORT",
          "server: waiting for connections...",
          "server: got connection from 127.0.0.1",
          "server: got connection from ::1",
        ],
      );
    },
  });
}

Deno.test({
  name: "listener hears both families through two sockets, and answers both",
  ignore,
  async fn() {
    const heard = (host: string) => [
      `listener: got packet from ${host}`,
      "listener: packet is 5 bytes long",
      'listener: packet contains "hello"',
    ];
    assertEquals(
      await serve(
        "-A",
        "listener.ts --port 0 --count 2 --echo",
        "talker.ts --connect 127.0.0.1 hello --port PORT",
        "talker.ts --connect ::1 hello --port PORT",
      ),
      [
        "listener: bound to [::]:PORT",
        "listener: bound to 0.0.0.0:PORT",
        "listener: waiting to recvfrom...",
        ...heard("127.0.0.1"),
        ...heard("::1"),
      ],
    );
  },
});

Deno.test({
  name: "server with a grant for :: only hears IPv6 only",
  ignore,
  async fn() {
    assertEquals(
      await serve(
        "--allow-net=[::]:3490",
        "server.ts --count 1",
        "client.ts ::1 PORT",
      ),
      [
        "server: listening on [::]:PORT",
        "server: waiting for connections...",
        "server: got connection from ::1",
      ],
    );
  },
});
