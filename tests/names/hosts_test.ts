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

Deno.test("parseHostsLine() parts words by what C takes for white space, and no other", () => {
  const table: [line: string, names: string[] | undefined][] = [
    ["192.0.2.1 a\tb\vc\fd\re\n", ["a", "b", "c", "d", "e"]],
    ["\t 192.0.2.1\ta \r", ["a"]],
    ["192.0.2.1 a\0b c", ["a"]],
    ["192.0.2.1\u00a0a b", undefined],
    ["192.0.2.1 a\u3000b c", ["", "c"]],
    // A byte order mark.
    ["\ufeff192.0.2.1 a", undefined],
  ];
  for (const [line, names] of table) {
    assertEquals(parseHostsLine(line)?.names, names, JSON.stringify(line));
  }
});

Deno.test("parseHostsLine() passes lines over that glibc passes over", () => {
  const lines = [
    ...["", "   ", "192.0.2.1", "name 192.0.2.1", "127.1 short"],
    ...["192.0.2.256 big", "01.2.3.4 octal", "fe80::1%lo scoped"],
    ...["::1::2 twice", "# comment"],
  ];
  assertEquals(parseHosts(lines.join("\n")), []);
});

Deno.test("parseHostsLine() takes an address in any spelling", () => {
  const table: [text: string, address: string][] = [
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::FFFF:C000:201", "::ffff:192.0.2.1"],
  ];
  for (const [text, address] of table) {
    assertEquals(
      parseHostsLine(`${text} name`)?.address.toString(),
      address,
    );
  }
});

Deno.test("parseHostsLine() has names beyond ASCII in the form that is looked for", () => {
  const entry = parseHostsLine("192.0.2.1 Bücher.example ＨＯＳＴ a/ü");
  assertEquals(entry?.name, "Bücher.example");
  assertEquals(entry?.names, ["xn--bcher-kva.example", "host", ""]);
});

Deno.test("HostsTable finds all entries of a name, in the file's order", () => {
  const table = HostsTable.parse(
    "192.0.2.1 a b\n192.0.2.2 c b b\n192.0.2.3 a\n192.0.2.4 b a",
  );
  const found = (name: string) =>
    table.byName(name).map(({ address }) => address.toString());
  assertEquals(found("b"), ["192.0.2.1", "192.0.2.2", "192.0.2.4"]);
  assertEquals(found("a"), ["192.0.2.1", "192.0.2.3", "192.0.2.4"]);
  assertEquals(found("c"), ["192.0.2.2"]);
  assertEquals(found("d"), []);
  assertEquals(found("constructor"), []);
});

Deno.test("HostsTable finds the first entry of an address", () => {
  const table = HostsTable.parse("::1 a\n0:0::1 b\n192.0.2.1 c");
  const loopback = IpAddress.parse("::1");
  const entry = table.byAddress((address) => address.equals(loopback));
  assertEquals(entry?.name, "a");
  assertEquals(table.byAddress(() => false), undefined);
});
