/** A greeting server on `node:net`. */

import { createServer } from "node:net";

createServer((socket) => {
  socket.on("error", () => {});
  socket.end("Hello, world!");
}).listen(Number(Deno.args[0]), "127.0.0.1", 511);
