/** What the tests of the programs share. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { type Result, Running } from "../harness.ts";

/** What a program is expected to leave behind; nothing by default. */
export interface Expected {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Fails unless a program left exactly this behind. */
export function assertResult(
  { code, stdout, stderr }: Result,
  expected: Expected,
  message?: string,
): void {
  assertEquals(
    { code, stdout, stderr },
    { code: 0, stdout: "", stderr: "", ...expected },
    message,
  );
}

/** How many processes run at the same time. */
const AT_ONCE = 6;

/** Checks many independent items, a few at the same time. */
export async function checkEach<T>(
  items: Iterable<T>,
  check: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].values();
  const worker = async () => {
    for (const item of queue) await check(item);
  };
  const ends = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, worker),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** One object of `--json`. */
export type JsonEvent = Readonly<Record<string, unknown>>;

/** RFC 3339 in UTC, with microseconds. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/**
 * The objects of `--json`; their program, their process, their time and a call's
 * start and end are checked and left out.
 */
export function jsonEvents(program: string, output: string): JsonEvent[] {
  // deno-lint-ignore no-control-regex
  assertMatch(output, /^([^\x00-\x1f\x7f-\x9f]+\n)*$/);
  return output.split("\n").slice(0, -1).map((line) => {
    const object: JsonEvent = JSON.parse(line);
    const { program: speaker, pid, time, start, end, ...event } = object;
    assertEquals([speaker, typeof pid], [program, "number"]);
    assertMatch(String(time), TIME);
    if (event.event !== "call") {
      assertEquals([start, end], [undefined, undefined]);
    } else {
      assertMatch(String(start), TIME);
      assertMatch(String(end), TIME);
    }
    return event;
  });
}

/**
 * The calls that `--trace` showed, how long they took left out, and how look-ups
 * came to their results, which is indented.
 */
export function tracedCalls(stderr: string): string[] {
  const lines = stderr.split("\n").slice(0, -1);
  return lines.filter((line) => !line.startsWith("  ")).map((line) => {
    assertMatch(line, /^\w+\(.*\) = .+?( <\d+\.\d\d ms>)?$/);
    return line.replace(/ <[^<]*>$/, "");
  });
}

/** The names of the calls that `--trace` showed. */
export function tracedNames(stderr: string): string[] {
  return tracedCalls(stderr).map((call) => call.replace(/\(.*/, ""));
}

/** An address as `--json` has it. */
export function endpoint(host: string, port: number): JsonEvent {
  return { family: host.includes(":") ? "IPv6" : "IPv4", host, port };
}

/** The port at which a server says with `--json` that it listens. */
export async function jsonPortOf(server: Running): Promise<number> {
  const [, port] = await server.stdout(
    /"event":"(?:listening|bound)".*"port":(\d+)/,
  );
  return Number(port);
}

/** Runs a script of bash; its `$@` are the words that start a program. */
export function bash(
  script: string,
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Running {
  const words = [Deno.execPath(), "run", "--quiet", "--allow-all"];
  words.push(`cmd/${program}.ts`, ...args);
  return new Running("bash", ["-c", script, "bash", ...words], {
    env,
    stdin: "",
  });
}

const encoder = new TextEncoder();

/** The bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** All that a peer sends until it ends its half, as text. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) return text + decoder.decode();
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
}

/** A peer that the test plays itself. */
export interface Peer extends AsyncDisposable {
  readonly port: number;
}

/** Waits on 127.0.0.1 for one TCP connection, and talks to it. */
export function streamPeer(
  talk: (conn: Deno.TcpConn) => Promise<unknown>,
): Peer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const talked = (async () => {
    using conn = await listener.accept();
    await talk(conn);
  })();
  // Whatever it throws is thrown when it is disposed of.
  talked.catch(() => {});
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await talked;
    },
  };
}

/** Waits on 127.0.0.1 for one datagram, and answers it. */
export function datagramPeer(
  answer: (
    socket: TestSocket,
    from: Deno.Addr,
    data: Uint8Array,
  ) => Promise<unknown>,
): Peer {
  const socket = datagramSocket();
  const answered = (async () => {
    const [data, from] = await socket.receive();
    await answer(socket, from, data);
  })();
  answered.catch(() => {});
  return {
    port: socket.port,
    async [Symbol.asyncDispose]() {
      socket.close();
      await answered;
    },
  };
}

/** A datagram socket that can be disposed of. */
export type TestSocket = Deno.DatagramConn & Disposable & { port: number };

/** Opens a datagram socket on any free port of 127.0.0.1. */
export function datagramSocket(): TestSocket {
  const hostname = "127.0.0.1";
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const { addr } = socket;
  assert(addr.transport === "udp");
  const dispose = () => socket.close();
  return Object.assign(socket, {
    port: addr.port,
    [Symbol.dispose]: dispose,
  });
}

/** What a peer may send to move, colour, ring or forge, and how it is shown. */
export interface Hostile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly shown: string;
  readonly json: JsonEvent;
}

const CONTROLS = "\ufeffa\0\x07\b\t\n\r\x1b[31m\x7f\u0085\u009b1m é✓'\"\\" +
  "\u202e\u2028";
// A lone lead, lone continuations, an overlong form, a surrogate, an end too
// soon.
const NO_UTF8 = new Uint8Array([
  ...[0xff, 0x9b, 0x1b, 0xc3, 0x28, 0xc0, 0xaf, 0xed, 0xa0, 0x80],
  ...[0x0a, 0xe2, 0x9c, 0x93, 0xe2, 0x82],
]);

/** Bytes that are text, and bytes that are not. */
export const HOSTILE: readonly Hostile[] = [{
  bytes: utf8(CONTROLS),
  shown: "\ufeff" +
    String.raw`a\x00\x07\x08\t\n\r\x1b[31m\x7f\x85\x9b1m é✓'"\\u{202e}\u{2028}`,
  json: { bytes: utf8(CONTROLS).length, text: CONTROLS },
}, {
  bytes: NO_UTF8,
  shown: String.raw`\xff\x9b\x1b\xc3(\xc0\xaf\xed\xa0\x80\n✓\xe2\x82`,
  json: {
    bytes: NO_UTF8.length,
    text: new TextDecoder().decode(NO_UTF8),
    base64: NO_UTF8.toBase64(),
  },
}];
