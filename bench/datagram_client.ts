/**
 * Sends datagrams to a port on loopback as fast as it can.
 *
 *     datagram_client.ts PORT BYTES MILLISECONDS
 */

/** What came of it. */
export interface Sent {
  readonly sent: number;
  readonly milliseconds: number;
}

/** How many sends are under way at the same time. */
const LOOPS = 16;

const [port, bytes, duration] = Deno.args.map(Number);
const to = { transport: "udp", hostname: "127.0.0.1", port: port! } as const;
const socket = Deno.listenDatagram({ ...to, port: 0 });
const data = new Uint8Array(bytes!).fill("x".charCodeAt(0));
const begin = performance.now();
let sent = 0;

async function loop(): Promise<void> {
  while (performance.now() < begin + duration!) {
    await socket.send(data, to);
    sent++;
  }
}

await Promise.all(Array.from({ length: LOOPS }, loop));
socket.close();
const milliseconds = performance.now() - begin;
console.log(JSON.stringify({ sent, milliseconds } satisfies Sent));
