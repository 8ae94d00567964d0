/** A time server on `node:net`, with the same two writes. */

import { createServer } from "node:net";
import { BEGINNING, time } from "./answer.ts";

createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.write(BEGINNING);
    socket.end(time());
  });
}).listen(Number(Deno.args[0]), "127.0.0.1", 511);
