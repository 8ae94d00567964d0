import { ctime, rfc3339 } from "../lib/clock.ts";
import { assertEquals } from "./assert.ts";

/** Runs with the machine's zone set to `zone`. */
function inZone(zone: string, run: () => void): void {
  const before = Deno.env.get("TZ");
  Deno.env.set("TZ", zone);
  try {
    run();
  } finally {
    if (before === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", before);
  }
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

Deno.test("ctime() shows the machine's zone", () => {
  for (const [zone, seconds, text] of LOCAL) {
    inZone(zone, () => assertEquals(ctime(at(seconds)), text, zone));
  }
});

Deno.test("rfc3339() shows the machine's zone and its offset", () => {
  for (const [zone, seconds, _, text] of LOCAL) {
    inZone(zone, () => assertEquals(rfc3339(at(seconds)), text, zone));
  }
});

Deno.test("the clock's hands follow summer time", () => {
  inZone("Europe/London", () => {
    // The clocks went forward on 2026-03-29 at 01:00 UTC.
    const before = at(1774745999);
    const after = at(1774746000);
    assertEquals(ctime(before), "Sun Mar 29 00:59:59 2026");
    assertEquals(rfc3339(before), "2026-03-29T00:59:59+00:00");
    assertEquals(ctime(after), "Sun Mar 29 02:00:00 2026");
    assertEquals(rfc3339(after), "2026-03-29T02:00:00+01:00");
  });
});

Deno.test("ctime() and rfc3339() show UTC wherever the machine is", () => {
  inZone("Asia/Seoul", () => {
    const date = at(1795306731);
    assertEquals(ctime(date, true), "Sun Nov 22 00:18:51 2026");
    assertEquals(rfc3339(date, true), "2026-11-22T00:18:51+00:00");
  });
});
