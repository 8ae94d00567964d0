/** A name server behind a router that lets nothing through, and says so. */

import { assertEquals } from "../assert.ts";
import { Machine, machineTest } from "./machine.ts";
import { HOST } from "./situations.ts";

const SERVER = "2001:db8:51::1";

/** Puts a router between the machine and the server, and runs the words. */
const BEHIND_ROUTER = `
set -e
unshare --net sleep 100 & router=$!
trap 'kill $router' EXIT
own=$(readlink /proc/self/ns/net)
while [ "$(readlink /proc/$router/ns/net)" = "$own" ]; do sleep 0.01; done
ip link add eth0 type veth peer name eth1 netns $router
ip link set eth0 up
ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad
nsenter --net --target $router bash -c '
  set -e
  ip link set eth1 up
  ip -6 addr add 2001:db8:1::1/64 dev eth1 nodad
  echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
  echo 0 > /proc/sys/net/ipv6/icmp/ratelimit
  ip -6 route add prohibit ${SERVER}'
ip -6 route add default via 2001:db8:1::1
"$@"
`;

machineTest("a name server that a firewall rejects is not silent", async () => {
  const resolvConf = [`nameserver ${SERVER}`];
  await using machine = await Machine.make({ resolvConf, network: true });
  const { stderr } = await machine.run(
    ...["bash", "-c", BEHIND_ROUTER, "bash"] as const,
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-all"],
    ...["cmd/showip.ts", "--trace", HOST],
  );
  const summary = `1 server: ${SERVER} Permission denied`;
  assertEquals(
    stderr.split("\n").find((line) => line.includes("1 server"))?.trim(),
    summary,
    stderr,
  );
});
