import { createConnection } from "node:net";
import { SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { Observer } from "../../lib/sockets/events.ts";
import { sendInTime } from "../../lib/sockets/streams/send_in_time.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import type { RawConn } from "../../lib/sockets/raw_conn.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertThrows,
} from "../assert.ts";

class Stop extends Error {}

/** Two connections that are each other's peers; the first is observed. */
async function pair(observer?: Observer): Promise<[StreamConn, StreamConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [near, far] = await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
  return [new StreamConn(near, observer), new StreamConn(far)];
}

/** An observer that keeps the calls that it receives. */
function recorder() {
  const calls: string[] = [];
  const call = ({ call, arguments: args, result, code = "" }: CallEvent) =>
    void calls.push(`${call}(${args.join(", ")}) = ${result} ${code}`.trim());
  return { calls, event() {}, call };
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | null) =>
  bytes === null ? null : new TextDecoder().decode(bytes);

/** Reads into a buffer, and returns its text. */
async function readText(conn: StreamConn, size = 64): Promise<string | null> {
  const buffer = new Uint8Array(size);
  const length = await conn.read(buffer);
  return length === null ? null : decode(buffer.subarray(0, length));
}

/** Makes a read end before anything came. */
const readInVain = (conn: StreamConn) =>
  assertRejects(
    () => conn.read(new Uint8Array(8), { timeout: 1 }),
    SocketError,
    "timed out",
  );

Deno.test("read() returns what has come, then null at the end", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  const buffer = new Uint8Array(16);
  await far.write(encode("hello"));
  far.close();
  assertEquals(await near.read(buffer), 5);
  assertEquals(buffer.subarray(0, 5), encode("hello"));
  assertEquals(await near.read(buffer, { timeout: 60_000 }), null);
  assertEquals(await near.read(buffer), null);
  near.close();
  assertEquals(observer.calls, [
    "recv(3, 16) = 5",
    "recv(3, 16) = 0",
    "recv(3, 16) = 0",
    "close(3) = 0",
  ]);
});

Deno.test("read() ends when the time is over", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  using _near = near;
  using _far = far;
  const error = await assertRejects(
    () => near.read(new Uint8Array(1), { timeout: 1 }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  assertEquals(observer.calls, ["recv(3, 1) = ?"]);
});

Deno.test("read() fails if the peer reset the connection, and only once", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // Deno's own connections have no way to reset.
  const far = createConnection(listener.addr.port, "127.0.0.1");
  using near = new StreamConn(await listener.accept());
  far.once("connect", () => far.resetAndDestroy());
  const error = await assertRejects(
    () => near.read(new Uint8Array(1)),
    SocketError,
    "Connection reset by peer",
  );
  assertEquals([error.step, error.code], ["recv", "ECONNRESET"]);
});

Deno.test("a reset that came when nobody waited is reported to the next read", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const far = createConnection(listener.addr.port, "127.0.0.1");
  using near = new StreamConn(await listener.accept());
  await new Promise((resolve) => far.once("connect", resolve));
  await readInVain(near);
  const closed = new Promise((resolve) => far.once("close", resolve));
  far.resetAndDestroy();
  await closed;
  const error = await assertRejects(
    () => near.read(new Uint8Array(1), { timeout: 5_000 }),
    SocketError,
  );
  assertEquals(error.code, "ECONNRESET");
});

Deno.test("a read that ended by time loses nothing", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  for (const text of ["one", "two", "three"]) {
    await readInVain(near);
    await readInVain(near);
    await far.writeAll(encode(text));
    assertEquals(await readText(near), text);
  }
});

Deno.test("a read that its signal ended throws the reason and loses nothing", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const controller = new AbortController();
  const { signal } = controller;
  const reading = assertRejects(
    () => near.read(new Uint8Array(8), { signal }),
    Stop,
  );
  controller.abort(new Stop());
  await reading;
  await far.writeAll(encode("still here"));
  assertEquals(decode(await near.readExactly(10)), "still here");
});

Deno.test("reads are served in their order, whatever they wait for", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const reads = [
    readText(near, 2),
    near.readExactly(3, { timeout: 60_000 }).then(decode),
    readText(near, 2),
    near.readUntil("\n").then(decode),
    readText(near, 4),
  ];
  for (const byte of encode("AABBBCCD\nEE")) {
    await far.writeAll(Uint8Array.of(byte));
    // One packet each, as far as that can be had.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const texts = await Promise.all(reads);
  assertEquals(texts.join("").slice(0, 10), "AABBBCCD\nEE".slice(0, 10));
  assertEquals(texts[1]?.length, 3);
  assert(texts[3]?.endsWith("\n"));
});

Deno.test("a read that leaves hands what was not enough for it to those behind it", async () => {
  const raw = new SlowConn();
  const conn = new StreamConn(raw);
  const controller = new AbortController();
  const { signal } = controller;
  const leaving = assertRejects(() => conn.readExactly(8, { signal }), Stop);
  const next = readText(conn, 2);
  const last = conn.readExactly(3);
  raw.answer("one");
  // Its next read waits: what has come is known.
  while (!raw.isAsked) await undefined;
  controller.abort(new Stop());
  await leaving;
  assertEquals(await next, "on");
  raw.answer("two");
  assertEquals(decode(await last), "etw");
});

Deno.test("readExactly() waits for all of its bytes, and leaves the rest", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  using _far = far;
  await far.writeAll(encode("12345678"));
  assertEquals(decode(await near.readExactly(0)), "");
  assertEquals(decode(await near.readExactly(3)), "123");
  assertEquals(await readText(near), "45678");
  const late = near.readExactly(4);
  await far.writeAll(encode("ab"));
  await far.writeAll(encode("cd"));
  assertEquals(decode(await late), "abcd");
  near.close();
  assertEquals(observer.calls[1], "recv(3, 3, MSG_WAITALL) = 3");
});

Deno.test("readExactly() takes nothing if the peer ends before, or the time is over", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  await far.writeAll(encode("abc"));
  const late = await assertRejects(
    () => near.readExactly(4, { timeout: 1 }),
    SocketError,
  );
  assertEquals(late.code, "ETIMEDOUT");
  await far.closeWrite();
  const error = await assertRejects(() => near.readExactly(4), SocketError);
  assertEquals([error.step, error.code], ["recv", "ENODATA"]);
  assertEquals(decode(await near.readAll()), "abc");
});

Deno.test("readUntil() returns line after line, and null at the end", async () => {
  const [near, far] = await pair();
  using _near = near;
  await far.writeAll(encode("one\r\n\r\ntwo\rx\r\n"));
  far.close();
  const lines: (string | null)[] = [];
  for (;;) {
    const line = decode(await near.readUntil("\r\n"));
    lines.push(line);
    if (line === null) break;
  }
  assertEquals(lines, ["one\r\n", "\r\n", "two\rx\r\n", null]);
});

Deno.test("readUntil() finds a delimiter that comes in pieces", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const reading = near.readUntil(encode("--end--"));
  for (const part of ["a--", "en", "d-", "-b"]) {
    await far.writeAll(encode(part));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(decode(await reading), "a--end--");
  assertEquals(await readText(near), "b");
});

Deno.test("readUntil() takes no more than maxBytes, and leaves them", async () => {
  const [near, far] = await pair();
  using _near = near;
  await far.writeAll(encode("12345\n6"));
  far.close();
  assertEquals(decode(await near.readUntil("\n", { maxBytes: 6 })), "12345\n");
  await assertRejects(() => near.readUntil("\n"), SocketError, "No data");
  assertEquals(decode(await near.readAll()), "6");
  const [one, two] = await pair();
  using _one = one;
  using _two = two;
  await two.writeAll(encode("12345\n"));
  const error = await assertRejects(
    () => one.readUntil("\n", { maxBytes: 5 }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["recv", "EMSGSIZE"]);
  assertEquals(decode(await one.readExactly(6)), "12345\n");
});

Deno.test("readAll() returns all of a long stream, and no more than maxBytes", async () => {
  const [near, far] = await pair();
  using _near = near;
  const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
  const sent = far.writeAll(bytes).then(() => far.close());
  assertEquals(await near.readAll({ maxBytes: 300_000 }), bytes);
  await sent;
  assertEquals(await near.readAll(), new Uint8Array());
  const [one, two] = await pair();
  using _one = one;
  await two.writeAll(encode("123456"));
  two.close();
  const error = await assertRejects(
    () => one.readAll({ maxBytes: 5 }),
    SocketError,
    "Message too long",
  );
  assertEquals(error.code, "EMSGSIZE");
});

Deno.test("what a read asks for must make sense", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const buffer = new Uint8Array(1);
  for (
    const run of [
      () => near.readExactly(-1),
      () => near.readExactly(1.5),
      () => near.readUntil(""),
      () => near.readUntil("\n", { maxBytes: 0 }),
      () => near.readAll({ maxBytes: NaN }),
      () => near.read(buffer, { timeout: -1 }),
      () => near.read(buffer, { timeout: NaN }),
      () => near.writeAll(buffer, { timeout: -1 }),
      () => near.linger({ timeout: -1 }),
      () => near.linger({ timeout: NaN }),
    ]
  ) {
    await assertRejects(run, RangeError);
  }
});

Deno.test("a signal that is aborted already ends every call", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const wait = { signal: AbortSignal.abort(new Stop()) };
  for (
    const run of [
      () => near.read(new Uint8Array(1), wait),
      () => near.readExactly(1, wait),
      () => near.readUntil("\n", wait),
      () => near.readAll(wait),
      () => near.write(encode("x"), wait),
      () => near.writeAll(encode("x"), wait),
      () => near.closeWrite(wait),
      () => near.handshake(wait),
    ]
  ) {
    await assertRejects(run, Stop);
  }
  // Nothing of it was sent, and nothing is broken.
  await near.writeAll(encode("y"));
  assertEquals(await readText(far), "y");
});

Deno.test("writeAll() sends all of the bytes", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  using _far = far;
  // More than the system takes at once.
  const bytes = new Uint8Array(8 << 20).fill(7);
  const sending = near.writeAll(bytes).finally(() => near.close());
  let received = 0;
  for await (const chunk of far.readable) received += chunk.length;
  assertEquals(await sending, bytes.length);
  assertEquals(received, bytes.length);
  assertEquals(observer.calls, ["send(3, 8388608) = 8388608", "close(3) = 0"]);
});

Deno.test("writes that are made at the same time do not mix", async () => {
  const [near, far] = await pair();
  using _far = far;
  const size = 3 << 20;
  const writes = [1, 2, 3].map((byte) =>
    near.writeAll(new Uint8Array(size).fill(byte))
  );
  Promise.all(writes).then(() => near.close());
  for (const byte of [1, 2, 3]) {
    const bytes = await far.readExactly(size);
    assert(bytes.every((each) => each === byte));
  }
  await Promise.all(writes);
  assertEquals(await far.readUntil("\n"), null);
});

Deno.test("writeAll() of nothing sends nothing", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  assertEquals(await near.writeAll(new Uint8Array()), 0);
});

Deno.test("writeAll() with a time limit gives each part the time, however much is taken at once", async () => {
  const parts: number[] = [];
  const raw = new SlowConn();
  raw.write = (bytes) => {
    parts.push(bytes.length);
    return Promise.resolve(bytes.length);
  };
  const conn = new StreamConn(raw);
  const bytes = new Uint8Array(150_000);
  assertEquals(await conn.writeAll(bytes, { timeout: 60_000 }), 150_000);
  assertEquals(parts, [65_536, 65_536, 18_928]);
  assertEquals(await conn.writeAll(bytes), 150_000);
  assertEquals(await conn.write(bytes, { timeout: 60_000 }), 150_000);
  assertEquals(parts.slice(3), [150_000, 150_000]);
});

Deno.test("a write that was given up breaks the stream for writing", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const error = await assertRejects(
    () => near.writeAll(new Uint8Array(32 << 20), { timeout: 20 }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["send", "ETIMEDOUT"]);
  for (
    const [step, run] of [
      ["send", () => near.write(encode("x"))],
      ["send", () => near.writeAll(encode("x"), { timeout: 1 })],
      ["shutdown", () => near.closeWrite()],
    ] as const
  ) {
    const later = await assertRejects(run, SocketError, "Broken pipe");
    assertEquals([later.step, later.code], [step, "EPIPE"]);
  }
  // It can still be read.
  await far.writeAll(encode("hello"));
  assertEquals(await readText(near), "hello");
});

Deno.test("a write that is given up in the turn in which a part is taken breaks the stream too", async () => {
  const raw = new SlowConn();
  const begun = Promise.withResolvers<void>();
  const part = Promise.withResolvers<number>();
  raw.write = () => {
    begun.resolve();
    return part.promise;
  };
  const conn = new StreamConn(raw);
  const controller = new AbortController();
  const { signal } = controller;
  const writing = assertRejects(
    () => conn.writeAll(encode("half of it"), { signal }),
    Stop,
  );
  await begun.promise;
  part.resolve(4);
  controller.abort(new Stop());
  await writing;
  const later = await assertRejects(() => conn.write(encode("x")), SocketError);
  assertEquals(later.code, "EPIPE");
});

Deno.test("a write that its signal ended throws the reason", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const controller = new AbortController();
  const { signal } = controller;
  const writing = assertRejects(
    () => near.writeAll(new Uint8Array(32 << 20), { signal }),
    Stop,
  );
  // A write that waits for its turn has sent nothing: it may be given up.
  const waiting = assertRejects(
    () => near.writeAll(encode("x"), { timeout: 1 }),
    SocketError,
    "timed out",
  );
  await waiting;
  controller.abort(new Stop());
  await writing;
});

Deno.test("sendInTime() closes a connection whose peer takes nothing in time", async () => {
  const [near, far] = await pair();
  using _far = far;
  const error = await assertRejects(
    () =>
      sendInTime(near, 20, async () => {
        for (;;) await near.writeAll(new Uint8Array(1 << 20));
      }),
    SocketError,
    "Connection timed out",
  );
  assertEquals([error.step, error.code], ["send", "ETIMEDOUT"]);
});

Deno.test("closeWrite() ends our half, and leaves the other one", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  using _near = near;
  using _far = far;
  await near.closeWrite();
  assertEquals(observer.calls, ["shutdown(3, SHUT_WR) = 0"]);
  assertEquals(await readText(far), null);
  await far.write(encode("still here"));
  assertEquals(await near.read(new Uint8Array(16)), 10);
  const error = await assertRejects(
    () => near.writeAll(encode("x")),
    SocketError,
    "Broken pipe",
  );
  assertEquals([error.step, error.code], ["send", "EPIPE"]);
});

Deno.test("close() may be called twice, and ends what waits", async () => {
  const [near, far] = await pair();
  const reads = [{}, { timeout: 60_000 }].map((wait) =>
    assertRejects(() => near.read(new Uint8Array(1), wait), SocketError)
  );
  near.close();
  near.close();
  for (const { step, code } of await Promise.all(reads)) {
    assertEquals([step, code], ["recv", "ECANCELED"]);
  }
  assertEquals(await readText(far), null);
  far.close();
});

Deno.test("linger() saves the answer of a peer that talks too much", async () => {
  const [near, far] = await pair();
  using _ = far;
  const answered = (async () => {
    await near.writeAll(encode("bye"));
    await near.linger();
    near.close();
  })();
  // Much more than the sockets' buffers hold, so that it is still on its way.
  await far.writeAll(new Uint8Array(8 << 20));
  assertEquals(await readText(far), "bye");
  assertEquals(await readText(far), null);
  await far.closeWrite();
  await answered;
});

Deno.test("linger() waits for the peer no longer than its time, and closes", async () => {
  const [near, far] = await pair();
  using _far = far;
  await near.linger({ timeout: 1 });
  const error = await assertRejects(() => near.write(encode("x")), SocketError);
  assertEquals(error.code, "ECANCELED");
  assertEquals(await readText(far), null);
});

Deno.test("linger() has nothing to say about a peer that is gone", async () => {
  const [near, far] = await pair();
  using _ = near;
  await near.write(new Uint8Array(1));
  far.close();
  await near.linger();
});

Deno.test("a connection knows its ends, and that it is not over TLS", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  assertEquals(near.local, far.peer);
  assertEquals(near.peer.toNetAddr("tcp"), far.localAddr);
  assertEquals(near.remoteAddr, far.localAddr);
  assert(!near.isTls);
  await near.handshake({ timeout: 1 });
});

Deno.test("setNoDelay() and setKeepAlive() are calls", async () => {
  const observer = recorder();
  const [near, far] = await pair(observer);
  using _far = far;
  near.setNoDelay();
  near.setKeepAlive(false);
  near.close();
  assertThrows(() => near.setNoDelay(), SocketError);
  assertEquals(observer.calls.slice(0, 3), [
    "setsockopt(3, IPPROTO_TCP, TCP_NODELAY, 1) = 0",
    "setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, 0) = 0",
    "close(3) = 0",
  ]);
});

Deno.test("the web streams carry bytes, and closing the one ends our half", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const echoed = far.readable.pipeTo(far.writable);
  const writer = near.writable.getWriter();
  await writer.write(encode("hello "));
  await writer.write(encode("streams"));
  await writer.close();
  const chunks = await Array.fromAsync(near.readable);
  assertEquals(chunks.map(decode).join(""), "hello streams");
  await echoed;
});

Deno.test("the readable stream fills a buffer of the reader's own", async () => {
  const [near, far] = await pair();
  using _near = near;
  await far.writeAll(encode("hello"));
  far.close();
  const reader = near.readable.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(3));
  assertEquals(decode(value!), "hel");
  const rest = await reader.read(new Uint8Array(3));
  assertEquals(decode(rest.value!), "lo");
  assert((await reader.read(new Uint8Array(3))).done);
});

Deno.test("the web streams reject with a SocketError", async () => {
  const [near, far] = await pair();
  using _far = far;
  const reading = assertRejects(
    () => near.readable.getReader().read(),
    SocketError,
  );
  near.close();
  assertEquals((await reading).step, "recv");
  const writing = near.writable.getWriter().write(encode("x"));
  const error = await assertRejects(() => writing, SocketError);
  assertEquals(error.step, "send");
});

Deno.test("what is no bytes is refused, and is nothing that the system said", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const text = "text" as unknown as Uint8Array<ArrayBuffer>;
  for (
    const use of [
      () => near.read(text),
      () => near.write(text),
      () => near.writeAll(text, { timeout: 1000 }),
      () => near.writable.getWriter().write(text),
    ]
  ) {
    await assertRejects(use, TypeError, "Uint8Array, not string");
  }
  const array = [1] as unknown as Uint8Array;
  await assertRejects(() => far.write(array), TypeError, "not Array");
});

/** A connection whose calls to read are answered one by one. */
class SlowConn implements RawConn {
  readonly localAddr = { transport: "tcp", hostname: "::1", port: 1 } as const;
  readonly remoteAddr = this.localAddr;
  readonly #asked: ((text: string) => void)[] = [];
  #begun = Promise.withResolvers<void>();

  read(buffer: Uint8Array): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#asked.push((text) =>
      resolve(text === "" ? null : encodeInto(text, buffer))
    );
    this.#begun.resolve();
    return promise;
  }

  /** Waits until a read waits. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Whether a read waits. */
  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** Answers the read that waits longest. */
  answer(text: string): void {
    this.#asked.shift()!(text);
  }

  write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  closeWrite = () => Promise.resolve();
  close() {}
}

const encodeInto = (text: string, buffer: Uint8Array) =>
  new TextEncoder().encodeInto(text, buffer).written;

Deno.test("a cancelled readable stream leaves what comes to the next reads", async () => {
  for (const mode of [undefined, "byob"] as const) {
    for (const isBehind of [false, true]) {
      const raw = new SlowConn();
      const conn = new StreamConn(raw);
      const reader = mode === undefined
        ? conn.readable.getReader()
        : conn.readable.getReader({ mode });
      const read = reader.read(new Uint8Array(8));
      await raw.begun;
      // Its own call waits after that of the stream, or is made later.
      const wait = { timeout: 60_000 };
      const early = isBehind ? conn.readExactly(2, wait) : undefined;
      await reader.cancel();
      assert((await read).done);
      const first = early ?? conn.readExactly(2);
      const second = readText(conn);
      raw.answer("one");
      assertEquals(decode(await first), "on");
      assertEquals(await second, "e");
      const third = readText(conn);
      raw.answer("tw");
      assertEquals(await third, "tw");
      const end = readText(conn);
      raw.answer("");
      assertEquals(await end, null);
    }
  }
});

Deno.test("a cancelled stream's read comes before those behind it, in the same turn too", async () => {
  for (const isBehind of [false, true]) {
    const raw = new SlowConn();
    const conn = new StreamConn(raw);
    const reader = conn.readable.getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(3));
    await raw.begun;
    const early = isBehind ? conn.readExactly(6) : undefined;
    await reader.cancel();
    await read;
    const six = early ?? conn.readExactly(6);
    raw.answer("one");
    while (!raw.isAsked) await undefined;
    raw.answer("two");
    assertEquals(decode(await six), "onetwo");
  }
});

Deno.test("a cancelled stream gives back what it was handed in that turn", async () => {
  for (let later = 0; later < 16; later++) {
    const raw = new SlowConn();
    const conn = new StreamConn(raw);
    await readInVain(conn);
    // From here on the stream's reads wait for that one.
    const reader = conn.readable.getReader({ mode: "byob" });
    const read = reader.read(new Uint8Array(3));
    raw.answer("onetwo");
    for (let i = 0; i < later; i++) await undefined;
    await reader.cancel();
    const { done, value } = await read;
    const rest = await readText(conn);
    assertEquals(done ? rest : `${decode(value)}${rest}`, "onetwo");
  }
});

Deno.test("a connection that read much at once does not keep the room for it", async () => {
  const raw = new SlowConn();
  let room = 0;
  raw.read = (buffer) => {
    room = buffer.buffer.byteLength;
    return Promise.resolve(buffer.length);
  };
  const conn = new StreamConn(raw);
  assertEquals((await conn.readExactly(1 << 20)).length, 1 << 20);
  assert(room >= 1 << 20);
  assertEquals((await conn.readExactly(10)).length, 10);
  assert(room <= 64 * 1024, String(room));
});

Deno.test("to abort the writable stream ends a write that the peer holds up", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const writer = near.writable.getWriter();
  await writer.write(encode("begin"));
  const held = assertRejects(
    () => writer.write(new Uint8Array(64 * 1024 * 1024)),
    SocketError,
  );
  const closed = assertRejects(() => writer.closed, Stop);
  await writer.abort(new Stop());
  assertEquals((await held).code, "ECANCELED");
  await closed;
  await assertRejects(() => near.read(new Uint8Array(1)), SocketError);
});
