/** How bytes become lines. */

import { RecordingError } from "../../lib/pictures/fields.ts";
import { readRecording } from "../../lib/pictures/read_lines.ts";
import { Recordings } from "../../lib/pictures/recordings.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { tcp, udpConnected } from "./conversations.ts";
import { read } from "./read.ts";

/** Bytes in chunks of a size. */
async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

async function readBytes(bytes: Uint8Array, size = 4096): Promise<Recordings> {
  const recordings = new Recordings();
  await readRecording(chunksOf(bytes, size), 0, recordings);
  return recordings;
}

function calls(recordings: Recordings): number {
  return recordings.processes[0]!.history.total;
}

async function problemIn(text: string): Promise<string> {
  const { message } = await assertRejects(() => read(text), RecordingError);
  return message;
}

Deno.test("a recording may come in pieces of any size", async () => {
  const bytes = new TextEncoder().encode(udpConnected().talker);
  const whole = calls(await readBytes(bytes));
  for (const size of [1, 2, 3, 7, 100]) {
    assertEquals(calls(await readBytes(bytes, size)), whole);
  }
});

Deno.test("a recording may have CRLF, empty lines and no newline at its end", async () => {
  const { client } = tcp();
  const lines = client.trimEnd().split("\n");
  const text = `\r\n${lines.join("\r\n\r\n")}`;
  assertEquals(calls(await read(text)), calls(await read(client)));
});

/** UTF-16 with its mark, the first or the second byte of a unit first. */
function utf16(text: string, isLittle: boolean): Uint8Array {
  const marked = `\ufeff${text}`;
  const view = new DataView(new ArrayBuffer(2 * marked.length));
  for (let i = 0; i < marked.length; i++) {
    view.setUint16(2 * i, marked.charCodeAt(i), isLittle);
  }
  return new Uint8Array(view.buffer);
}

Deno.test("a recording may be UTF-16 with a mark, as PowerShell writes it", async () => {
  const { talker } = udpConnected();
  const whole = calls(await read(talker));
  for (const isLittle of [true, false]) {
    const bytes = utf16(talker, isLittle);
    for (const size of [1, 3, 4096]) {
      assertEquals(calls(await readBytes(bytes, size)), whole);
    }
    const cut = utf16(talker.slice(0, -20), isLittle);
    const { message } = await assertRejects(
      () => readBytes(cut),
      RecordingError,
    );
    const last = talker.trimEnd().split("\n").length;
    assertEquals(message, `line ${last}: it is not JSON, or was cut`);
  }
});

Deno.test("a mark may begin a recording, and each of those put together", async () => {
  const { talker } = udpConnected();
  const marked = `\ufeff${talker}`;
  const whole = calls(await read(talker));
  assertEquals(calls(await read(marked)), whole);
  assertEquals(calls(await read(marked + marked)), 2 * whole);
});

Deno.test("what a task prints before the first object is passed over", async () => {
  const { client } = tcp();
  const text = `Task client deno run -A cmd/client.ts\n${client}`;
  assertEquals(calls(await read(text)), calls(await read(client)));
});

Deno.test("recordings of tasks may be put together", async () => {
  const { server, client } = tcp();
  const text = "\x1b[0m\x1b[32mTask\x1b[0m server deno run cmd/server.ts\n" +
    `${server}Task client deno run cmd/client.ts\n${client}` +
    "npm notice New version of npm available! 11.0.0 -> 12.0.0\n";
  assertEquals(calls(await read(text)), calls(await read(server, client)));
});

Deno.test("a program's remark that it could not write all becomes a note", async () => {
  const { server } = tcp();
  const recordings = await read(`${server}… 12 connections not shown\n`);
  assert(recordings.isIncomplete);
});

Deno.test("a line that was cut is named", async () => {
  const { server } = tcp();
  const lines = server.trimEnd().split("\n");
  const table: [string[], string][] = [
    [[...lines.slice(0, 2), lines[2]!.slice(0, 50)], "line 3: "],
    [[...lines.slice(0, 2), lines[2]!.slice(50), lines[3]!], "line 3: "],
    [[lines[0]!.slice(10), lines[1]!], "line 1: "],
    [["", lines[0]!, "", lines[1]!.slice(0, -1)], "line 4: "],
    [[lines[0]!, "Segmentation fault"], "line 2: "],
  ];
  for (const [cut, where] of table) {
    const message = await problemIn(cut.join("\n"));
    assertEquals(message, `${where}it is not JSON, or was cut`);
  }
});

Deno.test("a line that is forged is named, whatever kind of event it is", async () => {
  const { server } = tcp();
  const head = '{"program":"x","pid":1,"time":"2026-01-01T00:00:00Z",';
  const table: [string, string][] = [
    ['"event":"call"}', 'its "call" is missing'],
    ['"event":"datagram","data":7}', 'its "data" is no bytes'],
    ['"event":"accepted","peer":7}', 'its "peer" is no address with a port'],
    ['"event":"sent","bytes":-7}', 'its "bytes" is no whole number'],
  ];
  const number = server.trimEnd().split("\n").length + 1;
  for (const [rest, what] of table) {
    const message = await problemIn(server + head + rest + "\n");
    assert(message.startsWith(`line ${number}: its "`), message);
    if (!rest.includes('"call"')) {
      assertEquals(message, `line ${number}: ${what}`);
    }
  }
});

Deno.test("a file without any object is no recording", async () => {
  for (const text of ["", "\n\n", "hello\nworld\n"]) {
    assertEquals(
      await problemIn(text),
      "nothing in it was written with --json --trace",
    );
  }
});

Deno.test("a line that never ends is given up", async () => {
  async function* endless() {
    const chunk = new Uint8Array(1 << 20).fill(0x7b);
    for (;;) yield await Promise.resolve(chunk);
  }
  const { message } = await assertRejects(
    () => readRecording(endless(), 0, new Recordings()),
    RecordingError,
  );
  assertEquals(message, "line 1: it is longer than 16 MiB");
});
