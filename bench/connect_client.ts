/**
 * Connects to one numeric address again and again, one connection at a time,
 * and prints how many there were a second.
 *
 *     deno run --allow-net bench/connect_client.ts WAY MILLISECONDS
 */

import { connectStream } from "../mod.ts";

const [way = "", milliseconds = ""] = Deno.args;

using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { hostname, port } = listener.addr;

const WAYS: Readonly<Record<string, () => Promise<{ close(): void }>>> = {
  "connectStream": () => connectStream({ hostname, port }),
  "Deno.connect": () => Deno.connect({ hostname, port }),
};

/** Connects for some time, and returns how often. */
async function connectFor(
  connect: () => Promise<{ close(): void }>,
  milliseconds: number,
): Promise<number> {
  const end = performance.now() + milliseconds;
  let connections = 0;
  for (; performance.now() < end; connections++) {
    const [near, far] = await Promise.all([connect(), listener.accept()]);
    near.close();
    far.close();
  }
  return connections;
}

const connect = WAYS[way];
if (connect === undefined) throw new Error(`Unknown way ${way}`);
// Before it is measured the compiler has to have seen it.
await connectFor(connect, 200);
const begun = performance.now();
const connections = await connectFor(connect, Number(milliseconds));
console.log(connections / (performance.now() - begun) * 1000);
