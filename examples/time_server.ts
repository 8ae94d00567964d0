/** time_server.c: answers one HTTP request with the time. Needs --allow-net. */

import { listenStream } from "../mod.ts";

const encoder = new TextEncoder();

console.log("Configuring local address...");
console.log("Creating socket...");
console.log("Binding socket to local address...");
console.log("Listening...");
// getaddrinfo(0, "8080", AI_PASSIVE), socket, bind and listen
using listener = await listenStream({ port: "8080", backlog: 10 });

console.log("Waiting for connection...");
using conn = await listener.accept();
console.log(`Client is connected... ${conn.peer.address}`);

console.log("Reading request...");
const request = new Uint8Array(1024);
const received = await conn.read(request); // null where C's recv returns 0
console.log(`Received ${received ?? 0} bytes.`);

console.log("Sending response...");
const response = encoder.encode(
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n" +
    "Local time is: ",
);
let sent = await conn.writeAll(response);
console.log(`Sent ${sent} of ${response.length} bytes.`);

// the time is read last, so that it is as fresh as it can be
const [day, month, date, year, time] = new Date().toString().split(" ");
const padded = String(Number(date)).padStart(2);
const timeMsg = encoder.encode(`${day} ${month} ${padded} ${time} ${year}\n`);
sent = await conn.writeAll(timeMsg);
console.log(`Sent ${sent} of ${timeMsg.length} bytes.`);

console.log("Closing connection...");
console.log("Closing listening socket..."); // both are closed by `using`
console.log("Finished.");
