/** Long recordings: what is kept of them, and how long it takes. */

import { drawPicture } from "../../lib/pictures/draw.ts";
import { FORMS } from "../../lib/pictures/forms.ts";
import type { Recordings } from "../../lib/pictures/recordings.ts";
import { assert, assertEquals } from "../assert.ts";
import { run } from "../harness.ts";
import { long } from "./conversations.ts";
import { draw, read } from "./read.ts";
import { Recorder } from "./recorder.ts";

/** How many calls are kept. */
function keptIn(recordings: Recordings): number {
  return recordings.processes.reduce((sum, { history }) => {
    const { chapters, common } = history;
    const steps = chapters.kept
      .map(({ conversation }) => conversation.steps.kept.length);
    return steps.reduce((a, b) => a + b, sum + common.kept.length);
  }, 0);
}

const ends = (i: number) => ({
  connection: i,
  local: "127.0.0.1:3490",
  remote: `127.0.0.1:${1 + i % 65535}`,
});

const COUNT = 3000;
const numbers = Array.from({ length: COUNT }, (_, i) => i);

/** Recordings that grow without an end, and how much of each is kept. */
const GROWING: Readonly<Record<string, () => string>> = {
  "one connection with many messages": () => long(COUNT).server,
  "connections one after the other": () => {
    const server = new Recorder("server", 1);
    for (const i of numbers) {
      server.call("accept", { fd: 3, result: 4, ...ends(i) })
        .call("send", { fd: 4, result: 5, ...ends(i) })
        .call("close", { fd: 4, ...ends(i) });
    }
    return server.text;
  },
  "connections that stay open": () => {
    const server = new Recorder("server", 1);
    for (const i of numbers) {
      server.call("accept", { fd: 3, result: 4 + i, ...ends(i) });
    }
    for (const i of numbers) {
      server.call("send", { fd: 4 + i, result: 5, ...ends(i) });
    }
    return server.text;
  },
  "datagrams from many peers": () => {
    const listener = new Recorder("listener", 1);
    for (const i of numbers) {
      listener.call("recvfrom", { fd: 3, result: 5, ...ends(i) });
    }
    return listener.text;
  },
  "sockets that are made and never used": () => {
    const server = new Recorder("server", 1);
    for (const i of numbers) server.call("socket", { fd: i, result: i });
    return server.text;
  },
  "processes": () =>
    numbers.map((i) => new Recorder(`p${i}`, i).call("socket").text).join(""),
};

for (const [name, record] of Object.entries(GROWING)) {
  Deno.test(`little is kept of ${name}`, async () => {
    const recordings = await read(record());
    const kept = keptIn(recordings);
    assert(kept > 20 && kept <= 200, `${kept} calls`);
    const { scenes, notes } = drawPicture(recordings);
    const said = JSON.stringify([scenes, notes]);
    assert(/\d{3,} (more |lines)/.test(said), notes.join());
  });
}

Deno.test("the first and the last of many conversations are drawn", async () => {
  const record = GROWING["connections one after the other"]!;
  const { scenes } = await draw([record()]);
  assertEquals(scenes.length, 48);
  assertEquals(
    [39, 40, 47].map((i) => scenes[i]!.heading),
    [
      "Conversation 40",
      "… 2952 more conversations … Conversation 2993",
      "Conversation 3000",
    ],
  );
});

Deno.test("10,000 calls are drawn in less than a second", async () => {
  const { server, client } = long(5000);
  let fastest = Infinity;
  // Whatever else the machine does, it can only slow this down.
  for (let i = 0; i < 5 && fastest >= 1000; i++) {
    const start = performance.now();
    const picture = await draw([server, client]);
    for (const { render } of Object.values(FORMS)) render(picture, 80);
    fastest = Math.min(fastest, performance.now() - start);
  }
  assert(fastest < 1000, `${fastest} ms`);
});

Deno.test("picture reads what is larger than its memory", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const [first = "", ...rest] = long(1).server.split(/(?<=\n)/);
    const send = rest.find((line) => line.includes('"call":"send"'))!;
    const text = first + rest.join("") + send.repeat(100_000);
    assert(text.length > 30_000_000);
    await Deno.writeTextFile(path, text);
    const result = await run("picture", [path], {
      flags: ["--allow-read", "--v8-flags=--max-old-space-size=24"],
    });
    assertEquals([result.code, result.stderr], [0, ""]);
    assert(/… 99\d{3} more calls/.test(result.stdout), result.stdout);
  } finally {
    await Deno.remove(path);
  }
});
