/** Recordings that somebody forged. */

import fc from "fast-check";
import { anyCharacter } from "../arbitraries.ts";
import { Recorder } from "./recorder.ts";

const evil = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(
    "</text><script>alert(1)</script>",
    "]]>&lt;&#0;\x00\x0b\ufffe\ud800",
    "\u202e\u001b[2J\n\r;#35;%%{init: {}}%%",
    "a\u0301".repeat(100) + "\u0301".repeat(500),
    "end\nloop -->> : as P1",
    "안녕".repeat(50),
  ),
);

const number = fc.oneof(
  fc.integer({ min: -2, max: 20 }),
  fc.constantFrom(2 ** 53 - 1, 1e308, -1e308),
);

const ends = fc.constantFrom("127.0.0.1:1", "127.0.0.1:2", "[::]:1", "[::1]:2");

const call = fc.record({
  call: fc.oneof(
    fc.constantFrom("socket", "bind", "listen", "accept", "connect", "send"),
    fc.constantFrom("recv", "sendto", "recvfrom", "shutdown", "close"),
    evil,
  ),
  args: fc.array(evil, { maxLength: 3 }),
  result: fc.oneof(number, evil, fc.constantFrom("?", 0, 3, 4)),
  fd: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  local: fc.option(ends, { nil: undefined }),
  remote: fc.option(ends, { nil: undefined }),
  data: fc.option(fc.oneof(evil, fc.uint8Array({ maxLength: 40 })), {
    nil: undefined,
  }),
  code: fc.option(evil, { nil: undefined }),
  message: fc.option(evil, { nil: undefined }),
  ms: fc.integer({ min: 0, max: 5000 }),
});

/** Two processes that did anything, in one recording. */
export const hostile = fc.tuple(
  evil,
  fc.array(call, { minLength: 1, maxLength: 40 }),
  fc.array(call, { maxLength: 40 }),
).map(([program, first, second]) => {
  const write = (pid: number, calls: typeof first) => {
    const recorder = new Recorder(program, pid);
    for (const { call, args, result, ms, ...rest } of calls) {
      const { fd, local, remote, data, code, message } = rest;
      recorder.call(call, {
        args,
        result,
        ms,
        ...(fd !== undefined && { fd }),
        ...(local !== undefined && { local }),
        ...(remote !== undefined && { remote }),
        ...(data !== undefined && { data }),
        ...(code !== undefined && { code }),
        ...(message !== undefined && { message }),
      });
    }
    return recorder.text;
  };
  return write(1, first) + write(2, second);
});
