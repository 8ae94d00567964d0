/** talker.c: sends one datagram. Needs --allow-net --allow-read --unstable-net. */

import { getAddrInfo, listenDatagram } from "../mod.ts";

const SERVERPORT = "4950"; // where listener waits

const [host, message] = Deno.args;
if (host === undefined || message === undefined || Deno.args.length !== 2) {
  console.error("usage: talker hostname message");
  Deno.exit(1);
}

const servinfo = await getAddrInfo(host, SERVERPORT, { socktype: "datagram" });

// each address in its turn, until there is a socket for one
let numbytes = -1;
for (const { family, addr } of servinfo) {
  using socket = await listenDatagram({ family, port: 0 }); // socket
  numbytes = await socket.sendTo(new TextEncoder().encode(message), addr);
  break;
}

console.log(`talker: sent ${numbytes} bytes to ${host}`);
