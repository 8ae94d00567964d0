/**
 * Sends datagrams to a port on loopback as fast as it can.
 *
 *     datagram_client.ts PORT BYTES MILLISECONDS
 */

import { AF_INET, libc, loopback, SOCK_DGRAM } from "./libc.ts";

/** What came of it. */
export interface Sent {
  readonly sent: number;
  readonly milliseconds: number;
}

const [port, bytes, duration] = Deno.args.map(Number);
const data = new Uint8Array(bytes!).fill("x".charCodeAt(0));
const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
const to = loopback(port!);
libc.connect(fd, to, to.length);
const begin = performance.now();
let sent = 0;
let milliseconds = 0;
while (milliseconds < duration!) {
  // If nobody listens yet, the one before it comes back as an error.
  if (libc.send(fd, data, BigInt(data.length), 0) === data.length) sent++;
  milliseconds = performance.now() - begin;
}
libc.close(fd);
console.log(JSON.stringify({ sent, milliseconds } satisfies Sent));
