/** The least that a time server can be in Deno: it checks and bounds nothing. */

import { BEGINNING, time } from "./answer.mjs";

const encoder = new TextEncoder();

async function answer(conn: Deno.Conn): Promise<void> {
  await conn.read(new Uint8Array(1024));
  await conn.write(BEGINNING);
  await conn.write(encoder.encode(time()));
  conn.close();
}

const port = Number(Deno.args[0]);
for await (const conn of Deno.listen({ hostname: "127.0.0.1", port })) {
  answer(conn).catch(() => conn.close());
}
