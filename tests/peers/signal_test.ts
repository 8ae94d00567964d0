import { assertEquals, assertMatch } from "../assert.ts";
import { portOf, type Running, start, untilRefused } from "../harness.ts";
import {
  finish,
  IPV4,
  ncat,
  ncatListening,
  peerTest,
  socat,
  socatAddress,
} from "./peers.ts";

/** Signals that end a program, and its exit status if it ends at once. */
const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

/** A conversation that a peer leaves in the middle. */
interface Conversation {
  readonly program: string;
  /** What the peer says first. */
  readonly beginning: string;
  /** Waits until that has arrived. */
  readonly begun: (server: Running, peer: Running) => Promise<unknown>;
  /** What the peer says to bring it to its end. */
  readonly rest: string;
  /** All that the peer hears. */
  readonly answer: RegExp;
}

const CONVERSATIONS: readonly Conversation[] = [{
  program: "server",
  beginning: "",
  begun: (_, peer) => peer.stdout(/^Hello, world!$/),
  rest: "",
  answer: /^Hello, world!$/,
}, {
  program: "time_server",
  beginning: "GET / HT",
  begun: (server) => server.stderr(/^recv\(4, .*\) = 8 /m),
  rest: "TP/1.1\r\n\r\n",
  answer: /^HTTP\/1\.1 200 OK\r\n[^]+Local time is: .{24}\n$/,
}];

/** Signals a server in the middle of a conversation, then goes on with both. */
async function interrupted(
  { program, beginning, begun }: Conversation,
  signal: Deno.Signal,
  then: (server: Running, peer: Running, port: number) => Promise<void>,
): Promise<void> {
  await using server = start(program, ["--port", "0", "--trace"]);
  const port = await portOf(server);
  await using peer = socat([socatAddress("TCP", IPV4, port), "STDIO"]);
  await peer.write(beginning);
  await begun(server, peer);
  server.signal(signal);
  // The listening socket is the first to be closed.
  await server.stderr(/^close\(3\) = 0$/m);
  await untilRefused(port);
  await then(server, peer, port);
}

for (const conversation of CONVERSATIONS) {
  const { program, rest, answer } = conversation;
  for (const [signal, status] of SIGNALS) {
    peerTest(
      ["ncat", "socat"],
      `${program} accepts nobody after ${signal}, and finishes open connections`,
      () =>
        interrupted(conversation, signal, async (server, peer, port) => {
          const late = await finish(ncat(IPV4, port, { stdin: "" }));
          assertMatch(late.stderr, /Connection refused/);
          await peer.write(rest);
          await peer.closeStdin();
          assertMatch((await peer.end()).stdout, answer);
          assertEquals((await server.end()).code, 0);
        }),
    );

    peerTest(
      ["socat"],
      `${program} ends at once on a second ${signal}`,
      () =>
        interrupted(conversation, signal, async (server) => {
          server.signal(signal);
          assertEquals((await server.end()).code, status);
        }),
    );
  }
}

for (const mode of [[], ["--interactive"]]) {
  peerTest(
    ["ncat"],
    `${["client", ...mode].join(" ")} ends with 130 on SIGINT`,
    async () => {
      await using peer = await ncatListening(IPV4);
      const args = [...mode, IPV4.host, String(peer.port)];
      await using client = start("client", args);
      await peer.stderr(/Connection from/);
      client.signal("SIGINT");
      assertEquals((await client.end()).code, 130);
    },
  );
}
