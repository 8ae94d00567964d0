/**
 * Holds the servers and the resolver under load for as long as it takes, and
 * counts: `deno task soak [--connections N] [--idle N] [--datagrams N]
 * [--starved N] [--names N]`.
 */

import { parseArgs } from "@std/cli/parse-args";
import net from "node:net";
import { portOf, type Result, Running } from "../tests/harness.ts";
import type { Tally as NameTally } from "../tests/names/unreliable.ts";
import { dropsOf, memoryOf } from "../tests/process.ts";
import { fail } from "./fail.ts";

/** How much there is to do, unless the command line says otherwise. */
const FULL = {
  connections: 1_000_000,
  idle: 10_000,
  datagrams: 200_000,
  starved: 500,
  names: 10_000,
};

/** What a server did that it should not. */
class SoakError extends Error {}

type Counts = typeof FULL;

const counts = countsOf(Deno.args);
const encoder = new TextEncoder();
const GET = encoder.encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
/** The whole answer's length. */
const ANSWER = 104;
/** How many clients there are at the same time. */
const CLIENTS = 64;
/** Every so many connections one is a fault. */
const FAULT_EVERY = 50;

function countsOf(args: readonly string[]): Counts {
  const given: Record<string, unknown> = parseArgs(args, {
    string: Object.keys(FULL),
    unknown: (arg: string) =>
      fail("soak", 1, `unknown option or operand ${arg}`),
  });
  const counts = { ...FULL };
  for (const name of Object.keys(FULL) as (keyof Counts)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || !/^[1-9]\d{0,8}$/.test(value)) {
      fail("soak", 1, `--${name}: not a number from 1 on`);
    }
    counts[name] = Number(value);
  }
  return counts;
}

/** No part takes longer, in milliseconds. */
const HOUR = 3_600_000;

/** Starts a program; words of bash may set its limits before. */
function start(program: string, args: readonly string[], limits = ""): Running {
  const words = [Deno.execPath(), "run", "--quiet", "--allow-all"];
  words.push(`cmd/${program}.ts`, ...args);
  const script = `${limits} exec "$@"`;
  return new Running("bash", ["-c", script, "bash", ...words], {
    stuckAfter: HOUR,
  });
}

/** Starts a time server that prints nothing, and waits until it listens. */
async function startQuiet(
  args: readonly string[],
  limits = "",
): Promise<{ server: Running; port: number }> {
  using listener = Deno.listen({ hostname: "::", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const line = ["--quiet", `--port=${port}`, ...args];
  const server = start("time_server", line, limits);
  const begin = performance.now();
  for (;;) {
    try {
      await ask(port);
      return { server, port };
    } catch (error) {
      if (performance.now() - begin > 10_000) throw error;
    }
  }
}

function report(line: string): void {
  console.log(line);
}

/** Fails unless something is as it should be. */
function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new SoakError(otherwise);
}

/** How many bytes a peer sends until it ends. */
async function lengthOf(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(1024);
  let length = 0;
  for (;;) {
    const read = await conn.read(buffer);
    if (read === null) return length;
    length += read;
  }
}

/** Each client has an address of its own, so that ports do not run out. */
const hostOf = (client: number) => `127.0.1.${client + 1}`;

/** Asks for the time. */
async function ask(port: number, client = 0): Promise<number> {
  using conn = await Deno.connect({ hostname: hostOf(client), port });
  await conn.write(GET);
  return await lengthOf(conn);
}

/** What a client may do wrong, one after the other. */
const FAULTS: readonly ((port: number, hostname: string) => Promise<void>)[] = [
  // Nothing, half a request, and a request whose answer is not waited for.
  ...["", "GET / HT", "GET / HTTP/1.1\r\n\r\n"].map(
    (words) => async (port: number, hostname: string) => {
      using conn = await Deno.connect({ hostname, port });
      await conn.write(encoder.encode(words));
    },
  ),
  // No request at all; what is wrong with it is answered.
  async (port, hostname) => {
    using conn = await Deno.connect({ hostname, port });
    const garbage = new Uint8Array(2000).map((_, i) => 251 * i >> 3);
    await conn.write(garbage);
    check(await lengthOf(conn) > 0, "garbage was not answered");
  },
  // A reset in the middle of a request.
  async (port, hostname) => {
    const socket = net.connect(port, hostname);
    const closed = Promise.withResolvers<void>();
    socket.on("error", () => {});
    socket.on("close", () => closed.resolve());
    socket.write("GET /", () => socket.resetAndDestroy());
    await closed.promise;
  },
];

/** What came of many connections. */
interface Tally {
  connections: number;
  faults: number;
  wrong: number;
}

/** Connects so often, with a fault now and then. */
async function load(port: number, count: number, tally: Tally): Promise<void> {
  const numbers = Array(count).keys();
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    for (const number of numbers) {
      tally.connections++;
      if (number % FAULT_EVERY === 0) {
        const fault = FAULTS[tally.faults++ % FAULTS.length]!;
        await fault(port, hostOf(client));
        continue;
      }
      const length = await ask(port, client).catch(() => 0);
      if (length !== ANSWER) tally.wrong++;
    }
  }));
}

/** Stops a server, which must end well. */
async function stop(server: Running): Promise<Result> {
  server.signal("SIGTERM");
  const result = await server.end();
  check(result.code === 0, `exit status ${result.code}, not 0`);
  return result;
}

/** A server that has grown by more than this has a leak, in kB. */
const GROWTH = 20 * 1024;

/**
 * After so many connections what is made once has been, such as compiled code
 * and room for what is short-lived: it is no growth.
 */
const WARM_UP = 50_000;

/** As many connections as asked for, one after the other, 64 at a time. */
async function soakConnections({ connections }: Counts): Promise<void> {
  const { server, port } = await startQuiet([]);
  await using _server = server;
  const tally: Tally = { connections: 0, faults: 0, wrong: 0 };
  await load(port, WARM_UP, tally);
  const begin = performance.now();
  const memory = [await memoryOf(server.pid)];
  for (let half = 0; half < 2; half++) {
    await load(port, Math.ceil(connections / 2), tally);
    memory.push(await memoryOf(server.pid));
  }
  const seconds = (performance.now() - begin) / 1000;
  await stop(server);
  const [first = 0, middle = 0, last = 0] = memory;
  const rate = Math.round(connections / seconds);
  report(
    `${tally.connections} connections (${rate} a second), ` +
      `${tally.faults} faults injected, ` +
      `${tally.wrong} answers wrong or lost`,
  );
  report(
    `  memory ${first} kB at the start, ${middle} kB, ${last} kB at the end`,
  );
  check(tally.wrong === 0, "answers were wrong or lost");
  check(last - first < GROWTH, "memory has grown");
}

/** Connections that say nothing while others are answered. */
async function soakIdle({ idle }: Counts): Promise<void> {
  const room = idle + 2000;
  const { server, port } = await startQuiet(
    ["--timeout=0", `--max-connections=${room}`, "--backlog=4096"],
    `ulimit -n ${room} 2>/dev/null || ulimit -n "$(ulimit -Hn)";`,
  );
  await using _server = server;
  const tally: Tally = { connections: 0, faults: 0, wrong: 0 };
  // What serving itself takes is there before.
  await load(port, 30_000, tally);
  const before = await memoryOf(server.pid);
  const held: Deno.TcpConn[] = [];
  try {
    while (held.length < idle) {
      const hostname = hostOf(held.length % CLIENTS);
      held.push(await Deno.connect({ hostname, port }));
    }
  } catch (error) {
    report(`  no more than ${held.length} could be held: ${error}`);
  }
  await load(port, 2000, tally);
  const each = (await memoryOf(server.pid) - before) / held.length;
  const waited = await Promise.all(held.map(async (conn) => {
    await conn.write(GET);
    return await lengthOf(conn);
  }));
  for (const conn of held) conn.close();
  const lost = waited.filter((length) => length !== ANSWER).length;
  await stop(server);
  report(
    `${held.length} idle connections held, ${each.toFixed(1)} kB each, ` +
      `${tally.connections} others answered meanwhile, ` +
      `${tally.wrong + lost} answers wrong or lost`,
  );
  check(tally.wrong + lost === 0, "answers were wrong or lost");
  // Of fewer the heap's own changes are the larger part.
  const judged = held.length >= 1000;
  check(!judged || each <= 10, "an idle connection takes more than 10 kB");
}

/** More clients at once than there are descriptors. */
async function soakStarved({ starved }: Counts): Promise<void> {
  const args = ["--timeout=0"];
  const { server, port } = await startQuiet(args, "ulimit -n 64;");
  await using _server = server;
  const crowd = await Promise.all(
    Array.from(
      { length: starved },
      (_, client) => Deno.connect({ hostname: hostOf(client % CLIENTS), port }),
    ),
  );
  const lengths = await Promise.all(crowd.map(async (conn) => {
    using _closed = conn;
    await conn.write(GET);
    return await lengthOf(conn).catch(() => 0);
  }));
  const lost = lengths.filter((length) => length !== ANSWER).length;
  const { stderr } = await stop(server);
  report(`${starved} clients of 64 descriptors, ${lost} answers wrong or lost`);
  check(lost === 0, "answers were wrong or lost");
  check(
    /^(time_server: accept: Too many open files\n)?$/.test(stderr),
    `this was printed:\n${stderr}`,
  );
}

/** How many datagrams come at once. */
const BURST = 20_000;

/** Bursts of datagrams: each is shown, or the system threw it away. */
async function soakDatagrams({ datagrams }: Counts): Promise<void> {
  await using listener = start("listener", ["--port=0", "--echo"]);
  const port = await portOf(listener);
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  const open = () =>
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  let [sent, memory] = [0, 0];
  while (sent < datagrams) {
    const crowd = open();
    for (let i = 0; i < BURST; i++, sent++) await crowd.send(GET, to);
    crowd.close();
    const last = open();
    let echoed = false;
    const echo = last.receive().then(() => echoed = true, () => {});
    // What says that all before it were taken may be thrown away as well.
    while (!echoed) {
      const before = await dropsOf(port);
      await last.send(GET, to);
      sent++;
      while (!echoed && await dropsOf(port) === before);
    }
    await echo;
    last.close();
    memory ||= await memoryOf(listener.pid);
  }
  const drops = await dropsOf(port);
  const end = await memoryOf(listener.pid);
  const { stdout, stderr } = await stop(listener);
  const shown = stdout.match(/^listener: got packet/gm)?.length ?? 0;
  const lost = sent - drops - shown;
  report(
    `${sent} datagrams, ${shown} shown, ${drops} thrown away by the system, ` +
      `${lost} lost`,
  );
  report(`  memory ${memory} kB at the start, ${end} kB at the end`);
  check(lost === 0, `datagrams were lost:\n${stderr}`);
}

/** A signal in the middle of it: what was accepted is answered. */
async function soakSignal({ connections }: Counts): Promise<void> {
  await using server = start("time_server", ["--port=0", "--json"]);
  const [, found] = await server.stdout(/"event":"listening".*"port":(\d+)/);
  const port = Number(found);
  let [whole, parts, resets] = [0, 0, 0];
  const enough = Math.min(connections, 20_000);
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    for (;;) {
      let conn: Deno.TcpConn;
      try {
        conn = await Deno.connect({ hostname: hostOf(client), port });
      } catch {
        return;
      }
      using _closed = conn;
      const length = await conn.write(GET).then(() => lengthOf(conn))
        .catch(() => 0);
      if (length === ANSWER) whole++;
      else if (length > 0) parts++;
      else resets++;
      if (whole === enough) server.signal("SIGTERM");
    }
  }));
  const { code, stdout } = await server.end();
  const accepted = stdout.match(/"event":"accepted"/g)?.length ?? 0;
  report(
    `${accepted} connections accepted up to SIGTERM, ` +
      `${accepted - whole} answers wrong or lost, ` +
      `${resets} reset before they were accepted`,
  );
  check(code === 0, `exit status ${code}, not 0`);
  check(whole === accepted && parts === 0, "answers were wrong or lost");
}

/** Look-ups at a name server that loses, delays, truncates and corrupts. */
async function soakNames({ names }: Counts): Promise<void> {
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  const script = "tests/names/unreliable.ts";
  const line = ["run", "--quiet", "--allow-all", script];
  await using running = new Running(
    Deno.execPath(),
    [...line, String(names), String(seed)],
    { stuckAfter: HOUR },
  );
  const { code, stdout, stderr } = await running.end();
  check(code === 0, `the look-ups with the seed ${seed} ended:\n${stderr}`);
  const { found, absent, gaveUp, wrong, descriptors }: NameTally = JSON.parse(
    stdout,
  );
  const [before, after] = descriptors;
  report(
    `${names} names looked up with the seed ${seed}: ${found} found, ` +
      `${absent} not there, ${gaveUp} given up, ${wrong.length} wrong`,
  );
  report(`  ${before} descriptors at the start, ${after} at the end`);
  check(wrong.length === 0, `these were wrong:\n${wrong.join("\n")}`);
  check(found + absent + gaveUp === names, "not all of them ended");
  check(after === before, "descriptors are left");
}

let failed = false;
for (
  const part of [
    soakConnections,
    soakIdle,
    soakStarved,
    soakDatagrams,
    soakSignal,
    soakNames,
  ]
) {
  try {
    await part(counts);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`soak: ${part.name}: ${error.message}`);
    failed = true;
  }
}
if (failed) Deno.exit(1);
