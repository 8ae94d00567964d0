import config from "../../deno.json" with { type: "json" };
import { programs } from "../../cmd/parley.ts";
import { platformOf } from "../../lib/calls/platform.ts";
import { readFlag } from "../../lib/program/common.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { portOf, run, Running } from "../harness.ts";
import { lineOf, type Task, TASKS, wordsOf } from "../tasks.ts";
import { checkEach } from "./support.ts";

/** The flags that a task gives to its program. */
function flagsOf(task: Task): string[] {
  return wordsOf(task).filter((word) => word.startsWith("--"));
}

/** Starts a task as `deno task` does. */
function startTask(task: string, ...args: string[]): Running {
  const line = ["task", "--quiet", task, ...args];
  return new Running(Deno.execPath(), line, { killedBy: "SIGTERM" });
}

const SERVERS = ["time_server", "server", "listener"] as const;
const CLIENTS = ["showip", "client", "talker"] as const;

Deno.test("every task says what it does, in a line", () => {
  for (const task of TASKS) {
    const { description = "" } = config.tasks[task];
    assertMatch(description, /^[A-Z].{10,70}[^.]$/, task);
  }
});

Deno.test("no program's task lets Deno look for a newer version", () => {
  for (const program of [...Object.keys(programs), "parley"] as Task[]) {
    assertMatch(lineOf(program), /^DENO_NO_UPDATE_CHECK=1 deno run /);
  }
});

Deno.test("the tasks of servers are granted this machine, and nothing beyond", () => {
  for (const task of SERVERS) {
    assertEquals(flagsOf(task), [
      "--allow-net=[::],0.0.0.0,127.0.0.0/8,[::1]",
    ]);
  }
  assertEquals(flagsOf("time_console"), []);
});

Deno.test("the tasks of clients read the files that look-ups need", () => {
  for (const task of CLIENTS) {
    const [net, ...others] = flagsOf(task);
    assertEquals(others, [
      readFlag(platformOf("linux")),
      "--allow-sys=networkInterfaces",
    ]);
    const all = task === "showip"
      ? "--allow-net=0.0.0.0/0:53,0.0.0.0:0"
      : "--allow-net";
    assertEquals(net, all);
  }
});

Deno.test("parley's task runs every program, picture with files as well", () => {
  const [, own] = /^--allow-read=(.*)$/.exec(readFlag(platformOf("linux")))!;
  assertEquals(flagsOf("parley"), [
    "--allow-net",
    `--allow-read=.,${own}`,
    "--allow-sys=networkInterfaces",
  ]);
  assertEquals(flagsOf("picture"), ["--allow-read=."]);
});

Deno.test("a task answers a name that is wrong in one line", async () => {
  const table: [Task, string, string][] = [
    ["test", "nosuch_test.ts", "no such file or folder: nosuch_test.ts"],
    ["docs", "nosuch.md", "no page nosuch.md: as in docs/errors.md"],
    ["soak", "--nosuch", "unknown option or operand --nosuch"],
    ["bundle", "--nosuch", "unknown option --nosuch"],
    ["pictures", "--nosuch", "unknown option --nosuch"],
    ["demo", "--nosuch", 'unexpected operand "--nosuch"'],
  ];
  await checkEach(table, async ([task, arg, reason]) => {
    await using running = startTask(task, arg);
    const { code, stderr } = await running.end();
    assertEquals([code, stderr], [1, `${task}: ${reason}\n`]);
  });
});

Deno.test("a server's task takes any port and any host of this machine", async () => {
  const hosts = ["localhost", "127.0.0.1", "127.1.2.3", "::1", "::", "0.0.0.0"];
  await checkEach(SERVERS, async (task) => {
    for (const host of task === "server" ? hosts : ["localhost", "::"]) {
      await using server = startTask(task, "--port", "0", "--host", host);
      await portOf(server);
      server.signal("SIGTERM");
      await server.exited();
    }
  });
});

Deno.test("listener's task echoes on this machine", async () => {
  await using listener = startTask("listener", ...["--port", "0"], "--echo");
  const port = `${await portOf(listener)}`;
  for (const host of ["127.0.0.1", "::1"]) {
    const args = ["--connect", "--port", port, host, "hello"];
    const { code, stdout } = await run("talker", args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, 'talker: received "hello"\n');
  }
  listener.signal("SIGTERM");
  await listener.exited();
});
