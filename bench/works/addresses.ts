/** Addresses as text and as bytes. */

import { deno, runJson } from "../process.ts";
import { atLeast, type Target, type Words, type Work } from "../work.ts";

function addresses(
  name: string,
  title: Words,
  ways: readonly string[],
  targets: readonly Target[],
): Work {
  return {
    name: `address-${name}`,
    title,
    unit: { en: "# per second", ko: "초당 #회" },
    start: ({ milliseconds }) =>
      Promise.resolve(ways.map((way) => ({
        name: way,
        async measure() {
          // Less would not be enough for the compiler to have done its best.
          const args = [way, Math.max(250, milliseconds / 3)];
          const line = deno("bench/address_client.ts", ...args);
          return { value: await runJson<number>(line) };
        },
      }))),
    targets,
  };
}

export const parse = addresses(
  "parse",
  { en: "addresses parsed", ko: "문자열을 주소로 변환" },
  ["inetPton", "IpAddress.parse", "ipaddr.js parse", "isIP"],
  atLeast([
    ["inetPton", "ipaddr.js parse", 5],
    ["IpAddress.parse", "ipaddr.js parse", 5],
    // With the family given, it allocates many at once, and freezes nothing.
    ["IpAddress.parse", "inetPton", 0.7],
  ]),
);

export const print = addresses(
  "print",
  { en: "addresses printed", ko: "주소를 문자열로 변환" },
  ["inetNtop", "IpAddress toString", "ipaddr.js toString"],
  atLeast([
    ["inetNtop", "ipaddr.js toString", 3],
    ["IpAddress toString", "ipaddr.js toString", 2],
  ]),
);

export const lookUp = addresses(
  "look-up",
  { en: "numeric addresses looked up", ko: "숫자 주소의 이름 해석" },
  ["getAddrInfo", "dns.lookup"],
  [],
);
