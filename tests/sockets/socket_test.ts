import { createConnection } from "node:net";
import { SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/sockets/events.ts";
import {
  closeSocket,
  linger,
  receive,
  send,
  shutdownWrite,
} from "../../lib/sockets/socket.ts";
import { assertEquals, assertRejects, assertThrows } from "../assert.ts";

/** Two connections that are each other's peers. */
async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  return await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
}

/** An observer that keeps the calls that it is told. */
function recorder() {
  const calls: string[] = [];
  const call = ({ call, arguments: args, result, code = "" }: CallEvent) =>
    void calls.push(`${call}(${args.join(", ")}) = ${result} ${code}`.trim());
  return { calls, event() {}, call };
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("receive() gives what has come, then 0 at the end", async () => {
  const [near, far] = await pair();
  using _ = near;
  const observer = recorder();
  const buffer = new Uint8Array(16);
  await far.write(encode("hello"));
  far.close();
  assertEquals(await receive(near, buffer, { observer }), 5);
  assertEquals(buffer.subarray(0, 5), encode("hello"));
  assertEquals(await receive(near, buffer, { observer, timeout: 60_000 }), 0);
  assertEquals(observer.calls, ["recv(16) = 5", "recv(16) = 0"]);
});

Deno.test("receive() ends when the time is over", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const observer = recorder();
  const error = await assertRejects(
    () => receive(near, new Uint8Array(1), { timeout: 1, observer }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  assertEquals(observer.calls, ["recv(1) = -1 ETIMEDOUT"]);
});

Deno.test("receive() fails where the peer reset the connection", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // Deno's own connections have no way to reset.
  const far = createConnection(listener.addr.port, "127.0.0.1");
  using near = await listener.accept();
  far.once("connect", () => far.resetAndDestroy());
  const error = await assertRejects(
    () => receive(near, new Uint8Array(1)),
    SocketError,
    "Connection reset by peer",
  );
  assertEquals([error.step, error.code], ["recv", "ECONNRESET"]);
});

Deno.test("send() sends all of the bytes", async () => {
  const [near, far] = await pair();
  using _far = far;
  const observer = recorder();
  // More than the system takes at once.
  const bytes = new Uint8Array(8 << 20).fill(7);
  const sending = send(near, bytes, { observer }).finally(() => near.close());
  let received = 0;
  for await (const chunk of far.readable) received += chunk.length;
  assertEquals(await sending, bytes.length);
  assertEquals(received, bytes.length);
  assertEquals(observer.calls, ["send(8388608) = 8388608"]);
});

Deno.test("send() of nothing sends nothing", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  assertEquals(await send(near, new Uint8Array()), 0);
});

Deno.test("send() ends when the peer does not take the bytes in time", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const error = await assertRejects(
    () => send(near, new Uint8Array(32 << 20), { timeout: 20 }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["send", "ETIMEDOUT"]);
});

Deno.test("shutdownWrite() ends our half, and leaves the other one", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const observer = recorder();
  await shutdownWrite(near, { observer });
  assertEquals(observer.calls, ["shutdown(SHUT_WR) = 0"]);
  assertEquals(await far.read(new Uint8Array(1)), null);
  await far.write(encode("still here"));
  assertEquals(await receive(near, new Uint8Array(16)), 10);
  const error = await assertRejects(
    () => send(near, encode("x")),
    SocketError,
    "Broken pipe",
  );
  assertEquals([error.step, error.code], ["send", "EPIPE"]);
});

Deno.test("closeSocket() may be called twice", async () => {
  const [near, far] = await pair();
  using _ = far;
  const observer = recorder();
  closeSocket(near, observer);
  closeSocket(near);
  assertEquals(observer.calls, ["close() = 0"]);
  assertEquals(await far.read(new Uint8Array(1)), null);
});

Deno.test("linger() saves the answer of a peer that talks too much", async () => {
  const [near, far] = await pair();
  using _ = far;
  const answered = (async () => {
    await send(near, encode("bye"));
    await linger(near);
    near.close();
  })();
  // Much more than the sockets' buffers hold, so that it is still on its way.
  await far.write(new Uint8Array(100_000));
  await send(far, new Uint8Array(8 << 20));
  const buffer = new Uint8Array(16);
  assertEquals(await far.read(buffer), 3);
  assertEquals(await far.read(buffer), null);
  await far.closeWrite();
  await answered;
});

Deno.test("linger() waits for the peer no longer than its time, and closes", async () => {
  const [near, far] = await pair();
  using _far = far;
  await linger(near, { timeout: 1 });
  assertThrows(() => near.close(), Deno.errors.BadResource);
  assertEquals(await far.read(new Uint8Array(1)), null);
});

Deno.test("linger() has nothing to say about a peer that is gone", async () => {
  const [near, far] = await pair();
  using _ = near;
  await near.write(new Uint8Array(1));
  far.close();
  await linger(near);
});
