/** What a line may be, and what is wrong with any other. */

import fc from "fast-check";
import { RecordingError } from "../../lib/pictures/fields.ts";
import { readCall, readLine } from "../../lib/pictures/recording.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const TIME = "2026-01-01T00:00:00.000001Z";
const LINE = { program: "server", pid: 7, event: "call", time: TIME };
const CALL = { call: "send", arguments: ["4"], result: 13, milliseconds: 0.5 };
const ADDRESS = { family: "IPv6", host: "::1", port: 80 };

Deno.test("readLine() names what is wrong with a line", () => {
  const table: [unknown, string][] = [
    ["", "it is not JSON, or was cut"],
    ['{"program":"ser', "it is not JSON, or was cut"],
    ["[1]", "it is no JSON object"],
    ["null", "it is no JSON object"],
    [{}, 'its "time" is no time of RFC 3339'],
    [{ ...LINE, time: "now" }, 'its "time" is no time of RFC 3339'],
    [{ ...LINE, program: undefined }, 'its "program" is missing'],
    [{ ...LINE, program: 7 }, 'its "program" is no text'],
    [{ ...LINE, event: ["call"] }, 'its "event" is no text'],
    [{ ...LINE, pid: -1 }, 'its "pid" is no whole number'],
    [{ ...LINE, pid: "7" }, 'its "pid" is no whole number'],
  ];
  for (const [line, message] of table) {
    const text = typeof line === "string" ? line : JSON.stringify(line);
    const error = assertThrows(() => readLine(text), RecordingError);
    assertEquals(error.message, message, text);
  }
});

Deno.test("readCall() names the field that is wrong", () => {
  const table: [object, string][] = [
    [{ call: undefined }, 'its "call" is missing'],
    [{ arguments: "4" }, 'its "arguments" is no list of texts'],
    [{ arguments: [4] }, 'its "arguments" is no list of texts'],
    [{ result: {} }, 'its "result" is neither a number nor text'],
    [{ result: null }, 'its "result" is neither a number nor text'],
    [{ milliseconds: -1 }, 'its "milliseconds" is no duration'],
    [{ milliseconds: 1e300 }, 'its "milliseconds" is no duration'],
    [{ fd: 1.5 }, 'its "fd" is no whole number'],
    [{ fd: "3" }, 'its "fd" is no whole number'],
    [{ code: 111 }, 'its "code" is no text'],
    [{ start: "noon" }, 'its "start" is no time of RFC 3339'],
    [
      { end: "2026-99-99T99:99:99Z" },
      'its "end" is no time of RFC 3339',
    ],
    [{ local: "::1" }, 'its "local" is no address with a port'],
    [
      { remote: { ...ADDRESS, port: 65536 } },
      'its "remote" is no address with a port',
    ],
    [
      { remote: { ...ADDRESS, host: "example.com" } },
      'its "remote" is no address with a port',
    ],
    [{ data: "Hello" }, 'its "data" is no bytes'],
    [{ data: { bytes: -5, text: "" } }, 'its "data" is no bytes'],
    [
      { data: { bytes: 1, text: "\ufffd", base64: "!" } },
      'its "data" is no bytes',
    ],
  ];
  for (const [fields, message] of table) {
    const call = JSON.parse(JSON.stringify({ ...CALL, ...fields }));
    const error = assertThrows(() => readCall(call), RecordingError);
    assertEquals(error.message, message);
  }
});

Deno.test("readCall() reads IPv4 seen through an IPv6 socket as IPv4", () => {
  const remote = { family: "IPv6", host: "::ffff:127.0.0.1", port: 80 };
  assertEquals(String(readCall({ ...CALL, remote }).remote), "127.0.0.1:80");
});

Deno.test("readCall() keeps little of a long text", () => {
  const long = "x".repeat(1 << 20);
  const call = readCall({
    ...CALL,
    call: long,
    arguments: Array<string>(1000).fill(long),
    result: long,
    data: { bytes: long.length, text: long, base64: "AAAA".repeat(100_000) },
  });
  assert(JSON.stringify(call).length < 3000);
});

Deno.test("readLine() and readCall() throw nothing but their own error", () => {
  const anything = fc.json({ maxDepth: 2 });
  const key = fc.constantFrom(
    ...Object.keys({ ...LINE, ...CALL }),
    ...["fd", "local", "remote", "data", "__proto__", "start", "code"],
  );
  fc.assert(fc.property(fc.dictionary(key, anything), (forged) => {
    const fields = Object.entries(forged)
      .map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    const good = JSON.stringify({ ...LINE, ...CALL }).slice(1, -1);
    try {
      readCall(readLine(`{${[good, ...fields].join(",")}}`).fields);
    } catch (error) {
      assert(error instanceof RecordingError, String(error));
    }
  }));
});
