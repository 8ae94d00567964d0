/** Shows the whole suite at work on loopback, and checks what it says. */

import { portOf, Running } from "../tests/harness.ts";

/** A conversation that did not go as it should. */
class DemoError extends Error {}

/** The least rights of a server on any free port. */
const SERVER = ["--allow-net=[::]:0,0.0.0.0:0"];
const READ = "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf";

/** A program at work, by its name. */
interface Started extends AsyncDisposable {
  readonly program: string;
  readonly running: Running;
}

function start(program: string, args: string[], flags: string[]): Started {
  const shown = args.map((arg) => /^[\w.-]+$/.test(arg) ? arg : `'${arg}'`);
  console.log(`$ ${[program, ...shown].join(" ")}`);
  const line = ["run", "--no-prompt", ...flags, `cmd/${program}.ts`, ...args];
  const running = new Running(Deno.execPath(), line);
  const dispose = () => running[Symbol.asyncDispose]();
  return { program, running, [Symbol.asyncDispose]: dispose };
}

/** Waits for a program's end, shows what it printed, and checks it. */
async function finish(
  { program, running }: Started,
  expected: RegExp,
): Promise<void> {
  await running.closeStdin();
  const result = await running.end();
  const shown = (result.stderr + result.stdout).trimEnd();
  console.log(`[${program}]\n${shown.replaceAll("\r", "")}\n`);
  if (result.code !== 0) {
    throw new DemoError(`exit status ${result.code}, not 0`);
  }
  if (!expected.test(result.stdout)) {
    throw new DemoError(`the answer does not match ${expected}`);
  }
}

async function run(
  program: string,
  args: string[],
  flags: string[],
  expected: RegExp,
): Promise<void> {
  await using started = start(program, args, flags);
  await finish(started, expected);
}

const CTIME = String.raw`\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n`;

/** Every conversation, in the order in which a course meets them. */
const STEPS: Readonly<Record<string, () => Promise<void>>> = {
  "time_console": () =>
    run("time_console", [], [], new RegExp(`^Local time is: ${CTIME}$`)),

  "showip": () =>
    run(
      "showip",
      ["localhost"],
      [READ],
      /^IP addresses for localhost:\n\n( {2}IPv(6: ::1|4: 127\.\d+\.\d+\.\d+)\n)+$/,
    ),

  "time_server, asked over HTTP": async () => {
    const args = ["--port", "0", "--count", "1"];
    await using server = start("time_server", args, SERVER);
    const port = await portOf(server.running);
    const name = `localhost:${port}`;
    await using client = start(
      "client",
      ["--interactive", "localhost", `${port}`],
      [`--allow-net=${name}`, READ],
    );
    await client.running.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
    const head = "HTTP/1.1 200 OK\r\nConnection: close\r\n" +
      "Content-Type: text/plain\r\n\r\n";
    await finish(client, new RegExp(`^${head}Local time is: ${CTIME}$`));
    await finish(server, /Sent 79 of 79 bytes\.\nSent 25 of 25 bytes\.\n/);
  },

  "server and client": async () => {
    const args = ["--port", "0", "--count", "1"];
    await using server = start("server", args, SERVER);
    const port = await portOf(server.running);
    await run(
      "client",
      ["localhost", `${port}`],
      [`--allow-net=localhost:${port}`, READ],
      /^client: connecting to \S+\nclient: received 'Hello, world!'\n$/,
    );
    await finish(server, /\nserver: got connection from \S+\n$/);
  },

  "listener and talker": async () => {
    const args = ["--port", "0", "--count", "1"];
    await using listener = start("listener", args, SERVER);
    const port = await portOf(listener.running);
    await run(
      "talker",
      ["--port", `${port}`, "localhost", "Hello there"],
      [`--allow-net=localhost:${port},[::]:0,0.0.0.0:0`, READ],
      /^talker: sent 11 bytes to localhost\n$/,
    );
    await finish(listener, /\nlistener: packet contains "Hello there"\n$/);
  },

  "listener --echo and talker --connect": async () => {
    const args = ["--port", "0", "--count", "1", "--echo"];
    await using listener = start("listener", args, ["--allow-net"]);
    const port = await portOf(listener.running);
    await run(
      "talker",
      ["--connect", "--port", `${port}`, "localhost", "Anybody home?"],
      [`--allow-net=localhost:${port},[::]:0,0.0.0.0:0`, READ],
      /^talker: connected to \S+\ntalker: sent 13 .*\ntalker: received "Anybody home\?"\n$/,
    );
    await finish(listener, /\nlistener: packet contains "Anybody home\?"\n$/);
  },
};

for (const [name, step] of Object.entries(STEPS)) {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`demo: ${name}: ${error.message}`);
    Deno.exit(1);
  }
}
console.log(
  `All ${Object.keys(STEPS).length} conversations went as they should.`,
);
