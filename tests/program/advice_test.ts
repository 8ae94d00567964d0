import { type Usage, withAdvice } from "../../lib/program/advice.ts";
import { choice, choices } from "../../lib/program/choice.ts";
import {
  checkOperands,
  parseCommandLine,
} from "../../lib/program/command_line.ts";
import { flag, text, UsageError } from "../../lib/program/options.ts";
import { requirePort } from "../../lib/program/ports.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const OPTIONS = {
  port: text("PORT", "port"),
  host: text("ADDRESS", "address"),
  verbose: flag("say more"),
  format: choice("FORM", "form", ["text", "svg", "mermaid"], "text"),
  quiet: flag("say less", "q"),
  trace: choices("show calls", ["short", "time"]),
  count: text("N", "how often"),
  cert: text("FILE", "a certificate"),
  color: choice("WHEN", "colours", ["always", "never"], "never", "always"),
};

const USAGE: Usage = { name: "parrot", options: OPTIONS };

/** What a usage error says of a command line. */
function said(args: readonly string[], usage = USAGE): string | undefined {
  const { problem, operands } = parseCommandLine(args, usage.options);
  try {
    if (problem !== undefined) throw problem;
    checkOperands(usage.operands ?? "", operands);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return withAdvice(error, usage).message;
  }
}

Deno.test("a misspelt option or word is answered with the nearest one", () => {
  const table: [string[], string][] = [
    [["--prot", "1"], "unknown option --prot: did you mean --port?"],
    [["--prot=1"], "unknown option --prot: did you mean --port?"],
    [["--verb"], "unknown option --verb: did you mean --verbose?"],
    [["--hostname"], "unknown option --hostname: did you mean --host?"],
    [["-p", "1"], "unknown option -p: did you mean --port?"],
    [["-port", "1"], "unknown option -p: did you mean --port?"],
    [["-port=1"], "unknown option -p: did you mean --port?"],
    [["-c"], "unknown option -c: did you mean --count, --cert or --color?"],
    [["-t"], "unknown option -t: did you mean --trace?"],
    [["-qv"], "unknown option -v: did you mean --verbose?"],
    [["--nothing"], "unknown option --nothing"],
    [["-x"], "unknown option -x"],
    [["--__proto__"], "unknown option --__proto__"],
    [
      ["--format", "sgv"],
      '--format: "sgv" is none of text, svg, mermaid: did you mean svg?',
    ],
    [["--format=x"], '--format: "x" is none of text, svg, mermaid'],
  ];
  for (const [args, expected] of table) assertEquals(said(args), expected);
});

Deno.test("a flag of Deno's is answered with where it belongs", () => {
  const where = "a flag of Deno's comes before the script: deno run";
  const table: [string, string, string][] = [
    ["--allow-all", "--allow-all", "--allow-all"],
    ["--allow-net=[::]:1", "--allow-net", "'--allow-net=[::]:1'"],
    ["--unstable-net", "--unstable-net", "--unstable-net"],
    ["-A", "-A", "-A"],
  ];
  for (const [arg, option, quoted] of table) {
    assertEquals(
      said([arg]),
      `unknown option ${option}: ${where} ${quoted} cmd/parrot.ts`,
    );
  }
});

Deno.test("an operand that is an option, and the other way, is answered with that", () => {
  const table: [string[], string][] = [
    [["9000"], 'unexpected operand "9000": did you mean --port 9000?'],
    [["9000", "x"], 'unexpected operand "9000": did you mean --port 9000?'],
    [["::1"], 'unexpected operand "::1": did you mean --host ::1?'],
    [
      ["localhost"],
      'unexpected operand "localhost": did you mean --host localhost?',
    ],
    [
      ["localhost:9000"],
      'unexpected operand "localhost:9000": did you mean --host localhost --port 9000?',
    ],
    [
      ["http://[::1]:80/x"],
      'unexpected operand "http://[::1]:80/x": did you mean --host ::1 --port 80?',
    ],
    [["localhost:x"], 'unexpected operand "localhost:x"'],
    [["port=1"], 'unexpected operand "port=1": did you mean --port=1?'],
    [
      ["--trace", "short"],
      'unexpected operand "short": did you mean --trace=short?',
    ],
    [
      ["--trace", "short,time"],
      'unexpected operand "short,time": did you mean --trace=short,time?',
    ],
    [
      ["--color", "always"],
      'unexpected operand "always": did you mean --color=always?',
    ],
    // As npm has it.
    [
      ["--", "--port", "1"],
      'unexpected operand "--port": options come before --',
    ],
    [
      ["--", "--port=1"],
      'unexpected operand "--port=1": options come before --',
    ],
    [["--", "-q"], 'unexpected operand "-q": options come before --'],
    [["--", "-x"], 'unexpected operand "-x"'],
    [["--", "--"], 'unexpected operand "--"'],
    [["svg"], 'unexpected operand "svg"'],
    [["start"], 'unexpected operand "start"'],
    [["toString=1"], 'unexpected operand "toString=1"'],
  ];
  for (const [args, expected] of table) assertEquals(said(args), expected);
  const { port: _, ...options } = OPTIONS;
  const picture = flag("draw");
  const client = {
    name: "client",
    options: { ...options, picture },
    operands: "HOST [PORT]",
  };
  for (const arg of ["--port", "-p", "--prot"]) {
    assertEquals(
      said([arg], client),
      `unknown option ${arg}: PORT is an operand`,
    );
  }
  assertEquals(
    said(["--host", "x", "a", "1", "2"], client),
    'unexpected operand "2"',
  );
});

Deno.test("a port that is an option's value is answered with the option", () => {
  const advised = (text: string) => {
    const wrong = () => requirePort(text, "PORT", "stream", 1);
    return withAdvice(assertThrows(wrong, UsageError), USAGE).message;
  };
  const what = "is neither a port from 1 to 65535 nor a service";
  const meant = ": did you mean --trace=short?";
  assertEquals(advised("short"), `PORT: "short" ${what}${meant}`);
  assertEquals(advised("80x"), `PORT: "80x" ${what}`);
});

Deno.test("a host and a port that changed places are put in order", () => {
  const advised = (...given: string[]) => {
    const wrong = () => requirePort(given[1]!, "PORT", "stream", 1);
    const error = assertThrows(wrong, UsageError);
    return withAdvice(error, { ...USAGE, given }).message;
  };
  const what = "is neither a port from 1 to 65535 nor a service";
  const table: [string[], string][] = [
    [["80", "localhost"], ": write 'parrot localhost 80'"],
    [["localhost", "80x"], ""],
    [["70000", "localhost"], ""],
  ];
  for (const [given, advice] of table) {
    const expected = `PORT: "${given[1]}" ${what}${advice}`;
    assertEquals(advised(...given), expected);
  }
});

Deno.test("a program says itself what is one operand too many", () => {
  const usage = {
    ...USAGE,
    operands: "WORD",
    tooMany: (operands: readonly string[]) => `say '${operands.join(" ")}'`,
  };
  assertEquals(said(["a", "b"], usage), `unexpected operand "b": say 'a b'`);
});

Deno.test("a usage error that is no mistake in a name stays as it is", () => {
  const error = new UsageError("stdin is empty");
  assertEquals(withAdvice(error, USAGE), error);
});
