/**
 * Looks names up for some time, one way, and prints how many a second.
 *
 *     name_client.ts WAY PORT DOMAIN AT_ONCE MILLISECONDS
 *
 * Each name is asked for once, so that nobody has kept its answer.
 */

import { getAddrInfo } from "../mod.ts";

const [way = "", port, domain, atOnce, milliseconds] = Deno.args;
const nameServer = { ipAddr: "127.0.0.1", port: Number(port) };
const unique = crypto.randomUUID().slice(0, 8);
let asked = 0;

/** Each way returns how many addresses it found. */
const WAYS: Readonly<Record<string, (name: string) => Promise<number>>> = {
  async getAddrInfo(name) {
    const hints = { socktype: "stream", nameServer } as const;
    return (await getAddrInfo(name, 80, hints)).length;
  },
  async "Deno.resolveDns"(name) {
    const found = await Promise.all([
      Deno.resolveDns(name, "A", { nameServer }),
      Deno.resolveDns(name, "AAAA", { nameServer }),
    ]);
    return found.flat().length;
  },
};

/** Looks names up as long as is said, and returns how many a second. */
async function rate(goesOn: (since: number) => boolean): Promise<number> {
  const lookUp = WAYS[way]!;
  const began = performance.now();
  const first = asked;
  const worker = async () => {
    while (goesOn(began)) {
      const name = `n${asked++}.${unique}.${domain}.`;
      if (await lookUp(name) !== 2) throw new Error(`${name} was not found`);
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
  return (asked - first) / (performance.now() - began) * 1000;
}

// After fewer the compiler has not done its best, however busy the machine is.
await rate(() => asked < 25_000);
const measured = await rate((since) =>
  performance.now() < since + Number(milliseconds)
);
console.log(JSON.stringify(measured));
