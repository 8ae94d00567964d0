import {
  type FailureEvent,
  PermissionError,
  SocketError,
} from "../../lib/calls/errors.ts";
import { flag, text, UsageError } from "../../lib/program/options.ts";
import { runProgram } from "../../lib/program/run.ts";
import { sentences } from "../../lib/program/sentences.ts";
import type { Context, ProgramSpec } from "../../lib/program/spec.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { objects, Page } from "./support.ts";

interface SaidEvent {
  readonly event: "said";
  readonly text: string;
}

const OPTIONS = { loud: flag("shout", "l"), note: text("TEXT", "add TEXT") };
type Spec = ProgramSpec<typeof OPTIONS, SaidEvent>;

const USAGE = "usage: parrot [OPTION…] WORD\nTry 'parrot --help'.\n";

/** A program that repeats its operand. */
const PARROT: Spec = {
  name: "parrot",
  summary: "repeats a word",
  operands: "WORD",
  options: OPTIONS,
  example: "parrot hello",
  permissions: ["--allow-net=[::]:1"],
  says: () => sentences<SaidEvent>({ said: ({ text }) => `It says ${text}\n` }),
  results: ({ text }) => text,
  run({ operands: [word = ""], options, observer }) {
    const text = options.loud ? word.toUpperCase() : word;
    observer.event({ event: "said", text });
    return Promise.resolve();
  },
};

/** Runs a program and returns what it left behind. */
async function run(spec: Partial<Spec>, ...args: string[]) {
  const page = new Page();
  const code = await runProgram({ ...PARROT, ...spec }, args, page.writers);
  return { code, stdout: page.text("stdout"), stderr: page.text("stderr") };
}

/** A program that fails with an error. */
const failing = (error: unknown): Partial<Spec> => ({
  run: () => Promise.reject(error),
});

Deno.test("a program does its work and exits 0", async () => {
  assertEquals(await run({}, "hello", "-l"), {
    code: 0,
    stdout: "It says HELLO\n",
    stderr: "",
  });
  assertEquals((await run({}, "-q", "hello")).stdout, "hello");
});

Deno.test("a program may choose its exit status", async () => {
  assertEquals((await run({ run: () => Promise.resolve(2) }, "x")).code, 2);
});

Deno.test("a program is run with what its options say", async () => {
  let context: Context<typeof OPTIONS, SaidEvent> | undefined;
  const spec: Partial<Spec> = {
    run(given) {
      context = given;
      return Promise.resolve();
    },
  };
  await run(spec, "--timeout", "1.5", "-6", "--note=x", "word");
  assertEquals(context?.timeout, 1500);
  assertEquals(context?.family, "IPv6");
  assertEquals(context?.operands, ["word"]);
  assertEquals(context?.options.note, "x");
  assertEquals(context?.observer.call, undefined);
  await run(spec, "word", "--trace");
  assertEquals([context?.timeout, context?.family], [10_000, undefined]);
  assert(context?.observer.call !== undefined);
});

Deno.test("what is wrong with a command line is said before any work", async () => {
  const table: [string[], string][] = [
    [[], "missing operand WORD"],
    [["a", "b"], 'unexpected operand "b"'],
    [["a", "--bogus"], "unknown option --bogus"],
    [["a", "-4", "--ipv6"], "-4 and -6 cannot be used together"],
    [["a\n", "\x1b"], 'unexpected operand "\\u001b"'],
  ];
  const spec = failing(new Error("worked"));
  for (const [args, problem] of table) {
    assertEquals(await run(spec, ...args), {
      code: 1,
      stdout: "",
      stderr: `parrot: ${problem}\n${USAGE}`,
    });
  }
});

Deno.test("a program may find its use wrong itself", async () => {
  const spec = failing(new UsageError("WORD is\nrude"));
  const stderr = `parrot: WORD is\\nrude\n${USAGE}`;
  assertEquals(await run(spec, "x"), { code: 1, stdout: "", stderr });
  const { stdout, ...rest } = await run(spec, "x", "--json");
  assertEquals(rest, { code: 1, stderr });
  assertEquals(objects(stdout), [{
    program: "parrot",
    event: "error",
    step: "usage",
    code: "EINVAL",
    message: "WORD is\nrude",
  }]);
});

Deno.test("help and version come before the work", async () => {
  const spec = failing(new Error("worked"));
  for (const args of [["--help"], ["-h", "--bogus"], ["a", "b", "-h"]]) {
    const { code, stdout } = await run(spec, ...args);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "parrot: repeats a word\nusage: parrot ");
  }
  const { code, stdout } = await run(spec, "-V");
  assertEquals([code, /^parrot \(Parley\) \d/.test(stdout)], [0, true]);
});

Deno.test("an offline program has no options of the network", async () => {
  for (const option of ["-4", "--ipv6", "--timeout=1", "--trace"]) {
    const { code } = await run({ offline: true }, "x", option);
    assertEquals(code, 1, option);
  }
  assertEquals((await run({ offline: true }, "x", "-q")).stdout, "x");
});

Deno.test("a failure is one line and exit status 2", async () => {
  const refused = new SocketError("bind", new Deno.errors.AddrInUse());
  assertEquals(await run(failing(refused), "x"), {
    code: 2,
    stdout: "",
    stderr: "parrot: bind: Address already in use\n",
  });
});

Deno.test("a missing permission is one line and exit status 1", async () => {
  const error = new PermissionError("--allow-net=[::]:1");
  assertEquals(await run(failing(error), "x"), {
    code: 1,
    stdout: "",
    stderr: "parrot: needs '--allow-net=[::]:1'\n",
  });
});

Deno.test("a program may have last words on what ended it", async () => {
  const lastWords = ({ step }: FailureEvent, [word]: readonly string[]) =>
    step === "bind" ? `lost ${word}` : undefined;
  const bind = new SocketError("bind", new Deno.errors.AddrInUse());
  const { stderr } = await run({ ...failing(bind), lastWords }, "x");
  const line = "parrot: bind: Address already in use\n";
  assertEquals(stderr, `${line}parrot: lost x\n`);
  const send = new SocketError("send", new Deno.errors.BrokenPipe());
  const other = await run({ ...failing(send), lastWords }, "x");
  assertEquals(other.stderr, "parrot: send: Broken pipe\n");
  // An error that sums others up is the last word itself.
  const summary = new PermissionError("--allow-net");
  const lacking = await run({
    ...failing(summary),
    lastWords: () => "never",
  }, "x");
  assertEquals(lacking.stderr, "parrot: needs --allow-net\n");
});

Deno.test("a stdout that nobody reads ends a program quietly", async () => {
  const page = new Page();
  page.broken.set("stdout", new Deno.errors.BrokenPipe());
  const spec: Spec = { ...PARROT, run: PARROT.run };
  assertEquals(await runProgram(spec, ["x"], page.writers), 0);
  assertEquals(page.lines, []);
});

Deno.test("a stdout that fails is one line and exit status 2", async () => {
  const page = new Page();
  page.broken.set("stdout", new Error("No space left on device"));
  assertEquals(await runProgram(PARROT, ["x"], page.writers), 2);
  const line = "stderr parrot: write: No space left on device\n";
  assertEquals(page.lines, [line]);
});

/** Windows has no signals that a process can send to itself. */
const ignore = Deno.build.os === "windows";

const STOPPED = "a signal stops a server, which exits 0 when it is done";
Deno.test(STOPPED, { ignore }, async () => {
  const page = new Page();
  const spec: Spec = {
    ...PARROT,
    server: true,
    async run({ signal, observer }) {
      const stopped = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => stopped.resolve());
      const awake = setInterval(() => {}, 1000);
      Deno.kill(Deno.pid, "SIGTERM");
      await stopped.promise;
      clearInterval(awake);
      observer.event({ event: "said", text: "bye" });
    },
  };
  assertEquals(await runProgram(spec, ["x"], page.writers), 0);
  assertEquals(page.text("stdout"), "It says bye\n");
});

const ENDED = "a signal ends a client with its own exit status";
Deno.test(ENDED, { ignore }, async () => {
  const page = new Page();
  const awake = setInterval(() => {}, 1000);
  const spec: Spec = {
    ...PARROT,
    run({ observer }) {
      observer.event({ event: "said", text: "hello" });
      Deno.kill(Deno.pid, "SIGTERM");
      return new Promise(() => {});
    },
  };
  assertEquals(await runProgram(spec, ["x"], page.writers), 143);
  clearInterval(awake);
  assertEquals(page.text("stdout"), "It says hello\n");
});
