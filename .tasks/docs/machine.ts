/**
 * A machine of its own for a page: a network, and a copy of the folder in the
 * folder's place, so that what Deno has compiled need not be compiled again.
 */

import { isInstalled, mayUnshare } from "../../tests/process.ts";

const checkout = Deno.realPathSync(new URL("../../", import.meta.url));

/** What a reader's checkout has. */
const COPIED = [
  ...["cmd", "lib", "examples", "docs", ".tasks", "tests"],
  ...["mod.ts", "deno.json", "deno.lock", "README.md", "LICENSE"],
];

/** What runs the commands of a page. */
const TOOLS = ["setsid", "bash"];

/** The flags that make and enter a network, files in /etc, and a user. */
const SPACES = Deno.build.os !== "linux" || Deno.uid() === 0
  ? ["--net", "--mount"]
  : ["--user", "--net", "--mount"];

/** The hosts file that almost every machine has. */
const HOSTS = "127.0.0.1 localhost\n::1 localhost\n";

/** Nobody answers there. */
const RESOLV_CONF = "nameserver 127.0.0.1\n";

const SETUP = `
set -e
ip link set lo up
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/parley" "$2"
echo ready
exec cat
`;

/** Whether this user may make networks of their own. */
export function mayMakeMachines(): boolean {
  const map = SPACES.includes("--user") ? ["--map-root-user"] : [];
  return mayUnshare([...SPACES, ...map]) && TOOLS.every(isInstalled);
}

/** A machine with a checkout of its own, and no other network. */
export class Machine implements AsyncDisposable {
  /** The checkout; what is written there is written to a copy. */
  readonly folder = checkout;
  readonly #temporary: string;
  readonly #holder: Deno.ChildProcess;

  private constructor(temporary: string, holder: Deno.ChildProcess) {
    this.#temporary = temporary;
    this.#holder = holder;
  }

  /** Makes one. */
  static async make(): Promise<Machine> {
    const temporary = await Deno.makeTempDir({ prefix: "parley-docs-" });
    const folder = `${temporary}/parley`;
    await Deno.mkdir(folder);
    const sources: string[] = [];
    for await (const { name } of Deno.readDir(checkout)) {
      if (COPIED.includes(name)) sources.push(`${checkout}/${name}`);
    }
    const args = ["-R", ...sources, folder];
    await new Deno.Command("cp", { args }).output();
    await Deno.writeTextFile(`${temporary}/hosts`, HOSTS);
    await Deno.writeTextFile(`${temporary}/resolv.conf`, RESOLV_CONF);
    const map = SPACES.includes("--user") ? ["--map-root-user"] : [];
    const holder = new Deno.Command("unshare", {
      args: [
        ...SPACES,
        ...map,
        "bash",
        "-c",
        SETUP,
        "-",
        temporary,
        checkout,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const machine = new Machine(temporary, holder);
    const reader = holder.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    if (value === undefined) {
      await machine[Symbol.asyncDispose]();
      throw new Error("no network of its own can be made here");
    }
    return machine;
  }

  /** The command that runs another one in it, in a session of its own. */
  get enter(): string[] {
    const user = SPACES.includes("--user") ? ["--preserve-credentials"] : [];
    const target = `--target=${this.#holder.pid}`;
    return ["setsid", "nsenter", target, ...SPACES, ...user];
  }

  /** How many sockets wait for somebody in it. */
  async waitingSockets(): Promise<number> {
    let count = 0;
    for (const [table, state] of [["tcp", "0A"], ["udp", "07"]] as const) {
      for (const family of ["", "6"]) {
        const path = `/proc/${this.#holder.pid}/net/${table}${family}`;
        const lines = (await Deno.readTextFile(path)).split("\n").slice(1);
        count += lines.filter((line) => line.trim().split(/ +/)[3] === state)
          .length;
      }
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.close().catch(() => {});
    await this.#holder.stdout.cancel().catch(() => {});
    await this.#holder.status;
    await Deno.remove(this.#temporary, { recursive: true });
  }
}
