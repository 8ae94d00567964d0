/** Pictures as text. */

import fc from "fast-check";
import { boxLines } from "../../lib/pictures/box_lines.ts";
import { renderText } from "../../lib/pictures/text.ts";
import { textWidth } from "../../lib/pictures/text_width.ts";
import { assert, assertEquals } from "../assert.ts";
import * as made from "./conversations.ts";
import { hostile } from "./hostile.ts";
import { draw } from "./read.ts";

Deno.test("a TCP conversation is the textbook's picture", async () => {
  const { server, client } = made.tcp();
  const picture = await draw([server, client], { data: true });
  assertEquals(
    renderText(picture, 80),
    `                           client and server over TCP

           client                                             server
        process 4242                                       process 4240
       127.0.0.1:57182                                    127.0.0.1:3490
              │                                    ┌─────────────┴─────────────┐
              │                                    │ getaddrinfo()     0.73 ms │
              │                                    ├───────────────────────────┤
              │                                    │ socket() = 3              │
              │                                    ├───────────────────────────┤
              │                                    │ bind(3)                   │
              │                                    ├───────────────────────────┤
              │                                    │ listen(3)         0.63 ms │
┌─────────────┴─────────────┐                      ├───────────────────────────┤
│ getaddrinfo()     17.3 ms │                      │ accept(3)                 │
├───────────────────────────┤                      │ ┆ waits                   │
│ socket() = 3              │                      │ ┆                         │
├───────────────────────────┤                      │ ┆                         │
│ connect(3)        1.92 ms ├───── connection ────►│ = 4                1.52 s │
├───────────────────────────┤                      ├───────────────────────────┤
│ recv(3)                   │                      │ close(3)          0.15 ms │
│ ┆ waits                   │                      ├───────────────────────────┤
│ = 13              5.41 ms │◄───── 13 bytes ──────┤ send(4) = 13      0.05 ms │
├───────────────────────────┤   "Hello, world!"    ├───────────────────────────┤
│ recv(3) = 0       0.28 ms │◄─── end of file ─────┤ shutdown(4)       0.06 ms │
├───────────────────────────┤                      ├───────────────────────────┤
│ close(3)          0.44 ms ├──── end of file ────►│ recv(4) = 0       1.90 ms │
└─────────────┬─────────────┘                      ├───────────────────────────┤
              │                                    │ close(4)          0.25 ms │
              │                                    └─────────────┬─────────────┘
`,
  );
});

Deno.test("a connected UDP conversation is, with Korean aligned", async () => {
  const { listener, talker } = made.udpConnected();
  const picture = await draw([listener, talker], {
    data: true,
    title: "말하기",
  });
  const lines = renderText(picture, 80).split("\n");
  assertEquals(lines[0], `${" ".repeat(37)}말하기`);
  assertEquals(
    lines.slice(-10, -1).join("\n"),
    `│ connect(3) (emulated)     │                      │ ┆                         │
│                   0.05 ms │                      │ ┆                         │
├───────────────────────────┤                      │ ┆                         │
│ send(3) = 15      0.05 ms ├────── 15 bytes ─────►│ = 15               1.53 s │
├───────────────────────────┤     "안녕하세요"     ├───────────────────────────┤
│ recv(3) = 15      41.2 ms │◄───── 15 bytes ──────┤ sendto(3) = 15    0.05 ms │
├───────────────────────────┤     "안녕하세요"     └─────────────┬─────────────┘
│ close(3)          0.05 ms │                                    │
└─────────────┬─────────────┘                                    │
`.trimEnd(),
  );
});

Deno.test("an arrow that arrives later goes down beside the boxes", async () => {
  const { server, client } = made.crossing();
  const lines = renderText(await draw([server, client]), 80).split("\n");
  assertEquals(
    lines.slice(-12, -1).join("\n"),
    `└─────────────┬─────────────┘                      ├───────────────────────────┤
              │                                ┌───┤ send(4) = 13      0.05 ms │
┌─────────────┴─────────────┐                  │   ├───────────────────────────┤
│ send(3) = 2       0.05 ms ├────── 2 bytes ───┼──►│ recv(4) = 2       0.05 ms │
└─────────────┬─────────────┘                  │   ├───────────────────────────┤
              │                                │   │ close(4)          0.05 ms │
┌─────────────┴─────────────┐                  │   └─────────────┬─────────────┘
│ recv(3) = 13      0.05 ms │◄─── 13 bytes ────┘                 │
├───────────────────────────┤                                    │
│ close(3)          0.05 ms │                                    │
└─────────────┬─────────────┘                                    │
`.trimEnd(),
  );
});

Deno.test("an arrow that does not arrive ends in a cross", async () => {
  const { listener, talker } = made.lostDatagram();
  const text = renderText(await draw([listener, talker]), 80);
  assert(text.includes("├─── 3 bytes lost ───╳ │"), text);
});

Deno.test("where an attempt went is whole if its box is high enough", async () => {
  const recording = made.refusedThenConnected()
    .replaceAll('"host":"::1"', '"host":"2001:db8:63b3:1::3490"');
  // One that waited has a box of two rows.
  for (const milliseconds of [0.18, 500]) {
    const text = renderText(
      await draw([recording.replace(":0.18,", `:${milliseconds},`)]),
      80,
    );
    const lines = text.split("\n");
    const at = lines.findIndex((line) => line.includes(" refused "));
    const beside = lines.slice(at + 1, at + 3)
      .map((line) => line.slice(29, 51).trim());
    assertEquals(beside, ["[2001:db8:63b3:1::", "3490]:3490"]);
  }
});

Deno.test("a result follows the arguments if it fits", () => {
  const linesOf = (name: string, outcome: string, time: string) =>
    boxLines({
      ...{ side: "left", first: 0, last: 0, name, outcome, time },
      ...{ waits: false, failed: false, emulated: false },
    }, 23);
  assertEquals(linesOf("socket(AF_INET6, SOCK_STREAM)", "= 3", "1.20 ms"), {
    top: [{ text: "socket(AF_INET6," }, { text: "SOCK_STREAM) = 3" }, {
      text: "",
      time: "1.20 ms",
    }],
    bottom: [],
  });
  assertEquals(linesOf("connect(3)", "= -1 ECONNREFUSED", "1 ms"), {
    top: [
      { text: "connect(3)" },
      { text: "= -1 ECONNREFUSED", time: "1 ms" },
    ],
    bottom: [],
  });
});

Deno.test("no line is wider than the terminal, whatever was recorded", async () => {
  for (const texts of made.everything()) {
    for (const columns of [0, 56, 80, 81, 100, 120, 500]) {
      const picture = await draw(texts, { data: true, calls: true });
      for (const line of renderText(picture, columns).split("\n")) {
        const most = Math.min(120, Math.max(56, columns));
        assert(textWidth(line) <= most, `${columns}: ${line}`);
      }
    }
  }
});

Deno.test("a note with a word that is wider than the terminal is cut", async () => {
  const { client } = made.tcp();
  const events = client.split("\n").filter((line) => !line.includes('"call"'))
    .join("\n").replaceAll('"client"', `"${"long".repeat(40)}"`);
  const lines = renderText(await draw([events]), 80).split("\n");
  const at = lines.indexOf("The calls of");
  assertEquals(lines.slice(at, -1).map(textWidth), [12, 80, 63]);
  assert(lines[at + 1]?.endsWith("…"));
});

Deno.test("hostile text moves no cursor and breaks no line", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const picture = await draw([text], { data: true, calls: true });
      const shown = renderText(picture, 80);
      // deno-lint-ignore no-control-regex
      assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(shown));
      for (const line of shown.split("\n")) assert(textWidth(line) <= 80);
    }),
    { numRuns: 50 },
  );
});
