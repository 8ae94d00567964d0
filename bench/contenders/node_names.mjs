/** Looks names up with c-ares, as `name_client.ts` does. */

import { randomUUID } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { argv } from "node:process";

const [port, domain, atOnce, milliseconds] = argv.slice(3);
const resolver = new Resolver();
resolver.setServers([`127.0.0.1:${port}`]);
const unique = randomUUID().slice(0, 8);
let asked = 0;

async function rate(goesOn) {
  const began = performance.now();
  const first = asked;
  const worker = async () => {
    while (goesOn(began)) {
      const name = `n${asked++}.${unique}.${domain}`;
      const found = await Promise.all([
        resolver.resolve4(name),
        resolver.resolve6(name),
      ]);
      if (found.flat().length !== 2) throw new Error(`${name} was not found`);
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
