import { IpAddress } from "../../lib/address/ip_address.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { mayUnshare } from "../process.ts";

const LOCAL = { hostname: "0.0.0.0", port: 0 };

Deno.test("join() and leaving are calls, and ttl is set with the group", async () => {
  const calls: string[] = [];
  const observer = {
    call: ({ call, arguments: args, result }: CallEvent) =>
      void calls.push(`${call}(${args.join(", ")}) = ${result}`),
  };
  using socket = await listenDatagram({ ...LOCAL, ttl: 4, observer });
  calls.length = 0;
  {
    await using membership = await socket.join("239.1.2.3", "127.0.0.1");
    await membership.leave();
  }
  assertEquals(calls, [
    "setsockopt(3, IPPROTO_IP, IP_ADD_MEMBERSHIP, {239.1.2.3, 127.0.0.1}) = 0",
    "setsockopt(3, IPPROTO_IP, IP_MULTICAST_TTL, 4) = 0",
    "setsockopt(3, IPPROTO_IP, IP_DROP_MEMBERSHIP, {239.1.2.3, 127.0.0.1}) = 0",
  ]);
});

Deno.test("to leave a group after the socket was closed is nothing", async () => {
  const socket = await listenDatagram(LOCAL);
  const group = IpAddress.parse("239.1.2.3");
  const membership = await socket.join(group, IpAddress.parse("127.0.0.1"));
  socket.close();
  membership[Symbol.dispose]();
  await membership.leave();
});

Deno.test("join() fails in the system's words", async () => {
  using socket = await listenDatagram(LOCAL);
  for (
    const [group, via] of [
      ["239.1.2.3", "192.0.2.250"],
      ["239.1.2.3", "nosuchdevice"],
      ["ff02::1", "nosuchdevice"],
      ["ff02::1", 9999],
    ] as const
  ) {
    const error = await assertRejects(
      () => socket.join(group, via),
      SocketError,
    );
    assertEquals([error.step], ["setsockopt"]);
  }
  const error = await assertRejects(
    () => socket.join("239.1.2.3", "192.0.2.250"),
    SocketError,
    "No such device",
  );
  assertEquals(error.code, "ENODEV");
  await assertRejects(() => socket.join("127.0.0.1"), RangeError);
  await assertRejects(() => socket.join("all"), SyntaxError);
  socket.close();
  const closed = await assertRejects(
    () => socket.join("239.1.2.3", "127.0.0.1"),
    SocketError,
  );
  assertEquals(closed.code, "ECANCELED");
});

Deno.test("listenDatagram() refuses a ttl that is none", async () => {
  for (const ttl of [-1, 256, 1.5]) {
    await assertRejects(() => listenDatagram({ ...LOCAL, ttl }), RangeError);
  }
});

Deno.test("listenDatagram() joins the group that it is bound to, on every interface", async () => {
  const calls: string[] = [];
  const observer = {
    call: ({ call, arguments: args }: CallEvent) =>
      void calls.push(`${call} ${args.at(-1)}`),
  };
  using socket = await listenDatagram({
    hostname: ["239.1.2.3", "127.0.0.1"],
    port: 0,
    observer,
  });
  const { port } = socket.addr;
  assertEquals(
    socket.addrs.map(({ hostname, port }) => `${hostname}:${port}`),
    [`239.1.2.3:${port}`, `127.0.0.1:${port}`],
  );
  const interfaces = Deno.networkInterfaces()
    .filter(({ family }) => family === "IPv4");
  assertEquals(
    calls.filter((call) => call.startsWith("setsockopt {")),
    interfaces.map(({ address }) => `setsockopt {239.1.2.3, ${address}}`),
  );
});

Deno.test("listenDatagram() takes no IPv6 group without its scope", async () => {
  const events: unknown[] = [];
  const observer = { event: (event: unknown) => void events.push(event) };
  await assertRejects(
    () => listenDatagram({ hostname: "ff02::1", port: 0, observer }),
    RangeError,
    "ff02::1 needs its scope, as in ff02::1%eth0",
  );
  assertEquals(events, []);
});

Deno.test("datagrams come in at each of several sockets, and are answered from there", async () => {
  const hosts = ["127.0.0.1", "127.0.0.2", "::1"];
  using socket = await listenDatagram({ hostname: hosts, port: 0 });
  for (let round = 0; round < 2; round++) {
    for (const hostname of hosts) {
      using peer = await listenDatagram({
        hostname: hostname === "::1" ? "::1" : "127.0.0.1",
        port: 0,
      });
      await peer.sendTo(new Uint8Array([round]), {
        transport: "udp",
        hostname,
        port: socket.addr.port,
      });
      const { data, peer: from } = await socket.receive();
      assertEquals(data, new Uint8Array([round]));
      assertEquals(from.port, peer.addr.port);
      await socket.sendTo(data, from);
      const answer = await peer.receive();
      assertEquals(String(answer.peer.address), hostname);
    }
  }
});

const SETUP = `
set -e
ip link set lo up
ip link add party type veth peer name other
ip link set other up
ip link set party multicast on up
ip address add 192.0.2.1/24 dev party
ip address add fe80::1/64 dev party nodad
ip route add 224.0.0.0/4 dev party
exec "$0" run --quiet -A --unstable-net --no-check "$1"
`;

Deno.test({
  name:
    "a member hears its group, by any name of the interface, until it leaves",
  ignore: !mayUnshare(),
  async fn() {
    const member = new URL("./multicast_member.ts", import.meta.url).href;
    const args = ["--net", "sh", "-c", SETUP, Deno.execPath(), member];
    const ran = new Deno.Command("unshare", { args });
    const { stdout, stderr } = await ran.output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(
      new TextDecoder().decode(stdout),
      "239.1.2.3 end 239.1.2.4 end ff02::1234 end ff02::1235%party end\n",
    );
  },
});
