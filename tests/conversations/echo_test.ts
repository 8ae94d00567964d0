import { Endpoint } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import type { FailureEvent } from "../../lib/calls/errors.ts";
import { couldLoop, Echo, lacksScope } from "../../lib/conversations/echo.ts";
import type { ProgramEvent } from "../../lib/conversations/events.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { serveDatagram } from "../../lib/sockets/datagrams/serve_datagram.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** Keeps the failures, and resolves at the first of a step. */
function recorder(step: string) {
  const failures: FailureEvent[] = [];
  const first = Promise.withResolvers<FailureEvent>();
  const event = (event: ProgramEvent) => {
    if (event.event !== "error") return;
    failures.push(event);
    if (event.step === step) first.resolve(event);
  };
  return { failures, observer: { event }, first: first.promise };
}

const NOT_ANSWERED = "not answered";

Deno.test("couldLoop() knows its own endpoint under all its names, and services", () => {
  const own = ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"].map(IpAddress.parse);
  const table: [peer: string, bound: string, could: boolean][] = [
    ["127.0.0.1:4950", "[::]:4950", true],
    ["127.9.9.9:4950", "0.0.0.0:4950", true],
    ["[::1]:4950", "[::]:4950", true],
    ["192.0.2.1:4950", "[::]:4950", true],
    ["[2001:db8::1]:4950", "[::]:4950", true],
    ["[fe80::1]:4950", "[::]:4950", true],
    ["198.51.100.7:4950", "198.51.100.7:4950", true],
    ["198.51.100.7:4950", "[::ffff:198.51.100.7]:4950", true],
    ["198.51.100.7:4950", "10.0.0.1:4950 198.51.100.7:4950", true],
    ["198.51.100.7:7", "[::]:4950", true],
    ["198.51.100.7:0", "[::]:4950", true],
    ["127.0.0.1:1023", "[::]:4950", true],
    ["127.0.0.1:1024", "[::]:4950", false],
    ["127.0.0.1:4951", "[::]:4950", false],
    ["198.51.100.7:4950", "[::]:4950", false],
    ["198.51.100.7:4950", "198.51.100.8:4950", false],
  ];
  for (const [peer, bound, could] of table) {
    const here = bound.split(" ").map(Endpoint.parse);
    const answer = couldLoop(Endpoint.parse(peer), here, own);
    assertEquals(answer, could, `${peer} at ${bound}`);
  }
});

Deno.test("Echo answers no datagram from its own port on the loopback", async () => {
  const socket = await listenDatagram(LOCAL);
  const { port } = socket.addr;
  const { failures, observer } = recorder(NOT_ANSWERED);
  {
    using echo = new Echo(socket, { observer });
    const served = serveDatagram(socket, (each) => echo.answer(each), {
      count: 2,
    });
    const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
    using twin = await listenDatagram({ hostname: "127.0.0.2", port });
    using other = await listenDatagram(LOCAL);
    await twin.sendTo(new Uint8Array(1), to);
    await other.sendTo(new Uint8Array(2), to);
    assertEquals((await other.receive()).data.length, 2);
    await served.finished;
    assertEquals(failures, []);
  }
  assertEquals(failures, [{
    event: "error",
    step: NOT_ANSWERED,
    code: "EAGAIN",
    message: "1 datagram from 1 address",
  }]);
});

Deno.test("two echoes end the loop that a forged datagram begins", async () => {
  const { observer, first } = recorder(NOT_ANSWERED);
  const one = await listenDatagram(LOCAL);
  // The one that has this port sends one datagram, and leaves it to the other echo.
  const forger = await listenDatagram(LOCAL);
  await forger.sendTo(new Uint8Array(9), one.addr);
  const { port } = forger.addr;
  forger.close();
  const other = await listenDatagram({ hostname: "127.0.0.1", port });
  let datagrams = 0;
  const started = performance.now();
  using echoes = new DisposableStack();
  const served = [one, other].map((socket) => {
    const echo = echoes.use(new Echo(socket, { observer }));
    return serveDatagram(socket, (datagram) => {
      datagrams++;
      return echo.answer(datagram);
    });
  });
  const { message } = await first;
  assertEquals(message, "1 datagram from 1 address");
  const seconds = (performance.now() - started) / 1000;
  // Each answered as many as it may, and the first is no answer.
  assert(datagrams >= 2000, `${datagrams} datagrams`);
  assert(
    datagrams <= 2 * (1000 + 1000 * seconds) + 1,
    `${datagrams} datagrams`,
  );
  one.close();
  other.close();
  await Promise.all(served.map(({ finished }) => finished));
});

Deno.test("Echo reports sends that fail as one line, and their count at the end", async () => {
  // No system sends from the loopback to anywhere else.
  using socket = await listenDatagram(LOCAL);
  const { failures, observer } = recorder("sendto");
  const peer = Endpoint.parse("192.0.2.1:4950");
  const datagram = {
    data: new Uint8Array(),
    peer,
  };
  {
    using echo = new Echo(socket, { observer });
    for (let i = 0; i < 50; i++) await echo.answer(datagram);
    assertEquals(failures.length, 1);
  }
  const [first] = failures;
  assert(first !== undefined && first.step === "sendto");
  assertEquals(failures, [first, { ...first, count: 50 }]);
});

Deno.test("lacksScope() knows link-local senders whose interface Deno drops", () => {
  const table: [peer: string, bound: string, lacks: boolean][] = [
    ["fe80::1", "::", true],
    ["fe80::1%eth0", "::", false],
    ["fe80::1", "fe80::2", false],
    ["fe80::1", "fe80::2%eth0", false],
    ["169.254.0.1", "0.0.0.0", false],
    ["2001:db8::1", "::", false],
  ];
  for (const [peer, bound, lacks] of table) {
    const here = [new Endpoint(IpAddress.parse(bound), 4950)];
    const answer = lacksScope(IpAddress.parse(peer), here);
    assertEquals(answer, lacks, `${peer} at ${bound}`);
  }
});

Deno.test("Echo says why it cannot answer a link-local sender", async () => {
  using socket = await listenDatagram({ hostname: "::1", port: 0 });
  const { failures, observer } = recorder("sendto");
  using echo = new Echo(socket, { observer });
  const peer = Endpoint.parse("[fe80::1]:4950");
  await echo.answer({ data: new Uint8Array(), peer });
  assertEquals(failures.map(({ code }) => code), ["EDESTADDRREQ"]);
  assertMatch(failures[0]!.message, /interface of fe80::1 is not known/);
});
