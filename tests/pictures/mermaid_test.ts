/** Pictures in Mermaid's language, by the rules of its sequence diagrams. */

import fc from "fast-check";
import { renderMermaid } from "../../lib/pictures/mermaid.ts";
import { assert, assertEquals } from "../assert.ts";
import * as made from "./conversations.ts";
import { hostile } from "./hostile.ts";
import { draw } from "./read.ts";
import { Recorder } from "./recorder.ts";

// What Mermaid takes for text: no #, ; or % but in entities, no markup but <br/>.
const TEXT = /(?:[^#;%<>&"`$\\{}[\]\n]|#\d+;|<br\/>)+/.source;
const LINES = [
  /sequenceDiagram/,
  / {4}title [^#;%<>&\n]*[^#;%<>&\s][^#;%<>&\n]*/,
  new RegExp(` {4}participant P\\d+ as ${TEXT}`),
  new RegExp(` {4}Note over P\\d+(?:,P\\d+)?: ${TEXT}`),
  new RegExp(` {4}P\\d+-(?:>>|x)P\\d+: ${TEXT}`),
].map(({ source }) => new RegExp(`^${source}$`, "u"));

function assertGrammar(diagram: string): void {
  const lines = diagram.trimEnd().split("\n");
  assertEquals(lines[0], "sequenceDiagram");
  for (const line of lines) {
    assert(LINES.some((pattern) => pattern.test(line)), line);
  }
  const named = new Set(
    diagram.matchAll(/participant (P\d+)/g).map(([, id]) => id),
  );
  for (const [id] of diagram.matchAll(/(?<=^ {4}(?:Note over )?)P\d+/gm)) {
    assert(named.has(id), id);
  }
}

Deno.test("a TCP conversation is a sequence diagram", async () => {
  const { server, client } = made.tcp();
  const options = { data: true, times: false };
  assertEquals(
    renderMermaid(await draw([server, client], options)),
    `sequenceDiagram
    title client and server over TCP
    participant P1 as client<br/>process 4242<br/>127.0.0.1:57182
    participant P2 as server<br/>process 4240<br/>127.0.0.1:3490
    Note over P2: getaddrinfo()
    Note over P2: socket() = 3
    Note over P2: bind(3)
    Note over P2: listen(3)
    Note over P2: accept(3) … waits
    Note over P1: getaddrinfo()
    Note over P1: socket() = 3
    Note over P1: connect(3)
    P1->>P2: connection
    Note over P2: accept(3) = 4
    Note over P1: recv(3) … waits
    Note over P2: close(3)
    Note over P2: send(4) = 13
    P2->>P1: 13 bytes<br/>#34;Hello, world!#34;
    Note over P1: recv(3) = 13
    Note over P2: shutdown(4)
    P2->>P1: end of file
    Note over P1: recv(3) = 0
    Note over P1: close(3)
    P1->>P2: end of file
    Note over P2: recv(4) = 0
    Note over P2: close(4)
`,
  );
});

Deno.test("what is long is broken into lines, and nothing of it is lost", async () => {
  const outcome = {
    result: -1,
    code: "EPROTO",
    message: "the certificate's issuer is not trusted",
  };
  const recorder = made.connected(new Recorder("client", 7))
    .call("handshake", { fd: 3, ...outcome, ms: 12 });
  const diagram = renderMermaid(await draw([recorder.text, made.tcp().server]));
  assertGrammar(diagram);
  const [note = ""] = diagram.match(/(?<=: )handshake.*/) ?? [];
  assertEquals(note.split("<br/>"), [
    "handshake(3) = -1 EPROTO (the",
    "certificate's issuer is not trusted) ·",
    "12.0 ms",
  ]);
});

Deno.test("every diagram keeps to the grammar, and is small enough for GitHub", async () => {
  for (const texts of made.everything()) {
    const options = { data: true, calls: true, rows: 200 };
    const diagram = renderMermaid(await draw(texts, options));
    assertGrammar(diagram);
    assert(diagram.length < 50_000);
  }
});

Deno.test("hostile text is never taken for Mermaid's language", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const options = { data: true, calls: true, title: text.slice(0, 99) };
      assertGrammar(renderMermaid(await draw([text], options)));
    }),
    { numRuns: 60 },
  );
});

Deno.test("a title without text is none", async () => {
  const picture = await draw([made.tcp().client], { title: " " });
  const [, line] = renderMermaid(picture).split("\n");
  assert(line?.startsWith("    participant"), line);
});

Deno.test("a server has one lifeline for all of its clients", async () => {
  const { server, clients } = made.several(3);
  const diagram = renderMermaid(await draw([server, ...clients]));
  assertEquals([...diagram.matchAll(/participant/g)].length, 4);
});
