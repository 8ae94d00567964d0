import { assertEquals, assertStringIncludes } from "../assert.ts";
import { portOf, run, start } from "../harness.ts";
import {
  assertResult,
  bash,
  checkEach,
  datagramSocket,
  jsonEvents,
  readAll,
  utf8,
} from "./support.ts";

/** Bytes that are no text, among them all there are. */
const BYTES = Uint8Array.from({ length: 300 }, (_, i) => i);

Deno.test("talker HOST - sends the bytes of stdin as they are", async () => {
  for (const stdin of [BYTES, utf8(""), utf8("hello\n"), utf8("\ufffd")]) {
    using peer = datagramSocket();
    const args = ["--port", `${peer.port}`, "127.0.0.1", "-"];
    assertResult(await run("talker", args, { stdin }), {
      stdout: `talker: sent ${stdin.length} bytes to 127.0.0.1\n`,
    });
    const [data] = await peer.receive();
    assertEquals(data, stdin);
  }
});

Deno.test("talker HOST - takes as much as a datagram holds, and no more", async () => {
  using peer = datagramSocket();
  const args = ["--port", `${peer.port}`, "127.0.0.1", "--", "-"];
  const largest = new Uint8Array(65_507).fill(0xff);
  assertEquals((await run("talker", args, { stdin: largest })).code, 0);
  assertEquals((await peer.receive(new Uint8Array(65_536)))[0], largest);
  const stdin = new Uint8Array(65_508);
  const { code, stdout, stderr } = await run("talker", args, { stdin });
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "talker: stdin has more than 65507 bytes");
  assertStringIncludes(stderr, "\nTry 'talker --help'.\n");
});

Deno.test("talker HOST - says why it cannot read stdin", async () => {
  const args = ["--port", "1", "127.0.0.1", "-"];
  await using talker = bash('"$@" < /', "talker", args);
  assertResult(await talker.end(), {
    code: 2,
    stderr: "talker: read: Is a directory\n",
  });
});

Deno.test("what is not UTF-8 is a usage error that names another way", async () => {
  const cases = [
    {
      program: "talker",
      script: `"$@" 127.0.0.1 $'caf\\xe9'`,
      reason: "MESSAGE is not UTF-8",
      way: "write - and give it on stdin",
    },
    {
      program: "talker",
      script: `"$@" 127.0.0.1 $'typed \\xef\\xbf\\xbd'`,
      reason: "MESSAGE is not UTF-8, or holds U+FFFD",
      way: "write - and give it on stdin",
    },
    {
      program: "server",
      script: `"$@" --message $'caf\\xe9'`,
      reason: "--message is not UTF-8",
      way: "write it to a file and give --message-file",
    },
    {
      program: "server",
      script: `"$@" --message=$'\\xff'`,
      reason: "--message is not UTF-8",
      way: "write it to a file and give --message-file",
    },
    ...[
      ["server", "--message-file", `"$@" --message-file $'\\xff'`],
      ["client", "--ca", `"$@" ::1 --tls --ca $'\\xff'`],
      ["client", "--picture", `"$@" ::1 1 --picture $'\\xff.svg'`],
      ["picture", "FILE", `"$@" $'\\xff'`],
    ].map(([program = "", name, script = ""]) => ({
      program,
      script,
      reason: `${name} is not UTF-8`,
      way: "give the file another name",
    })),
  ];
  await checkEach(cases, async ({ program, script, reason, way }) => {
    await using running = bash(script, program, []);
    const { code, stdout, stderr } = await running.end();
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `${program}: ${reason}`);
    assertStringIncludes(stderr, `: ${way}\nusage: ${program} `);
  });
});

Deno.test("server --message-file greets with the file's bytes", async () => {
  const file = await Deno.makeTempFile();
  try {
    for (const bytes of [BYTES, utf8("")]) {
      await Deno.writeFile(file, bytes);
      const args = ["--port", "0", "--count", "1", "--message-file", file];
      const flags = ["--allow-net", `--allow-read=${file}`];
      await using server = start("server", args, { flags });
      const port = await portOf(server);
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.closeWrite();
      const answer = await new Response(conn.readable).bytes();
      assertEquals(answer, bytes);
      assertEquals((await server.end()).code, 0);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("server --message-file refuses what it cannot read", async () => {
  const missing = "/nonexistent/greeting";
  const cases = [
    { args: [missing], error: `"${missing}": No such file or directory` },
    { args: ["/"], error: '"/": Is a directory' },
    { args: [""], error: " is empty" },
    { args: ["x", "--message", "y"], error: "cannot be used together" },
    { args: ["x", "--message="], error: "cannot be used together" },
  ];
  await checkEach(cases, async ({ args, error }) => {
    const line = ["--message-file", ...args];
    const { code, stdout, stderr } = await run("server", line);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `${error}\nusage: server `);
  });
  const flags = ["--allow-net"];
  const args = ["--message-file", "greeting.txt"];
  assertResult(await run("server", args, { flags }), {
    code: 1,
    stderr: "server: needs --allow-read=greeting.txt\n",
  });
});

Deno.test("server --message with an empty text greets with nothing", async () => {
  const args = ["--port", "0", "--count", "1", "--message", ""];
  await using server = start("server", args);
  const port = await portOf(server);
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.closeWrite();
  assertEquals(await readAll(conn), "");
  assertEquals((await server.end()).code, 0);
});

Deno.test("a message that is not UTF-8 is reported as JSON with --json", async () => {
  await using talker = bash(`"$@" --json ::1 $'\\xff'`, "talker", []);
  const { code, stdout } = await talker.end();
  assertEquals(code, 1);
  const [error] = jsonEvents("talker", stdout);
  assertEquals([error?.step, error?.code], ["usage", "EINVAL"]);
});
