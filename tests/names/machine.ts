/** A machine with an /etc of its own, in which names are looked up. */

import { isInstalled, mayUnshare, type Result, Running } from "../harness.ts";

/** Where name servers listen. */
export const DNS_PORT = 53;

/** The files in /etc. */
export interface Files {
  /** The lines of the hosts file; there is always one. @default {[]} */
  readonly hosts?: readonly string[];
  /** The lines of resolv.conf, or what stands in its place; or nothing. */
  readonly resolvConf?: readonly string[] | "dangling link" | "directory";
}

/** What a machine has. */
export interface MachineOptions extends Files {
  /** Whether it has a network of its own, just the loopback in it. */
  readonly network?: boolean;
  /** The name that it has. @default {undefined} this machine's */
  readonly hostName?: string;
}

const required = Deno.env.get("PARLEY_REQUIRE_PEERS") === "1";

/** Of the real /etc, what programs need to start, and the services. */
const KEPT = ["ld.so.cache", "services", "protocols"];

/** Where many wait at the same time nothing is stuck sooner. */
export const STUCK = 120_000;

/** Puts on the /etc, says so, and keeps it until it is killed. */
const SETUP = `
set -e
mount --bind "$1" /etc
if [ "$2" ]; then ip link set lo up; fi
if [ "$3" ]; then echo "$3" > /proc/sys/kernel/hostname; fi
echo ready
exec sleep 1000
`;

/** A folder that is to be /etc. */
export class Etc implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes it, with what programs need to start. */
  static async make(files: Files): Promise<Etc> {
    const folder = await Deno.makeTempDir();
    for (const name of KEPT) {
      await Deno.copyFile(`/etc/${name}`, `${folder}/${name}`)
        .catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        });
    }
    await write(`${folder}/nsswitch.conf`, ["hosts: files dns"]);
    // As Debian has it: all lines of a name count.
    await write(`${folder}/host.conf`, ["multi on"]);
    const etc = new Etc(folder);
    await etc.put(files);
    return etc;
  }

  /** Gives it other files. */
  async put({ hosts = [], resolvConf }: Files): Promise<void> {
    await write(`${this.path}/hosts`, hosts);
    const path = `${this.path}/resolv.conf`;
    await Deno.remove(path).catch(() => {}); // There may be none.
    if (resolvConf === "dangling link") {
      await Deno.symlink("nowhere/resolv.conf", path);
    } else if (resolvConf === "directory") {
      await Deno.mkdir(path);
    } else if (resolvConf !== undefined) {
      await write(path, resolvConf);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Writes a file that nobody sees before it is whole. */
async function write(path: string, lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join("");
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

/** A machine; disposing of it ends it. */
export class Machine implements AsyncDisposable {
  readonly #etc: Etc;
  readonly #holder: Running;
  readonly #spaces: readonly string[];

  private constructor(etc: Etc, { network, hostName }: MachineOptions) {
    this.#etc = etc;
    this.#spaces = [
      "--mount",
      ...(network ? ["--net"] : []),
      ...(hostName === undefined ? [] : ["--uts"]),
    ];
    const words = [etc.path, network ? "yes" : "", hostName ?? ""];
    const line = [...this.#spaces, "bash", "-c", SETUP, "bash", ...words];
    this.#holder = new Running("unshare", line, {
      stdin: "",
      stuckAfter: STUCK,
    });
  }

  /** Makes a machine. */
  static async make(options: MachineOptions): Promise<Machine> {
    const machine = new Machine(await Etc.make(options), options);
    try {
      await machine.#holder.stdout(/ready/);
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
    return machine;
  }

  /** Gives it other files. */
  put(files: Files): Promise<void> {
    return this.#etc.put(files);
  }

  /** Starts a command on it; its stdin is empty. */
  start(command: string, ...args: string[]): Running {
    const enter = ["--target", String(this.#holder.pid), ...this.#spaces];
    const line = [...enter, "--wd", command, ...args];
    // Deno would ask the very servers that are watched for its own updates.
    const env = { DENO_NO_UPDATE_CHECK: "1" };
    return new Running("nsenter", line, {
      stdin: "",
      env,
      stuckAfter: STUCK,
    });
  }

  /** Runs a command on it to its end. */
  async run(command: string, ...args: string[]): Promise<Result> {
    await using running = this.start(command, ...args);
    return await running.end();
  }

  /** Runs one of Parley's programs on it, everything allowed by default. */
  program(
    name: string,
    args: readonly string[],
    flags: readonly string[] = ["--allow-all"],
  ): Promise<Result> {
    const script = `cmd/${name}.ts`;
    const line = ["run", "--quiet", "--no-prompt", ...flags, script, ...args];
    return this.run(Deno.execPath(), ...line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    await this.#etc[Symbol.asyncDispose]();
  }
}

/** What somebody found: addresses in the order of their texts, or the code. */
export type Found = readonly string[];

/** One question to glibc. */
export interface GlibcQuestion {
  readonly host: string;
  /** @default {"AF_UNSPEC"} */
  readonly family?: "AF_UNSPEC" | "AF_INET" | "AF_INET6";
}

/** What glibc finds, in Python: addresses or a code, and the canonical name. */
export const PYTHON_LOOK_UP = `
import json, socket, sys
codes = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}
def look_up(host, family="AF_UNSPEC"):
    try:
        found = socket.getaddrinfo(host.encode(), 0, getattr(socket, family),
            socket.SOCK_STREAM, 0, socket.AI_CANONNAME)
        flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        addresses = sorted({socket.getnameinfo(f[4], flags)[0] for f in found})
        return [addresses, found[0][3]]
    except socket.gaierror as error:
        return [[codes[error.errno]], None]
`;

const GLIBC = `${PYTHON_LOOK_UP}
print(json.dumps([look_up(**each) for each in json.loads(sys.argv[1])]))
`;

/** A Python that nothing stands before, if there is one. */
export const PYTHON = isInstalled("/usr/bin/python3")
  ? "/usr/bin/python3"
  : "python3";

/** Whether glibc can be asked. */
export const hasGlibc = required || isInstalled(PYTHON);

/** Asks glibc on a machine: what it found, and the canonical name. */
export async function askGlibc(
  machine: Machine,
  questions: readonly GlibcQuestion[],
): Promise<{ found: Found; canonicalName: string | undefined }[]> {
  const words = ["-c", GLIBC, JSON.stringify(questions)];
  const { stdout, stderr } = await machine.run(PYTHON, ...words);
  if (stderr !== "") throw new Error(stderr);
  const answers: [Found, string | null][] = JSON.parse(stdout);
  return answers.map(([found, name]) => ({
    found: found.toSorted(),
    canonicalName: name ?? undefined,
  }));
}

/** What `showip --json` says of a host. */
export interface Shown {
  readonly found: Found;
  readonly canonicalName: string | undefined;
}

/** Asks showip on a machine, all hosts in one process, one after the other. */
export async function askShowip(
  machine: Machine,
  hosts: readonly string[],
  args: readonly string[] = [],
  flags?: readonly string[],
): Promise<{ shown: Shown[]; result: Result }> {
  const line = ["--json", "--canonical", ...args, "--", ...hosts];
  const result = await machine.program("showip", line, flags);
  const events: { [name: string]: unknown }[] = result.stdout.split("\n")
    .slice(0, -1).map((each) => JSON.parse(each));
  const shown = hosts.map((host) => {
    const ofHost = events.filter((event) => event.host === host);
    const found = ofHost.flatMap(({ event, address, code }) =>
      event === "address"
        ? [(address as { host: string }).host]
        : event === "error"
        ? [String(code)]
        : []
    ).toSorted();
    const name = ofHost.find(({ event }) => event === "host")?.canonicalName;
    return { found, canonicalName: name as string | undefined };
  });
  return { shown, result };
}

/** The claim to a network of the loopback, or `undefined` if there is none. */
const claim = claimNetwork();

/**
 * Claims a network of the loopback by a socket on port 53 of its first address,
 * so that tests that run at the same time have one each.
 */
function claimNetwork(): { network: string; guard: object } | undefined {
  for (;;) {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint8Array(2));
    const network = `127.${64 + high % 64}.${low}`;
    try {
      const guard = Deno.listenDatagram({
        transport: "udp",
        hostname: `${network}.1`,
        port: DNS_PORT,
      });
      Deno.listen({ hostname: `${network}.1`, port: DNS_PORT }).close();
      return { network, guard };
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse && !isTaken()) continue;
      return undefined;
    }
  }
}

/** Whether somebody has port 53 of every address. */
function isTaken(): boolean {
  try {
    const hostname = "127.0.127.1";
    Deno.listen({ hostname, port: DNS_PORT }).close();
    return false;
  } catch {
    return true;
  }
}

let last = 1;

/** An address of the loopback that no other test uses. */
export function freshAddress(): string {
  if (claim === undefined) throw new Error("port 53 cannot be had");
  last = last % 254 + 1;
  return `${claim.network}.${last}`;
}

/** Whether a test that needs a machine is ignored. */
export const noMachines = !required && !(claim !== undefined && mayUnshare());

/** Registers a test that needs machines. */
export function machineTest(
  name: string,
  fn: (context: Deno.TestContext) => Promise<void>,
  needs = true,
): void {
  const ignore = noMachines || !(needs || required);
  Deno.test({ name, fn, ignore });
}
