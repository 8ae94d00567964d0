import { type Drawing, picture } from "../../lib/program/live_picture.ts";
import { runProgram } from "../../lib/program/run.ts";
import { sentences } from "../../lib/program/sentences.ts";
import type { ProgramSpec } from "../../lib/program/spec.ts";
import { SocketError } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Page } from "./support.ts";

interface SaidEvent {
  readonly event: "said";
  readonly text: string;
}

const CALL: CallEvent = {
  event: "call",
  call: "close",
  arguments: ["3"],
  fd: 3,
  result: 0,
  milliseconds: 0.5,
};

/** Draws a line for each call. */
class TestPicture implements Drawing {
  readonly #lines: string[] = [];

  constructor(path: string) {
    this.#lines.push(`picture for ${path}\n`);
  }

  takes(event: string): boolean {
    return event === "call";
  }

  add(line: string): void {
    const { program, call, start } = JSON.parse(line);
    assertMatch(start, /^\d{4}-.*Z$/);
    this.#lines.push(`${program} ${call}\n`);
  }

  draw(): string | undefined {
    return this.#lines.length > 1 ? this.#lines.join("") : undefined;
  }
}

let loads = 0;

/** A program that makes two calls. */
const CLOSER: ProgramSpec<Record<never, never>, SaidEvent> = {
  name: "closer",
  summary: "closes",
  options: {},
  example: "closer",
  permissions: [],
  picture: picture(() => {
    loads++;
    return Promise.resolve({ LivePicture: TestPicture });
  }),
  says: () => sentences<SaidEvent>({ said: ({ text }) => `${text}\n` }),
  run({ observer }) {
    observer.call?.(CALL);
    observer.event({ event: "said", text: "between" });
    observer.call?.(CALL);
    return Promise.resolve();
  },
};

/** Runs a program and returns what it left behind. */
async function run(spec: Partial<typeof CLOSER>, ...args: string[]) {
  const page = new Page();
  const code = await runProgram({ ...CLOSER, ...spec }, args, page.writers);
  return { code, stdout: page.text("stdout"), stderr: page.text("stderr") };
}

/** A folder that goes when the test ends. */
async function folder() {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

const PICTURE = "closer close\ncloser close\n";

Deno.test("a picture goes to stderr behind all else, with every other option", async () => {
  const picture = `picture for -\n${PICTURE}`;
  const line = "close(3) = 0\n";
  const table: [string[], string, string][] = [
    [[], "between\n", picture],
    [["--quiet"], "", picture],
    [["--trace"], "between\n", line + line + picture],
  ];
  for (const [args, stdout, stderr] of table) {
    assertEquals(await run({}, "--picture", "-", ...args), {
      code: 0,
      stdout,
      stderr,
    });
  }
  const json = await run({}, "--picture=-", "--json");
  assertEquals([json.code, json.stderr], [0, picture]);
  assertMatch(json.stdout, /^\{.*"event":"said".*\}\n$/);
});

Deno.test("a picture is drawn of what failed", async () => {
  const { code, stderr } = await run(
    {
      async run(context) {
        await CLOSER.run(context);
        throw new SocketError("recv", new Deno.errors.ConnectionReset());
      },
    },
    "--picture",
    "-",
  );
  assertEquals(code, 2);
  const error = "closer: recv: Connection reset by peer\n";
  assertEquals(stderr, `${error}picture for -\n${PICTURE}`);
});

Deno.test("a picture takes the place of what is in its file", async () => {
  await using dir = await folder();
  const path = `${dir.path}/a.txt`;
  const text = `picture for ${path}\n${PICTURE}`;
  for (const before of [undefined, "old".repeat(1000)]) {
    if (before !== undefined) await Deno.writeTextFile(path, before);
    const stdout = "between\n";
    const result = await run(
      {
        async run(context) {
          // Until the end the file is as it was.
          const now = await Deno.readTextFile(path).catch(() => undefined);
          assertEquals(now, before);
          await CLOSER.run(context);
        },
      },
      "--picture",
      path,
    );
    assertEquals(result, { code: 0, stdout, stderr: "" });
    assertEquals(await Deno.readTextFile(path), text);
  }
});

Deno.test("a program that made no call leaves no picture", async () => {
  await using dir = await folder();
  const path = `${dir.path}/a.svg`;
  const idle = { run: () => Promise.resolve() };
  const nothing = { code: 0, stdout: "", stderr: "" };
  assertEquals(await run(idle, "--picture", path), nothing);
  assertEquals(await run(idle, "--picture", "-"), nothing);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("a file that cannot be written is an error before anything is done", async () => {
  await using dir = await folder();
  const spec = { run: () => Promise.reject(new Error("worked")) };
  const usage = "usage: closer [OPTION…]\nTry 'closer --help'.\n";
  const table: [string, string][] = [
    [dir.path, `--picture: "${dir.path}": Is a directory`],
    [
      `${dir.path}/no/a.svg`,
      `--picture: "${dir.path}/no/a.svg": No such file or directory`,
    ],
    ["", "--picture is empty"],
  ];
  for (const [path, problem] of table) {
    const stderr = `closer: ${problem}\n${usage}`;
    const result = await run(spec, "--picture", path);
    assertEquals(result, { code: 1, stdout: "", stderr });
  }
});

Deno.test({
  name:
    "a picture that does not fit on the disk is an error, and not half there",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const stderr = "closer: /dev/full: No space left on device\n";
    const full = await run({}, "--picture", "/dev/full");
    assertEquals(full, { code: 2, stdout: "between\n", stderr });
    const failed = { run: () => Promise.resolve(3) };
    const run3 = async (context: Parameters<typeof CLOSER.run>[0]) => {
      await CLOSER.run(context);
      return await failed.run();
    };
    assertEquals((await run({ run: run3 }, "--picture=/dev/full")).code, 3);
    const { isCharDevice } = await Deno.stat("/dev/full");
    assert(isCharDevice);
  },
});

Deno.test("what draws is loaded only if there is something to draw into", async () => {
  loads = 0;
  await run({});
  await run({}, "--help");
  await run({}, "--picture", "-", "--bogus");
  assertEquals(loads, 0);
});

Deno.test("a program that holds no conversation has no picture", async () => {
  const { picture: _, ...silent } = CLOSER;
  const page = new Page();
  const args = ["--picture", "-"];
  assertEquals(await runProgram(silent, args, page.writers), 1);
  assertMatch(page.text("stderr"), /^closer: unknown option --picture\n/);
});
