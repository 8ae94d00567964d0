import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../assert.ts";
import { COLOURS } from "../../lib/program/colours.ts";
import { displayText } from "../../lib/program/display.ts";
import { CLOSED_PORT, portOf, type Result, run, Running } from "../harness.ts";
import { hasTerminal, programOnTerminal } from "../terminal.ts";
import {
  assertResult,
  bash,
  checkEach,
  datagramSocket,
  jsonEvents,
  readAll,
  streamPeer,
  utf8,
} from "./support.ts";
import { type CommandLine, runMany } from "./run_many.ts";

/** The operands with which each program is used rightly. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  showip: ["127.0.0.1"],
  time_console: [],
  time_server: [],
  server: [],
  client: ["127.0.0.1", CLOSED_PORT],
  listener: [],
  talker: ["127.0.0.1", "hello"],
  picture: [],
};
const PROGRAMS = Object.keys(OPERANDS);

/** The servers, and what they say last when nothing could be bound. */
const SERVERS: Readonly<Record<string, string>> = {
  time_server: "",
  server: "server: failed to bind\n",
  listener: "listener: failed to bind socket\n",
};

const nameOf = (line: CommandLine) => line.join(" ").slice(0, 80);

function assertUsageError([program, ...args]: CommandLine, result: Result) {
  const { code, stdout, stderr } = result;
  const line = nameOf([program, ...args]);
  assertEquals([code, stdout], [1, ""], line);
  const lines = new RegExp(
    `^${program}: .+\nusage: ${program} .*\nTry '${program} --help'\\.\n$`,
  );
  assertMatch(stderr, lines, line);
}

/** Fails unless each of them is refused, and nothing else is done. */
async function assertWrong(lines: readonly CommandLine[]): Promise<void> {
  const results = await runMany(lines);
  assertEquals(results.length, lines.length);
  for (const [i, line] of lines.entries()) assertUsageError(line, results[i]!);
}

Deno.test("every program shows its help on one screen", async () => {
  const options: Readonly<Record<string, readonly string[]>> = {
    showip: ["--canonical", "--service", "--reverse", "--dns"],
    time_console: ["--utc", "--iso"],
    time_server: ["--port", "--host", "--count", "--max-connections"],
    server: ["--port", "--host", "--count", "--max-connections", "--message"],
    client: ["-i, --interactive", "--max-bytes"],
    listener: ["--port", "--host", "--count", "--echo"],
    talker: ["--port", "--connect"],
    picture: ["--format", "--data", "--calls", "--no-times", "--title"],
  };
  const offline = ["time_console", "picture"];
  const common = ["-h, --help", "-V, --version", "-q, --quiet", "--json"];
  common.push("--color[=WHEN]");
  const network = ["-4, --ipv4", "-6, --ipv6", "--timeout SECONDS"];
  network.push("--trace[=short,time]");
  const [long, short] = await Promise.all([
    runMany(PROGRAMS.map((program): CommandLine => [program, "--help"])),
    runMany(PROGRAMS.map((program): CommandLine => [program, "-h"]), []),
  ]);
  for (const [i, program] of PROGRAMS.entries()) {
    const { stdout, ...help } = long[i]!;
    assertResult(short[i]!, { stdout });
    assertEquals([help.code, help.stderr], [0, ""]);
    const lines = stdout.split("\n").slice(0, -1);
    assert(lines.length <= 24, stdout);
    for (const line of lines) assert(line.length <= 80, line);
    for (const option of [...common, ...options[program]!]) {
      assert(stdout.includes(`${option} `), `${program} ${option}`);
    }
    for (const option of network) {
      const has = stdout.includes(`${option} `);
      assertEquals(has, !offline.includes(program), `${program} ${option}`);
    }
    assertMatch(stdout, new RegExp(`^usage: ${program} `, "m"));
    assertMatch(stdout, new RegExp(`^Example: ${program}\\b`, "m"));
    const flag = /(--allow-[^\s'[]+|'--allow-\S+')/.source;
    const command = `deno run (${flag}( |\\s\\\\\n +))+cmd/${program}\\.ts`;
    assertMatch(stdout, new RegExp(`^Permissions: (none$|${command})`, "m"));
  }
});

Deno.test("every program shows its version", async () => {
  const lines = PROGRAMS.flatMap((program): CommandLine[] => [
    [program, "--version"],
    [program, "-V"],
  ]);
  const results = await runMany(lines, []);
  for (const [i, [program]] of lines.entries()) {
    const { stdout } = results[i]!;
    assertMatch(stdout, new RegExp(`^${program} .*\\d+\\.\\d+\\.\\d+\n$`));
    assertResult(results[i]!, { stdout });
  }
});

Deno.test("every program refuses options that it does not have", async () => {
  const wrong = [["--bogus"], ["-x"], ["--quiet=yes"], ["-4", "-6"]];
  const strange = [
    ...[["-qx"], ["--no-quiet"], ["---quiet"], ["--Quiet"], ["--json="]],
    ...[["-é"], ["-64"], ["--ipv4", "--ipv6"], ["--timeout"]],
  ];
  await assertWrong([
    ...PROGRAMS.flatMap((program) =>
      wrong.map((args): CommandLine => [
        program,
        ...OPERANDS[program]!,
        ...args,
      ])
    ),
    ...strange.map((args): CommandLine => ["showip", "::1", ...args]),
  ]);
});

Deno.test("what an option takes is no option", async () => {
  await assertWrong([
    ["server", "--message", "-h", "--bogus"],
    ["server", "--message", "--json", "--bogus"],
    ["showip", "--bogus", "--", "--json"],
    ["showip", "--bogus", "--", "--help"],
    ["client", "--ca", "--help", "--bogus"],
  ]);
});

Deno.test("time_console has no option that does nothing in it", async () => {
  await assertWrong(
    ["-4", "--ipv6", "--timeout=1", "--trace"]
      .map((option): CommandLine => ["time_console", option]),
  );
});

Deno.test("help is shown whatever else is wrong", async () => {
  const [{ stdout } = { stdout: "" }, ...others] = await runMany([
    ["client", "--help"],
    ["client", "--bogus", "-h"],
    ["client", "--help", "a", "b", "c"],
    ["client", "-xh"],
  ]);
  assertStringIncludes(stdout, "usage: client");
  for (const each of others) assertResult(each, { stdout });
});

Deno.test("a URL, or a host with a port, is refused with what to write", async () => {
  const table: readonly (readonly [CommandLine, instead: string])[] = [
    [["client", "localhost:3490"], "client localhost 3490"],
    [["client", "http://localhost"], "client localhost"],
    [["client", "https://[::1]:8443/x"], "client ::1 8443"],
    [["client", "http://localhost/", "80"], "client localhost 80"],
    [["talker", "127.0.0.1:4950", "x"], "talker --port 4950 127.0.0.1 MESSAGE"],
    [["showip", "::1", "[::1]:http"], "showip --service http ::1"],
    [["showip", "http://a.example/"], "showip a.example"],
    [["server", "--host", "[::1]:80"], "--host ::1 --port 80"],
    [["time_server", "--host=a:80"], "--host a --port 80"],
    [["listener", "--host", "udp://a"], "--host a"],
  ];
  const results = await runMany(table.map(([line]) => line));
  for (const [i, [line, instead]] of table.entries()) {
    assertUsageError(line, results[i]!);
    assertStringIncludes(results[i]!.stderr, `: write '${instead}'\n`);
  }
});

Deno.test("every program refuses operands that are missing or too many", async () => {
  await assertWrong([
    ["showip"],
    ["showip", "--"],
    ["showip", ""],
    ["showip", "127.0.0.1", ""],
    ["time_console", "now"],
    ["time_server", "8080"],
    ["server", "3490"],
    ["client"],
    ["client", ""],
    ["client", "127.0.0.1", CLOSED_PORT, ""],
    ["listener", "4950"],
    ["talker"],
    ["talker", "127.0.0.1"],
    ["talker", "", "hello"],
    ["talker", "127.0.0.1", "hello", "--", "-again"],
  ]);
});

/** What every number is refused as, and what one program's is besides. */
const NO_NUMBERS = ["", "80x", "0x50", "8e1", " 80", "-1"];
const STRANGE = [
  ...[" ", "80 ", "+80", "8_0", "NaN", "Infinity", "८०", "1,5", "80\n"],
  ...["9".repeat(30), "--"],
];

/** An option with each value, in both ways to give it. */
function given(
  program: string,
  option: string,
  values: readonly string[],
): CommandLine[] {
  const operands = OPERANDS[program]!;
  return values.map((value, i): CommandLine =>
    i % 2 === 0
      ? [program, ...operands, option, value]
      : [program, ...operands, `${option}=${value}`]
  );
}

Deno.test("every program refuses a timeout that is none", async () => {
  const strange = [...STRANGE, "1.", ".5", "1.5.2", "5s"];
  await assertWrong([
    ...PROGRAMS.flatMap((each) => given(each, "--timeout", NO_NUMBERS)),
    ...given("showip", "--timeout", strange),
  ]);
});

Deno.test("every program refuses a port that is none", async () => {
  const wrong = [...NO_NUMBERS, "65536"];
  const strange = [...STRANGE, "1.5", "no-such-service", "HTTP"];
  await assertWrong([
    ...given("server", "--port", strange),
    ...Object.keys(SERVERS).flatMap((each) => given(each, "--port", wrong)),
    ...given("talker", "--port", ["0", ...wrong]),
    ...["0", ...wrong].map((port): CommandLine => ["client", "::1", port]),
    ...[...Object.keys(SERVERS), "talker"]
      .map((program): CommandLine => [program, "--port"]),
  ]);
});

Deno.test("every program refuses a number that is none", async () => {
  const wrong = ["0", "1.5", ...NO_NUMBERS];
  await assertWrong([
    ...given("client", "--max-bytes", STRANGE),
    ...Object.keys(SERVERS).flatMap((each) => given(each, "--count", wrong)),
    ...["time_server", "server"].flatMap((server) => [
      ...given(server, "--max-connections", wrong),
      ...given(server, "--backlog", ["2147483648", ...wrong]),
    ]),
    ...given("client", "--max-bytes", wrong),
    ...Object.keys(SERVERS).flatMap((each) => given(each, "--host", [""])),
  ]);
});

Deno.test("every program shows what is wrong so that it does no harm", async () => {
  const hostile = "\x1b[31m\u009b\n\x7f";
  const lines: CommandLine[] = [
    ...PROGRAMS.map((program): CommandLine => [program, `--${hostile}`]),
    ["client", "127.0.0.1", hostile],
    ["server", "--port", hostile],
    ["time_console", hostile],
  ];
  const results = await runMany(lines);
  assertEquals(results.length, lines.length);
  results.push(await run("parley", [hostile]));
  for (const { code, stderr } of results) {
    assertEquals(code, 1);
    assertEquals(stderr.split("\n").length, 4, stderr);
    // deno-lint-ignore no-control-regex
    assertEquals(stderr.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g), null);
  }
});

Deno.test("every program reports a usage error in an object with --json", async () => {
  const lines = PROGRAMS.flatMap((program): CommandLine[] => [
    [program, "--json", "--bogus"],
    [program, "--bogus", "--json", "--"],
  ]);
  const results = await runMany(lines);
  for (const [i, [program]] of lines.entries()) {
    const { stdout, ...result } = results[i]!;
    assertUsageError([program], { ...result, stdout: "" });
    const [error, ...others] = jsonEvents(program, stdout);
    assertEquals(others, []);
    assertEquals([error?.event, error?.step], ["error", "usage"]);
    const line = new RegExp(`^${program}: ${error?.message}\n`);
    assertMatch(result.stderr, line);
  }
});

Deno.test("a host that is no name is not known", async () => {
  const hosts = ["x".repeat(300), "a b", "a..b", "a\tb", "127.0.0.1 ", "::1::"];
  const stderr = "getaddrinfo: Name or service not known\n";
  const lines = hosts.flatMap((host): CommandLine[] => [
    ["showip", host],
    ["client", host],
    ["talker", host, ""],
  ]);
  const results = await runMany(lines);
  for (const [i, [program, host]] of lines.entries()) {
    const name = displayText(JSON.stringify(host));
    const second = `${program}: cannot resolve ${name}\n`;
    assertResult(results[i]!, {
      code: 2,
      stderr: program === "showip" ? stderr : stderr + second,
    }, host);
  }
});

Deno.test("a host that is no name is reported in an object with --json", async () => {
  const lines: CommandLine[] = [
    ["showip", "a b"],
    ["client", "a b"],
    ["talker", "a b", "hello"],
    ["server", "--host", "a b"],
  ];
  const results = await runMany(
    lines.map(([program, ...args]) => [program, "--json", ...args]),
  );
  for (const [i, [program]] of lines.entries()) {
    const { code, stdout, stderr } = results[i]!;
    assertEquals([code, stderr], [2, ""]);
    const errors = jsonEvents(program, stdout)
      .filter(({ event }) => event === "error");
    for (const { step, code } of errors) {
      assertEquals([step, code], ["getaddrinfo", "EAI_NONAME"]);
    }
    const messages = errors.map(({ message }) => message);
    const isClient = program === "client" || program === "talker";
    assertEquals(messages, [
      "Name or service not known",
      ...(isClient ? ['cannot resolve "a b"'] : []),
    ]);
  }
});

Deno.test("a server that cannot bind says why", async () => {
  using stream = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using datagram = datagramSocket();
  const missing = "Cannot assign requested address";
  const taken = "Address already in use";
  const cases = Object.keys(SERVERS).flatMap((server) => {
    const { port } = server === "listener" ? datagram : stream.addr;
    return [
      { server, host: "192.0.2.77", port: 0, reason: missing },
      { server, host: "2001:db8::77", port: 0, reason: missing },
      { server, host: "127.0.0.1", port, reason: taken },
      { server, host: "::", port, reason: taken },
    ];
  });
  const results = await runMany(
    cases.map(({ server, host, port }) => [
      ...[server, "--quiet", "--host", host, "--port", `${port}`] as const,
    ]),
  );
  for (const [i, { server, reason }] of cases.entries()) {
    assertResult(results[i]!, {
      code: 2,
      stderr: `${server}: bind: ${reason}\n${SERVERS[server]}`,
    });
  }
});

Deno.test("-- ends the options of every program", async () => {
  const many = ["showip", "picture"];
  const few = PROGRAMS.filter((program) => !many.includes(program));
  const lines = few.map((program): CommandLine => [
    ...[program, ...OPERANDS[program]!, "--", "--help"] as const,
  ]);
  const results = await runMany([
    ...lines,
    ["showip", "-q", "--", "127.0.0.1"],
  ]);
  assertResult(results.pop()!, { stdout: "127.0.0.1\n" });
  assertEquals(results.length, lines.length);
  for (const [i, result] of results.entries()) {
    assertUsageError(lines[i]!, result);
    assertStringIncludes(result.stderr, 'unexpected operand "--help"');
  }
});

/** How a missing flag is named: in a form that every shell takes. */
function needs(where: string): string {
  const flag = `--allow-net=${where}`;
  return `needs ${where.includes("[") ? `'${flag}'` : flag}`;
}

/** Command lines, and the flag of `deno run` that each lacks. */
const LACKING: readonly (readonly [CommandLine, flag: string])[] = [
  [["showip", "--dns", "127.0.0.1:5353", "nosuch.example"], "127.0.0.1:5353"],
  [["time_server"], "[::]:8080"],
  [["server"], "[::]:3490"],
  [["server", "--port", "http"], "[::]:80"],
  [["server", "-4"], "0.0.0.0:3490"],
  [["server", "--host", "127.0.0.1", "--port", "0"], "127.0.0.1:0"],
  [["server", "--host", "localhost"], "[::1]:3490,127.0.0.1:3490"],
  [["listener", "--host=::1", "--host=127.0.0.2"], "[::1]:4950,127.0.0.2:4950"],
  [["client", "localhost"], "localhost:3490"],
  [["client", "127.0.0.1", "http"], "127.0.0.1:80"],
  [["client", "::1", "0080"], "[::1]:80"],
  [["listener"], "[::]:4950"],
  [["talker", "localhost", "hello"], "localhost:4950,[::]:0"],
  [["talker", "--connect", "::1", "hello"], "[::1]:4950,[::]:0"],
];

Deno.test("every program names the flag that it lacks, and does nothing", async () => {
  const lines = LACKING.flatMap(([[program, ...args]]): CommandLine[] => [
    [program, ...args],
    [program, "--json", ...args],
  ]);
  const results = await runMany(lines, []);
  for (const [i, [[program], flag]] of LACKING.entries()) {
    const message = needs(flag);
    const [plain, json] = [results[2 * i]!, results[2 * i + 1]!];
    assertResult(plain, { code: 1, stderr: `${program}: ${message}\n` });
    assertResult(json, { code: 1, stdout: json.stdout });
    const error = { event: "error", step: "permission", code: "EPERM" };
    assertEquals(jsonEvents(program, json.stdout), [
      { ...error, message, final: true },
    ]);
  }
});

Deno.test("showip names the flag that it lacks to ask the DNS", async () => {
  const options = { flags: [] };
  const result = await run("showip", ["nosuch.example"], options);
  assertEquals([result.code, result.stdout], [1, ""]);
  assertMatch(
    result.stderr,
    /^showip: needs --allow-net=0\.0\.0\.0\/0:53 --allow-read=\/etc\/resolv\.conf\n$/,
  );
});

Deno.test("a server works with the flag that it names", async () => {
  const lines = Object.keys(SERVERS).flatMap((program): CommandLine[] => [
    [program, "--port", "0"],
    [program, "--port", "0", "--host", "localhost"],
  ]);
  await checkEach(lines, async ([program, ...args]) => {
    const { stderr } = await run(program, args, { flags: [] });
    const [, flag = ""] = /^\w+: needs (\S+)$/m.exec(stderr) ?? [];
    // As a user does who pastes it into a shell.
    const words = ["run", "--quiet", flag, `cmd/${program}.ts`, ...args];
    const line = [Deno.execPath(), ...words].join(" ");
    await using server = new Running("sh", ["-c", `exec ${line}`]);
    assert(await portOf(server) > 0);
    server.signal("SIGTERM");
    assertEquals((await server.end()).code, 0);
  });
});

Deno.test("a program works if it may read no file", async () => {
  const cases = [
    { args: ["-q", "localhost"], stdout: "::1\n127.0.0.1\n" },
    { args: ["-q", "127.0.0.2", "::1"], stdout: "127.0.0.2\n::1\n" },
    { args: ["-q", "--service=http", "::1"], stdout: "[::1]:80\n" },
  ];
  const results = await runMany(
    cases.map(({ args }) => ["showip", ...args]),
    [],
  );
  for (const [i, { stdout }] of cases.entries()) {
    assertResult(results[i]!, { stdout });
  }
});

/** What can be run without a server of ours, to its end. */
async function withCommands(
  check: (line: CommandLine) => Promise<void>,
): Promise<void> {
  const peer = () =>
    streamPeer((conn) => conn.write(utf8("hello".repeat(10_000))));
  await using first = peer();
  await using second = peer();
  await checkEach<CommandLine>([
    ["showip", ...Array<string>(500).fill("127.0.0.1")],
    ["showip", "--json", "::1"],
    ["time_console"],
    ["client", "127.0.0.1", `${first.port}`],
    ["client", "--quiet", "--json", "127.0.0.1", `${second.port}`],
    ["talker", "--port", CLOSED_PORT, "127.0.0.1", "hello"],
    ["talker", "--help"],
    ["parley", "--help"],
    ["parley", "--version"],
  ], check);
}

Deno.test("without Deno's datagrams a program names the flag to add", async () => {
  // As from a URL, where no configuration says it.
  const flags = ["--no-config", "--allow-all"];
  const table: [string, string[]][] = [
    ["listener", ["--port", "0"]],
    ["talker", ["--port", CLOSED_PORT, "127.0.0.1", "hello"]],
  ];
  await checkEach(table, async ([program, args]) => {
    assertResult(await run(program, args, { flags }), {
      code: 1,
      stderr: `${program}: needs --unstable-net\n`,
    });
  });
});

Deno.test("a closed pipe ends a program quietly", async () => {
  await withCommands(async ([program, ...args]) => {
    const closed = 'exec 3> >(:); wait $!; "$@" >&3';
    await using running = bash(closed, program, args);
    assertResult(await running.end(), {}, nameOf([program, ...args]));
  });
});

Deno.test("showip … | head -n 1 ends quietly", async () => {
  const script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"';
  const hosts = Array<string>(5000).fill("127.0.0.1");
  await using running = bash(script, "showip", hosts);
  assertResult(await running.end(), {
    stdout: "IP addresses for 127.0.0.1:\n0\n",
  });
});

Deno.test("a server outlives the reader of its output", async () => {
  for (const [program, lines] of [["server", 1], ["time_server", 5]] as const) {
    const script = `"$@" | head -n ${lines}; echo "status \${PIPESTATUS[0]}"`;
    const args = ["--port", "0", "--count", "2", "--timeout", "1"];
    await using server = bash(script, program, args);
    const port = await portOf(server);
    for (const request of ["HEAD / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\n\n"]) {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(utf8(request));
      await conn.closeWrite();
      assertMatch(
        await readAll(conn),
        /^(Hello, world!$|HTTP\/1\.1 200 OK\r\n)/,
      );
    }
    const { stdout, stderr } = await server.end();
    assertEquals([stdout.split("\n").at(-2), stderr], ["status 0", ""]);
  }
});

Deno.test({
  name: "a full disk is reported in one line",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withCommands(async ([program, ...args]) => {
      await using running = bash('"$@" > /dev/full', program, args);
      const stderr = `${program}: write: No space left on device\n`;
      const line = nameOf([program, ...args]);
      assertResult(await running.end(), { code: 2, stderr }, line);
    });
  },
});

/** Runs a program without any permission on a terminal. */
async function onTerminal(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Result> {
  const options = { env, flags: [], stdin: "" };
  await using running = programOnTerminal(program, args, options);
  return await running.end();
}

Deno.test({
  name: "no program prompts for a permission, on a terminal neither",
  ignore: !hasTerminal,
  async fn() {
    // One command line of each program is enough.
    const lines = new Map(LACKING.map((each) => [each[0][0], each])).values();
    await checkEach(lines, async ([[program, ...args], flag]) => {
      const { code, stdout } = await onTerminal(program, args, {});
      const line = `${program}: ${needs(flag)}\r\n`;
      assertEquals({ code, stdout }, { code: 1, stdout: line });
    });
  },
});

const LACKS = "server: needs '--allow-net=[::]:3490'";

Deno.test({
  name: "errors are coloured on a terminal, and never with NO_COLOR",
  ignore: !hasTerminal,
  async fn() {
    const shown = async (args: string[], env: Record<string, string>) =>
      (await onTerminal("server", args, { NO_COLOR: "", ...env })).stdout;
    const coloured = COLOURS.failure(LACKS) + "\r\n";
    assertEquals(await shown([], {}), coloured);
    assertEquals(await shown([], { NO_COLOR: "1" }), `${LACKS}\r\n`);
    assertEquals(await shown(["--color=never"], {}), `${LACKS}\r\n`);
    assertEquals(await shown(["--color=auto"], {}), coloured);
  },
});

Deno.test("an option wins over FORCE_COLOR, and that over NO_COLOR", async () => {
  const coloured = COLOURS.failure(LACKS);
  const table: [string[], Record<string, string>, string][] = [
    [[], {}, LACKS],
    [["--color"], {}, coloured],
    [["--color=always"], { NO_COLOR: "1" }, coloured],
    [[], { NO_COLOR: "", FORCE_COLOR: "1" }, coloured],
    [[], { NO_COLOR: "1", FORCE_COLOR: "1" }, coloured],
    [[], { FORCE_COLOR: "0" }, LACKS],
    [["--color=never"], { FORCE_COLOR: "1" }, LACKS],
  ];
  await checkEach(table, async ([args, env, line]) => {
    const { code, stderr } = await run("server", args, { env, flags: [] });
    assertEquals({ code, stderr }, { code: 1, stderr: `${line}\n` });
  });
  const stderr = COLOURS.failure("server: unknown option --x") + "\n";
  const wrong = await run("server", ["--color", "--x"]);
  assert(wrong.stderr.startsWith(stderr), wrong.stderr);
});
