import type { FailureEvent } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import {
  type Narration,
  openReporter,
  type Reporter,
  type ReporterOptions,
} from "../../lib/program/reporter.ts";
import { COLOURS } from "../../lib/program/colours.ts";
import type { TraceWord } from "../../lib/program/common.ts";
import { displayBytes } from "../../lib/program/display.ts";
import { sentences } from "../../lib/program/sentences.ts";
import { ServerOutput } from "../../lib/program/server_output.ts";
import { TraceLines } from "../../lib/program/trace_lines.ts";
import type {
  AcceptedEvent,
  ClosingEvent,
  ConnectedEvent,
  DatagramEvent,
  WaitingEvent,
} from "../../lib/sockets/events.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import {
  at,
  encode,
  objects,
  Page,
  SENTENCES,
  written as writtenBy,
} from "./support.ts";

type TestEvent = ConnectedEvent | DatagramEvent | FailureEvent;

/** A program that shows datagrams. */
const NARRATION: Narration<TestEvent> = {
  says: sentences<TestEvent>({
    connected: ({ peer }) => `connected to ${peer.address}\n`,
    datagram: ({ data }) => `packet contains "${displayBytes(data)}"\n`,
  }),
  results: sentences<TestEvent, Uint8Array>({ datagram: ({ data }) => data }),
  unit: "datagrams",
};

/** What a program writes about events or calls. */
const written = (
  program: string,
  report: Parameters<typeof writtenBy<TestEvent>>[2],
  options: Partial<ReporterOptions<TestEvent>> = {},
) => writtenBy<TestEvent>(program, NARRATION, report, options);

const V6 = at("::1");
const V4 = at("127.0.0.1", 51234);

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
    { event: "connected", peer: V4, local: V4 },
    { event: "datagram", peer: V4, data: HOSTILE },
  ], { raw: true });
  assertEquals(stdout, new TextDecoder().decode(HOSTILE));
  assertEquals(stderr, "connected to 127.0.0.1\n");
});

Deno.test("json shows events instead of sentences, errors among them", async () => {
  const { stdout, stderr } = await written("client", [
    {
      event: "error",
      step: "connect",
      code: "ECONNREFUSED",
      message: "Connection refused",
      address: V6,
    },
    { event: "connected", peer: V6, local: V6 },
    { event: "datagram", peer: V6, data: encode("Hello, world!") },
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
      local: { family: "IPv6", host: "::1", port: 3490 },
    },
    {
      program: "client",
      event: "datagram",
      peer: { family: "IPv6", host: "::1", port: 3490 },
      data: { bytes: 13, text: "Hello, world!" },
    },
  ]);
  assertEquals(stderr, "");
});

Deno.test("json and quiet together leave the results", async () => {
  const { stdout } = await written("client", [
    { event: "connected", peer: V6, local: V6 },
    { event: "datagram", peer: V6, data: encode("x") },
  ], { json: true, quiet: true });
  assertEquals(objects(stdout).map(({ event }) => event), ["datagram"]);
});

const CALL: CallEvent = {
  event: "call",
  call: "connect",
  arguments: ["3", "[::1]:3490"],
  result: -1,
  code: "ECONNREFUSED",
  message: "Connection refused",
  milliseconds: 0.18,
};

Deno.test("trace shows calls on stderr", async () => {
  const { stdout, stderr } = await written(
    "client",
    (reporter) => reporter.call?.(CALL),
    { trace: [] },
  );
  assertEquals(stdout, "");
  assertEquals(
    stderr,
    "connect(3, [::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>\n",
  );
});

Deno.test("trace and json together show calls as objects on stderr", async () => {
  const { stdout, stderr } = await written(
    "client",
    (reporter) => reporter.call?.(CALL),
    { trace: [], json: true },
  );
  assertEquals(stdout, "");
  const [{ start, end, ...call } = {}] = objects(stderr);
  assertEquals([typeof start, typeof end], ["string", "string"]);
  assertEquals(call, { program: "client", ...CALL });
});

Deno.test("objects of calls have the first bytes, and with short they do not", async () => {
  const report = (reporter: Reporter<TestEvent>) =>
    reporter.call?.({
      ...CALL,
      call: "send",
      arguments: ["3", "40"],
      data: encode("안".repeat(11)).slice(0, 32),
    });
  const dataOf = async (trace: readonly TraceWord[]) => {
    const { stderr } = await written("client", report, { trace, json: true });
    return objects(stderr)[0]?.["data"];
  };
  assertEquals(await dataOf([]), { bytes: 30, text: "안".repeat(10) });
  assertEquals(await dataOf(["time"]), { bytes: 30, text: "안".repeat(10) });
  assertEquals(await dataOf(["short"]), undefined);
});

const ANSWER = {
  event: "answer",
  source: "192.0.2.53:53",
  question: "PTR 1.2.0.192.in-addr.arpa",
  answer: ["evil\x1b[2J\nname"],
} as const;

Deno.test("trace shows the steps of a look-up, in which nothing is forged", async () => {
  const report = (reporter: Reporter<TestEvent>) =>
    reporter.resolution?.(ANSWER);
  const { stderr } = await written("showip", report, { trace: [] });
  assertEquals(
    stderr,
    "  192.0.2.53:53: PTR 1.2.0.192.in-addr.arpa = evil\\x1b[2J\\nname\n",
  );
  const json = await written("showip", report, { trace: [], json: true });
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

Deno.test("errors and calls are coloured on stderr, and neither payload nor JSON", async () => {
  const report = (reporter: Reporter<TestEvent>) => {
    reporter.call?.(CALL);
    reporter.event({ event: "datagram", peer: V4, data: encode("a") });
    reporter.event({
      event: "error",
      step: "recv",
      code: "ECONNRESET",
      message: "Connection reset by peer",
    });
  };
  const colours = { stdout: COLOURS, stderr: COLOURS };
  const how = { trace: [], quiet: true, colours };
  const { stdout, stderr } = await written("client", report, how);
  const { failure } = COLOURS;
  const lines = stderr.split("\n");
  assertEquals(lines[0], new TraceLines([], COLOURS).call(CALL));
  assertEquals(lines[1], failure("client: recv: Connection reset by peer"));
  assertEquals(stdout, "a");
  const json = await written("client", report, { ...how, json: true });
  objects(json.stdout);
  objects(json.stderr);
});

Deno.test("sentences about a connection have its colour", async () => {
  type Event = AcceptedEvent | WaitingEvent;
  const narration: Narration<Event> = {
    says: sentences<Event>({
      waiting: () => "waiting\n",
      accepted: ({ peer }) => `got ${peer.address}\nand more\n`,
    }),
  };
  const events: Event[] = [
    { event: "waiting" },
    { event: "accepted", connection: 2, peer: V4, local: V6 },
  ];
  for (const blocks of [false, true]) {
    const { stdout } = await writtenBy<Event>(
      "server",
      { ...narration, blocks },
      events,
      { colours: { stdout: COLOURS } },
    );
    const paint = COLOURS.connection(2);
    const about = `${paint("got 127.0.0.1")}\n${paint("and more")}\n`;
    assertEquals(stdout, `waiting\n${about}`);
  }
});

Deno.test("a call that waits is shown to somebody who watches, and only there", async () => {
  const report = (reporter: Reporter<TestEvent>) =>
    reporter.waiting?.({ call: "accept", arguments: ["3"] });
  const shown = async (options: Partial<ReporterOptions<TestEvent>>) =>
    (await written("server", report, options)).stderr;
  assertEquals(await shown({ trace: [], isWatched: true }), "accept(3) …\n");
  assertEquals(await shown({ trace: [], isWatched: false }), "");
  assertEquals(await shown({ isWatched: true }), "");
  assertEquals(
    await shown({ trace: [], json: true, isWatched: true }),
    "",
  );
});

Deno.test("with inOrder the sentences of two connections mix, as they happened", async () => {
  type Event = AcceptedEvent | ClosingEvent;
  const narration: Narration<Event> = {
    blocks: true,
    says: sentences<Event>({
      accepted: ({ connection }) => `accepted ${connection}\n`,
      closing: ({ connection }) => `closing ${connection}\n`,
    }),
  };
  const events: Event[] = [
    { event: "accepted", connection: 1, peer: V4, local: V6 },
    { event: "accepted", connection: 2, peer: V4, local: V6 },
    { event: "closing", connection: 1 },
    { event: "closing", connection: 2 },
  ];
  const shown = async (inOrder: boolean) => {
    const how = { inOrder, trace: [] };
    const { stdout } = await writtenBy("server", narration, events, how);
    return stdout.trimEnd().split("\n");
  };
  const said = ["accepted 1", "accepted 2", "closing 1", "closing 2"];
  assertEquals(await shown(true), said);
  const [a1, a2, c1, c2] = said;
  assertEquals(await shown(false), [a1, c1, a2, c2]);
});

Deno.test("calls that there was no room for are counted", async () => {
  const page = new Page();
  const gate = Promise.withResolvers<void>();
  page.gate = gate.promise;
  const limit = 150;
  const output = new ServerOutput(page.writers, { limit, inOrder: true });
  const reporter = await openReporter({
    program: "listener",
    narration: NARRATION,
    output,
    ...SENTENCES,
    trace: [],
    inOrder: true,
  });
  // The second one and the third one do not fit.
  for (let i = 0; i < 3; i++) reporter.call?.({ ...CALL, data: HOSTILE });
  reporter.event({ event: "datagram", peer: V4, data: encode("a") });
  gate.resolve();
  await output.flush();
  reporter.event({ event: "datagram", peer: V4, data: encode("b") });
  reporter.call?.(CALL);
  await output.flush();
  const lines = page.lines.flatMap((line) => line.trimEnd().split("\n"));
  assertEquals(lines.slice(1), [
    'stderr packet contains "b"',
    "… 1 datagram not shown",
    "connect(3, [::1]:3490) = -1 ECONNREFUSED (Connection refused) <0.18 ms>",
    "… 2 calls not shown",
  ]);
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
  const writers = { stdout: writer("stdout"), stderr: writer("stderr") };
  const output = new ServerOutput(writers, { limit: 75 });
  const reporter = await openReporter({
    program: "listener",
    narration: NARRATION,
    output,
    ...SENTENCES,
  });
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

Deno.test("an aside is said on stderr, to who watches a program that is not quiet", async () => {
  const asides = sentences<TestEvent>({
    connected: ({ peer }) => `at ${peer.address}...\n`,
  });
  const said = async (options: Partial<ReporterOptions<TestEvent>>) => {
    const { stdout, stderr } = await writtenBy<TestEvent>(
      "client",
      { ...NARRATION, asides },
      [{ event: "connected", peer: V6, local: V6 }],
      options,
    );
    assertEquals(stdout, "");
    return stderr;
  };
  assertEquals(await said({ isWatched: true }), "at ::1...\n");
  assertEquals(await said({ isWatched: true, raw: true }), "at ::1...\n");
  for (const other of [{ quiet: true }, { json: true }, { isWatched: false }]) {
    assertEquals(await said({ isWatched: true, ...other }), "");
  }
});

Deno.test("a fault that repeated is shown with its count", async () => {
  const { stderr } = await written("listener", [{
    event: "error",
    step: "sendto",
    code: "ENETUNREACH",
    message: "Network is unreachable",
    count: 47,
  }]);
  assertEquals(stderr, "listener: sendto: Network is unreachable (47 times)\n");
});
