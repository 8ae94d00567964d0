/** The programs where Deno has fetched nothing, and can fetch nothing. */

import { assertEquals, assertMatch } from "../assert.ts";
import { assertResult } from "../cmd/support.ts";
import { Running } from "../harness.ts";
import { finish, namespaceTest } from "./peers.ts";

namespaceTest(
  [],
  "a program starts without a network and a cache, and prints nothing of Deno's",
  async () => {
    const cache = await Deno.makeTempDir();
    try {
      const line = ["--net", Deno.execPath()];
      const start = (...args: string[]) =>
        finish(
          new Running("unshare", [...line, ...args], {
            env: { DENO_DIR: cache, TZ: "UTC" },
            stdin: "",
          }),
        );
      const time = await start("run", "cmd/time_console.ts");
      assertMatch(time.stdout, /^Local time is: .{24}\n$/);
      assertResult(time, { stdout: time.stdout });
      assertResult(await start("task", "-q", "showip", "127.1"), {
        stdout: "IP addresses for 127.1:\n\n  IPv4: 127.0.0.1\n",
      });
      const coloured = await start(
        ...["run", "cmd/server.ts", "--color=always", "--no"],
      );
      assertEquals(coloured.code, 1);
      const [first = ""] = coloured.stderr.split("\n");
      // deno-lint-ignore no-control-regex
      assertMatch(first, /^\x1b.*mserver: unknown option --no\x1b/);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
);
