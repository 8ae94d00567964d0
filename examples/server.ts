/** server.c: greets every client. Needs --allow-net. */

import { getAddrInfo, listenStream, SocketError } from "../mod.ts";
import type { StreamConn, StreamListener } from "../mod.ts";

const PORT = "3490"; // where client connects
const BACKLOG = 10; // so many may wait for accept()

const hints = { socktype: "stream", passive: true } as const; // any address of this machine
const servinfo = await getAddrInfo(null, PORT, hints);

// each address in its turn, until one can be bound
let listener: StreamListener | undefined;
for (const { addr: { hostname, port } } of servinfo) {
  try {
    // socket, setsockopt(SO_REUSEADDR), bind and listen
    listener = await listenStream({ hostname, port, backlog: BACKLOG });
    break;
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    console.error(`server: bind: ${error.reason}`);
  }
}
if (listener === undefined) {
  console.error("server: failed to bind");
  Deno.exit(2);
}

async function greet(conn: StreamConn) {
  using _ = conn; // closed at the end
  await conn.writeAll(new TextEncoder().encode("Hello, world!"));
}

console.log("server: waiting for connections...");

for await (const conn of listener) { // accept() again and again
  console.log(`server: got connection from ${conn.peer.address}`);
  greet(conn).catch(console.error); // where C forks: nobody waits for it
}
