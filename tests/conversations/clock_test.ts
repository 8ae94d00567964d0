import { ctime, rfc3339 } from "../../lib/conversations/clock.ts";
import { assertEquals } from "../assert.ts";
import { Running } from "../harness.ts";

const CLOCK = new URL("../../lib/conversations/clock.ts", import.meta.url).href;

/** What the clock says about a moment: in the machine's zone, and in UTC. */
type Hands = Record<"local" | "utc", [ctime: string, rfc3339: string]>;

/** Reads the clock where `TZ` is `zone`, which only a process of its own has. */
async function handsIn(zone: string, ...seconds: number[]): Promise<Hands[]> {
  const script = `
    import { ctime, rfc3339 } from "${CLOCK}";
    const both = (date, utc) => [ctime(date, utc), rfc3339(date, utc)];
    const hands = [${seconds}].map((seconds) => {
      const date = new Date(seconds * 1000);
      return { local: both(date), utc: both(date, true) };
    });
    console.log(JSON.stringify(hands));`;
  const args = ["eval", "--quiet", script];
  const options = { env: { TZ: zone }, stdin: "" };
  await using running = new Running(Deno.execPath(), args, options);
  return JSON.parse((await running.end()).stdout);
}

const at = (seconds: number) => new Date(seconds * 1000);

/** What glibc's ctime and strftime("%FT%T%z") say. */
const LOCAL: [zone: string, seconds: number, ctime: string, iso: string][] = [
  [
    "Asia/Seoul",
    1795306731,
    "Sun Nov 22 09:18:51 2026",
    "2026-11-22T09:18:51+09:00",
  ],
  [
    "Asia/Kathmandu",
    1795306731,
    "Sun Nov 22 06:03:51 2026",
    "2026-11-22T06:03:51+05:45",
  ],
  [
    "America/St_Johns",
    1795306731,
    "Sat Nov 21 20:48:51 2026",
    "2026-11-21T20:48:51-03:30",
  ],
  [
    "America/New_York",
    0,
    "Wed Dec 31 19:00:00 1969",
    "1969-12-31T19:00:00-05:00",
  ],
  ["UTC", 1795306731, "Sun Nov 22 00:18:51 2026", "2026-11-22T00:18:51+00:00"],
];

Deno.test("ctime() pads the day with a space and the time with zeros", () => {
  const table: [number, string][] = [
    [0, "Thu Jan  1 00:00:00 1970"],
    [-1, "Wed Dec 31 23:59:59 1969"],
    [951782400, "Tue Feb 29 00:00:00 2000"],
    [1795306731, "Sun Nov 22 00:18:51 2026"],
    [253402300799, "Fri Dec 31 23:59:59 9999"],
  ];
  for (const [seconds, text] of table) {
    assertEquals(ctime(at(seconds), true), text);
  }
});

Deno.test("ctime() drops what is less than a second", () => {
  assertEquals(ctime(new Date(999), true), "Thu Jan  1 00:00:00 1970");
});

Deno.test("ctime() and rfc3339() show the machine's zone, or UTC", async () => {
  await Promise.all(LOCAL.map(async ([zone, seconds, ...local]) => {
    const utc: Hands["utc"] = [
      ctime(at(seconds), true),
      rfc3339(at(seconds), true),
    ];
    assertEquals(await handsIn(zone, seconds), [{ local, utc }], zone);
  }));
});

Deno.test("rfc3339() shows UTC with its offset", () => {
  assertEquals(rfc3339(at(1795306731), true), "2026-11-22T00:18:51+00:00");
});

Deno.test("ctime() and rfc3339() follow summer time", async () => {
  // The clocks went forward on 2026-03-29 at 01:00 UTC.
  const hands = await handsIn("Europe/London", 1774745999, 1774746000);
  assertEquals(hands.map(({ local }) => local), [
    ["Sun Mar 29 00:59:59 2026", "2026-03-29T00:59:59+00:00"],
    ["Sun Mar 29 02:00:00 2026", "2026-03-29T02:00:00+01:00"],
  ]);
});
