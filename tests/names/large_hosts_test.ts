/** A hosts file as large as those that block advertisements. */

import { assert, assertEquals } from "../assert.ts";
import { Machine, machineTest } from "./machine.ts";

const LINES = 170_000;

/**
 * Looks names up, and counts the turns of the loop meanwhile: a line of it for
 * each look-up, or many look-ups at once.
 */
const LOOK_UP = `
import { getAddrInfo } from ${
  JSON.stringify(import.meta.resolve("../../mod.ts"))
};
async function measure(names) {
  const begin = performance.now();
  let last = begin;
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const found = await Promise.all(names.map(async (name) => {
    const [info] = await getAddrInfo(name, 80, { socktype: "stream" });
    return info.addr.hostname;
  }));
  const now = performance.now();
  longest = Math.max(longest, now - last);
  clearInterval(timer);
  return { found, milliseconds: now - begin, longest };
}
const names = (count) =>
  Array.from({ length: count }, (_, i) => "ads" + (i * 8_000 + 7) + ".test");
const first = await measure(names(1));
const many = await measure(names(20));
// A file that has changed is read again.
const hosts = Deno.readTextFileSync("/etc/hosts");
Deno.writeTextFileSync("/etc/hosts", "192.0.2.77 ads7.test\\n" + hosts);
const changed = await measure(names(1));
console.log(JSON.stringify({ first, many, changed }));
`;

machineTest(
  "getAddrInfo() reads a hosts file of 170,000 lines once, and blocks nobody",
  async () => {
    const hosts = Array.from(
      { length: LINES },
      (_, i) => `0.0.0.0 ads${i}.test`,
    );
    await using machine = await Machine.make({ hosts });
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/look.ts`, LOOK_UP);
      const { stdout, stderr } = await machine.run(
        ...[
          Deno.execPath(),
          "run",
          "--quiet",
          "--no-check",
          "--allow-all",
        ] as const,
        ...["--unstable-net", `${folder}/look.ts`],
      );
      assertEquals(stderr, "");
      const { first, many, changed } = JSON.parse(stdout);
      assertEquals(first.found, ["0.0.0.0"]);
      assertEquals(many.found, Array(20).fill("0.0.0.0"));
      assertEquals(changed.found, ["192.0.2.77"]);
      // Each by itself would take as long as the first.
      assert(
        many.milliseconds < 3 * first.milliseconds,
        `${many.milliseconds} after ${first.milliseconds} ms`,
      );
      // A busy machine may take the processor away for a while.
      assert(first.longest < first.milliseconds / 2, JSON.stringify(first));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
