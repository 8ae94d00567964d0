/** Connecting while the look-up goes on (RFC 8305 section 3). */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { nxdomain } from "./messages.ts";
import { DNS_PORT, freshAddress, Machine, machineTest } from "./machine.ts";
import {
  always,
  NameServer,
  type Question,
  type Reply,
  type Script,
} from "./name_server.ts";
import { sideBySide } from "./situations.ts";

/** Greets each peer that connects. */
class Greeter implements AsyncDisposable {
  readonly port: number;
  /** Resolves when somebody has connected. */
  readonly accepted: Promise<void>;
  readonly #listener: Deno.TcpListener;
  readonly #served: Promise<void>;

  constructor(hostname: string) {
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.port = this.#listener.addr.port;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.accepted = promise;
    this.#served = this.#serve(resolve);
  }

  async #serve(accepted: () => void): Promise<void> {
    for await (const conn of this.#listener) {
      accepted();
      await conn.write(new TextEncoder().encode("hello")).catch(() => {});
      conn.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
  }
}

/** Decides by the type of a question. */
function byType(
  types: { readonly [type in "A" | "AAAA"]: (question: Question) => Reply },
): Script {
  return (question) => types[question.type as "A" | "AAAA"](question);
}

/** Runs client for a host whose name server is scripted. */
async function connect(script: Script, port: number) {
  const hostname = freshAddress();
  await using server = new NameServer(script, { hostname, port: DNS_PORT });
  const resolvConf = [`nameserver ${hostname}`];
  await using machine = await Machine.make({ resolvConf });
  const args = ["--timeout", "20", "host.example", String(port)];
  const result = await machine.program("client", args);
  return { ...result, questions: server.questions };
}

const late =
  (after: number | Promise<unknown>, ...addresses: string[]) =>
  (question: Question) => [{ message: always(...addresses)(question), after }];

const lost = () => undefined;

machineTest(
  "client connects while its look-up goes on",
  (context) =>
    sideBySide(context, {
      "it does not wait for AAAA where A is known": async () => {
        const hostname = freshAddress();
        await using greeter = new Greeter(hostname);
        const { port, accepted } = greeter;
        // Until somebody has connected there is no other answer.
        const { code, stdout } = await connect(
          byType({ A: always(hostname), AAAA: late(accepted, "::1") }),
          port,
        );
        assertMatch(stdout, new RegExp(`connecting to ${hostname}\n`));
        assertMatch(stdout, /received 'hello'/);
        assertEquals(code, 0);
      },
      "it does not wait for A where AAAA is known": async () => {
        await using greeter = new Greeter("::1");
        const { port, accepted } = greeter;
        const { code, stdout } = await connect(
          byType({ A: late(accepted, "192.0.2.1"), AAAA: always("::1") }),
          port,
        );
        assertMatch(stdout, /connecting to ::1\n/);
        assertEquals(code, 0);
      },
      "it waits a little for AAAA, which it prefers": async () => {
        await using greeter = new Greeter("::1");
        const { code, stdout } = await connect(
          byType({ A: always(freshAddress()), AAAA: always("::1") }),
          greeter.port,
        );
        assertMatch(stdout, /connecting to ::1\n/);
        assertEquals(code, 0);
      },
      "it takes a late address where the first one has refused": async () => {
        await using greeter = new Greeter("::1");
        const { code, stdout, stderr } = await connect(
          byType({ A: always(freshAddress()), AAAA: late(700, "::1") }),
          greeter.port,
        );
        assertMatch(stderr, /^client: connect: Connection refused\n/);
        assertMatch(stdout, /connecting to ::1\n/);
        assertEquals(code, 0);
      },
      "it takes a late IPv4 address where IPv6 has refused": async () => {
        const hostname = freshAddress();
        await using greeter = new Greeter(hostname);
        const { code, stdout } = await connect(
          byType({ A: late(700, hostname), AAAA: always("::1") }),
          greeter.port,
        );
        assertMatch(stdout, new RegExp(`connecting to ${hostname}\n`));
        assertEquals(code, 0);
      },
      "it fails when look-up and attempts are both over": async () => {
        const { code, stdout, stderr, questions } = await connect(
          byType({ A: always(freshAddress()), AAAA: lost }),
          1,
        );
        assertEquals(stdout, "");
        assertMatch(stderr, /^client: connect: Connection refused\n/);
        assertMatch(stderr, /client: failed to connect\n$/);
        assertEquals(code, 2);
        // AAAA had its second chance.
        const asked = questions.filter(({ type }) => type === "AAAA");
        assert(asked.length >= 2);
      },
      "it fails where a host has no address": async () => {
        const { code, stderr } = await connect(
          byType({ A: nxdomain, AAAA: lost }),
          1,
        );
        assertMatch(stderr, /^getaddrinfo: Name or service not known\n/);
        assertEquals(code, 2);
      },
    }),
);
