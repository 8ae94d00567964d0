/**
 * Processes that look names up on machines of their own, one task after the
 * other: the same work as with a process for each look-up, in a tenth of the
 * time.
 */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import type { Running } from "../harness.ts";
import {
  type Files,
  type Found,
  type GlibcQuestion,
  Machine,
  PYTHON,
  PYTHON_LOOK_UP,
} from "./machine.ts";

/** What a host was found to be. */
export interface Answer {
  /** The addresses in the order of their texts, or the code. */
  readonly found: Found;
  readonly canonicalName: string | undefined;
}

/** A task, a line of JSON. */
interface Task {
  readonly number: number;
  readonly hostName: string;
  readonly questions: readonly GlibcQuestion[];
}

const GLIBC = `${PYTHON_LOOK_UP}
for line in sys.stdin:
    task = json.loads(line)
    socket.sethostname(task["hostName"])
    answers = [look_up(**each) for each in task["questions"]]
    print("%d %s" % (task["number"], json.dumps(answers)), flush=True)
`;

/** How each of them is started. */
const COMMANDS: Readonly<
  Record<"glibc" | "parley", readonly [command: string, ...args: string[]]>
> = {
  glibc: [PYTHON, "-c", GLIBC],
  parley: [
    Deno.execPath(),
    ...["run", "--quiet", "--no-check", "--allow-all", "--unstable-net"],
    "tests/names/asker.ts",
  ],
};

/** A process that looks names up, on a machine of its own. */
export class Asker implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #process: Running;
  #number = 0;

  private constructor(machine: Machine, process: Running) {
    this.#machine = machine;
    this.#process = process;
  }

  /** Starts it. */
  static async start(who: keyof typeof COMMANDS): Promise<Asker> {
    const machine = await Machine.make({ hostName: "machine" });
    return new Asker(machine, machine.startOpen(...COMMANDS[who]));
  }

  /**
   * Looks names up.
   *
   * @param files what the machine has in /etc meanwhile
   * @param questions what to look for
   * @param hostName the name that the machine has meanwhile
   */
  async ask(
    files: Files,
    questions: readonly GlibcQuestion[],
    hostName = "machine",
  ): Promise<Answer[]> {
    await this.#machine.put(files);
    const number = ++this.#number;
    const task: Task = { number, hostName, questions };
    await this.#process.write(`${JSON.stringify(task)}\n`);
    const answered = new RegExp(`^${number} (.*)\n`, "m");
    const [, json] = await this.#process.stdout(answered);
    const answers: [Found, string | null][] = JSON.parse(json!);
    return answers.map(([found, canonicalName]) => ({
      found: found.toSorted(),
      canonicalName: canonicalName ?? undefined,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#machine[Symbol.asyncDispose]();
  }
}

/** As many askers as are at work at the same time. */
export class Askers implements AsyncDisposable {
  readonly #who: keyof typeof COMMANDS;
  readonly #idle: Asker[] = [];
  readonly #all: Asker[] = [];

  constructor(who: keyof typeof COMMANDS) {
    this.#who = who;
  }

  /** Looks names up with one that is idle; see {@linkcode Asker.ask}. */
  async ask(...task: Parameters<Asker["ask"]>): Promise<Answer[]> {
    const asker = this.#idle.pop() ?? await this.#start();
    const answers = await asker.ask(...task);
    this.#idle.push(asker);
    return answers;
  }

  async #start(): Promise<Asker> {
    const asker = await Asker.start(this.#who);
    this.#all.push(asker);
    return asker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const asker of this.#all) await asker[Symbol.asyncDispose]();
  }
}

const FAMILIES = {
  AF_UNSPEC: undefined,
  AF_INET: "IPv4",
  AF_INET6: "IPv6",
} as const;

/** Looks a name up as the Python does. */
async function lookUp(
  { host, family = "AF_UNSPEC" }: GlibcQuestion,
): Promise<[Found, string | null]> {
  try {
    const list = await getAddrInfo(host, 0, {
      family: FAMILIES[family],
      socktype: "stream",
      canonicalName: true,
      timeout: 10_000,
    });
    const found = list.map(({ addr }) => addr.hostname);
    return [found, list[0]?.canonicalName ?? null];
  } catch (error) {
    if (error instanceof AddrInfoError) return [[error.code], null];
    throw error;
  }
}

if (import.meta.main) {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const text of lines) {
    rest += text;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const { number, hostName, questions }: Task = JSON.parse(
        rest.slice(0, end),
      );
      rest = rest.slice(end + 1);
      Deno.writeTextFileSync("/proc/sys/kernel/hostname", hostName);
      const answers: [Found, string | null][] = [];
      for (const question of questions) answers.push(await lookUp(question));
      console.log(`${number} ${JSON.stringify(answers)}`);
    }
  }
}
