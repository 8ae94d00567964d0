/** A time server on `node:net`, with the same two writes. */

import { createServer } from "node:net";
import { argv } from "node:process";
import { BEGINNING, time } from "./answer.mjs";

createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.write(BEGINNING);
    socket.end(time());
  });
}).listen(Number(argv[2]), "127.0.0.1", 511);
