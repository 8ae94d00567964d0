/**
 * Reads or prints addresses for some time, one way, and prints how many.
 *
 *     address_client.ts WAY MILLISECONDS
 */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { getAddrInfo, inetNtop, inetPton, IpAddress } from "../mod.ts";

const V4 = ["192.0.2.235", "127.0.0.1", "255.255.255.255", "8.8.4.4"];
const V6 = [
  "2001:db8:63b3:1::3490",
  "::1",
  "fe80::fc:ff:fe00:1",
  "::ffff:192.0.2.1",
];
const TEXTS = [...V4, ...V6];
const VALUES = TEXTS.map(IpAddress.parse);
const BYTES = VALUES.map(({ bytes }) => bytes);
const PARSED = TEXTS.map((text) => ipaddr.parse(text));

/** Holds the last result: the compiler leaves out what nobody keeps. */
export let kept: unknown;

/** Each way does something to all the addresses. */
const WAYS: Readonly<Record<string, () => void | Promise<void>>> = {
  inetPton() {
    for (const text of V4) kept = inetPton("IPv4", text);
    for (const text of V6) kept = inetPton("IPv6", text);
  },
  "IpAddress.parse"() {
    for (const text of TEXTS) kept = IpAddress.parse(text);
  },
  "ipaddr.js parse"() {
    for (const text of TEXTS) kept = ipaddr.parse(text);
  },
  isIP() {
    for (const text of TEXTS) kept = isIP(text);
  },
  inetNtop() {
    for (const bytes of BYTES) kept = inetNtop(bytes);
  },
  "IpAddress toString"() {
    for (const value of VALUES) kept = value.toString();
  },
  "ipaddr.js toString"() {
    for (const address of PARSED) kept = address.toString();
  },
  async getAddrInfo() {
    const hints = { socktype: "stream" } as const;
    for (const text of TEXTS) await getAddrInfo(text, 80, hints);
  },
  async "dns.lookup"() {
    for (const text of TEXTS) await lookup(text);
  },
};

/** How many addresses a second are dealt with for so many milliseconds. */
async function rate(milliseconds: number): Promise<number> {
  const way = WAYS[Deno.args[0]!]!;
  const began = performance.now();
  let done = 0;
  let now = began;
  for (; now < began + milliseconds; now = performance.now()) {
    for (let i = 0; i < 20; i++) {
      // Only what is asynchronous is waited for: waiting has its price.
      const promise = way();
      if (promise !== undefined) await promise;
    }
    done += 20 * TEXTS.length;
  }
  return done / (now - began) * 1000;
}

const milliseconds = Number(Deno.args[1]);
await rate(milliseconds / 2); // the compiler warms up
console.log(JSON.stringify(await rate(milliseconds)));
