/** The bytes of addresses beside those of the C library. */

import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { sockaddrOf } from "../../lib/address/sockaddr.ts";
import { platform } from "../../lib/calls/platform.ts";
import { scopeId } from "../../lib/names/interfaces.ts";
import { assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";
import { finish, peerTest } from "./peers.ts";

/** The scopes that this machine's link-local addresses have. */
function scopes(): string[] {
  return Deno.networkInterfaces()
    .filter(({ address }) => address.startsWith("fe80:"))
    .map(({ name }) => `fe80::1%${name}`);
}

peerTest(
  ["gcc"],
  "addresses lie in memory as the C library lays them out",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const program = `${folder}/sockaddr`;
      const source = "tests/peers/sockaddr.c";
      const built = await finish(new Running("gcc", ["-o", program, source]));
      assertEquals([built.code, built.stderr], [0, ""]);
      const hosts = ["127.0.0.1", "::1", "2001:db8:63b3:1::3490", "0.0.0.0"];
      hosts.push("::ffff:192.0.2.1", "fe80::1%1", ...scopes());
      const ports = [3490, 0, 65535];
      const pairs = hosts.flatMap((host) =>
        ports.map((port) => [host, port] as const)
      );
      const args = pairs.flat().map(String);
      const { stdout, stderr } = await finish(new Running(program, args));
      assertEquals(stderr, "");
      const ours = pairs.flatMap(([host, port]) => {
        const address = IpAddress.parse(host);
        const endpoint = new Endpoint(address, port);
        const id = scopeId(address.scope);
        const { size, fields } = sockaddrOf(endpoint, platform.sockaddr, id);
        const lines = fields.map(({ name, offset, hex }) =>
          `${name} ${offset} ${hex}`
        );
        return [`${size} bytes`, ...lines];
      });
      assertEquals(stdout.trimEnd().split("\n"), ours);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
