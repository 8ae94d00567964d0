import fc from "fast-check";
import { programs } from "../../cmd/parley.ts";
import type { ProgramEvent } from "../../lib/conversations/events.ts";
import {
  type Narration,
  openReporter,
  type ReporterOptions,
} from "../../lib/program/reporter.ts";
import { ServerOutput } from "../../lib/program/server_output.ts";
import { assert, assertEquals } from "../assert.ts";
import {
  at,
  encode,
  SENTENCES,
  written as writtenBy,
} from "../program/support.ts";

/** How a program speaks. */
async function narrationOf(name: string): Promise<Narration<ProgramEvent>> {
  const { program } = await programs[name]!();
  // All programs speak of these events.
  return program.narration() as unknown as Narration<ProgramEvent>;
}

/** What a program writes about events. */
async function written(
  program: string,
  events: readonly ProgramEvent[],
  options: Partial<ReporterOptions<ProgramEvent>> = {},
): Promise<{ stdout: string; stderr: string }> {
  return await writtenBy(program, await narrationOf(program), events, options);
}

const V6 = at("::1");
const V4 = at("127.0.0.1", 51234);
const ANY = at("::", 8080);

/** One connection to the time server, from `accepted` to `closing`. */
function connection(number: number, host: string): ProgramEvent[] {
  const about = { connection: number };
  return [
    { event: "accepted", ...about, peer: at(host, 51234), local: ANY },
    { event: "reading", ...about },
    { event: "received", ...about, bytes: 78 },
    { event: "sending", ...about },
    { event: "sent", ...about, bytes: 79, of: 79 },
    { event: "sent", ...about, bytes: 25, of: 25 },
    { event: "closing", ...about },
  ];
}

/** The lines that the C program prints for it. */
const block = (host: string) =>
  `Client is connected... ${host}
Reading request...
Received 78 bytes.
Sending response...
Sent 79 of 79 bytes.
Sent 25 of 25 bytes.
Closing connection...
`;

const START: ProgramEvent[] = [
  { event: "configuring" },
  { event: "creating" },
  { event: "binding" },
  { event: "openingListener" },
  { event: "listening", address: ANY },
  { event: "waiting" },
];

Deno.test("time_server says what the C program says", async () => {
  const { stdout, stderr } = await written("time_server", [
    ...START,
    ...connection(1, "127.0.0.1"),
    { event: "closingListener" },
    { event: "finished" },
  ]);
  assertEquals(
    stdout,
    `Configuring local address...
Creating socket...
Binding socket to local address...
Listening...
Open http://localhost:8080/
Waiting for connection...
${block("127.0.0.1")}Closing listening socket...
Finished.
`,
  );
  assertEquals(stderr, "");
});

Deno.test("time_server names the address that a browser can open", async () => {
  const table = [
    ["0.0.0.0", "http://localhost:8080/"],
    ["::", "http://localhost:8080/"],
    ["192.0.2.7", "http://192.0.2.7:8080/"],
    ["::1", "http://[::1]:8080/"],
  ] as const;
  for (const [host, url] of table) {
    const { stdout } = await written("time_server", [
      { event: "listening", address: at(host, 8080) },
    ]);
    assertEquals(stdout, `Open ${url}\n`);
  }
});

Deno.test("time_server never mixes the blocks of its connections", async () => {
  const order = fc.array(fc.nat(3), { minLength: 28, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(order, async (order) => {
      const hosts = [1, 2, 3, 4].map((number) => `192.0.2.${number}`);
      const queues = hosts.map((host, i) => connection(i + 1, host));
      // Whoever's turn it is emits one event; then all emit the rest.
      const events = [...order, 0, 1, 2, 3].flatMap((turn, i) =>
        queues[turn]!.splice(0, i < order.length ? 1 : 7)
      );
      const { stdout } = await written("time_server", [
        ...events,
        { event: "closingListener" },
      ]);
      const end = "Closing connection...\n";
      const blocks = stdout.split(end).slice(0, -1).map((part) => part + end);
      assertEquals(blocks.toSorted(), hosts.map(block));
      assert(stdout.endsWith(`${end}Closing listening socket...\n`));
    }),
    { numRuns: 50 },
  );
});

Deno.test("time_server shows a connection's progress at once", async () => {
  const events = connection(1, "127.0.0.1").slice(0, 2);
  const { stdout } = await written("time_server", events);
  assertEquals(
    stdout,
    "Client is connected... 127.0.0.1\nReading request...\n",
  );
});

Deno.test("time_server shows a block whole or not at all", async () => {
  // The notice itself must fit.
  const size = fc.integer({ min: 50, max: 2000 });
  await fc.assert(
    fc.asyncProperty(size, fc.nat(20), async (limit, turns) => {
      let stdout = "";
      const writer = {
        write(bytes: Uint8Array) {
          stdout += new TextDecoder().decode(bytes);
          return Promise.resolve(bytes.length);
        },
      };
      const writers = { stdout: writer, stderr: writer };
      const output = new ServerOutput(writers, { limit });
      const reporter = await openReporter({
        program: "time_server",
        narration: await narrationOf("time_server"),
        output,
        ...SENTENCES,
      });
      const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
      for (const number of numbers) {
        for (const event of connection(number, "192.0.2.1")) {
          reporter.event(event);
          if (number === turns) await output.flush();
        }
      }
      await reporter.close(0);
      const shown = stdout.replaceAll(block("192.0.2.1"), "*")
        .replaceAll(
          /… (\d+) connections? not shown\n/g,
          (_, count) => "*".repeat(Number(count)),
        );
      assertEquals(shown, "*".repeat(numbers.length));
    }),
  );
});

Deno.test("server says what the C program says", async () => {
  const { stdout } = await written("server", [
    ...START.slice(0, 4),
    { event: "listening", address: at("::") },
    { event: "waiting" },
    { event: "accepted", connection: 1, peer: V4, local: ANY },
    { event: "closing", connection: 1 },
    { event: "closingListener" },
    { event: "finished" },
  ]);
  assertEquals(
    stdout,
    `server: listening on [::]:3490
server: waiting for connections...
server: got connection from 127.0.0.1
`,
  );
});

Deno.test("client says what the C program says", async () => {
  const { stdout, stderr } = await written("client", [
    {
      event: "error",
      step: "connect",
      code: "ECONNREFUSED",
      message: "Connection refused",
      address: V6,
    },
    { event: "connected", peer: V4, local: ANY },
    { event: "message", peer: V4, data: encode("Hello, world!") },
  ]);
  assertEquals(
    stdout,
    "client: connecting to 127.0.0.1\nclient: received 'Hello, world!'\n",
  );
  assertEquals(stderr, "client: connect: Connection refused\n");
});

Deno.test("client has a last word if no address answered", async () => {
  const { stderr } = await written("client", [{
    event: "error",
    step: "connect",
    code: "ECONNREFUSED",
    message: "failed to connect",
    final: true,
  }]);
  assertEquals(stderr, "client: failed to connect\n");
});

Deno.test("listener says what the C program says", async () => {
  const { stdout } = await written("listener", [
    { event: "bound", address: at("::", 4950) },
    { event: "waiting" },
    { event: "datagram", peer: V4, data: encode("hello") },
    { event: "datagram", peer: V6, data: new Uint8Array() },
  ]);
  assertEquals(
    stdout,
    `listener: bound to [::]:4950
listener: waiting to recvfrom...
listener: got packet from 127.0.0.1
listener: packet is 5 bytes long
listener: packet contains "hello"
listener: got packet from ::1
listener: packet is 0 bytes long
listener: packet contains ""
`,
  );
});

Deno.test("talker says what the C program says, and the answer", async () => {
  const { stdout } = await written("talker", [
    { event: "connected", peer: V6, local: ANY },
    { event: "sent", to: "localhost", bytes: 5, of: 5 },
    { event: "message", peer: V6, data: encode("hi") },
  ]);
  assertEquals(
    stdout,
    `talker: connected to ::1
talker: sent 5 bytes to localhost
talker: received "hi"
`,
  );
});

Deno.test("time_console says what the C program says", async () => {
  const event = { event: "time", text: "Sun Nov 22 00:18:51 2026" } as const;
  const { stdout } = await written("time_console", [event]);
  assertEquals(stdout, "Local time is: Sun Nov 22 00:18:51 2026\n");
  const quiet = await written("time_console", [event], { quiet: true });
  assertEquals(quiet.stdout, "Sun Nov 22 00:18:51 2026\n");
});

const address = (host: "::1" | "127.0.0.1", name?: string): ProgramEvent => ({
  event: "address",
  host: "localhost",
  address: at(host, 80),
  service: false,
  ...(name === undefined ? {} : { name }),
});

Deno.test("showip parts its hosts by an empty line", async () => {
  const { stdout } = await written("showip", [
    { event: "host", host: "localhost" },
    address("::1"),
    address("127.0.0.1", "localhost"),
    { event: "host", host: "b", canonicalName: "a.example" },
    address("127.0.0.1"),
  ]);
  assertEquals(
    stdout,
    `IP addresses for localhost:

  IPv6: ::1
  IPv4: 127.0.0.1 (localhost)

IP addresses for b:

  canonical name: a.example
  IPv4: 127.0.0.1
`,
  );
});

Deno.test("showip prints only the addresses if it is quiet", async () => {
  const { stdout } = await written("showip", [
    { event: "host", host: "localhost" },
    address("::1"),
    address("127.0.0.1"),
  ], { quiet: true });
  assertEquals(stdout, "::1\n127.0.0.1\n");
});

const HOSTILE = encode("\x1b[2J\x07\r\nclient: connecting to 6.6.6.6\x9b\x7f");

Deno.test("bytes from the network can forge nothing in the narration", async () => {
  const shown: [string, ProgramEvent][] = [
    ["client", { event: "message", peer: V4, data: HOSTILE }],
    ["listener", { event: "datagram", peer: V4, data: HOSTILE }],
    ["talker", { event: "message", peer: V4, data: HOSTILE }],
    ["talker", { event: "sent", to: "\x1b[2J\n", bytes: 1, of: 1 }],
    ["showip", { event: "host", host: "\x1b\n", canonicalName: "\x9b\x07" }],
    ["showip", address("::1", "evil\x1b[2J\nname")],
  ];
  for (const [program, event] of shown) {
    const { stdout } = await written(program, [event]);
    assert(!/[^\P{Cc}\n]/u.test(stdout), JSON.stringify(stdout));
    assert(!/^client: connecting/m.test(stdout));
  }
});

Deno.test("quiet leaves the payload's own bytes", async () => {
  for (const program of ["client", "listener", "talker"] as const) {
    const event = program === "listener" ? "datagram" : "message";
    const { stdout } = await written(program, [
      { event: "waiting" },
      { event: "connected", peer: V4, local: ANY },
      { event, peer: V4, data: HOSTILE },
    ], { quiet: true });
    assertEquals(stdout, new TextDecoder().decode(HOSTILE));
  }
});

Deno.test("quiet leaves nothing of a stream server's narration", async () => {
  for (const program of ["server", "time_server"] as const) {
    const events = [...START, ...connection(1, "127.0.0.1")];
    const { stdout } = await written(program, events, { quiet: true });
    assertEquals(stdout, "");
  }
});
