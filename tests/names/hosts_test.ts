import {
  type HostsEntry,
  HostsTable,
  parseHostsLine,
} from "../../lib/names/hosts.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assertEquals } from "../assert.ts";

/** The entries of a text's lines. */
function parseHosts(text: string): HostsEntry[] {
  return text.split("\n").map(parseHostsLine).filter((entry) =>
    entry !== undefined
  );
}

Deno.test("parseHostsLine() reads an address, its name and its aliases", () => {
  const text = "127.0.0.1\tlocalhost\n::1 localhost  ip6-localhost\tLoopBack\n";
  assertEquals(parseHosts(text), [
    {
      address: IpAddress.parse("127.0.0.1"),
      name: "localhost",
      names: ["localhost"],
    },
    {
      address: IpAddress.parse("::1"),
      name: "localhost",
      names: ["localhost", "ip6-localhost", "loopback"],
    },
  ]);
});

Deno.test("parseHostsLine() keeps the case of the canonical name", () => {
  const [entry] = parseHosts("192.0.2.1 Printer.Example PRN");
  assertEquals(entry?.name, "Printer.Example");
  assertEquals(entry?.names, ["printer.example", "prn"]);
});

Deno.test("parseHostsLine() passes comments over, and white space", () => {
  const text = "\r\n# 192.0.2.1 a\n  192.0.2.2 b # c d\r\n192.0.2.3 e#f\n";
  assertEquals(
    parseHosts(text).map(({ address, names }) => [address.toString(), names]),
    [["192.0.2.2", ["b"]], ["192.0.2.3", ["e"]]],
  );
});

Deno.test("parseHostsLine() passes lines over that glibc passes over", () => {
  const lines = [
    ...["", "   ", "192.0.2.1", "name 192.0.2.1", "127.1 short"],
    ...["192.0.2.256 big", "01.2.3.4 octal", "fe80::1%lo scoped"],
    ...["::1::2 twice", "# comment"],
  ];
  assertEquals(parseHosts(lines.join("\n")), []);
});
