/** Servers that answer one connection after the other, many at once. */

import type { Load } from "../load_client.ts";
import {
  deno,
  denoAndNode,
  freePort,
  runJson,
  Running,
  scratch,
  takesPart,
  until,
} from "../process.ts";
import {
  atLeast,
  type Contender,
  type Plan,
  type Sample,
  type Work,
} from "../work.ts";

/** How many connections are in hand at the same time. */
const AT_ONCE = 64;
const GREETING = "Hello, world!";
const UNIT = { en: "# per second", ko: "초당 #회" };

/** A server that takes part. */
interface Entry {
  readonly name: string;
  /** Its command line for a port. */
  readonly line: (port: number) => string[];
  /** Where its stdout goes; nowhere by default. */
  readonly output?: string;
  readonly stderr?: "null";
  /** How many connections it can have in hand. */
  readonly atOnce?: number;
}

/** A server of ours on a port of loopback. */
function ours(program: string, port: number, ...args: string[]): string[] {
  const where = ["--host", "127.0.0.1", "--port", port];
  return deno(`cmd/${program}.ts`, ...where, ...args);
}

/** A server of `contenders/`. */
function peer(name: string): Entry["line"] {
  return (port) => deno(`bench/contenders/${name}.ts`, port);
}

/** The servers of a script of `contenders/` on `node:net`. */
function nodeNet(name: string): Entry[] {
  return denoAndNode(`bench/contenders/${name}.mjs`)
    .map(([runtime, line]) => ({ name: `node:net in ${runtime}`, line }));
}

/** The answer to one request, once the server is there to give it. */
function firstAnswer(port: number, request: string): Promise<string> {
  return until(`an answer on port ${port}`, async () => {
    try {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(new TextEncoder().encode(request));
      let text = "";
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(1024);
      for (let n = await conn.read(buffer); n; n = await conn.read(buffer)) {
        text += decoder.decode(buffer.subarray(0, n));
      }
      return text;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return undefined;
      throw error;
    }
  });
}

async function start(
  { name, line, atOnce = AT_ONCE, ...files }: Entry,
  { request, answer }: { readonly request: string; readonly answer: RegExp },
  { milliseconds }: Plan,
  stack: AsyncDisposableStack,
): Promise<Contender> {
  const port = freePort();
  const server = stack.use(new Running(line(port), files));
  const text = await firstAnswer(port, request);
  if (!answer.test(text)) throw new Error(`${name} answers ${text}`);
  const args = [port, milliseconds, atOnce, text.length, request];
  const client = deno("bench/load_client.ts", ...args);
  const measure = async (): Promise<Sample> => {
    const before = server.cpu;
    const { rate, answered, lost } = await runJson<Load>(client);
    const cpu = (server.cpu - before) / answered;
    return { value: rate, cpu, lost: lost / (answered + lost) };
  };
  return { name, measure };
}

/** One HTTP request a connection. */
export const time: Work = {
  name: "time",
  title: {
    en: `one HTTP request per connection, ${AT_ONCE} at once`,
    ko: `연결마다 HTTP 시간 요청 하나, 동시에 ${AT_ONCE}개`,
  },
  unit: UNIT,
  async start(plan, stack) {
    const entries: Entry[] = [
      {
        name: "time_server --quiet",
        line: (port) => ours("time_server", port, "--quiet"),
      },
      {
        name: "time_server > file",
        line: (port) => ours("time_server", port),
        output: `${scratch}/narration`,
      },
      { name: "Deno.serve", line: peer("deno_serve") },
      ...nodeNet("node_time"),
      { name: "accept loop", line: peer("accept_loop") },
    ];
    const what = {
      request: "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      answer: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nLocal time is: .{24}\n$/,
    };
    return await Promise.all(
      entries.map((entry) => start(entry, what, plan, stack)),
    );
  },
  lossless: true,
  targets: atLeast([
    ["time_server --quiet", "Deno.serve", 1],
    ["time_server --quiet", "node:net in Node", 1.8],
    ["time_server --quiet", "node:net in Deno", 1.8],
    ["time_server --quiet", "accept loop", 1],
    ["time_server > file", "time_server --quiet", 0.8],
  ]),
};

/** One greeting a connection. */
export const greeting: Work = {
  name: "greeting",
  title: {
    en: `one greeting per connection, ${AT_ONCE} at once`,
    ko: `연결마다 인사말 한 번, 동시에 ${AT_ONCE}개`,
  },
  unit: UNIT,
  async start(plan, stack) {
    const entries: Entry[] = [
      {
        name: "server --quiet",
        line: (port) => ours("server", port, "--quiet"),
      },
      ...nodeNet("node_greeting"),
    ];
    if (takesPart("socat")) {
      entries.push({
        name: "socat fork",
        line: (port) => [
          "socat",
          `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,backlog=511,fork`,
          `SYSTEM:printf \\"${GREETING.replace(",", "\\,")}\\"`,
        ],
        stderr: "null",
      });
    }
    if (takesPart("ncat")) {
      const command = `printf '${GREETING}'`;
      entries.push({
        // Its backlog is 10, and a client that finds it full waits for a second.
        name: "ncat -k -c, 8 at once",
        atOnce: 8,
        line: (port) =>
          `ncat -4 -l -k -m 1024 127.0.0.1 ${port} -c`.split(" ")
            .concat(command),
        stderr: "null",
      });
    }
    const what = { request: "", answer: new RegExp(`^${GREETING}$`) };
    return await Promise.all(
      entries.map((entry) => start(entry, what, plan, stack)),
    );
  },
  lossless: true,
  targets: atLeast([
    ["server --quiet", "node:net in Node", 1.8],
    ["server --quiet", "node:net in Deno", 1.8],
    ["server --quiet", "socat fork", 4],
    ["server --quiet", "ncat -k -c, 8 at once", 4],
  ]),
};
