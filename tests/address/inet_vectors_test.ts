/**
 * Addresses that the tests of glibc (`resolv/tst-inet_pton.c`, `tst-aton.c`),
 * musl (libc-test), Rust (`std::net`) and Node (`net.isIP`) have, with the bytes
 * or the verdict that they expect.
 */

import {
  type Family,
  inetAton,
  inetNtop,
  inetPton,
} from "../../lib/address/inet.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assertEquals } from "../assert.ts";
import vectors from "./inet_vectors.json" with { type: "json" };

const FAMILIES = ["IPv4", "IPv6"] as const;

for (const [source, table] of Object.entries(vectors.inetPton)) {
  Deno.test(`inetPton() gives the verdicts and bytes of ${source}'s tests`, () => {
    for (const family of FAMILIES) {
      const { taken, refused } = table[family];
      for (const [text, bytes] of Object.entries(taken)) {
        assertEquals(inetPton(family, text)?.toHex(), bytes, text);
      }
      for (const text of refused) {
        assertEquals(inetPton(family, text), undefined, text);
      }
    }
  });

  Deno.test(`IpAddress.parse() takes what ${source}'s tests take`, () => {
    for (const family of FAMILIES) {
      const { taken } = table[family];
      for (const [text, bytes] of Object.entries(taken)) {
        const address = IpAddress.parse(text);
        assertEquals<[Family, string]>(
          [address.family, address.bytes.toHex()],
          [family, bytes],
          text,
        );
        // As text again it is the same address.
        const again = inetPton(family, inetNtop(address.bytes));
        assertEquals(again?.toHex(), bytes, text);
      }
    }
    for (const family of FAMILIES) {
      for (const text of table[family].refused) {
        const address = IpAddress.tryParse(text);
        // It may be one of the other family.
        assertEquals(address?.family === family, false, text);
      }
    }
  });
}

Deno.test("inetAton() gives the verdicts and bytes of glibc's and musl's tests", () => {
  for (const table of Object.values(vectors.inetAton)) {
    for (const [text, bytes] of Object.entries(table)) {
      assertEquals(inetAton(text)?.toHex(), bytes, text);
    }
  }
  for (const text of vectors.inetAtonRefused) {
    assertEquals(inetAton(text), undefined, text);
  }
});
