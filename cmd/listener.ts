/** Shows the datagrams that come in. */

import { listenDatagram } from "../lib/sockets/datagram.ts";
import { serveDatagram } from "../lib/sockets/serve_datagram.ts";
import { Echo, requireEcho } from "../lib/conversations/echo.ts";
import { count, flag, host, port } from "../lib/program/options.ts";
import { defineProgram, main } from "../lib/program/program.ts";

export const program = defineProgram({
  name: "listener",
  summary: "shows the UDP datagrams that come in",
  options: {
    port: port("port to bind; 0 is any", 4950, "datagram", 0),
    host: host("bind this address alone"),
    count: count("N", "exit after N datagrams"),
    echo: flag("send each back; needs --allow-net"),
  },
  example: "listener --count 1    (then: talker localhost hello)",
  permissions: ["--allow-net=[::]:4950,0.0.0.0:4950"],
  server: true,
  failedToBind: "failed to bind socket",
  async run({ options, family, observer, signal }) {
    const { port, host: hostname, count } = options;
    if (options.echo) requireEcho();
    const socket = await listenDatagram({
      port,
      hostname,
      family,
      signal,
      observer,
    });
    using echo = options.echo ? new Echo(socket, { observer }) : undefined;
    await serveDatagram(socket, (datagram) => echo?.answer(datagram), {
      count,
      family,
      signal,
      observer,
    });
  },
});

if (import.meta.main) await main(program);
