import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { PermissionError } from "../../lib/calls/errors.ts";
import { findTargets } from "../../lib/sockets/targets.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

/** The endpoint of an address's text and a port. */
const endpoint = (host: string, port: number) =>
  new Endpoint(IpAddress.parse(host), port);

/** A name of both loopback addresses, whatever the hosts file says. */
const BOTH = "parley.localhost";

/** The hosts of a name's targets. */
async function hostsOf(
  ...args: Parameters<typeof findTargets>
): Promise<string[]> {
  return (await findTargets(...args)).map(({ addr }) => addr.hostname);
}

Deno.test("findTargets() gives the addresses of a name", async () => {
  assertEquals(await findTargets({ hostname: BOTH, port: 80 }, "stream"), [
    {
      addr: { transport: "tcp", hostname: "::1", port: 80 },
      peers: [endpoint("::1", 80)],
    },
    {
      addr: { transport: "tcp", hostname: "127.0.0.1", port: 80 },
      peers: [endpoint("127.0.0.1", 80)],
    },
  ]);
});

Deno.test("findTargets() keeps to one family", async () => {
  for (
    const [family, host] of [["IPv6", "::1"], ["IPv4", "127.0.0.1"]] as const
  ) {
    const options = { hostname: BOTH, port: 80, family };
    assertEquals(await hostsOf(options, "stream"), [host]);
  }
});

Deno.test("findTargets() looks the service up on the socket's transport", async () => {
  const options = { hostname: "127.0.0.1", port: "ntp" };
  const [target] = await findTargets(options, "datagram");
  assertEquals(target?.addr, {
    transport: "udp",
    hostname: "127.0.0.1",
    port: 123,
  });
  const error = await assertRejects(
    () => findTargets(options, "stream"),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_SERVICE");
});

Deno.test("findTargets() knows no host of an impossible name", async () => {
  const error = await assertRejects(
    () => findTargets({ hostname: "a b", port: 80 }, "stream"),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_NONAME");
});

Deno.test({
  name: "findTargets() leaves out the addresses that are not granted",
  permissions: { net: ["127.0.0.1:80"] },
  async fn() {
    const options = { hostname: BOTH, port: 80 };
    assertEquals(await hostsOf(options, "stream"), ["127.0.0.1"]);
  },
});

Deno.test({
  name: "findTargets() returns the name if only that is granted",
  permissions: { net: [`${BOTH}:80`] },
  async fn() {
    assertEquals(await findTargets({ hostname: BOTH, port: 80 }, "stream"), [{
      addr: { transport: "tcp", hostname: BOTH, port: 80 },
      peers: [endpoint("::1", 80), endpoint("127.0.0.1", 80)],
    }]);
  },
});

Deno.test({
  name: "findTargets() gives a name that it may not look up, if it is granted",
  permissions: { net: ["host.example:80"] },
  async fn() {
    const options = { hostname: "host.example", port: 80 };
    const [target] = await findTargets(options, "stream");
    assertEquals(target?.addr, {
      transport: "tcp",
      hostname: "host.example",
      port: 80,
    });
    assertEquals(target?.peers, []);
    // What keeps its addresses from being known.
    assert(target?.unknown instanceof PermissionError);
  },
});

Deno.test({
  name: "findTargets() names the flag if nothing is granted",
  permissions: { net: ["127.0.0.1:81"] },
  async fn() {
    for (
      const [hostname, flag] of [
        [BOTH, `--allow-net=${BOTH}:80`],
        ["127.0.0.1", "--allow-net=127.0.0.1:80"],
        ["::1", "--allow-net=[::1]:80"],
        ["host.example", "--allow-net=host.example:80"],
      ] as const
    ) {
      const error = await assertRejects(
        () => findTargets({ hostname, port: 80 }, "stream"),
        PermissionError,
      );
      assertEquals(error.flag, flag);
    }
  },
});
