import { assert, assertEquals, assertMatch } from "../assert.ts";
import { run } from "../harness.ts";
import { hasTerminal, programOnTerminal } from "../terminal.ts";
import { tcp, timeServer } from "../pictures/conversations.ts";
import { assertResult, checkEach, jsonEvents } from "./support.ts";

/** A folder with recordings, which goes when the test ends. */
async function recordings() {
  const folder = await Deno.makeTempDir();
  const { server, client } = tcp();
  await Deno.writeTextFile(`${folder}/server.json`, server);
  await Deno.writeTextFile(`${folder}/client.json`, client);
  const text = client.slice(0, -40);
  await Deno.writeTextFile(`${folder}/cut.json`, text);
  return {
    server: `${folder}/server.json`,
    client: `${folder}/client.json`,
    cut: `${folder}/cut.json`,
    /** The line that was cut. */
    line: text.split("\n").length,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("picture draws both ends from files or from stdin", async () => {
  await using files = await recordings();
  const { server, client } = tcp();
  const flags = [`--allow-read=${files.folder}`];
  const { stdout, ...rest } = await run("picture", [
    files.server,
    files.client,
  ], { flags });
  assertEquals([rest.code, rest.stderr], [0, ""]);
  assertMatch(stdout, /^ +client and server over TCP\n/);
  assertMatch(stdout, /│ connect\(3\) +1\.92 ms ├─+ connection ─+►│ = 4 /);
  const stdin = server + client;
  assertResult(await run("picture", [], { flags: [], stdin }), { stdout });
  assertResult(await run("picture", ["-"], { flags: [], stdin }), { stdout });
  const mixed = await run("picture", ["-", files.client], {
    flags,
    stdin: server,
  });
  assertResult(mixed, { stdout });
  const quiet = await run("picture", ["-q"], { flags: [], stdin });
  assertResult(quiet, { stdout });
});

Deno.test("picture draws each form", async () => {
  const stdin = timeServer();
  const begins = {
    text: /^ +HTTP\n\n +127\.0\.0\.1:55000 +time_server\n/,
    svg: /^<svg [^]*<title id="pic-title">HTTP<\/title>[^]*<\/svg>\n$/,
    mermaid: /^sequenceDiagram\n +title HTTP\n/,
  };
  await checkEach(Object.entries(begins), async ([format, begin]) => {
    const args = ["--format", format, "--title", "HTTP", "--data"];
    const { code, stdout, stderr } = await run("picture", args, { stdin });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, begin);
    assert(stdout.includes("Local time") === false);
    assert(stdout.includes("Sun Nov 22"));
  });
});

Deno.test("picture --json has the picture in an object", async () => {
  const { stdout } = await run("picture", ["--json", "--no-times"], {
    stdin: timeServer(),
  });
  const [event] = jsonEvents("picture", stdout);
  assertEquals([event?.["event"], event?.["format"]], ["picture", "text"]);
  assert(!/ ms\b/.test(String(event?.["text"])));
});

Deno.test("picture names the file and the line that it cannot read", async () => {
  await using files = await recordings();
  const flags = ["--allow-read"];
  const table: [string[], string][] = [
    [[`${files.folder}/none.json`], "none.json: No such file or directory"],
    [[files.folder], "Is a directory"],
    [
      [files.server, files.cut],
      `cut.json: line ${files.line}: it is not JSON, or was cut`,
    ],
    [["/dev/null"], "/dev/null: nothing in it was written with --json --trace"],
  ];
  await checkEach(table, async ([args, reason]) => {
    const { code, stdout, stderr } = await run("picture", args, { flags });
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^picture: .+\n$/);
    assert(stderr.endsWith(`${reason}\n`), stderr);
  });
  const stdin = "{\x1b[2J";
  assertResult(await run("picture", [], { flags: [], stdin }), {
    code: 2,
    stderr: "picture: stdin: line 1: it is not JSON, or was cut\n",
  });
});

Deno.test("picture names the permission that it lacks", async () => {
  assertResult(await run("picture", ["a.json", "b.json"], { flags: [] }), {
    code: 1,
    stderr: "picture: needs --allow-read=a.json,b.json\n",
  });
});

Deno.test("picture refuses a form that there is not", async () => {
  await checkEach(["png", "SVG", ""], async (format) => {
    const args = [`--format=${format}`];
    const { code, stdout, stderr } = await run("picture", args);
    assertEquals([code, stdout], [1, ""]);
    const quoted = JSON.stringify(format);
    const start = `picture: --format: ${quoted} is none of text, svg, mermaid`;
    assert(stderr.startsWith(start), stderr);
  });
});

Deno.test({
  name: "picture without a file and with a terminal is used wrongly",
  ignore: !hasTerminal,
  async fn() {
    const options = { flags: [], stdin: "" };
    await using running = programOnTerminal("picture", [], options);
    const { code, stdout } = await running.end();
    assertEquals(code, 1);
    assertMatch(stdout, /^picture: missing operand FILE\r\nusage: picture /);
  },
});
