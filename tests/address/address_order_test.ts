import fc from "fast-check";
import {
  orderAddresses,
  ruleName,
  type SourceAddress,
} from "../../lib/address/address_order.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assert, assertEquals } from "../assert.ts";

/** Source addresses, in networks of the usual size. */
function from(...addresses: string[]): SourceAddress[] {
  return addresses.map(IpAddress.parse).map((address) => ({
    address,
    prefixLength: address.family === "IPv6" ? 64 : 24,
  }));
}

/** Each address with the rule that put it there, as in `::1 by 6`. */
function ordered(
  addresses: readonly string[],
  sources?: readonly SourceAddress[],
): string[] {
  return orderAddresses(addresses.map(IpAddress.parse), sources).map((
    { address, rule },
  ) => rule === undefined ? String(address) : `${address} by ${rule}`);
}

/** Candidate sources, the two destinations as they come out, and the rule. */
type Example = readonly [
  sources: readonly string[],
  first: string,
  second: string,
  rule: number,
];

/** Fails unless an example holds, in whatever order the addresses are given. */
function assertExample([sources, first, second, rule]: Example): void {
  const expected = [first, `${second} by ${rule}`];
  for (const known of [sources, sources.toReversed()]) {
    for (const destinations of [[first, second], [second, first]]) {
      assertEquals(ordered(destinations, from(...known)), expected);
    }
  }
}

Deno.test("orderAddresses() returns the order of RFC 6724 section 10.2", () => {
  const table: Example[] = [
    // Prefer matching scope.
    [
      ["2001:db8:1::2", "fe80::1", "169.254.13.78"],
      ...["2001:db8:1::1", "198.51.100.121"] as const,
      2,
    ],
    [
      ["fe80::1", "198.51.100.117"],
      ...["198.51.100.121", "2001:db8:1::1"] as const,
      2,
    ],
    // Prefer higher precedence.
    [
      ["2001:db8:1::2", "fe80::1", "10.1.2.4"],
      ...["2001:db8:1::1", "10.1.2.3"] as const,
      6,
    ],
    // Prefer smaller scope.
    [
      ["2001:db8:1::2", "fe80::2"],
      ...["fe80::1", "2001:db8:1::1"] as const,
      8,
    ],
    // The two examples of home and deprecated addresses are left out: Deno does
    // not report which addresses are such.
    // Use longest matching prefix.
    [
      ["2001:db8:1::2", "2001:db8:3f44::2", "fe80::2"],
      ...["2001:db8:1::1", "2001:db8:3ffe::1"] as const,
      9,
    ],
    // Prefer matching label.
    [
      ["2002:c633:6401::2", "fe80::2"],
      ...["2002:c633:6401::1", "2001:db8:1::1"] as const,
      5,
    ],
    // Prefer higher precedence.
    [
      ["2002:c633:6401::2", "2001:db8:1::2", "fe80::2"],
      ...["2001:db8:1::1", "2002:c633:6401::1"] as const,
      6,
    ],
  ];
  for (const example of table) assertExample(example);
});

Deno.test("orderAddresses() returns the order of RFC 6724 section 10.5 before the table is changed", () => {
  const sources = ["2001:db8:1aaa::a", "2001:db8:70aa::a", "fe80::a"];
  assertExample([sources, "2001:db8:70bb::b", "2001:db8:1bbb::b", 9]);
  assertExample([sources, "2001:db8:1ccc::c", "2001:db8:6ccc::c", 9]);
});

// A source shows only in the order. In each of these examples, many of them
// from RFC 6724 section 10.1, the second destination is one that another source
// of the first one would have put first.

Deno.test("orderAddresses() selects the destination itself as its source", () => {
  // From 2001:db8:1::2 it would be farther away than 2001:db8:1::3 is.
  const sources = ["2001:db8:1::2", "2001:db8:1::1"];
  assertExample([sources, "2001:db8:1::1", "2001:db8:1::3", 9]);
});

Deno.test("orderAddresses() selects a source of the destination's scope", () => {
  // From fe80::1 the scopes would differ, and rule 2 would prefer IPv4.
  const sources = ["2001:db8:3::1", "fe80::1", "198.51.100.117"];
  assertExample([sources, "2001:db8:1::1", "198.51.100.121", 6]);
  // From 2001:db8:1::1 the scopes would differ, and rule 2 would prefer that.
  assertExample([["fe80::2", "2001:db8:1::1"], "fe80::1", "2001:db8:1::2", 8]);
});

Deno.test("orderAddresses() selects a source of the destination's label", () => {
  // From 2001:db8:1::2 rule 5 would prefer fd00::1, whose label matches.
  const sources = [
    "2002:c633:6401::d5e3:7953:13eb:22e8",
    "2001:db8:1::2",
    "fd00::2",
  ];
  assertExample([sources, "2002:c633:6401::1", "fd00::1", 6]);
  // 2001::2 shares more bits with 2001:db8::1, but has Teredo's label.
  const others = ["2600::2", "2001::2", "fd00::2"];
  assertExample([others, "2001:db8::1", "fd00::1", 6]);
});

Deno.test("orderAddresses() selects the source with the longest matching prefix", () => {
  // 2001:db8:2::1 shares 47 bits with 2001:db8:3::2; 2001:db8:1::1 would
  // share 46 with it.
  const sources = ["2001:db8:1::2", "2001:db8:3::2"];
  assertExample([sources, "2001:db8:1::1", "2001:db8:2::1", 9]);
});

Deno.test("orderAddresses() follows the policy table if no sources are known", () => {
  assertEquals(
    ordered([
      ...["::192.0.2.1", "3ffe::1", "fec0::1", "fd00::1", "2001::1"],
      ...["2002::1", "198.51.100.1", "2001:db8::1", "::1"],
    ]),
    [
      "::1",
      "2001:db8::1 by 6",
      "198.51.100.1 by 6",
      "2002::1 by 6",
      "2001::1 by 6",
      "fd00::1 by 6",
      // These have the same precedence; a site-local one has the smaller scope.
      "fec0::1 by 6",
      "::192.0.2.1 by 8",
      "3ffe::1 by 10",
    ],
  );
});

Deno.test("orderAddresses() takes both families as usable if no sources are known", () => {
  const mixed = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2"];
  assertEquals(ordered(mixed), [
    "2001:db8::1",
    "2001:db8::2 by 10",
    "192.0.2.1 by 6",
    "192.0.2.2 by 10",
  ]);
});

Deno.test("orderAddresses() prefers the smaller scope", () => {
  assertEquals(
    ordered(["2001:db8::1", "ff0e::1", "ff08::1", "ff05::1", "fe80::1"]),
    ["fe80::1", "ff05::1 by 8", "ff08::1 by 8", "2001:db8::1 by 8"]
      .concat("ff0e::1 by 10"),
  );
  assertEquals(ordered(["ff02::1", "ff01::1"]), ["ff01::1", "ff02::1 by 8"]);
  // RFC 6724 section 3.2: private IPv4 addresses have global scope.
  assertEquals(ordered(["198.51.100.1", "10.0.0.1", "169.254.0.1"]), [
    "169.254.0.1",
    "198.51.100.1 by 8",
    "10.0.0.1 by 10",
  ]);
});

Deno.test("orderAddresses() keeps the order of IPv4 outside of a subnet, as glibc does", () => {
  // 192.1.0.1 shares 15 bits with the source, 10.9.9.9 none: rule 9 of the RFC
  // would turn them round, and undo the round robin of a name server.
  const source = from("192.0.2.2");
  for (const list of [["10.9.9.9", "192.1.0.1"], ["192.1.0.1", "10.9.9.9"]]) {
    assertEquals(ordered(list, source), [list[0], `${list[1]} by 10`]);
  }
});

Deno.test("orderAddresses() prefers what is near in the source's subnet, as glibc does", () => {
  assertExample([["192.0.2.2"], "192.0.2.77", "192.1.0.1", 9]);
  assertExample([["192.0.2.2"], "192.0.2.3", "192.0.2.77", 9]);
  // glibc counts the bits of an IPv6 address beyond the prefix as well.
  assertExample([["fd00::2"], "fd00::3", "fd00::ffff", 9]);
});

Deno.test("orderAddresses() puts destinations that cannot be reached last", () => {
  assertExample([["192.0.2.2"], "198.51.100.1", "2001:db8::1", 1]);
  assertExample([["2001:db8::2"], "fec0::1", "198.51.100.1", 1]);
  // Precedence decides if nothing can be reached at all.
  assertExample([[], "2001:db8::1", "198.51.100.1", 6]);
});

Deno.test("orderAddresses() takes the loopback's address as a source only for the loopback", () => {
  const loopback = ["127.0.0.1", "::1"];
  const sources = [...loopback, "192.0.2.2"];
  assertExample([sources, "198.51.100.1", "2001:db8::1", 1]);
  assertExample([["192.0.2.2", "127.0.0.1"], "127.0.0.1", "::1", 1]);
  assertExample([loopback, "::1", "127.0.0.1", 6]);
});

Deno.test("orderAddresses() takes an IPv4-mapped address for an IPv4 one", () => {
  const mapped = "::ffff:198.51.100.1";
  assertExample([["192.0.2.2"], mapped, "2001:db8::1", 1]);
  assertExample([["192.0.2.2", "2001:db8::2"], "2001:db8::1", mapped, 6]);
});

Deno.test("orderAddresses() keeps a scope and does not compare by it", () => {
  assertExample([
    ["fe80::2%eth0", "2001:db8::2"],
    ...["fe80::1%eth0", "2001:db8::1"] as const,
    8,
  ]);
});

Deno.test("orderAddresses() has no rule for the first address, and nothing for none", () => {
  const address = IpAddress.parse("::1");
  assertEquals(orderAddresses([]), []);
  assertEquals(orderAddresses([address], []), [{ address }]);
});

Deno.test("ruleName() names the rules that are applied, and no others", () => {
  const named = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    .filter((rule) => ruleName(rule) !== "");
  assertEquals(named, [1, 2, 5, 6, 8, 9, 10]);
  assertEquals(ruleName(9), "use longest matching prefix");
});

/** Addresses, those of the table's rows and of every scope among them. */
const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(
    fc.constantFrom(
      ...["::", "::ffff:0:", "2001:db8::", "2001::", "2002::", "3ffe::"],
      ...["fc00::", "fec0::", "fe80::", "ff02::", "ff05::", "ff0e::"],
    ),
    fc.nat(0xffff),
  ).map(([prefix, end]) => prefix + end.toString(16)),
).map(IpAddress.parse);

const anySources = fc.option(
  fc.array(
    fc.record({ address: anyAddress, prefixLength: fc.nat(32) }),
    { maxLength: 6 },
  ),
  { nil: undefined },
);

Deno.test("orderAddresses() returns every address it was given, and twice the same order", () => {
  fc.assert(
    fc.property(fc.array(anyAddress), anySources, (addresses, sources) => {
      const once = orderAddresses(addresses, sources);
      const again = once.map(({ address }) => address);
      assertEquals(
        again.map(String).toSorted(),
        addresses.map(String).toSorted(),
      );
      assertEquals(orderAddresses(again, sources), once);
      for (const [i, { rule }] of once.entries()) {
        assert(i === 0 ? rule === undefined : rule! >= 1 && rule! <= 10);
      }
    }),
    { numRuns: 500 },
  );
});
