/** listener.c: prints datagrams. Needs --allow-net --unstable-net. */

import { listenDatagram } from "../mod.ts";

const MYPORT = "4950"; // where talker sends

// getaddrinfo(NULL, MYPORT, AI_PASSIVE), socket and bind
using socket = await listenDatagram({ port: MYPORT });

console.log("listener: waiting to recvfrom...");

const { data, peer } = await socket.receive(); // recvfrom: one datagram, whole

console.log(`listener: got packet from ${peer.address}`);
console.log(`listener: packet is ${data.length} bytes long`);
console.log(
  `listener: packet contains "${new TextDecoder().decode(data)}"`,
);
