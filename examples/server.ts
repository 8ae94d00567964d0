/** server.c: greets every client. Needs --allow-net. */

import { getAddrInfo, listenStream, SocketError } from "../mod.ts";
import type { StreamConn, StreamListener } from "../mod.ts";

const PORT = "3490"; // the port users will be connecting to
const BACKLOG = 10; // how many pending connections queue will hold

const hints = { socktype: "stream", passive: true } as const; // use my IP
const servinfo = await getAddrInfo(null, PORT, hints);

// loop through all the results and bind to the first we can
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

for await (const conn of listener) { // main accept() loop
  console.log(`server: got connection from ${conn.peer.address}`);
  greet(conn).catch(console.error); // where C forks: nobody waits for it
}
