/** client.c: prints what the server says. Needs --allow-net --allow-read. */

import { ConnectError, connectStream, getAddrInfo } from "../mod.ts";
import type { StreamConn } from "../mod.ts";

const PORT = "3490"; // where server listens

const [host] = Deno.args;
if (host === undefined || Deno.args.length !== 1) {
  console.error("usage: client hostname");
  Deno.exit(1);
}

const servinfo = await getAddrInfo(host, PORT, { socktype: "stream" });

// each address in its turn, until one answers
let conn: StreamConn | undefined;
for (const { addr: { hostname, port } } of servinfo) {
  try {
    conn = await connectStream({ hostname, port }); // socket and connect
    break;
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    console.error(`client: connect: ${error.errors[0]?.reason}`);
  }
}
if (conn === undefined) {
  console.error("client: failed to connect");
  Deno.exit(2);
}
console.log(`client: connecting to ${conn.peer.address}`);

const bytes = await conn.readAll({ maxBytes: 1 << 20 }); // recv until it is 0
console.log(`client: received '${new TextDecoder().decode(bytes)}'`);

conn.close();
