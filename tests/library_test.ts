/** The library as its guide has it, from a folder outside of this one. */

import { assert, assertEquals } from "./assert.ts";
import { Running } from "./harness.ts";
import { checkEach } from "./cmd/support.ts";

const root = new URL("..", import.meta.url);
const MOD = new URL("mod.ts", root).href;

/** Runs a program in a fresh folder, where no configuration applies. */
async function runElsewhere(
  program: string,
  flags: readonly string[],
  log?: string,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/program.ts`;
    await Deno.writeTextFile(file, program);
    const env = log === undefined ? {} : { DENO_AUDIT_PERMISSIONS: log };
    const line = ["run", "--quiet", ...flags, file];
    await using process = new Running(Deno.execPath(), line, {
      env,
      stdin: "",
    });
    const { code, stdout, stderr } = await process.end();
    assertEquals([code, stderr], [0, ""]);
    return stdout;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const page of ["README.md", "README.ko.md", "docs/library.md"]) {
  Deno.test(`the first program of ${page} runs by path`, async () => {
    const text = await Deno.readTextFile(new URL(page, root));
    const [, program] = /```text\n(import [^]*?)```/.exec(text) ?? [];
    assert(program !== undefined);
    const stdout = await runElsewhere(
      program.replace("/path/to/parley/mod.ts", MOD),
      ["--allow-net"],
    );
    assert(["Hello, 127.0.0.1!\n", "Hello, ::1!\n"].includes(stdout), stdout);
  });
}

Deno.test("an example of the tutorial runs as the tutorial says", async () => {
  const text = await Deno.readTextFile(new URL("docs/tutorial.md", root));
  const [, flags] = /`deno run ([^`]+) try\.ts`/.exec(text) ?? [];
  const [, program] = /```ts\n([^]*?)```/.exec(text) ?? [];
  assert(flags !== undefined && program !== undefined);
  assertEquals(await runElsewhere(program, flags.split(" ")), "");
});

/** What programs use, as the guide's table says. */
const USES: readonly (readonly [string, readonly string[]])[] = [
  [`IpAddress.parse("fe80::1"); inetPton("IPv4", "127.0.0.1");`, []],
  [`await getAddrInfo("127.1", 80);`, []],
  [`await getAddrInfo(null, "http");`, ["read /etc/services"]],
  // Several addresses would be sorted by those of this machine.
  [
    `await getAddrInfo("localhost", 80, { family: "IPv4" });`,
    ["read /etc/hosts"],
  ],
  [
    `await getAddrInfo("fe80::1%lo", 80);`,
    ["sys networkInterfaces"],
  ],
  [
    `await getAddrInfo("a.example", 80, {
       nameServer: { ipAddr: "127.0.0.1", port: 1 }, timeout: 100,
     }).catch(() => {});`,
    ["net 0.0.0.0:0", "net 127.0.0.1:1"],
  ],
  [
    `using listener = await listenStream({ hostname: "127.0.0.1", port: 0 });
     using conn = await connectStream(listener.addr);`,
    ["net 127.0.0.1:0", "net 127.0.0.1:PORT"],
  ],
  [
    `using socket = await listenDatagram({ hostname: "127.0.0.1", port: 0 });
     await sendDatagram({ ...socket.addr, data: new Uint8Array(1) });`,
    ["net 0.0.0.0:0", "net 127.0.0.1:0", "net 127.0.0.1:PORT"],
  ],
];

Deno.test("each function uses the permissions that the guide names", async () => {
  await checkEach(USES, async ([body, expected]) => {
    const names = [...body.matchAll(/\b(?:IpAddress|inetPton|\w+(?=\())/g)]
      .map(([name]) => name)
      .filter((name) => /^(IpA|inet|get|listen|connect|send)/.test(name));
    const program = `import { ${[...new Set(names)].join(", ")} } from ` +
      `${JSON.stringify(MOD)};\n${body}\n`;
    const log = await Deno.makeTempFile();
    try {
      await runElsewhere(program, ["--allow-all", "--unstable-net"], log);
      const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
      const used = lines.filter((line) => line !== "")
        .map((line) => JSON.parse(line))
        // Deno logs every opened file as written as well.
        .filter(({ permission }) => permission !== "write")
        .map(({ permission, value }) =>
          `${permission} ${value}`.replace(/:\d{4,}$/, ":PORT")
        );
      assertEquals([...new Set(used)].sort(), [...expected].sort(), body);
    } finally {
      await Deno.remove(log);
    }
  });
});

/** One export of the library, as `deno doc --json` describes it. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: {
      readonly tags?: readonly {
        readonly kind: string;
        readonly doc?: string;
      }[];
    };
  }[];
}

async function documented(): Promise<Documented[]> {
  const line = ["doc", "--quiet", "--json", MOD];
  await using process = new Running(Deno.execPath(), line, { stdin: "" });
  const { code, stdout } = await process.end();
  assertEquals(code, 0);
  const files: Record<string, { symbols: Documented[] }> =
    JSON.parse(stdout).nodes;
  return Object.values(files).flatMap(({ symbols }) => symbols);
}

Deno.test("every export has a category, every function and class an example, and no event a name of the platform's", async () => {
  const categories = new Set<string>();
  const exports = await documented();
  assert(exports.length > 50);
  for (const { name, declarations } of exports) {
    assert(!(name in globalThis), `${name} is the platform's`);
    for (const { kind, jsDoc } of declarations) {
      const tags = jsDoc?.tags ?? [];
      const category = tags.find((tag) => tag.kind === "category")?.doc?.trim();
      assert(category !== undefined, `${name} has no category`);
      categories.add(category);
      if (kind !== "function" && kind !== "class") continue;
      assert(
        tags.some((tag) => tag.kind === "example"),
        `${name} has no example`,
      );
    }
  }
  assertEquals([...categories].sort(), [
    ...[
      "Addresses",
      "Datagrams",
      "Errors",
      "Events",
      "Names",
      "Streams",
      "TLS",
    ],
  ]);
});
