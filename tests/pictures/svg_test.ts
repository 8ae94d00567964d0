/** Pictures in SVG, read by Python's XML parser. */

import fc from "fast-check";
import { peerTest } from "../peers/peers.ts";
import { renderSvg } from "../../lib/pictures/svg.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import * as made from "./conversations.ts";
import { hostile } from "./hostile.ts";
import { draw } from "./read.ts";

/** Reads a JSON list of SVG files, and says what is in each. */
const PYTHON = `
import json, sys, xml.etree.ElementTree as tree
SVG = "{http://www.w3.org/2000/svg}"
found = []
for text in json.load(sys.stdin):
    root = tree.fromstring(text)
    found.append({
        "tags": sorted({e.tag.removeprefix(SVG) for e in root.iter()}),
        "title": root.find(SVG + "title").text,
        "desc": root.find(SVG + "desc").text,
        "texts": [e.text for e in root.iter(SVG + "text")],
    })
json.dump(found, sys.stdout)
`;

interface Parsed {
  readonly tags: readonly string[];
  readonly title: string;
  readonly desc: string;
  readonly texts: readonly string[];
}

async function parse(files: readonly string[]): Promise<Parsed[]> {
  await using python = new Deno.Command("python3", {
    args: ["-c", PYTHON],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = python.stdin.getWriter();
  const input = new TextEncoder().encode(JSON.stringify(files));
  const [{ success, stdout, stderr }] = await Promise.all([
    python.output(),
    // What it does not read is in its error.
    writer.write(input).then(() => writer.close()).catch(() => {}),
  ]);
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Everything that may be in a picture. */
const ELEMENTS = [
  ...["defs", "desc", "marker", "path", "pattern", "rect", "style", "svg"],
  ...["text", "title"],
];

peerTest(
  ["python3"],
  "every picture is XML without scripts, with a title and a description",
  async () => {
    const files: string[] = [];
    for (const texts of made.everything()) {
      files.push(renderSvg(await draw(texts, { data: true, calls: true })));
    }
    for (const { tags, title, desc } of await parse(files)) {
      assertEquals(tags.filter((tag) => !ELEMENTS.includes(tag)), []);
      assert(title.length > 0);
      assertMatch(
        desc,
        /^A sequence diagram: .+ on the left, .+ on the right; /,
      );
    }
    for (const file of files) {
      // Nothing comes from elsewhere, and nothing reacts.
      assert(!/(href|src|@import|url\((?!#)|\son\w+=)/.test(file));
      assertEquals(file.match(/https?:[^"]+/g), ["http://www.w3.org/2000/svg"]);
      assert(file.includes("prefers-color-scheme:dark"));
      assert(file.includes("@media print"));
    }
  },
);

peerTest(
  ["python3"],
  "a picture says in SVG what it says in text",
  async () => {
    const { server, client } = made.tcp();
    const svg = renderSvg(await draw([server, client], { data: true }));
    const [parsed] = await parse([svg]);
    const { title, desc, texts } = parsed!;
    assertEquals(title, "client and server over TCP");
    assertEquals(
      desc,
      "A sequence diagram: client on the left, server on the right; " +
        "16 calls, 4 arrows.",
    );
    for (
      const text of [
        ...["client", "process 4242", "127.0.0.1:57182", "getaddrinfo()"],
        ...["accept(3)", "= 4", "1.52 s", "connection", "13 bytes"],
        ...['"Hello, world!"', "waits", "end of file"],
      ]
    ) assert(texts.includes(text), `${text}: ${texts}`);
  },
);

peerTest(
  ["python3"],
  "the longest endpoint and note are shown whole",
  async () => {
    const long = (text: string) =>
      text.replaceAll(
        '"127.0.0.1"',
        '"2001:db8:1234:5678:9abc:def0:1234:5678"',
      );
    const { server, client } = made.tcp();
    const others = [4243, 4244, 4245, 4246].map((pid) =>
      client.replaceAll("57182", "57183").replaceAll("4242", `${pid}`)
    );
    const svg = renderSvg(await draw([server, client, ...others].map(long)));
    const alone = renderSvg(await draw([server].map(long)));
    const [both, one] = await parse([svg, alone]);
    for (const { texts } of [both!, one!]) {
      assert(texts.join("").includes("1234:5678]:57182"), texts.join("\n"));
      assert(texts.every((text) => !text.endsWith("…")));
    }
    assert(both!.texts.at(-1)?.endsWith("."), both!.texts.at(-1));
  },
);

Deno.test("arrows of what failed are red, and no others", async () => {
  const { server, client } = made.tls();
  const failed = client.replace(/("call":"handshake".*"result":)0/, "$1-1");
  const table: [string[], number][] = [
    [[server, client], 0],
    [[server, failed], 1],
    [Object.values(made.resetConnection()), 2],
    [[made.refusedThenConnected()], 1],
  ];
  for (const [texts, count] of table) {
    const svg = renderSvg(await draw(texts));
    const red = svg.match(/<path class="b" .*/g) ?? [];
    assertEquals(red.length, count, red.join("\n"));
    assertEquals(svg.match(/<text class="k x" /g)?.length ?? 0, count);
    assert(red.every((path) => !path.includes("pic-a")));
  }
});

peerTest(
  ["python3"],
  "hostile text never breaks the XML, and stays text",
  async () => {
    const files: string[] = [];
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const options = { data: true, calls: true, title: text.slice(0, 99) };
        files.push(renderSvg(await draw([text], options)));
      }),
      { numRuns: 60 },
    );
    for (const { tags } of await parse(files)) {
      assertEquals(tags.filter((tag) => !ELEMENTS.includes(tag)), []);
    }
  },
);

Deno.test("a picture is less than 1 MB, however much was recorded", async () => {
  const { long, several } = made;
  const wide = several(60);
  const evil = "&".repeat(32) + "\u0301".repeat(20);
  const many = wide.clients.map((text) =>
    text.replaceAll("Hello, world!", evil).replaceAll('"client"', `"${evil}"`)
      .replaceAll("SOCK_STREAM", evil.repeat(20))
  );
  for (const texts of [Object.values(long(5000)), [wide.server, ...many]]) {
    const options = { data: true, calls: true };
    const { length } = new TextEncoder()
      .encode(renderSvg(await draw(texts, options)));
    assert(length < 1_000_000, `${length} bytes`);
  }
});

Deno.test("what is said of an arrow that slopes covers nothing that is said of others", () => {
  const straight = Array.from({ length: 12 }, (_, row) => ({
    kind: "data" as const,
    from: "left" as const,
    departs: row,
    arrives: row,
    failed: false,
    label: "16384 bytes",
  }));
  const slopes = {
    kind: "end",
    from: "right",
    departs: 0,
    arrives: 11,
  } as const;
  const end = { name: "a", details: [], recorded: true };
  const box = { waits: false, failed: false, emulated: false, name: "call" };
  const boxes = straight.flatMap(({ departs: row }) =>
    (["left", "right"] as const)
      .map((side) => ({ ...box, side, first: row, last: row }))
  );
  const arrows = [
    ...straight,
    { ...slopes, failed: false, label: "end of file" },
  ];
  const scene = { left: end, right: end, rows: 12, boxes, arrows, breaks: [] };
  const svg = renderSvg({ title: "", scenes: [scene], notes: [] });
  const middles = [...svg.matchAll(/class="k" x="([\d.]+)"[^>]*>(.*?)</g)]
    .map(([, x, label]) => [label, Number(x)] as const);
  const [, middle] = middles.find(([label]) => label === "end of file")!;
  assert(Math.abs(middle - middles[0]![1]) > 11 * 9.5, String(middle));
});
