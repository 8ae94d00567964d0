import fc from "fast-check";
import type { CallEvent, SocketEvent } from "../../lib/sockets/events.ts";
import { NARRATIONS, type ProgramName } from "../../lib/program/narration.ts";
import { Output } from "../../lib/program/output.ts";
import {
  jsonLine,
  Reporter,
  type ReporterOptions,
} from "../../lib/program/reporter.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** What a program's reporter is made with, but where it writes. */
function optionsOf(program: ProgramName): Omit<ReporterOptions, "output"> {
  const no = { quiet: false, json: false, trace: false, raw: false };
  return { program, narration: NARRATIONS[program], ...no };
}

type Tell = (reporter: Reporter) => void;

/** What a program writes when that is told to its reporter. */
async function written(
  program: ProgramName,
  tell: Tell | readonly SocketEvent[],
  options: Partial<ReporterOptions> = {},
): Promise<{ stdout: string; stderr: string }> {
  const bytes = { stdout: [] as number[], stderr: [] as number[] };
  const writer = (stream: "stdout" | "stderr") => ({
    write(chunk: Uint8Array) {
      bytes[stream].push(...chunk);
      return Promise.resolve(chunk.length);
    },
  });
  const output = new Output({
    writers: { stdout: writer("stdout"), stderr: writer("stderr") },
  });
  const reporter = new Reporter({ ...optionsOf(program), output, ...options });
  if (typeof tell === "function") tell(reporter);
  else for (const event of tell) reporter.event(event);
  await reporter.close(0);
  const text = (stream: number[]) =>
    new TextDecoder().decode(new Uint8Array(stream));
  return { stdout: text(bytes.stdout), stderr: text(bytes.stderr) };
}

/** The objects of a program's JSON lines, without their time. */
function objects(lines: string): Record<string, unknown>[] {
  return lines.trimEnd().split("\n").map((line) => {
    const { time, ...rest }: Record<string, unknown> = JSON.parse(line);
    assertMatch(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    return rest;
  });
}

const V6 = { family: "IPv6", host: "::1", port: 3490 } as const;
const V4 = { family: "IPv4", host: "127.0.0.1", port: 51234 } as const;
const ANY = { family: "IPv6", host: "::", port: 8080 } as const;

/** One connection to the time server, from `accepted` to `closing`. */
function connection(number: number, host: string): SocketEvent[] {
  const about = { connection: number };
  return [
    { event: "accepted", ...about, peer: { ...V4, host } },
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

const START: SocketEvent[] = [
  { event: "configuring" },
  { event: "creating" },
  { event: "binding" },
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
    const address = { ...ANY, host };
    const { stdout } = await written("time_server", [
      { event: "listening", address },
    ]);
    assertEquals(stdout, `Listening...\nOpen ${url}\n`);
  }
});

Deno.test("time_server never mixes the blocks of its connections", async () => {
  const order = fc.array(fc.nat(3), { minLength: 28, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(order, async (order) => {
      const hosts = [1, 2, 3, 4].map((number) => `192.0.2.${number}`);
      const queues = hosts.map((host, i) => connection(i + 1, host));
      // Whoever's turn it is tells one event; then all tell the rest.
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
      const output = new Output({ limit, writers });
      const reporter = new Reporter({ ...optionsOf("time_server"), output });
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
          /… (\d+) connections not shown\n/g,
          (_, count) => "*".repeat(Number(count)),
        );
      assertEquals(shown, "*".repeat(numbers.length));
    }),
  );
});

Deno.test("server says what the C program says", async () => {
  const { stdout } = await written("server", [
    ...START.slice(0, 3),
    { event: "listening", address: { ...V6, host: "::" } },
    { event: "waiting" },
    { event: "accepted", connection: 1, peer: V4 },
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
    { event: "connected", peer: V4 },
    { event: "message", peer: V4, data: encode("Hello, world!") },
  ]);
  assertEquals(
    stdout,
    "client: connecting to 127.0.0.1\nclient: received 'Hello, world!'\n",
  );
  assertEquals(stderr, "client: connect: Connection refused\n");
});

Deno.test("client has a last word where no address answered", async () => {
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
    { event: "bound", address: { ...V6, host: "::", port: 4950 } },
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
    { event: "connected", peer: V6 },
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

const address = (host: "::1" | "127.0.0.1", name?: string): SocketEvent => ({
  event: "address",
  host: "localhost",
  address: { family: host === "::1" ? "IPv6" : "IPv4", host, port: 80 },
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

Deno.test("showip prints the addresses alone where it is quiet", async () => {
  const { stdout } = await written("showip", [
    { event: "host", host: "localhost" },
    address("::1"),
    address("127.0.0.1"),
  ], { quiet: true });
  assertEquals(stdout, "::1\n127.0.0.1\n");
});

Deno.test("a failed look-up speaks as in C", async () => {
  const error = {
    event: "error",
    step: "getaddrinfo",
    code: "EAI_NONAME",
    message: "Name or service not known",
    host: "nosuch.invalid",
  } as const;
  const { stderr } = await written("client", [error]);
  assertEquals(stderr, "getaddrinfo: Name or service not known\n");
});

Deno.test("a missing permission is one line that names the flag", async () => {
  const { stdout, stderr } = await written("time_server", [{
    event: "error",
    step: "permission",
    code: "EPERM",
    message: "needs --allow-net=[::]:8080",
    final: true,
  }]);
  assertEquals(stderr, "time_server: needs --allow-net=[::]:8080\n");
  assertEquals(stdout, "");
});

const HOSTILE = encode("\x1b[2J\x07\r\nclient: connecting to 6.6.6.6\x9b\x7f");

Deno.test("bytes from the network can forge nothing in the narration", async () => {
  const told: [ProgramName, SocketEvent][] = [
    ["client", { event: "message", peer: V4, data: HOSTILE }],
    ["listener", { event: "datagram", peer: V4, data: HOSTILE }],
    ["talker", { event: "message", peer: V4, data: HOSTILE }],
    ["talker", { event: "sent", to: "\x1b[2J\n", bytes: 1, of: 1 }],
    ["showip", { event: "host", host: "\x1b\n", canonicalName: "\x9b\x07" }],
    ["showip", address("::1", "evil\x1b[2J\nname")],
  ];
  for (const [program, event] of told) {
    const { stdout } = await written(program, [event]);
    assert(!/[^\P{Cc}\n]/u.test(stdout), JSON.stringify(stdout));
    assert(!/^client: connecting/m.test(stdout));
  }
});

Deno.test("an error's words are shown on one line", async () => {
  const { stderr } = await written("client", [{
    event: "error",
    step: "getaddrinfo",
    code: "EAI_NONAME",
    message: "words\n\x1b[31m",
    host: "a\nb",
    several: true,
  }]);
  assertEquals(stderr, "getaddrinfo: words\\n\\x1b[31m (a\\nb)\n");
});

Deno.test("quiet leaves the payload's own bytes", async () => {
  for (const program of ["client", "listener", "talker"] as const) {
    const event = program === "listener" ? "datagram" : "message";
    const { stdout } = await written(program, [
      { event: "waiting" },
      { event: "connected", peer: V4 },
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

Deno.test("quiet does not hide errors", async () => {
  const { stderr } = await written("server", [{
    event: "error",
    step: "bind",
    code: "EADDRINUSE",
    message: "Address already in use",
  }], { quiet: true });
  assertEquals(stderr, "server: bind: Address already in use\n");
});

Deno.test("raw payload goes to stdout, and sentences to stderr", async () => {
  const { stdout, stderr } = await written("client", [
    { event: "connected", peer: V4 },
    { event: "message", peer: V4, data: HOSTILE },
  ], { raw: true });
  assertEquals(stdout, new TextDecoder().decode(HOSTILE));
  assertEquals(stderr, "client: connecting to 127.0.0.1\n");
});

Deno.test("json tells events in place of sentences, errors among them", async () => {
  const { stdout, stderr } = await written("client", [
    {
      event: "error",
      step: "connect",
      code: "ECONNREFUSED",
      message: "Connection refused",
      address: V6,
    },
    { event: "connected", peer: V6 },
    { event: "message", peer: V6, data: encode("Hello, world!") },
  ], { json: true });
  assertEquals(objects(stdout), [
    {
      program: "client",
      event: "error",
      step: "connect",
      code: "ECONNREFUSED",
      message: "Connection refused",
      address: { family: "IPv6", host: "::1", port: 3490 },
    },
    {
      program: "client",
      event: "connected",
      peer: { family: "IPv6", host: "::1", port: 3490 },
    },
    {
      program: "client",
      event: "message",
      peer: { family: "IPv6", host: "::1", port: 3490 },
      data: { bytes: 13, text: "Hello, world!" },
    },
  ]);
  assertEquals(stderr, "");
});

Deno.test("json and quiet together leave the results", async () => {
  const { stdout } = await written("client", [
    { event: "connected", peer: V6 },
    { event: "message", peer: V6, data: encode("x") },
  ], { json: true, quiet: true });
  assertEquals(objects(stdout).map(({ event }) => event), ["message"]);
});

Deno.test("jsonLine() adds base64 to bytes that are not UTF-8", () => {
  const line = jsonLine("listener", {
    event: "datagram",
    peer: V4,
    data: new Uint8Array([0x61, 0xff, 0x00]),
  });
  const [object] = objects(line);
  assertEquals(object?.data, { bytes: 3, text: "a\ufffd\0", base64: "Yf8A" });
});

Deno.test("jsonLine() gives back every byte on one harmless line", () => {
  fc.assert(fc.property(fc.uint8Array(), (data) => {
    const line = jsonLine("client", { event: "message", peer: V4, data });
    assertMatch(line, /^\P{Cc}+\n$/u);
    const { data: told } = JSON.parse(line);
    const back = told.base64 === undefined
      ? encode(told.text)
      : Uint8Array.fromBase64(told.base64);
    assertEquals(back, data);
    assertEquals(told.bytes, data.length);
  }));
});

const CALL: CallEvent = {
  event: "call",
  call: "connect",
  arguments: ["[::1]:3490"],
  result: -1,
  code: "ECONNREFUSED",
  message: "Connection refused",
  milliseconds: 0.18,
};

Deno.test("trace tells calls on stderr", async () => {
  const { stdout, stderr } = await written(
    "client",
    (reporter) => reporter.call?.(CALL),
    { trace: true },
  );
  assertEquals(stdout, "");
  assertEquals(
    stderr,
    "connect([::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>\n",
  );
});

Deno.test("trace and json together tell calls as objects on stderr", async () => {
  const { stdout, stderr } = await written(
    "client",
    (reporter) => reporter.call?.(CALL),
    { trace: true, json: true },
  );
  assertEquals(stdout, "");
  assertEquals(objects(stderr), [{ program: "client", ...CALL }]);
});

const ANSWER = {
  event: "answer",
  source: "192.0.2.53:53",
  question: "PTR 1.2.0.192.in-addr.arpa",
  answer: ["evil\x1b[2J\nname"],
} as const;

Deno.test("trace tells the steps of a look-up, in which nothing is forged", async () => {
  const tell: Tell = (reporter) => reporter.resolution?.(ANSWER);
  const { stderr } = await written("showip", tell, { trace: true });
  assertEquals(
    stderr,
    "  192.0.2.53:53: PTR 1.2.0.192.in-addr.arpa = evil\\x1b[2J\\nname\n",
  );
  const json = await written("showip", tell, { trace: true, json: true });
  assertEquals(objects(json.stderr), [
    { program: "showip", ...ANSWER, answer: [...ANSWER.answer] },
  ]);
});

Deno.test("without trace the reporter takes no calls, so that none is timed", async () => {
  await written("client", (reporter) => {
    assertEquals(reporter.call, undefined);
    assertEquals(reporter.resolution, undefined);
  });
});

Deno.test("colours are put round whole lines on stderr", async () => {
  const colours = {
    error: (line: string) => `<red>${line}</red>`,
    call: (line: string) => `<dim>${line}</dim>`,
  };
  const { stderr } = await written("client", (reporter) => {
    reporter.call?.(CALL);
    reporter.event({
      event: "error",
      step: "recv",
      code: "ECONNRESET",
      message: "Connection reset by peer",
    });
  }, { trace: true, colours });
  assertMatch(stderr, /^<dim>connect\(.*<\/dim>\n<red>client: recv: /);
});

Deno.test("what was not shown is counted once there is room again", async () => {
  const gate = Promise.withResolvers<void>();
  const texts = { stdout: "", stderr: "" };
  const writer = (stream: "stdout" | "stderr") => ({
    async write(chunk: Uint8Array) {
      await gate.promise;
      texts[stream] += new TextDecoder().decode(chunk);
      return chunk.length;
    },
  });
  const output = new Output({
    limit: 150,
    writers: { stdout: writer("stdout"), stderr: writer("stderr") },
  });
  const reporter = new Reporter({ ...optionsOf("listener"), output });
  const datagram = (text: string) =>
    reporter.event({ event: "datagram", peer: V4, data: encode(text) });
  // The first one fills the queue.
  for (const text of ["1".repeat(50), "2", "3"]) datagram(text);
  gate.resolve();
  await output.flush();
  datagram("4");
  await output.flush();
  assertStringIncludes(texts.stdout, 'contains "111');
  assertStringIncludes(texts.stdout, 'contains "4"');
  assert(!texts.stdout.includes('contains "2"'));
  assertEquals(texts.stderr, "… 2 datagrams not shown\n");
});
