import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { SocketError } from "../../lib/calls/errors.ts";
import type { ProgramEvent } from "../../lib/conversations/events.ts";
import { pipe, type PipeOptions } from "../../lib/conversations/pipe.ts";
import type { Observer } from "../../lib/sockets/events.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Two connections that are each other's peers. */
async function pair(
  observer?: Observer,
): Promise<[StreamConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [near, far] = await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
  return [new StreamConn(near, observer), far];
}

/** An input that gives some chunks, then ends, or waits forever. */
function inputOf(
  chunks: readonly Uint8Array[],
  end: "ends" | "waits" = "ends",
): PipeOptions["input"] {
  const rest = [...chunks];
  return {
    read(buffer) {
      const chunk = rest.shift();
      if (chunk !== undefined) {
        buffer.set(chunk);
        return Promise.resolve(chunk.length);
      }
      return end === "ends" ? Promise.resolve(null) : new Promise(() => {});
    },
  };
}

/** Keeps the bytes of the messages that are reported. */
function recorder() {
  const bytes: number[] = [];
  const event = (event: ProgramEvent) => {
    assert(event.event === "message");
    bytes.push(...event.data);
  };
  return { bytes, observer: { event } };
}

/** What a pipe is joined to where a test says nothing else. */
const REST = {
  endsWithPeer: true,
  timeout: 0,
  flush: () => Promise.resolve(),
};

/** All that a connection has to say. */
async function readAll(conn: Deno.Conn): Promise<number[]> {
  const bytes: number[] = [];
  const buffer = new Uint8Array(1024);
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) return bytes;
    bytes.push(...buffer.subarray(0, length));
  }
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);

Deno.test("pipe() sends the input, and its end, to the peer untouched", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer } = recorder();
  const input = inputOf([EVERY_BYTE, encode("\r\n"), EVERY_BYTE]);
  const piped = pipe(near, { input, observer, ...REST });
  assertEquals(await readAll(far), [...EVERY_BYTE, 13, 10, ...EVERY_BYTE]);
  far.close();
  await piped;
});

Deno.test("pipe() reports what the peer sends, untouched", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer, bytes } = recorder();
  const piped = pipe(near, { input: inputOf([]), observer, ...REST });
  await far.write(EVERY_BYTE);
  far.close();
  await piped;
  assertEquals(bytes, [...EVERY_BYTE]);
});

Deno.test("pipe() goes both ways at once", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer, bytes } = recorder();
  const asked = Promise.withResolvers<void>();
  // Each side's second line waits for the other side's first one.
  const lines = [encode("ask"), encode("thanks")];
  const input: PipeOptions["input"] = {
    async read(buffer) {
      if (lines.length === 1) await asked.promise;
      const line = lines.shift();
      if (line === undefined) return null;
      buffer.set(line);
      return line.length;
    },
  };
  const piped = pipe(near, {
    input,
    observer: {
      event(event) {
        observer.event(event);
        asked.resolve();
      },
    },
    ...REST,
  });
  assertEquals(await far.read(new Uint8Array(16)), 3);
  await far.write(encode("answer"));
  assertEquals(await readAll(far), [...encode("thanks")]);
  await far.write(encode("bye"));
  far.close();
  await piped;
  assertEquals(bytes, [...encode("answerbye")]);
});

Deno.test("pipe() ends with the peer while the input waits, if it is to", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer } = recorder();
  const input = inputOf([], "waits");
  const piped = pipe(near, { input, observer, ...REST });
  far.close();
  await piped;
});

Deno.test("pipe() reads on only when what was reported is written", async () => {
  const [near, far] = await pair();
  using _ = near;
  const steps: string[] = [];
  const observer = { event: () => void steps.push("reported") };
  const piped = pipe(near, {
    ...REST,
    input: inputOf([], "waits"),
    observer,
    async flush() {
      steps.push("flushing");
      await Promise.resolve();
      steps.push("flushed");
    },
  });
  const bytes = new Uint8Array(200_000);
  for (let at = 0; at < bytes.length;) {
    at += await far.write(bytes.subarray(at));
  }
  far.close();
  await piped;
  const round = ["reported", "flushing", "flushed"];
  assertEquals(steps, steps.map((_, i) => round[i % 3]!));
  assertEquals(steps.length % 3, 0);
  // More than fits into one read.
  assert(steps.length >= 6);
});

/** Two connections, one of which can reset. */
async function resettablePair(): Promise<[StreamConn, Socket]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // Deno's own connections have no way to reset.
  const far = createConnection(listener.addr.port, "127.0.0.1");
  const [near] = await Promise.all([listener.accept(), once(far, "connect")]);
  return [new StreamConn(near), far];
}

Deno.test("pipe() fails if the peer reset the connection", async () => {
  const [near, far] = await resettablePair();
  using _ = near;
  far.resetAndDestroy();
  const { observer } = recorder();
  const input = inputOf([], "waits");
  const error = await assertRejects(
    () => pipe(near, { input, observer, ...REST }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["recv", "ECONNRESET"]);
});

Deno.test("pipe() sends all of its input to a peer that ended first", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer, bytes } = recorder();
  await far.write(encode("bye"));
  await far.closeWrite();
  const chunk = new Uint8Array(1 << 20).map((_, i) => i % 251);
  const input = inputOf([chunk, chunk, chunk, chunk, chunk]);
  const options = { ...REST, endsWithPeer: false };
  const piped = pipe(near, { ...options, input, observer });
  let length = 0;
  const buffer = new Uint8Array(1 << 16);
  for (;;) {
    const count = await far.read(buffer);
    if (count === null) break;
    for (const byte of buffer.subarray(0, count)) {
      assert(byte === (length++ % (1 << 20)) % 251);
    }
  }
  far.close();
  await piped;
  assertEquals([length, bytes], [5 << 20, [...encode("bye")]]);
});

Deno.test("pipe() fails at once if its input can't be read", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const { observer } = recorder();
  using directory = await Deno.open("/");
  const error = await assertRejects(
    () => pipe(near, { ...REST, input: directory, observer }),
    SocketError,
  );
  assertEquals([error.step, error.code], ["read", "EISDIR"]);
  assertEquals(error.reason, "Is a directory");
});

Deno.test("pipe() reads an input again that had nothing yet", async () => {
  const [near, far] = await pair();
  using _ = near;
  const { observer } = recorder();
  const steps = [
    () => Promise.reject(new Deno.errors.WouldBlock("again")),
    (buffer: Uint8Array) => {
      buffer.set(encode("late"));
      return Promise.resolve(4);
    },
    () => Promise.resolve(null),
  ];
  const input = { read: (buffer: Uint8Array) => steps.shift()!(buffer) };
  const piped = pipe(near, { ...REST, input, observer });
  assertEquals(await readAll(far), [...encode("late")]);
  far.close();
  await piped;
});

Deno.test("pipe() fails if the peer refuses what is left to send", async () => {
  for (const endsWithPeer of [true, false]) {
    const [near, far] = await resettablePair();
    using _ = near;
    const { observer } = recorder();
    const chunk = new Uint8Array(1 << 20);
    const input = inputOf(Array.from({ length: 64 }, () => chunk));
    const piped = pipe(near, { ...REST, endsWithPeer, input, observer });
    far.once("data", () => far.resetAndDestroy());
    const error = await assertRejects(() => piped, SocketError);
    assert(["ECONNRESET", "EPIPE"].includes(error.code), error.code);
  }
});

Deno.test("pipe() fails if the peer had left when the last of the input was sent", async () => {
  const ended = Promise.withResolvers<void>();
  const [near, far] = await pair({
    call({ call, result }) {
      if (call === "recv" && result === 0) ended.resolve();
    },
  });
  using _ = near;
  const steps = [
    async (buffer: Uint8Array) => {
      await ended.promise;
      buffer.set(encode("late"));
      return 4;
    },
    async () => {
      // What was sent is refused by now if another send is.
      const nothing = new Uint8Array();
      while (await near.write(nothing).then(() => true, () => false));
      return null;
    },
  ];
  const piped = pipe(near, {
    ...REST,
    endsWithPeer: false,
    input: { read: (buffer: Uint8Array) => steps.shift()!(buffer) },
    observer: recorder().observer,
  });
  far.close();
  const error = await assertRejects(() => piped, SocketError);
  assertEquals([error.step, error.code], ["send", "EPIPE"]);
});

Deno.test("pipe() fails if the peer is silent for too long after the input", async () => {
  const [near, far] = await pair();
  using _near = near;
  using _far = far;
  const { observer, bytes } = recorder();
  const hurry = Promise.withResolvers<null>();
  const input = { read: () => hurry.promise };
  const piped = pipe(near, {
    ...REST,
    timeout: 1,
    input,
    observer: {
      event(event) {
        observer.event(event);
        hurry.resolve(null);
      },
    },
  });
  // Before the end of the input there is no limit.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await far.write(encode("now"));
  const error = await assertRejects(() => piped, SocketError);
  assertEquals([error.step, error.code], ["recv", "ETIMEDOUT"]);
  assertEquals(bytes, [...encode("now")]);
});
