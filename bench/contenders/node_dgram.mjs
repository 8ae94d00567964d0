/** Receives on `node:dgram`, and writes what comes to stdout. */

import { createSocket } from "node:dgram";
import { argv, stdout } from "node:process";

createSocket("udp4")
  .on("message", (data) => stdout.write(data))
  .bind(Number(argv[2]), "127.0.0.1");
