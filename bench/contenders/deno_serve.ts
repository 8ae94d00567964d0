/** Deno's own HTTP server. It closes because the client asks it to. */

import { time } from "./answer.mjs";

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]) },
  () => new Response(`Local time is: ${time()}`),
);
