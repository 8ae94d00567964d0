/**
 * Asks a server on loopback again and again, with many connections at once, and
 * checks how long each answer is.
 *
 *     load_client.ts PORT MILLISECONDS CONNECTIONS LENGTH [REQUEST]
 */

import { AF_INET, libc, loopback, SOCK_STREAM } from "./libc.ts";

/** What came of it. */
export interface Load {
  /** Right answers after the warm-up, a second. */
  readonly rate: number;
  /** Right answers in all. */
  readonly answered: number;
  /** Connections with a wrong answer, or with none. */
  readonly lost: number;
}

const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const MSG_NOSIGNAL = 0x4000;

/** The server and the client get into their stride first, in milliseconds. */
const WARM_UP = 300;
/** An answer that takes longer is lost, in seconds. */
const PATIENCE = new BigInt64Array([2n, 0n]);

const [port, milliseconds, connections, length] = Deno.args.map(Number);
const request = new TextEncoder().encode(Deno.args[4] ?? "");
const address = loopback(port!);
const buffer = new Uint8Array(4096);

/** Connects and asks; the answer is not waited for. */
function ask(): number {
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, PATIENCE, PATIENCE.byteLength);
  libc.connect(fd, address, address.length);
  libc.send(fd, request, BigInt(request.length), MSG_NOSIGNAL);
  return fd;
}

/** Reads to the end; whether the answer is right. */
function hear(fd: number): boolean {
  let received = 0;
  let count: number;
  do {
    count = libc.recv(fd, buffer, BigInt(buffer.length), 0);
    received += count;
  } while (count > 0);
  libc.close(fd);
  return count === 0 && received === length;
}

const begin = performance.now() + WARM_UP;
const end = begin + milliseconds!;
let answered = 0;
let counted = 0;
let lost = 0;
const asked = Array.from({ length: connections! }, ask);
// The one that was asked first is heard first, and asked again at once.
for (let at = 0, now = 0; now < end; at = (at + 1) % asked.length) {
  const isRight = hear(asked[at]!);
  asked[at] = ask();
  now = performance.now();
  if (!isRight) lost++;
  else answered++;
  if (isRight && now >= begin) counted++;
}
for (const fd of asked) {
  if (hear(fd)) answered++;
  else lost++;
}
const rate = counted / milliseconds! * 1000;
console.log(JSON.stringify({ rate, answered, lost } satisfies Load));
