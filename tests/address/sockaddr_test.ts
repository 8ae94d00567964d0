import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import {
  groupsBelowBytes,
  type SockaddrLayout,
  sockaddrOf,
} from "../../lib/address/sockaddr.ts";
import { assertEquals } from "../assert.ts";

const LINUX = { inet6: 10, hasLength: false, littleEndian: true };
const APPLE = { inet6: 30, hasLength: true, littleEndian: true };
const BIG = { inet6: 24, hasLength: false, littleEndian: false };

/** The fields as lines of offset, name and bytes. */
function lines(text: string, layout: SockaddrLayout, id?: number): string[] {
  const { struct, size, fields } = sockaddrOf(Endpoint.parse(text), layout, id);
  const rows = fields.map(({ offset, name, hex }) =>
    `${offset} ${name} ${hex ?? "unknown"}`
  );
  return [`${struct} ${size}`, ...rows];
}

Deno.test("sockaddrOf() lays an IPv4 address out", () => {
  assertEquals(lines("127.0.0.1:3490", LINUX, 0), [
    "sockaddr_in 16",
    "0 sin_family 02 00",
    "2 sin_port 0d a2",
    "4 sin_addr 7f 00 00 01",
    "8 sin_zero 00 00 00 00 00 00 00 00",
  ]);
});

Deno.test("sockaddrOf() lays an IPv6 address out, its scope in host byte order", () => {
  assertEquals(lines("[fe80::1%eth0]:80", LINUX, 258), [
    "sockaddr_in6 28",
    "0 sin6_family 0a 00",
    "2 sin6_port 00 50",
    "4 sin6_flowinfo 00 00 00 00",
    "8 sin6_addr fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01",
    "24 sin6_scope_id 02 01 00 00",
  ]);
});

Deno.test("sockaddrOf() has no bytes for a scope whose number is not known", () => {
  const last = lines("[fe80::1%eth0]:80", LINUX).at(-1);
  assertEquals(last, "24 sin6_scope_id unknown");
});

Deno.test("sockaddrOf() sets the length in front of the family if the system does", () => {
  assertEquals(lines("127.0.0.1:3490", APPLE, 0).slice(0, 4), [
    "sockaddr_in 16",
    "0 sin_len 10",
    "1 sin_family 02",
    "2 sin_port 0d a2",
  ]);
  assertEquals(lines("[::1]:3490", APPLE, 0).slice(0, 4), [
    "sockaddr_in6 28",
    "0 sin6_len 1c",
    "1 sin6_family 1e",
    "2 sin6_port 0d a2",
  ]);
});

Deno.test("sockaddrOf() follows the byte order of a big-endian machine", () => {
  const [, family, port, , , scope] = lines("[::1]:3490", BIG, 258);
  assertEquals([family, port, scope], [
    "0 sin6_family 00 18",
    "2 sin6_port 0d a2",
    "24 sin6_scope_id 00 00 01 02",
  ]);
});

Deno.test("groupsBelowBytes() sets each group below its two bytes", () => {
  const table = [
    ["::", "::"],
    ["::1", "::                                        1"],
    ["1::", "1     ::"],
    ["2001:db8::7", "2001  db8   ::                            7"],
    [
      "2001:db8:1:2:3:4:5:6",
      "2001  db8   1     2     3     4     5     6",
    ],
    ["fe80::1%eth0", "fe80  ::                                  1"],
    ["::ffff:192.0.2.1", "::                            ffff  192.0.2.1"],
  ] as const;
  for (const [text, expected] of table) {
    assertEquals(groupsBelowBytes(IpAddress.parse(text)), expected, text);
  }
});
