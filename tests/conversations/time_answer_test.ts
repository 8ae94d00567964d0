import { Endpoint } from "../../lib/address/endpoint.ts";
import type { ProgramEvent } from "../../lib/conversations/events.ts";
import { refusal } from "../../lib/conversations/http_refusal.ts";
import { timeAnswer } from "../../lib/conversations/time_answer.ts";
import type { RawConn } from "../../lib/sockets/raw_conn.ts";
import { StreamConn } from "../../lib/sockets/streams/stream.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const addr: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 4950,
};

/** What a connection has to say, and what happens to it. */
class Peer implements RawConn {
  readonly localAddr = addr;
  readonly remoteAddr = addr;
  readonly #parts: string[];
  readonly #ended = Promise.withResolvers<null>();
  /** What it was sent. */
  heard = "";

  constructor(...parts: string[]) {
    this.#parts = parts;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const part = this.#parts.shift();
    const { written } = new TextEncoder().encodeInto(part ?? "", buffer);
    const length = part === undefined ? await this.#ended.promise : written;
    return length;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.heard += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  }

  /** It ends its half once we ended ours. */
  closeWrite(): Promise<void> {
    this.#ended.resolve(null);
    return Promise.resolve();
  }

  close(): void {
    this.#ended.resolve(null);
  }
}

/** Answers one peer, and returns what was reported. */
async function answer(peer: RawConn, timeout = 0): Promise<ProgramEvent[]> {
  const events: ProgramEvent[] = [];
  const event = (event: ProgramEvent) => void events.push(event);
  using conn = new StreamConn(peer);
  await timeAnswer({ timeout, observer: { event } })(conn, {
    connection: 1,
    peer: Endpoint.from(addr),
    signal: new AbortController().signal,
  });
  return events;
}

Deno.test("timeAnswer() sends the C program's two parts", async () => {
  const peer = new Peer("GET / HT", "TP/1.1\r\n\r\n");
  const events = await answer(peer);
  assertMatch(
    peer.heard,
    /^HTTP\/1\.1 200 OK\r\n[^]*\r\nLocal time is: .{24}\n$/,
  );
  assertEquals(
    events.map((each) => each.event === "sent" ? each.bytes : each.event),
    ["reading", "received", "sending", 79, 25],
  );
});

Deno.test("timeAnswer() sends nothing to a peer that left without a word", async () => {
  const peer = new Peer();
  peer.close();
  const events = await answer(peer);
  assertEquals(peer.heard, "");
  assertEquals(events.map(({ event }) => event), ["reading", "received"]);
});

Deno.test("timeAnswer() answers 408 when the time is over", async () => {
  const peer = new Peer("GET / HTTP/1.1\r\n");
  await answer(peer, 1);
  assertMatch(peer.heard, /^HTTP\/1\.1 408 Request Timeout\r\n/);
});

Deno.test("timeAnswer() waits no longer for a handshake and a head than for one of them", async () => {
  const { now } = performance;
  let passed = 0;
  performance.now = () => now.call(performance) + passed;
  try {
    const started = now.call(performance);
    const timeout = 10_000;
    const peer = Object.assign(new Peer(), {
      handshake() {
        passed = timeout;
        return Promise.resolve(undefined);
      },
    });
    await answer(peer, timeout);
    assertMatch(peer.heard, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert(now.call(performance) - started < timeout / 2);
  } finally {
    performance.now = now;
  }
});

Deno.test("refusal() dates its answer as the example of RFC 9110 does", () => {
  const answer = refusal(405, "POST", new Date(784_111_777_000));
  assertEquals(
    new TextDecoder().decode(answer),
    "HTTP/1.1 405 Method Not Allowed\r\n" +
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
      "Connection: close\r\nContent-Type: text/plain\r\n" +
      "Content-Length: 19\r\nAllow: GET, HEAD\r\n\r\nMethod Not Allowed\n",
  );
});
