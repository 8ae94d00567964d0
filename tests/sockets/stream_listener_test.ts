import { SocketError } from "../../lib/calls/errors.ts";
import { listenStream } from "../../lib/sockets/streams/listen.ts";
import type { RawConn } from "../../lib/sockets/raw_conn.ts";
import type { StreamConn } from "../../lib/sockets/streams/stream.ts";
import { StreamListener } from "../../lib/sockets/streams/stream_listener.ts";
import { assertEquals, assertRejects } from "../assert.ts";

const listen = () => listenStream({ hostname: "127.0.0.1", port: 0 });

const dial = ({ hostname, port }: Deno.NetAddr) =>
  Deno.connect({ hostname, port });

const ADDR = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;

/** A connection that is only handed on. */
const CONN: RawConn = {
  localAddr: ADDR,
  remoteAddr: ADDR,
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(0),
  closeWrite: () => Promise.resolve(),
  close() {},
};

/** A listener whose system answers as the test says, then no more. */
function scripted(answers: Promise<RawConn>[]): StreamListener {
  const accept = () => answers.shift() ?? new Promise<never>(() => {});
  return new StreamListener([{ addr: ADDR, accept, close() {} }]);
}

/** The port from which a connection came. */
function portOf(conn: StreamConn): number {
  const { port } = conn.remoteAddr;
  conn.close();
  return port;
}

Deno.test("accept() that ended by its time loses no connection", async () => {
  using listener = await listen();
  for (let i = 0; i < 3; i++) {
    const error = await assertRejects(
      () => listener.accept({ timeout: 1 }),
      SocketError,
    );
    assertEquals([error.step, error.code], ["accept", "ETIMEDOUT"]);
  }
  using conn = await dial(listener.addr);
  assertEquals(portOf(await listener.accept()), conn.localAddr.port);
});

Deno.test("accept() that ended by its signal rejects with the reason, and loses no connection", async () => {
  using listener = await listen();
  const stop = new AbortController();
  const ended = listener.accept({ signal: stop.signal })
    .catch((reason) => reason);
  const next = listener.accept();
  stop.abort("enough");
  assertEquals(await ended, "enough");
  using conn = await dial(listener.addr);
  assertEquals(portOf(await next), conn.localAddr.port);
  const late = listener.accept({ signal: stop.signal });
  assertEquals(await late.catch((reason) => reason), "enough");
});

Deno.test("accept() hands on a connection that came as it ended", async () => {
  const coming = Promise.withResolvers<RawConn>();
  const listener = scripted([coming.promise]);
  const stop = new AbortController();
  const ended = listener.accept({ signal: stop.signal }).catch(() => {});
  const next = listener.accept();
  coming.resolve(CONN);
  stop.abort();
  await ended;
  assertEquals((await next).remoteAddr, CONN.remoteAddr);
});

Deno.test("accept() serves its calls in their order", async () => {
  using listener = await listen();
  const ports: number[] = [];
  const accepted = [0, 1, 2].map(() => listener.accept());
  for (const each of accepted) {
    using conn = await dial(listener.addr);
    ports.push(conn.localAddr.port);
    await each;
  }
  assertEquals((await Promise.all(accepted)).map(portOf), ports);
});

Deno.test("accept() takes turns at several sockets", async () => {
  using six = Deno.listen({ hostname: "::1", port: 0 });
  using four = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using listener = new StreamListener([six, four]);
  assertEquals(listener.addr, six.addr);
  assertEquals(listener.addrs, [six.addr, four.addr]);
  for (let i = 0; i < 2; i++) {
    const clients = [await dial(six.addr), await dial(four.addr)];
    const ports = [await listener.accept(), await listener.accept()].map(
      portOf,
    );
    const expected = clients.map(({ localAddr }) => localAddr.port);
    assertEquals(ports.toSorted(), expected.toSorted());
    for (const client of clients) client.close();
  }
});

Deno.test("each accept() that waits ends when its listener is closed", async () => {
  const listener = await listen();
  const ended = [listener.accept(), listener.accept()].map((accepted) =>
    assertRejects(() => accepted, SocketError, "Operation canceled")
  );
  listener.close();
  listener.close();
  await Promise.all(ended);
  await assertRejects(() => listener.accept(), SocketError);
});

Deno.test("a listener is iterated over until it is closed", async () => {
  const listener = await listen();
  using conn = await dial(listener.addr);
  const ports: number[] = [];
  for await (const accepted of listener) {
    ports.push(portOf(accepted));
    // While it waits for the next one.
    queueMicrotask(() => listener.close());
  }
  assertEquals(ports, [conn.localAddr.port]);
});

Deno.test("a listener's iteration passes peers over that left, and fails with the system", async () => {
  const failed = (code: string) =>
    Promise.reject(Object.assign(new Error(code), { code }));
  const seen: StreamConn[] = [];
  const error = await assertRejects(async () => {
    const listener = scripted([
      failed("ENOTCONN"),
      Promise.resolve(CONN),
      failed("EMFILE"),
    ]);
    for await (const each of listener) seen.push(each);
  }, SocketError);
  assertEquals([error.code, seen.length], ["EMFILE", 1]);
});
