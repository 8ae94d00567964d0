/** `deno task install` and `uninstall`, in a home of their own. */

import config from "../../deno.json" with { type: "json" };
import { programs } from "../../cmd/parley.ts";
import { pathFolders, placesIn, Refusal } from "../../.tasks/install/places.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { isInstalled, type Result, Running } from "../harness.ts";
import { finish, mayHaveNamespace } from "../peers/peers.ts";
import { assertResult } from "./support.ts";

const COMMANDS = ["parley", ...Object.keys(programs)];
/** What the tasks are made of. */
const PARTS = [".tasks", "cmd", "lib", "deno.json", "deno.lock", "mod.ts"];

const { denoDir }: { denoDir: string } = JSON.parse(
  new TextDecoder().decode(
    new Deno.Command(Deno.execPath(), { args: ["info", "--json"] })
      .outputSync().stdout,
  ),
);

/** A home in which nothing is installed. */
class Home implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Home> {
    const folder = await Deno.makeTempDir({ prefix: "a home " });
    await Deno.mkdir(`${folder}/path`);
    await Deno.symlink(Deno.execPath(), `${folder}/path/deno`);
    return new Home(folder);
  }

  get bin(): string {
    return `${this.folder}/root/bin`;
  }

  get data(): string {
    return `${this.folder}/share`;
  }

  /** The environment in which everything is run here. */
  get env(): Record<string, string> {
    return {
      HOME: this.folder,
      DENO_INSTALL_ROOT: `${this.folder}/root`,
      XDG_DATA_HOME: this.data,
      DENO_DIR: denoDir,
      PATH: `${this.bin}:${this.folder}/path:/usr/bin:/bin`,
    };
  }

  /** Runs a task of a checkout. */
  task(
    name: "install" | "uninstall",
    args: readonly string[] = [],
    { checkout = ".", env = {} } = {},
  ): Promise<Result> {
    const script = `${checkout}/.tasks/${name}.ts`;
    return finish(
      new Running(Deno.execPath(), ["run", "--quiet", "-A", script, ...args], {
        env: { ...this.env, ...env },
        stdin: "",
      }),
    );
  }

  /** Lists all that is in it. */
  paths(folder = this.folder): string[] {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      return isDirectory ? [path, ...this.paths(path)] : [path];
    }).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function installTest(name: string, fn: (home: Home) => Promise<void>): void {
  Deno.test({
    name,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using home = await Home.make();
      await fn(home);
    },
  });
}

/** Copies the checkout to a path with a space and a quote in it. */
async function copyCheckout({ folder }: Home): Promise<string> {
  const copy = `${folder}/somebody's checkout`;
  await Deno.mkdir(copy);
  const args = ["-R", ...PARTS, copy];
  assertEquals((await finish(new Running("cp", args))).code, 0);
  return copy;
}

/** Runs a command from /, where possible in a network without a route. */
function runInstalled(
  home: Home,
  script: string,
  ...args: string[]
): Promise<Result> {
  const line = ["-c", `cd / && ${script}`, "sh", ...args];
  const { env } = home;
  return finish(
    mayHaveNamespace
      ? new Running("unshare", ["--net", "sh", ...line], { env, stdin: "" })
      : new Running("sh", line, { env, stdin: "" }),
  );
}

installTest(
  "every program is installed as a command, with completions and a manual page",
  async (home) => {
    const checkout = await copyCheckout(home);
    const before = home.paths();
    const { code, stdout, stderr } = await home.task("install", [], {
      checkout,
    });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(
      stdout,
      `installed in ${home.bin}: ${COMMANDS.join(", ")}\n`,
    );
    assertStringIncludes(
      stdout,
      `They run what is in ${checkout}: keep it there`,
    );

    for (const command of COMMANDS) {
      const version = `${command} (Parley) ${config.version}\n`;
      assertResult(await runInstalled(home, `${command} --version`), {
        stdout: version,
      });
      for (
        const file of [
          `bash-completion/completions/${command}`,
          `zsh/site-functions/_${command}`,
          `fish/vendor_completions.d/${command}.fish`,
          `man/man1/${command}.1`,
        ]
      ) assert(Deno.statSync(`${home.data}/${file}`).isFile, file);
    }
    // What follows the name is the program's, to the letter.
    const { stderr: refused } = await runInstalled(
      home,
      'time_console "$@"',
      ...["--", '--it\'s "a" $(b)'],
    );
    assertStringIncludes(refused, 'unexpected operand "--it\'s \\"a\\" $(b)"');
    // The configuration of the checkout counts: datagrams, and colours.
    const coloured = await runInstalled(
      home,
      "FORCE_COLOR=1 NO_COLOR= talker --bogus",
    );
    // deno-lint-ignore no-control-regex
    assertMatch(coloured.stderr, /^\x1b\[.*talker: unknown option/);
    const sent = await runInstalled(home, "talker 127.0.0.1 hello");
    assertMatch(
      sent.stdout + sent.stderr,
      /^talker: sent|^talker: sendto: Net/,
    );

    await completeInShells(home);
    assertEquals((await home.task("install", [], { checkout })).code, 0);
    // As if it had been interrupted: one is there no more.
    await Deno.remove(`${home.bin}/talker`);
    assertResult(await home.task("uninstall"), {
      stdout: `removed ${COMMANDS.length * 5 - 1} files\n`,
    });
    assertEquals(home.paths(), before);
    assertResult(await home.task("uninstall"), {
      stdout: "nothing was installed\n",
    });
  },
);

/** Completes in each shell that there is, from where things are installed. */
async function completeInShells(home: Home): Promise<void> {
  const line = "client --ser";
  const { data, env } = home;
  // A folder that fish makes.
  const settings = `${home.folder}/settings`;
  const clean = { ...env, XDG_CONFIG_HOME: settings };
  const script = (shell: string) => `tests/peers/shells/complete.${shell}`;
  const shells: Record<string, string[]> = {
    bash: [
      ...["--norc", script("bash")],
      ...[`${data}/bash-completion/completions/client`, line, line],
    ],
    // The second time the function is no longer loaded from its file.
    zsh: ["-f", script("zsh"), `${data}/zsh/site-functions`, line, line],
    fish: ["-c", `for i in 1 2; complete -C '${line}'; end`],
  };
  for (const [shell, args] of Object.entries(shells)) {
    if (!isInstalled(shell)) continue;
    const { stdout } = await finish(
      new Running(shell, args, { env: clean, stdin: "" }),
    );
    const found = stdout.match(/--server-name/g)?.length;
    assertEquals(found, 2, `${shell}: ${stdout}`);
  }
  await Deno.remove(settings, { recursive: true }).catch(() => {});
}

installTest(
  "what is not Parley's is neither overwritten nor removed",
  async (home) => {
    await Deno.mkdir(home.bin, { recursive: true });
    await Deno.writeTextFile(`${home.bin}/client`, "mine");
    const before = home.paths();
    assertResult(await home.task("install", ["client", "talker"]), {
      code: 1,
      stderr:
        `install: nothing was installed: ${home.bin}/client is not from ` +
        "here; move it away, name the programs to install, or use --force\n",
    });
    assertEquals(home.paths(), before);

    assertEquals((await home.task("install", ["talker"])).code, 0);
    assertEquals(Deno.readTextFileSync(`${home.bin}/client`), "mine");
    const forced = await home.task("install", ["--force", "client"]);
    assertStringIncludes(forced.stdout, `replaced ${home.bin}/client\n`);

    await Deno.writeTextFile(`${home.bin}/talker`, "mine too");
    const page = `${home.data}/man/man1/mine.1`;
    await Deno.writeTextFile(page, "");
    assertResult(await home.task("uninstall"), {
      stdout: `kept ${home.bin}/talker: it was changed\nremoved 9 files\n`,
    });
    assert(Deno.statSync(page).isFile);
    assertEquals(Deno.readTextFileSync(`${home.bin}/talker`), "mine too");
  },
);

installTest(
  "an install that fails leaves everything as it was",
  async (home) => {
    // Completions can be written, and then no manual page.
    await Deno.mkdir(home.data);
    await Deno.writeTextFile(`${home.data}/man`, "in the way");
    const before = home.paths();
    const { code, stdout, stderr } = await home.task("install", ["showip"]);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^install: [^\n]+\n$/);
    assertEquals(home.paths(), before);

    // So does one that fails at the last file, and has replaced others.
    await Deno.remove(`${home.data}/man`);
    assertEquals((await home.task("install", ["showip"])).code, 0);
    const shim = Deno.readTextFileSync(`${home.bin}/showip`);
    await Deno.remove(`${home.data}/man/man1/talker.1`).catch(() => {});
    await Deno.mkdir(`${home.data}/man/man1/talker.1`);
    const installed = home.paths();
    const again = await home.task("install", ["--force", "showip", "talker"]);
    assertEquals(again.code, 2);
    assertEquals(home.paths(), installed);
    assertEquals(Deno.readTextFileSync(`${home.bin}/showip`), shim);
    await Deno.remove(`${home.data}/man/man1/talker.1`);
    assertResult(await home.task("uninstall"), { stdout: "removed 5 files\n" });
  },
);

Deno.test({
  name: "what is set to nothing says no place, and a place has one spelling",
  ignore: Deno.build.os === "windows",
  fn() {
    const placesOf = (env: Record<string, string>) =>
      placesIn((name) => env[name]);
    const home = { HOME: "/home/me/" };
    const nothing = { ...home, DENO_INSTALL_ROOT: "", XDG_DATA_HOME: "" };
    assertEquals(placesOf(nothing), {
      bin: "/home/me/.deno/bin",
      data: "/home/me/.local/share",
      receipt: "/home/me/.local/share/parley/installed.json",
    });
    const other = { ...home, DENO_INSTALL_ROOT: "/opt//deno/" };
    assertEquals(placesOf(other).bin, "/opt/deno/bin");
    assertThrows(() => placesOf({ HOME: "" }), Refusal, "HOME is not set");
    assertEquals(pathFolders("/opt/deno/bin/::/usr/bin"), [
      "/opt/deno/bin",
      "/usr/bin",
    ]);
  },
});

installTest(
  "the list of what was installed is written in one step",
  async (home) => {
    assertEquals((await home.task("install", ["showip"])).code, 0);
    const list = `${home.data}/parley/installed.json`;
    const before = Deno.readTextFileSync(list);
    await Deno.link(list, `${home.folder}/same`);
    assertEquals((await home.task("install", ["talker"])).code, 0);
    assertStringIncludes(Deno.readTextFileSync(list), "talker");
    assertEquals(Deno.readTextFileSync(`${home.folder}/same`), before);
  },
);

installTest("without a deno on PATH nothing is installed", async (home) => {
  // npx puts one there that is gone when it ends.
  const npx = `${home.folder}/node_modules/.bin`;
  await Deno.mkdir(npx, { recursive: true });
  await Deno.symlink(Deno.execPath(), `${npx}/deno`);
  const before = home.paths();
  assertResult(await home.task("install", [], { env: { PATH: npx } }), {
    code: 1,
    stderr: "install: no deno on PATH: install it with 'npm install -g deno@" +
      `${Deno.version.deno}', then try again\n`,
  });
  const old = `${home.folder}/old`;
  await Deno.mkdir(old);
  await Deno.writeTextFile(`${old}/deno`, "#!/bin/sh\necho deno 2.9.4\n", {
    mode: 0o755,
  });
  assertResult(await home.task("install", [], { env: { PATH: old } }), {
    code: 1,
    stderr: `install: ${old}/deno is too old: Deno 2.9.4\n`,
  });
  await Deno.remove(old, { recursive: true });
  assertEquals(home.paths(), before);
});

installTest("what cannot be installed is refused in a line", async (home) => {
  const table: [string[], Record<string, string>, string][] = [
    [["sever"], {}, 'unknown program "sever": did you mean server?'],
    [["x"], {}, `unknown program "x": one of ${COMMANDS.join(", ")}`],
    [["--forse"], {}, "unknown option --forse: install [--force] [PROGRAM…]"],
    [[], { HOME: "", XDG_DATA_HOME: "" }, "HOME is not set"],
  ];
  for (const [args, env, reason] of table) {
    assertResult(await home.task("install", args, { env }), {
      code: 1,
      stderr: `install: ${reason}\n`,
    });
  }
  assertResult(await home.task("uninstall", ["showip"]), {
    code: 1,
    stderr: 'uninstall: unexpected operand "showip"\n',
  });
});
