import { isNewEnough } from "../../lib/program/main.ts";
import { assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";

const MAIN = import.meta.resolve("../../lib/program/main.ts");

/** Mistakes that no program should make, each where nobody waits for it. */
const MISTAKES = {
  "thrown in a timer": `setTimeout(() => { throw new Error("oh\\n"); }, 0)`,
  "rejected unseen": `Promise.reject(new Error("oh\\n"))`,
  "thrown by the program": `throw new Error("oh\\n")`,
};

for (const [name, mistake] of Object.entries(MISTAKES)) {
  Deno.test(`main() reports in one line an error ${name}`, async () => {
    const code = `
      import { main } from "${MAIN}";
      await main({
        name: "server",
        async run() {
          ${mistake};
          await new Promise(() => {});
        },
      });
    `;
    await using process = new Running(Deno.execPath(), ["eval", code]);
    const { code: status, stdout, stderr } = await process.end();
    assertEquals([status, stdout], [2, ""]);
    assertEquals(stderr, "server: internal: oh\\n\n");
  });
}

Deno.test("a Deno before 2.9.5 is too old", () => {
  for (const version of ["2.9.5", "2.9.6", "2.10.0", "3.0.0", "2.9.6+abc"]) {
    assertEquals(isNewEnough(version), true, version);
  }
  for (const version of ["2.9.4", "2.8.12", "1.46.3", "2.9.4+abc", "2.9"]) {
    assertEquals(isNewEnough(version), false, version);
  }
});

Deno.test("main() refuses a Deno that is too old in one line", async () => {
  const code = `
    Object.defineProperty(Deno, "version", { value: { deno: "2.9.4" } });
    const { main } = await import("${MAIN}");
    await main({ name: "server", run: () => Promise.resolve(0) });
  `;
  await using process = new Running(Deno.execPath(), ["eval", code]);
  const { code: status, stdout, stderr } = await process.end();
  assertEquals([status, stdout], [1, ""]);
  assertEquals(stderr, "server: needs Deno 2.9.5, and this is 2.9.4\n");
});
