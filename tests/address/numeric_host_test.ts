import type { Family } from "../../lib/address/inet.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { parseNumericHost } from "../../lib/address/numeric_host.ts";
import { assertEquals } from "../assert.ts";

const hasInterface = (name: string) => name === "lo" || name === "eth0";

/** Fails unless the host is read as that address. */
function assertRead(host: string, family: Family, address: string): void {
  const read = parseNumericHost(host, hasInterface);
  assertEquals(read?.badScope, false, host);
  assertEquals(read?.address.family, family, host);
  assertEquals(read?.address.toString(), address, host);
}

Deno.test("parseNumericHost() takes IPv4 in every form of inet_aton(3)", () => {
  const table = [
    ["192.0.2.7", "192.0.2.7"],
    ["127.1", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["017700000001", "127.0.0.1"],
    ["0", "0.0.0.0"],
    ["4294967295", "255.255.255.255"],
  ] as const;
  for (const [host, address] of table) assertRead(host, "IPv4", address);
});

Deno.test("parseNumericHost() returns IPv6 in its canonical form", () => {
  const table = [
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8:0::A", "2001:db8::a"],
    ["::FFFF:c000:0207", "::ffff:192.0.2.7"],
    ["fe80::1", "fe80::1"],
  ] as const;
  for (const [host, address] of table) assertRead(host, "IPv6", address);
});

Deno.test("parseNumericHost() takes an interface's name behind link-local addresses", () => {
  for (const address of ["fe80::1", "febf::1", "ff02::1", "ff12::fb"]) {
    assertRead(`${address}%eth0`, "IPv6", `${address}%eth0`);
  }
});

Deno.test("parseNumericHost() takes an interface's name behind interface-local multicast addresses", () => {
  // glibc: IN6_IS_ADDR_MC_NODELOCAL.
  for (const address of ["ff01::1", "ff11::1"]) {
    assertRead(`${address}%lo`, "IPv6", `${address}%lo`);
  }
});

Deno.test("parseNumericHost() takes an interface's number behind any address", () => {
  const table = [
    ["fe80::1%2", "fe80::1%2"],
    ["::1%1", "::1%1"],
    ["2001:db8::1%0", "2001:db8::1%0"],
    ["fe80::1%007", "fe80::1%7"],
    ["fe80::1%4294967295", "fe80::1%4294967295"],
  ] as const;
  for (const [host, address] of table) assertRead(host, "IPv6", address);
});

Deno.test("parseNumericHost() reports a scope that no interface has", () => {
  const table = [
    ...["fe80::1%", "fe80::1%wlan0", "fe80::1%LO", "fe80::1%lo ", "fe80::1% 1"],
    ...["fe80::1%-1", "fe80::1%+1", "fe80::1%0x1", "fe80::1%1%1", "fe80::1%%1"],
    ...["fe80::1%4294967296", `fe80::1%${"9".repeat(400)}`, "fe80::1%１"],
    ...["::1%lo", "2001:db8::1%eth0", "fec0::1%lo", "ff05::1%lo", "::%lo"],
  ];
  for (const host of table) {
    assertEquals(
      parseNumericHost(host, hasInterface)?.badScope,
      true,
      JSON.stringify(host),
    );
  }
});

Deno.test("parseNumericHost() returns the address in front of a bad scope", () => {
  // Its family decides about the error.
  assertEquals(parseNumericHost("::1%lo", hasInterface), {
    address: IpAddress.parse("::1"),
    badScope: true,
  });
});

Deno.test("parseNumericHost() returns undefined for a name", () => {
  for (
    const host of [
      ...["", " ", "localhost", "a.test", "%", "%lo", "lo", "[::1]", "::1 "],
      ...["1.2.3.4 ", "1.2.3.4%1", "1.2.3.256", "1.2.3.4.5", "1.2.3.4."],
      ...["::1\0", "::1/64", ":::", "1:2", "１.2.3.4", "fe80::g%1"],
    ]
  ) {
    assertEquals(
      parseNumericHost(host, hasInterface),
      undefined,
      JSON.stringify(host),
    );
  }
});

Deno.test("parseNumericHost() asks for interfaces only if their names count", () => {
  // Asking may take a permission.
  const asked: string[] = [];
  const note = (name: string) => asked.push(name) > 0;
  for (const host of ["127.0.0.1", "::1", "fe80::1", "::1%1", "::1%lo", "lo"]) {
    parseNumericHost(host, note);
  }
  assertEquals(asked, []);
  parseNumericHost("fe80::1%eth0", note);
  assertEquals(asked, ["eth0"]);
});

Deno.test("parseNumericHost() reports an interface whose name no address can hold", () => {
  for (const name of ["a/b", "a[b", "a]b", "a b", "a\x1bb"]) {
    const read = parseNumericHost(`fe80::1%${name}`, () => true);
    assertEquals(read?.badScope, true, JSON.stringify(name));
    assertEquals(read?.address.toString(), "fe80::1");
  }
});
