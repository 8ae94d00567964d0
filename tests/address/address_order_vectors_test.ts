/**
 * The examples of RFC 6724 section 10.2 and of Go's `net/addrselect_test.go`.
 * Those of home and deprecated addresses are left out: Deno does not report
 * which addresses are such.
 */

import { orderAddresses } from "../../lib/address/address_order.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assertEquals } from "../assert.ts";
import examples from "./address_order_vectors.json" with { type: "json" };

for (const { what, sources, order, reversed } of examples) {
  Deno.test(`orderAddresses() returns the order of ${what}: ${order[0]}`, () => {
    const known = sources.map((source) => {
      const [address, length] = source.split("/") as [string, string];
      return {
        address: IpAddress.parse(address),
        prefixLength: Number(length),
      };
    });
    for (const given of reversed ? [order, order.toReversed()] : [order]) {
      const ordered = orderAddresses(given.map(IpAddress.parse), known);
      assertEquals(ordered.map(({ address }) => address.toString()), order);
    }
  });
}

/** Go's table of common prefixes, of IPv4. */
const COMMON_BITS = [
  ...["1.2.255.255", "1.2.127.255", "1.2.63.255", "1.2.31.255", "1.2.15.255"],
  ...["1.2.7.255", "1.2.3.255", "1.2.1.255", "1.2.0.255"],
];

Deno.test("IpAddress.commonBits() counts what Go's tests count", () => {
  const other = IpAddress.parse("1.2.0.0");
  for (const [i, text] of COMMON_BITS.entries()) {
    // Behind the 96 bits of the IPv4-mapped form.
    assertEquals(IpAddress.parse(text).commonBits(other), 96 + 16 + i, text);
  }
  const [a, b, c] = ["fe80::1", "fe81::1", "fe80::2"].map(IpAddress.parse);
  assertEquals(b!.commonBits(c!), 15);
  assertEquals(a!.commonBits(IpAddress.parse("127.0.0.1")), 0);
});
