import { type Margin, Margins, wrapText } from "../../.tasks/demo/margins.ts";
import { Actor, DemoError } from "../../.tasks/demo/actor.ts";
import { assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { Running } from "../harness.ts";
import { namespaceTest } from "../peers/peers.ts";
import { wordsOf } from "../tasks.ts";

Deno.test("the demo shows every conversation and draws two of them", async () => {
  const [, ...args] = wordsOf("demo");
  await using demo = new Running(Deno.execPath(), args, { stdin: "" });
  const { code, stdout, stderr } = await demo.end();
  assertEquals([code, stderr], [0, ""]);
  const titles = stdout.split("\n").filter((line) => line.startsWith("# "));
  assertEquals(titles.length, 6);
  // The client's lines are in the right margin.
  const right = " ".repeat(41);
  assertMatch(stdout, /^server: waiting for connections\.\.\.$/m);
  assertMatch(
    stdout,
    new RegExp(`^${right}client: received 'Hello, world!'$`, "m"),
  );
  assertMatch(
    stdout,
    new RegExp(`^${right}talker: received "Anybody home\\?"$`, "m"),
  );
  assertMatch(stdout, /accept\(3\)/);
  assertMatch(stdout, /recvfrom\(3\)/);
  assertMatch(stdout, /\nAll 6 conversations went as they should\.\n$/);
});

namespaceTest([], "the demo says which conversation went wrong", async () => {
  const [, ...args] = wordsOf("demo");
  const line = ["--net", Deno.execPath(), ...args];
  await using demo = new Running("unshare", line, { stdin: "" });
  const { code, stdout, stderr } = await demo.end();
  assertMatch(stdout, /^ {41}client: failed to connect$/m);
  assertEquals([code, stderr], [
    1,
    "demo: time_server: the time over HTTP: client: exit status 2, not 0\n",
  ]);
});

/** Margins that show their lines in a list. */
function margins(columns: number): { margins: Margins; shown: string[] } {
  const shown: string[] = [];
  const screen = {
    columns,
    write: (line: string) => void shown.push(line),
    colour: (margin: Margin, text: string) => `${margin[0]}:${text}`,
  };
  return { margins: new Margins(screen), shown };
}

Deno.test("Margins shows lines in the order of their times, not of their coming", () => {
  const { margins: both, shown } = margins(22);
  both.add("right", "2026-11-29T00:00:00.000002Z", "second");
  both.add("left", "2026-11-29T00:00:00.000001Z", "first");
  both.add("left", "2026-11-29T00:00:00.000002Z", "third");
  both.flush();
  assertEquals(shown, ["l:first", "            r:second", "l:third"]);
});

Deno.test("Margins breaks lines that are too long for theirs", () => {
  const { margins: both, shown } = margins(22);
  both.add("right", "2026-11-29T00:00:00.000001Z", "one two three");
  both.flush();
  assertEquals(shown, ["            r:one two", "            r:three"]);
});

Deno.test("wrapText() breaks at spaces, and wide characters by their columns", () => {
  assertEquals(wrapText("", 10), [""]);
  assertEquals(wrapText("one two", 7), ["one two"]);
  assertEquals(wrapText("one two", 6), ["one", "two"]);
  assertEquals(wrapText("1234567", 3), ["123", "456", "7"]);
  assertEquals(wrapText("안녕하세요", 5), ["안녕", "하세", "요"]);
});

Deno.test("the demo shows why a program did not come to wait", async () => {
  const { margins: both, shown } = margins(120);
  const start = async () => {
    await using actor = await Actor.start({
      program: "server",
      args: ["--port", "0"],
      flags: [],
      margin: "left",
      margins: both,
    });
    return await actor.port();
  };
  await assertRejects(start, DemoError, "server ended early");
  assertEquals(shown, [
    "l:$ server --port 0",
    "l:server: needs '--allow-net=[::]:0'",
  ]);
});

Deno.test("the demo fails if a program says something else, or fails", async () => {
  const { margins: both } = margins(80);
  const perform = async (args: string[], expected: RegExp) => {
    await using actor = await Actor.start({
      program: "time_console",
      args,
      flags: [],
      margin: "left",
      margins: both,
    });
    return await actor.end(expected);
  };
  await perform(["--utc"], /^Local time is: /);
  await assertRejects(
    () => perform([], /^Lunar time/),
    DemoError,
    "what time_console printed does not match /^Lunar time/",
  );
  await assertRejects(
    () => perform(["--bogus"], /./),
    DemoError,
    "time_console: exit status 1, not 0",
  );
});
