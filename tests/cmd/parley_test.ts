import { assert, assertEquals, assertMatch } from "../assert.ts";
import { CLOSED_PORT, portOf, run, start } from "../harness.ts";
import { assertResult, checkEach } from "./support.ts";

const PROGRAMS = [
  ...["showip", "time_console", "time_server", "server", "client"],
  ...["listener", "talker", "picture"],
];

Deno.test("parley --help lists the programs on one screen", async () => {
  const { code, stdout, stderr } = await run("parley", ["--help"]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.split("\n").slice(0, -1);
  assert(lines.length <= 24 && lines.every(({ length }) => length <= 80));
  assertMatch(stdout, /^usage: parley PROGRAM /m);
  assertMatch(stdout, /^Example: parley /m);
  const listed = stdout.matchAll(/^ {2}(\w+) {2,}\w/gm);
  assertEquals([...listed].map(([, name]) => name), PROGRAMS);
  await checkEach([
    ["-h"],
    ["help"],
    ["help", "parley"],
    ["help", "man"],
    ["help", "-h"],
    ["man", "--help"],
    ["completions", "-h", "bash"],
  ], async (args) => {
    assertResult(await run("parley", args, { flags: [] }), { stdout });
  });
});

Deno.test("parley shows its version", async () => {
  const { stdout } = await run("parley", ["--version"]);
  assertMatch(stdout, /^parley .*\d+\.\d+\.\d+\n$/);
  assertResult(await run("parley", ["-V"]), { stdout });
});

Deno.test("parley refuses what is no program", async () => {
  await checkEach([
    [],
    [""],
    ["nobody"],
    ["--bogus"],
    ["toString"],
    ["__proto__"],
    ["showip.ts"],
    ["../cmd/showip"],
  ], async (args) => {
    const { code, stdout, stderr } = await run("parley", args);
    assertEquals([code, stdout], [1, ""], args.join(" "));
    assertMatch(
      stderr,
      /^parley: .+\nusage: parley PROGRAM .*\nTry 'parley --help'\.\n$/,
    );
  });
});

Deno.test("parley answers a misspelt program with the nearest one", async () => {
  const table: [string, string][] = [
    ["showpi", "showip"],
    ["time-server", "time_server"],
    ["TIME_CONSOLE", "time_console"],
    ["listen", "listener"],
    ["halp", "help"],
    ["completion", "completions"],
    ["showip.ts", "showip"],
  ];
  await checkEach(table, async ([name, program]) => {
    assertResult(await run("parley", [name]), {
      code: 1,
      stderr: `parley: unknown program "${name}": did you mean ${program}?\n` +
        "usage: parley PROGRAM [OPTION…] [OPERAND…]\nTry 'parley --help'.\n",
    });
  });
});

Deno.test("parley prints help, manual pages and completions without a permission", async () => {
  const flags: string[] = [];
  const { stdout } = await run("talker", ["--help"], { flags });
  for (const args of [["help", "talker"], ["help", "talker", "--help"]]) {
    assertResult(await run("parley", args, { flags }), { stdout });
  }
  const begins: [string[], RegExp][] = [
    [
      ["man", "talker"],
      /^\.Dd .*\n\.Dt TALKER 1\n[^]*\n\.It Fl -port Ar PORT\n/,
    ],
    [
      ["man", "parley"],
      /^\.Dd .*\n\.Dt PARLEY 1\n[^]*\n\.It Cm man Ar PROGRAM\n/,
    ],
    [["completions", "bash"], /\ncomplete -F _parley parley\n/],
    [["completions", "zsh"], /^#compdef parley showip /],
    [["completions", "fish"], /\ncomplete -c parley -f\n/],
  ];
  await checkEach(begins, async ([args, pattern]) => {
    const { code, stdout, stderr } = await run("parley", args, { flags });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, pattern);
  });
});

Deno.test("parley refuses what it cannot help with, describe or complete", async () => {
  const programs = `one of ${PROGRAMS.join(", ")}`;
  const table: [string[], string][] = [
    [["help", "nobody"], `unknown program "nobody": ${programs}, parley`],
    [["help", "server", "client"], 'unexpected operand "client"'],
    [["help", "nobody", "x"], 'unexpected operand "x"'],
    [["man"], `missing operand PROGRAM: ${programs}, parley`],
    [["man", "talk"], 'unknown program "talk": did you mean talker?'],
    [["man", "talker", "1"], 'unexpected operand "1"'],
    [["completions"], "missing operand SHELL: one of bash, zsh, fish"],
    [["completions", "bahs"], 'unknown shell "bahs": did you mean bash?'],
    [["completions", "pwsh"], 'unknown shell "pwsh": one of bash, zsh, fish'],
  ];
  await checkEach(table, async ([args, problem]) => {
    const { code, stderr } = await run("parley", args);
    const [line] = stderr.split("\n");
    assertEquals([code, line], [1, `parley: ${problem}`]);
  });
});

Deno.test("parley runs each program as if it were called itself", async () => {
  const lines: readonly (readonly [program: string, ...args: string[]])[] = [
    ...PROGRAMS.map((program) => [program, "--help"] as const),
    ["time_console", "--version"],
    ["time_server", "8080"],
    ["showip", "127.0.0.1", "a b", "::1"],
    ["client", "127.0.0.1", CLOSED_PORT],
    ["server", "--host", "192.0.2.77"],
    ["talker", "--port", CLOSED_PORT, "127.0.0.1", "--", "-hello"],
  ];
  await checkEach(lines, async ([program, ...args]) => {
    const [{ code, stdout, stderr }, through] = await Promise.all([
      run(program, args),
      run("parley", [program, ...args]),
    ]);
    const line = [program, ...args].join(" ");
    assertResult(through, { code, stdout, stderr }, line);
  });
});

Deno.test("parley needs what the program needs, and no more", async () => {
  const flags: string[] = [];
  const time = await run("parley", ["time_console", "--utc"], { flags });
  assertMatch(time.stdout, /^Local time is: /);
  assertEquals([time.code, time.stderr], [0, ""]);
  assertResult(await run("parley", ["server"], { flags }), {
    code: 1,
    stderr: "server: needs '--allow-net=[::]:3490'\n",
  });
});

Deno.test("parley server greets parley client until it is stopped", async () => {
  await using server = start("parley", ["server", "--port", "0"]);
  const port = await portOf(server);
  assertResult(await run("parley", ["client", "::1", `${port}`]), {
    stdout: "client: connecting to ::1\nclient: received 'Hello, world!'\n",
  });
  server.signal("SIGTERM");
  assertResult(await server.end(), {
    stdout: `server: listening on [::]:${port}\n` +
      "server: waiting for connections...\n" +
      "server: got connection from ::1\n",
  });
});
