import { assert, assertEquals, assertMatch } from "../assert.ts";
import { run, type StartOptions } from "../harness.ts";
import { assertResult, checkEach, jsonEvents } from "./support.ts";

const CTIME =
  "[A-Z][a-z]{2} [A-Z][a-z]{2} [ 1-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}";

/** What time_console says, and when it can have looked at the clock. */
async function ask(args: readonly string[], options: StartOptions = {}) {
  // What it prints is cut to the second.
  const earliest = Math.floor(Date.now() / 1000) * 1000;
  const result = await run("time_console", args, options);
  const latest = Date.now();
  assertEquals([result.code, result.stderr], [0, ""]);
  const isNow = (text: string) => {
    const time = Date.parse(text);
    return earliest <= time && time <= latest;
  };
  return { text: result.stdout, isNow };
}

Deno.test("time_console prints the time as ctime writes it", async () => {
  await checkEach([
    { args: ["--utc"], zone: "" },
    { args: [], zone: "UTC", offset: "+0000" },
    { args: [], zone: "Asia/Seoul", offset: "+0900" },
    { args: [], zone: "Asia/Kolkata", offset: "+0530" },
    { args: [], zone: "America/Phoenix", offset: "-0700" },
    { args: ["--utc"], zone: "Asia/Seoul" },
  ], async ({ args, zone, offset = "+0000" }) => {
    const { text, isNow } = await ask(args, { env: { TZ: zone } });
    assertMatch(text, new RegExp(`^Local time is: ${CTIME}\n$`));
    assert(isNow(text.slice(15, -1) + ` GMT${offset}`), zone + text);
  });
});

Deno.test("time_console --iso prints the offset as well", async () => {
  await checkEach([
    { args: ["--iso"], zone: "Asia/Seoul", offset: "+09:00" },
    { args: ["--iso"], zone: "America/Phoenix", offset: "-07:00" },
    { args: ["--iso"], zone: "Asia/Kathmandu", offset: "+05:45" },
    { args: ["--iso", "--utc"], zone: "Asia/Seoul", offset: "+00:00" },
  ], async ({ args, zone, offset }) => {
    const { text, isNow } = await ask(args, { env: { TZ: zone } });
    const date = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d";
    const [, iso = ""] = new RegExp(`^Local time is: (${date}.*)\n$`)
      .exec(text) ?? [];
    assert(iso.endsWith(offset), iso);
    assert(isNow(iso), text);
  });
});

Deno.test("time_console --quiet prints only the time", async () => {
  const { text, isNow } = await ask(["--quiet", "--utc"]);
  assertMatch(text, new RegExp(`^${CTIME}\n$`));
  assert(isNow(`${text} GMT`));
});

Deno.test("time_console --json prints the time in one object", async () => {
  const { text, isNow } = await ask(["--json", "--utc", "--iso"]);
  const [event, ...others] = jsonEvents("time_console", text);
  assertEquals(others, []);
  assertEquals(event?.event, "time");
  assert(isNow(String(event?.text)));
});

Deno.test("time_console needs no permission", async () => {
  const result = await run("time_console", ["--utc", "-q"], { flags: [] });
  assertResult(result, { stdout: result.stdout });
  assertMatch(result.stdout, new RegExp(`^${CTIME}\n$`));
});
