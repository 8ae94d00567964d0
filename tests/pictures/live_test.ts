import { drawPicture } from "../../lib/pictures/draw.ts";
import { renderSvg } from "../../lib/pictures/svg.ts";
import { renderText } from "../../lib/pictures/text.ts";
import { renderMermaid } from "../../lib/pictures/mermaid.ts";
import { LivePicture } from "../../lib/pictures/live.ts";
import { assert, assertEquals } from "../assert.ts";
import { tcp } from "./conversations.ts";
import { read } from "./read.ts";
import { Recorder } from "./recorder.ts";

/** Draws a recording while it is made. */
function drawn(path: string, recording: string): string | undefined {
  const picture = new LivePicture(path);
  for (const line of recording.trimEnd().split("\n")) {
    if (picture.takes(JSON.parse(line).event)) picture.add(line);
  }
  return picture.draw(80);
}

Deno.test("a live picture is that of the recording, in the form of its file", async () => {
  const { server } = tcp();
  const recordings = await read(server);
  const text = renderText(drawPicture(recordings), 80);
  const mermaid = renderMermaid(drawPicture(recordings, { rows: 200 }));
  const svg = renderSvg(drawPicture(recordings));
  const table = {
    "-": text,
    "a.txt": text,
    "svg": text,
    "a.svg": svg,
    "A.SVG": svg,
    "a.mmd": mermaid,
    "a.md": "```mermaid\n" + mermaid + "```\n",
  };
  for (const [path, picture] of Object.entries(table)) {
    assertEquals(drawn(path, server), picture, path);
  }
});

Deno.test("a live picture of nothing is none", () => {
  assertEquals(new LivePicture("-").draw(80), undefined);
  const { text } = new Recorder("server", 1).event("waiting").event("error");
  assertEquals(drawn("-", text), undefined);
});

Deno.test("a live picture does not grow with what it draws", () => {
  const picture = new LivePicture("a.svg");
  const sizes: number[] = [];
  const ends = { local: "127.0.0.1:3490", remote: "127.0.0.1:57182" };
  for (const connection of Array(600).keys()) {
    const { text } = new Recorder("server", 1)
      .call("accept", { fd: 3, result: 4, connection, ...ends })
      .call("send", { fd: 4, result: 5, connection, data: "Hello", ...ends })
      .call("close", { fd: 4, connection, ...ends });
    for (const line of text.trimEnd().split("\n")) picture.add(line);
    if (connection % 200 === 199) sizes.push(picture.draw(80)!.length);
  }
  const [first = 0, second = 0, third = 0] = sizes;
  assert(first < 1e6);
  // Only the number of those that are left out grows.
  assert(Math.abs(second - first) < 100 && Math.abs(third - second) < 100);
});
