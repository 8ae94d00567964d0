/** Sockets that are made and closed under one signal leave nothing behind. */

import { connectStream } from "../../lib/sockets/streams/connect.ts";
import { connectDatagram } from "../../lib/sockets/datagrams/connect_datagram.ts";
import { listenDatagram } from "../../lib/sockets/datagrams/listen_datagram.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import {
  type RawDatagram,
  SeveralDatagrams,
} from "../../lib/sockets/datagrams/several_datagrams.ts";
import { assertEquals, assertRejects } from "../assert.ts";

/** A signal that counts who listens to it. */
function countedSignal(): { signal: AbortSignal; listeners: () => number } {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      listeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      listeners--;
      removeEventListener.apply(signal, args);
    },
  });
  return { signal, listeners: () => listeners };
}

Deno.test("no socket leaves a listener on the signal of its opening", async () => {
  const { signal, listeners } = countedSignal();
  using listener = await listenStream({
    hostname: "127.0.0.1",
    port: 0,
    signal,
  });
  using datagrams = await listenDatagram({
    hostname: "127.0.0.1",
    port: 0,
    signal,
  });
  for (const hostname of ["127.0.0.1", "parley.localhost"]) {
    const { port } = listener.addr;
    using _conn = await connectStream({
      hostname,
      port,
      family: "IPv4",
      signal,
      timeout: 60_000,
    });
    (await listener.accept({ signal })).close();
    using _talker = await connectDatagram({
      hostname,
      port: datagrams.addr.port,
      signal,
    });
  }
  assertEquals(listeners(), 0);
});

Deno.test("no call leaves a listener on its signal", async () => {
  const { signal, listeners } = countedSignal();
  const wait = { signal, timeout: 60_000 };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  using near = new StreamConn(await Deno.connect({ hostname, port }));
  using far = new StreamConn(await listener.accept());
  await near.writeAll(new Uint8Array(3), wait);
  await near.write(new Uint8Array(3), wait);
  await far.read(new Uint8Array(1), wait);
  await far.readExactly(4, wait);
  await near.closeWrite(wait);
  await far.readAll(wait);
  await far.linger(wait);
  using socket = await listenDatagram({ hostname, port: 0 });
  await socket.sendTo(new Uint8Array(1), socket.addr, wait);
  await socket.receive(wait);
  assertEquals(listeners(), 0);
});

/** A datagram socket whose receives are answered by the test. */
class Answered {
  readonly addr = { transport: "udp", hostname: "::1", port: 1 } as const;
  readonly asked: PromiseWithResolvers<[Uint8Array, Deno.Addr]>[] = [];
  /** How many wait for what a receive returns. */
  waiting = 0;

  receive(): Promise<[Uint8Array, Deno.Addr]> {
    const asked = Promise.withResolvers<[Uint8Array, Deno.Addr]>();
    this.asked.push(asked);
    const then = asked.promise.then.bind(asked.promise);
    Object.assign(asked.promise, {
      then: (...args: Parameters<typeof then>) => {
        this.waiting++;
        return then(...args);
      },
    });
    return asked.promise;
  }

  /** Answers the last receive. */
  answer(byte: number): void {
    this.asked.at(-1)!.resolve([Uint8Array.of(byte), this.addr]);
  }
}

Deno.test("a socket where nothing comes keeps nothing of what comes at others", async () => {
  const busy = new Answered();
  const quiet = new Answered();
  const sockets = [busy, quiet] as unknown as [RawDatagram, RawDatagram];
  const several = new SeveralDatagrams(sockets, 16);
  for (let i = 0; i < 10; i++) {
    const receiving = several.receive();
    busy.answer(i);
    assertEquals([...(await receiving)[0]], [i]);
  }
  assertEquals([quiet.asked.length, quiet.waiting], [1, 1]);
  // An error is thrown once, and what comes elsewhere meanwhile is next.
  const failing = assertRejects(
    () => several.receive(),
    Deno.errors.ConnectionRefused,
  );
  busy.asked.at(-1)!.reject(new Deno.errors.ConnectionRefused());
  quiet.answer(77);
  await failing;
  assertEquals([...(await several.receive())[0]], [77]);
  const receiving = several.receive();
  busy.answer(78);
  assertEquals([...(await receiving)[0]], [78]);
});
