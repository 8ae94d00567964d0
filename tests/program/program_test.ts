import { assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";

/** Mistakes that no program should make, each where nobody waits for it. */
const MISTAKES = {
  "thrown in a timer": `setTimeout(() => { throw new Error("oh\\n"); }, 0)`,
  "rejected unseen": `Promise.reject(new Error("oh\\n"))`,
  "thrown by the program": `throw new Error("oh\\n")`,
};

for (const [name, mistake] of Object.entries(MISTAKES)) {
  Deno.test(`main() tells in one line of an error ${name}`, async () => {
    const code = `
      import { main } from "../lib/program/program.ts";
      await main({
        async run() {
          ${mistake};
          await new Promise(() => {});
        },
      });
    `;
    await using process = new Running(Deno.execPath(), ["eval", code]);
    const { code: status, stdout, stderr } = await process.end();
    assertEquals([status, stdout], [2, ""]);
    assertEquals(stderr, "parley: internal: oh\\n\n");
  });
}
