import { drawPicture } from "../../lib/pictures/draw.ts";
import { renderSvg } from "../../lib/pictures/svg.ts";
import { renderText } from "../../lib/pictures/text.ts";
import { renderMermaid } from "../../lib/pictures/mermaid.ts";
import { LivePicture } from "../../lib/pictures/live.ts";
import { assertEquals } from "../assert.ts";
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
