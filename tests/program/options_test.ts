import fc from "fast-check";
import { parseCommandLine } from "../../lib/program/command_line.ts";
import {
  count,
  requireText,
  seconds,
  UsageError,
} from "../../lib/program/options.ts";
import { port, requirePort, service } from "../../lib/program/ports.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const TABLE = {
  port: port("port", 3490, "stream", 1),
  count: count("N", "how many"),
  "max-bytes": count("N", "at most", 100, 1000),
  timeout: seconds("longest wait", 10),
};

/** Reads a command line that is right. */
function parse(...args: string[]) {
  const { options, problem } = parseCommandLine(args, TABLE);
  if (problem !== undefined) throw problem;
  return { options };
}

/** The message of the usage error that a command line comes to. */
function usage(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("a port is a number from 1 to 65535 or a service's name", () => {
  for (
    const [value, expected] of [
      ["1", 1],
      ["65535", 65535],
      ["http", 80],
      ["www", 80],
      ["ssh", 22],
    ] as const
  ) assertEquals(parse("--port", value).options.port, expected);
});

Deno.test("a port is nothing else", () => {
  for (
    const value of [
      ...["", " ", " 80", "80 ", "80x", "0x50", "8e1", "-1", "+80", "80.0"],
      ...["0", "65536", "99999999999", "nosuchservice", "HTTP", "８０"],
    ]
  ) {
    assertEquals(
      usage("--port", value),
      `--port: ${JSON.stringify(value)} is neither a port from 1 to 65535 ` +
        "nor a service",
    );
    usage(`--port=${value}`);
  }
});

Deno.test("a port may be 0 if any free one will do", () => {
  assertEquals(requirePort("0", "--port", "stream", 0), 0);
  assertThrows(() => requirePort("-0", "--port", "stream", 0), UsageError);
});

Deno.test("a port's name is looked up on its own transport", () => {
  assertEquals(requirePort("ntp", "--port", "datagram", 1), 123);
  assertThrows(() => requirePort("ntp", "--port", "stream", 1), UsageError);
});

Deno.test("a count is a whole number from 1", () => {
  assertEquals(parse("--count", "1").options.count, 1);
  assertEquals(parse("--max-bytes", "1000").options["max-bytes"], 1000);
  for (
    const value of [
      ...["", "0", "-1", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "x", "١"],
      ...["Infinity", "NaN", "99999999999999999999"],
    ]
  ) usage(`--count=${value}`);
  assertEquals(
    usage("--max-bytes", "1001"),
    '--max-bytes: "1001" is not a number from 1 to 1000',
  );
});

Deno.test("seconds may have a fraction, and are given in milliseconds", () => {
  for (
    const [value, milliseconds] of [
      ["0", 0],
      ["0.0", 0],
      ["10", 10_000],
      ["1.5", 1_500],
      ["0.25", 250],
      // Less than a millisecond is not "forever".
      ["0.0001", 1],
    ] as const
  ) assertEquals(parse("--timeout", value).options.timeout, milliseconds);
});

Deno.test("seconds are nothing else", () => {
  for (
    const value of [
      ...["", "-1", "+1", "1e3", "0x1", ".5", "5.", "1.2.3", " 1", "1s"],
      ...["Infinity", "NaN", "99999999999999999999"],
    ]
  ) usage(`--timeout=${value}`);
});

Deno.test("no timeout is longer than a timer can be", () => {
  // setTimeout() takes 2 ** 31 - 1 milliseconds; what is more fires at once.
  assertEquals(parse("--timeout=2147483").options.timeout, 2_147_483_000);
  usage("--timeout=2147484");
});

Deno.test("numbers are read whole or refused", () => {
  // What is not plain digits must never come out as some number.
  const unit = fc.constantFrom(..."0123456789+-.ex \t_,٣");
  fc.assert(
    fc.property(fc.string({ unit, minLength: 1 }), (value) => {
      // There are services like x11.
      if (/^([0-9]+$|[a-z])/.test(value)) return;
      usage(`--count=${value}`);
      usage(`--port=${value}`);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a service may be known on only one transport", () => {
  const option = service("the port");
  for (const name of ["http", "ntp", "domain", "80", "65535"]) {
    assertEquals(option.parse(name, "--service", undefined), name);
  }
  for (const name of ["", "nosuchservice", "0x50", "-1", "65536", " 80"]) {
    assertThrows(() => option.parse(name, "--service", undefined), UsageError);
  }
});

Deno.test("a text that must not be empty is returned as it is", () => {
  assertEquals(requireText("x", "HOST"), "x");
  assertThrows(() => requireText("", "HOST"), UsageError, "HOST is empty");
});
