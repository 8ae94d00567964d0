import fc from "fast-check";
import {
  count,
  flag,
  host,
  nameServer,
  parseCommandLine,
  port,
  requirePort,
  requireText,
  seconds,
  service,
  text,
  UsageError,
} from "../../lib/program/options.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const TABLE = {
  quiet: flag("say less", "q"),
  ipv4: flag("IPv4 alone", "4"),
  port: port("port", 3490, "stream", 1),
  host: host("address"),
  message: text("TEXT", "what to say", "hello"),
  note: text("TEXT", "what to add"),
  count: count("N", "how many"),
  "max-bytes": count("N", "at most", 100, 1000),
  timeout: seconds("longest wait", 10),
};

const parse = (...args: string[]) => parseCommandLine(args, TABLE);

/** The message of the usage error that a command line comes to. */
function usage(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("parseCommandLine() gives every option its default", () => {
  assertEquals(parse(), {
    options: {
      quiet: false,
      ipv4: false,
      port: 3490,
      host: undefined,
      message: "hello",
      note: undefined,
      count: undefined,
      "max-bytes": 100,
      timeout: 10_000,
    },
    operands: [],
  });
});

Deno.test("parseCommandLine() takes options anywhere, in both spellings", () => {
  const { options, operands } = parse(
    ...["a", "--port", "80", "b", "--quiet", "c", "--max-bytes=7", "d"],
  );
  assertEquals(operands, ["a", "b", "c", "d"]);
  assertEquals([options.port, options["max-bytes"]], [80, 7]);
  assertEquals(options.quiet, true);
});

Deno.test("parseCommandLine() takes letters one by one and together", () => {
  for (const args of [["-q", "-4"], ["-q4"], ["-4q"], ["--quiet", "--ipv4"]]) {
    const { options } = parse(...args);
    assertEquals([options.quiet, options.ipv4], [true, true]);
  }
});

Deno.test("parseCommandLine() keeps a value as it stands", () => {
  for (const value of ["-q", "--", "--port", "a=b", "=", "", "0x50", " é\n"]) {
    assertEquals(parse("--message", value).options.message, value);
    assertEquals(parse(`--message=${value}`).options.message, value);
  }
});

Deno.test("parseCommandLine() keeps operands as they stand", () => {
  const operands = ["007", "1e3", "", "-", "a=b", "true", "a b", "😀"];
  assertEquals(parse(...operands).operands, operands);
});

Deno.test("parseCommandLine() ends the options at --", () => {
  const { options, operands } = parse("-q", "a", "--", "-hello", "--", "-4");
  assertEquals(operands, ["a", "-hello", "--", "-4"]);
  assertEquals([options.quiet, options.ipv4], [true, false]);
});

Deno.test("parseCommandLine() lets the last of equal options count", () => {
  assertEquals(parse("--port", "1", "--port=2").options.port, 2);
});

Deno.test("parseCommandLine() refuses unknown options, and names them", () => {
  const table: [string, string][] = [
    ["--nope", "--nope"],
    ["--nope=1", "--nope"],
    ["-x", "-x"],
    ["-qx", "-x"],
    ["-5", "-5"],
    ["--no-quiet", "--no-quiet"],
    ["--quie", "--quie"],
    ["--Quiet", "--Quiet"],
    ["--port.x=1", "--port.x"],
    ["--__proto__", "--__proto__"],
    ["--constructor", "--constructor"],
    ["--toString=1", "--toString"],
    ["--_", "--_"],
    ["--=1", "--"],
    ["-😀", "-😀"],
  ];
  for (const [arg, name] of table) {
    assertEquals(usage(arg), `unknown option ${name}`);
  }
});

Deno.test("parseCommandLine() refuses a value where none is wanted", () => {
  for (const arg of ["--quiet=true", "--quiet=false", "--quiet="]) {
    assertEquals(usage(arg), "--quiet takes no value");
  }
});

Deno.test("parseCommandLine() refuses a missing value", () => {
  assertEquals(usage("--port"), "--port needs a value: --port PORT");
  assertEquals(
    usage("-q", "--message"),
    "--message needs a value: --message TEXT",
  );
});

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

Deno.test("a port may be 0 where any free one will do", () => {
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
      // Less than a millisecond is not "for ever".
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

Deno.test("a host is not empty", () => {
  assertEquals(parse("--host", "::1").options.host, "::1");
  assertEquals(usage("--host="), "--host is empty");
  assertEquals(requireText("x", "HOST"), "x");
  assertThrows(() => requireText("", "HOST"), UsageError, "HOST is empty");
});

Deno.test("a service may be known on one transport alone", () => {
  const { parse } = service("the port");
  for (const name of ["http", "ntp", "domain", "80", "65535"]) {
    assertEquals(parse(name, "--service"), name);
  }
  for (const name of ["", "nosuchservice", "0x50", "-1", "65536", " 80"]) {
    assertThrows(() => parse(name, "--service"), UsageError);
  }
});

Deno.test("a name server is a numeric address, with a port if need be", () => {
  const { parse } = nameServer("whom to ask");
  const table: [string, string, number][] = [
    ["192.0.2.1", "192.0.2.1", 53],
    ["192.0.2.1:5353", "192.0.2.1", 5353],
    ["::1", "::1", 53],
    ["2001:db8::1:53", "2001:db8::1:53", 53],
    ["[::1]:5353", "::1", 5353],
  ];
  for (const [value, ipAddr, port] of table) {
    assertEquals(parse(value, "--dns"), { ipAddr, port });
  }
  for (
    const value of [
      ...["", ":", ":53", "localhost", "localhost:53", "192.0.2.1:"],
      ...["192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:5x", "192.0.2.1:domain"],
      ...["[192.0.2.1]:53", "[::1", "::1]:53", "[::1]53", "[]:53", "127.1"],
      ...[" 192.0.2.1", "192.0.2.1 "],
    ]
  ) assertThrows(() => parse(value, "--dns"), UsageError);
});
