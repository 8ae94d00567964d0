/** A greeting server on `node:net`. */

import { createServer } from "node:net";
import { argv } from "node:process";

createServer((socket) => {
  socket.on("error", () => {});
  socket.end("Hello, world!");
}).listen(Number(argv[2]), "127.0.0.1", 511);
