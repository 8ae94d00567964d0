import { assertEquals, assertStringIncludes } from "../assert.ts";
import { type Running, start } from "../harness.ts";
import {
  hasTerminal,
  programOnTerminal,
  startOnTerminal,
} from "../terminal.ts";
import { checkEach } from "./support.ts";

const SERVERS = ["time_server", "server", "listener"];

/** Waits until a server waits for peers, and returns the process's number. */
async function pidOf(server: Running): Promise<number> {
  const [, pid] = await server.stdout(/"pid":(\d+),"event":"waiting"/);
  return Number(pid);
}

Deno.test({
  name: "a server whose terminal is closed finishes and exits 0",
  ignore: !hasTerminal,
  async fn() {
    await checkEach(SERVERS, async (program) => {
      const args = ["--port", "0", "--json"];
      await using server = programOnTerminal(program, args);
      Deno.kill(await pidOf(server), "SIGHUP");
      const { code, stdout } = await server.end();
      assertEquals(code, 0, stdout);
      assertStringIncludes(stdout, '"event":"waiting"');
    });
  },
});

Deno.test({
  name: "Ctrl-C lets a server that `deno task` runs finish, and exit 0",
  ignore: !hasTerminal,
  async fn() {
    await checkEach(SERVERS, async (program) => {
      const task = [Deno.execPath(), "task", "-q", program];
      await using server = startOnTerminal([...task, "--port", "0", "--json"]);
      await pidOf(server);
      await server.write("\x03");
      const { code, stdout } = await server.end();
      assertEquals(code, 0, stdout);
    });
  },
});

Deno.test("without a terminal SIGHUP is left to the system", async () => {
  await checkEach(SERVERS, async (program) => {
    await using server = start(program, ["--port", "0", "--json"]);
    await pidOf(server);
    server.signal("SIGHUP");
    assertEquals((await server.end()).code, 129);
  });
});
