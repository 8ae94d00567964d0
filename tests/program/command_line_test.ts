import fc from "fast-check";
import {
  checkOperands,
  parseCommandLine,
} from "../../lib/program/command_line.ts";
import { choice, choices } from "../../lib/program/choice.ts";
import {
  count,
  flag,
  many,
  seconds,
  text,
  UsageError,
} from "../../lib/program/options.ts";
import { port } from "../../lib/program/ports.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const TABLE = {
  quiet: flag("say less", "q"),
  ipv4: flag("IPv4 only", "4"),
  port: port("port", 3490, "stream", 1),
  host: text("ADDRESS", "address"),
  message: text("TEXT", "what to say", "hello"),
  note: text("TEXT", "what to add"),
  count: count("N", "how many"),
  "max-bytes": count("N", "at most", 100, 1000),
  timeout: seconds("longest wait", 10),
  deny: many(text("ADDRESS", "addresses to refuse")),
};

/** Reads a command line that is right. */
function parse(...args: string[]) {
  const { options, operands, problem } = parseCommandLine(args, TABLE);
  if (problem !== undefined) throw problem;
  return { options, operands };
}

/** What is wrong with a command line. */
function usage(...args: string[]): string | undefined {
  return parseCommandLine(args, TABLE).problem?.message;
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
      deny: [],
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

Deno.test("parseCommandLine() keeps a value as it is", () => {
  for (const value of ["-q", "--", "--port", "a=b", "=", "", "0x50", " é\n"]) {
    assertEquals(parse("--message", value).options.message, value);
    assertEquals(parse(`--message=${value}`).options.message, value);
  }
});

Deno.test("parseCommandLine() keeps operands as they are", () => {
  const operands = ["007", "1e3", "", "-", "a=b", "true", "a b", "😀"];
  assertEquals(parse(...operands).operands, operands);
});

Deno.test("parseCommandLine() ends the options at --", () => {
  const { options, operands } = parse("-q", "a", "--", "-hello", "--", "-4");
  assertEquals(operands, ["a", "-hello", "--", "-4"]);
  assertEquals([options.quiet, options.ipv4], [true, false]);
});

Deno.test("parseCommandLine() lets the last of equal options win", () => {
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

Deno.test("parseCommandLine() refuses a value if none is wanted", () => {
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

Deno.test("parseCommandLine() takes a value that may be left out behind = only", () => {
  const table = {
    color: choice("WHEN", "", ["always", "never"], "never", "always"),
    trace: choices("", ["short", "time"]),
  };
  const read = (...args: string[]) => parseCommandLine(args, table);
  const both: [string[], ReturnType<typeof read>["options"], string[]][] = [
    [[], { color: "never", trace: undefined }, []],
    [["--color", "never"], { color: "always", trace: undefined }, ["never"]],
    [["--color=never", "--trace"], { color: "never", trace: [] }, []],
    [["--trace", "time"], { color: "never", trace: [] }, ["time"]],
    [["--trace=time"], { color: "never", trace: ["time"] }, []],
    [
      ["--trace=time,short", "--color"],
      { color: "always", trace: ["time", "short"] },
      [],
    ],
    [["--trace=short", "--trace"], { color: "never", trace: [] }, []],
  ];
  for (const [args, options, operands] of both) {
    assertEquals(read(...args), { options, operands, problem: undefined });
  }
  const wrong: [string, string][] = [
    ["--trace=long", '--trace: "long" is none of short, time'],
    ["--trace=short,", '--trace: "" is none of short, time'],
    ["--trace=", '--trace: "" is none of short, time'],
    ["--trace=Time", '--trace: "Time" is none of short, time'],
    ["--color=", '--color: "" is none of always, never'],
  ];
  for (const [arg, problem] of wrong) {
    assertEquals(read(arg).problem?.message, problem);
  }
});

Deno.test("parseCommandLine() collects the values of a repeated option", () => {
  const { options } = parse("--deny", "a", "--deny=b", "--deny", "c");
  assertEquals(options.deny, ["a", "b", "c"]);
});

Deno.test("parseCommandLine() reads on behind what is wrong", () => {
  const table:
    readonly (readonly [string[], quiet: boolean, number, string])[] = [
      [["--bogus", "-q", "x"], true, 1, "unknown option --bogus"],
      [["--bogus", "--", "-q"], false, 1, "unknown option --bogus"],
      [["--port", "0x", "-q"], true, 0, "--port"],
      [["-xq"], true, 0, "unknown option -x"],
      [["--note", "-q", "--bogus"], false, 0, "unknown option --bogus"],
      [["--count", "x", "-z", "--quiet"], true, 0, "--count"],
    ];
  for (const [args, quiet, operands, begins] of table) {
    const line = parseCommandLine(args, TABLE);
    assertEquals(line.options.quiet, quiet, args.join(" "));
    assertEquals(line.operands.length, operands);
    assertEquals(line.problem?.message.startsWith(begins), true);
  }
});

Deno.test("parseCommandLine() never throws", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "--",
      "-q",
      "--port",
      "--port=1",
      "--quiet=",
      "--deny",
      "-",
    ),
  );
  fc.assert(fc.property(fc.array(word), (args) => {
    const { operands, options } = parseCommandLine(args, TABLE);
    const known = new Set(args);
    for (const operand of operands) assertEquals(known.has(operand), true);
    assertEquals(Object.keys(options), Object.keys(TABLE));
  }));
});

Deno.test("checkOperands() names the operand that is missing", () => {
  const table: [string, string[], string][] = [
    ["HOST [PORT]", [], "HOST"],
    ["HOST MESSAGE", ["::1"], "MESSAGE"],
    ["HOST…", [], "HOST"],
  ];
  for (const [usage, given, name] of table) {
    const { message } = assertThrows(
      () => checkOperands(usage, given),
      UsageError,
    );
    assertEquals(message, `missing operand ${name}`);
  }
});

Deno.test("checkOperands() names the operand that is too many", () => {
  const table: [string, string[], string][] = [
    ["", ["now"], '"now"'],
    ["HOST [PORT]", ["a", "1", ""], '""'],
    ["HOST MESSAGE", ["a", "b", "c\n", "d"], '"c\\n"'],
  ];
  for (const [usage, given, quoted] of table) {
    const { message } = assertThrows(
      () => checkOperands(usage, given),
      UsageError,
    );
    assertEquals(message, `unexpected operand ${quoted}`);
  }
});

Deno.test("checkOperands() takes as many as there may be", () => {
  checkOperands("", []);
  checkOperands("HOST [PORT]", ["a"]);
  checkOperands("HOST [PORT]", ["a", "b"]);
  checkOperands("HOST…", ["a", "b", "c"]);
  checkOperands("[FILE…]", []);
  checkOperands("[FILE…]", ["a", "b", "c"]);
});
