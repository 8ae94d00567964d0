import { Endpoint } from "../../lib/address/endpoint.ts";
import { createConnection, type Socket } from "node:net";
import { collect } from "../../lib/conversations/collect.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { ProgramEvent } from "../../lib/conversations/events.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import { assertEquals } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Keeps what is reported; bytes are copied, as they are not for keeping. */
function recorder() {
  const events: ProgramEvent[] = [];
  return {
    events,
    event(event: ProgramEvent) {
      events.push(
        event.event === "message"
          ? { ...event, data: event.data.slice() }
          : event,
      );
    },
  };
}

const OPTIONS = { maxBytes: 1 << 20, timeout: 0 };

/** Collects from a peer that sends some chunks and closes. */
async function collected(
  chunks: readonly Uint8Array[],
  options: Partial<typeof OPTIONS> = {},
): Promise<{ complete: boolean; events: ProgramEvent[]; port: number }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const sent = (async () => {
    using peer = await listener.accept();
    for (const chunk of chunks) await peer.write(chunk);
  })();
  using conn = new StreamConn(await Deno.connect({ hostname, port }));
  const observer = recorder();
  const settings = { ...OPTIONS, ...options, observer };
  const complete = await collect(conn, settings);
  // A peer that was not heard to its end may fail to write.
  await sent.catch(() => {});
  return { complete, events: observer.events, port };
}

/** The only event, a message. */
function dataOf(events: readonly ProgramEvent[]): Uint8Array {
  assertEquals(events.map(({ event }) => event), ["message"]);
  const [event] = events;
  return event?.event === "message" ? event.data : new Uint8Array();
}

Deno.test("collect() reports all that came until the peer closed", async () => {
  const chunks = ["Hello, ", "", "world!"].map(encode);
  const { complete, events, port } = await collected(chunks);
  assertEquals(complete, true);
  assertEquals(events, [{
    event: "message",
    peer: Endpoint.parse(`127.0.0.1:${port}`),
    data: encode("Hello, world!"),
  }]);
});

Deno.test("collect() reports that nothing came", async () => {
  const { complete, events } = await collected([]);
  assertEquals(complete, true);
  assertEquals(dataOf(events), new Uint8Array());
});

Deno.test("collect() takes much, in order", async () => {
  const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
  const chunks = [bytes.subarray(0, 100_000), bytes.subarray(100_000)];
  const { complete, events } = await collected(chunks);
  assertEquals(complete, true);
  const data = dataOf(events);
  assertEquals(data.length, bytes.length);
  assertEquals(data.every((byte, i) => byte === bytes[i]), true);
});

Deno.test("collect() takes exactly as much as it may", async () => {
  const chunks = [encode("12345")];
  const { complete, events } = await collected(chunks, { maxBytes: 5 });
  assertEquals(complete, true);
  assertEquals(dataOf(events), encode("12345"));
});

Deno.test("collect() reports what it may take, then that it was more", async () => {
  const chunks = [encode("12345"), encode("6")];
  const { complete, events } = await collected(chunks, { maxBytes: 5 });
  assertEquals(complete, false);
  const [message, error, ...rest] = events;
  assertEquals(dataOf(message ? [message] : []), encode("12345"));
  assertEquals(error?.event === "error" && [error.step, error.code], [
    "recv",
    "EMSGSIZE",
  ]);
  assertEquals(rest, []);
});

Deno.test("collect() ends when the peer says nothing in time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  using conn = new StreamConn(await Deno.connect({ hostname, port }));
  using _peer = await listener.accept();
  const observer = recorder();
  const complete = await collect(conn, { ...OPTIONS, timeout: 1, observer });
  assertEquals(complete, false);
  assertEquals(observer.events, [{
    event: "error",
    step: "recv",
    code: "ETIMEDOUT",
    message: "Connection timed out",
  }]);
});

Deno.test("collect() reports what came before the connection broke", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // Deno's own connections have no way to reset.
  const peer: Socket = createConnection(listener.addr.port, "127.0.0.1");
  const raw = await listener.accept();
  const observer = recorder();
  // It resets once the first bytes were received.
  const call = ({ call, result }: CallEvent) => {
    if (call === "recv" && result === 4) peer.resetAndDestroy();
  };
  using conn = new StreamConn(raw, { call });
  peer.write("half");
  const complete = await collect(conn, {
    ...OPTIONS,
    observer,
  });
  assertEquals(complete, false);
  const [message, error] = observer.events;
  assertEquals(dataOf(message ? [message] : []), encode("half"));
  assertEquals(error, {
    event: "error",
    step: "recv",
    code: "ECONNRESET",
    message: "Connection reset by peer",
  });
});

/** Collects from a peer that the test plays; `quiet` is as short as can be. */
async function collecting(
  talk: (peer: Deno.TcpConn, reported: () => Promise<string>) => Promise<void>,
  options: Partial<typeof OPTIONS> = {},
): Promise<{ complete: boolean; events: ProgramEvent[] }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const { events, event } = recorder();
  let next = Promise.withResolvers<string>();
  const observer = {
    event(each: ProgramEvent) {
      event(each);
      if (each.event !== "message") return;
      next.resolve(new TextDecoder().decode(each.data));
      next = Promise.withResolvers();
    },
  };
  const talked = (async () => {
    using peer = await listener.accept();
    await talk(peer, () => next.promise);
  })();
  using conn = new StreamConn(await Deno.connect({ hostname, port }));
  const settings = { ...OPTIONS, quiet: 1, ...options, observer };
  const complete = await collect(conn, settings);
  await talked;
  return { complete, events };
}

/** The messages as texts. */
const textsOf = (events: readonly ProgramEvent[]) =>
  events.map((event) =>
    event.event === "message"
      ? new TextDecoder().decode(event.data)
      : event.event
  );

Deno.test("collect() reports what has come once the peer is quiet, no byte twice", async () => {
  const { complete, events } = await collecting(async (peer, reported) => {
    for (const text of ["one", "two", "three"]) {
      const next = reported();
      await peer.write(encode(text));
      assertEquals(await next, text);
    }
  });
  assertEquals(complete, true);
  assertEquals(textsOf(events), ["one", "two", "three"]);
});

Deno.test("collect() reports what comes after a pause and before the end", async () => {
  const { complete, events } = await collecting(async (peer, reported) => {
    const next = reported();
    await peer.write(encode("banner"));
    await next;
    await peer.write(encode("end"));
  });
  assertEquals(complete, true);
  assertEquals(textsOf(events).join(""), "bannerend");
  assertEquals(textsOf(events)[0], "banner");
});

Deno.test("collect() limits the sum of all that it reports", async () => {
  for (
    const [more, texts] of [["5", ["1234", "5"]], ["56", [
      "1234",
      "5",
      "error",
    ]]] as const
  ) {
    const { complete, events } = await collecting(async (peer, reported) => {
      const next = reported();
      await peer.write(encode("1234"));
      await next;
      await peer.write(encode(more));
    }, { maxBytes: 5 });
    assertEquals(complete, more === "5");
    assertEquals(textsOf(events), [...texts]);
  }
});

Deno.test("collect() reports nothing more if the limit was met before the pause", async () => {
  const { complete, events } = await collecting(async (peer, reported) => {
    const next = reported();
    await peer.write(encode("12345"));
    await next;
    await peer.write(encode("6"));
  }, { maxBytes: 5 });
  assertEquals([complete, textsOf(events)], [false, ["12345", "error"]]);
});
