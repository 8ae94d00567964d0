/** Addresses as text and bytes, beside npm's `ipaddr.js` and Node's `net.isIP`. */

import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { inetNtop, inetPton } from "../lib/inet.ts";

const TEXTS = {
  IPv4: ["192.0.2.235", "127.0.0.1", "255.255.255.255", "8.8.4.4"],
  IPv6: [
    "2001:db8:63b3:1::3490",
    "::1",
    "fe80::fc:ff:fe00:1",
    "::ffff:192.0.2.1",
  ],
} as const;

for (const [family, texts] of Object.entries(TEXTS)) {
  const isV4 = family === "IPv4";
  const bytes = texts.map((text) => inetPton(isV4 ? "IPv4" : "IPv6", text)!);
  const parsed = texts.map((text) => ipaddr.parse(text));

  const parse = `parse 4 ${family} addresses`;
  Deno.bench("inetPton", { group: parse, baseline: true }, () => {
    for (const text of texts) inetPton(isV4 ? "IPv4" : "IPv6", text);
  });
  Deno.bench("ipaddr.js parse", { group: parse }, () => {
    for (const text of texts) ipaddr.parse(text);
  });
  Deno.bench("node:net isIP (only looks)", { group: parse }, () => {
    for (const text of texts) isIP(text);
  });

  const print = `print 4 ${family} addresses`;
  Deno.bench("inetNtop", { group: print, baseline: true }, () => {
    for (const each of bytes) inetNtop(each);
  });
  Deno.bench("ipaddr.js toString", { group: print }, () => {
    for (const each of parsed) each.toString();
  });
}
