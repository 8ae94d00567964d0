/**
 * Processes that look names up on machines of their own, one task after the
 * other: the same work as with a process for each look-up, in a tenth of the
 * time.
 */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { Running } from "../harness.ts";
import {
  Etc,
  type Files,
  type Found,
  type GlibcQuestion,
  PYTHON,
  PYTHON_LOOK_UP,
  STUCK,
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
  /** The folder that is to be /etc. */
  readonly etc: string;
  readonly hostName: string;
  readonly questions: readonly GlibcQuestion[];
}

/** What a process answers to a task's questions. */
type Answers = [Found, string | null][];

/** Who looks names up. */
export interface Looker extends AsyncDisposable {
  /**
   * Looks names up.
   *
   * @param files what the machine has in /etc meanwhile
   * @param questions what to look for
   * @param hostName the name that the machine has meanwhile
   */
  ask(
    files: Files,
    questions: readonly GlibcQuestion[],
    hostName?: string,
  ): Promise<Answer[]>;
}

/** Gives a process a task, and waits for its answers. */
async function give(process: Running, task: Task): Promise<Answer[]> {
  await process.write(`${JSON.stringify(task)}\n`);
  const answered = new RegExp(`^${task.number} (.*)\n`, "m");
  const [, json] = await process.stdout(answered);
  const answers: Answers | { error: string } = JSON.parse(json!);
  if ("error" in answers) throw new Error(answers.error);
  return answers.map(([found, canonicalName]) => ({
    found: found.toSorted(),
    canonicalName: canonicalName ?? undefined,
  }));
}

/** The numbers are CLONE_NEWNS | CLONE_NEWUTS, MS_REC | MS_PRIVATE, MS_BIND. */
const GLIBC = `${PYTHON_LOOK_UP}
import ctypes, os, signal, traceback
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result == 0: return
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() != 0: continue
    task = json.loads(line)
    try:
        check(libc.unshare(0x00020000 | 0x04000000))
        check(libc.mount(None, b"/", None, 0x4000 | 0x40000, None))
        check(libc.mount(task["etc"].encode(), b"/etc", None, 0x1000, None))
        socket.sethostname(task["hostName"])
        answers = [look_up(**each) for each in task["questions"]]
    except BaseException:
        answers = {"error": traceback.format_exc()}
    text = "%d %s\\n" % (task["number"], json.dumps(answers))
    os.write(1, text.encode())
    os._exit(0)
`;

/** glibc: a process that forks for each task, on a machine of its own. */
export class Glibc implements Looker {
  #process: Running | undefined;
  #number = 0;

  /** Looks names up; see {@linkcode Looker.ask}. */
  async ask(
    files: Files,
    questions: readonly GlibcQuestion[],
    hostName = "machine",
  ): Promise<Answer[]> {
    this.#process ??= new Running(PYTHON, ["-c", GLIBC], { stuckAfter: STUCK });
    await using etc = await Etc.make(files);
    const number = ++this.#number;
    const task = { number, etc: etc.path, hostName, questions };
    return await give(this.#process, task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

/** Puts on the /etc, and becomes the rest of its words. */
const ASKER = `
set -e
mount --bind "$1" /etc
shift
exec "$@"
`;

/** A process that looks names up as we do, on a machine of its own. */
class Asker implements AsyncDisposable {
  readonly #etc: Etc;
  readonly #process: Running;
  #number = 0;

  private constructor(etc: Etc) {
    this.#etc = etc;
    const deno = [Deno.execPath(), "run", "--quiet", "--no-check"];
    const flags = ["--allow-all", "--unstable-net"];
    this.#process = new Running("unshare", [
      ...["--mount", "--uts", "bash", "-c", ASKER, "bash", etc.path],
      ...[...deno, ...flags, "tests/names/asker.ts"],
      // It would ask the very servers that are watched for its own updates.
    ], { env: { DENO_NO_UPDATE_CHECK: "1" }, stuckAfter: STUCK });
  }

  static async start(): Promise<Asker> {
    return new Asker(await Etc.make({}));
  }

  async ask(
    files: Files,
    questions: readonly GlibcQuestion[],
    hostName: string,
  ): Promise<Answer[]> {
    await this.#etc.put(files);
    const number = ++this.#number;
    const task = { number, etc: this.#etc.path, hostName, questions };
    return await give(this.#process, task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#etc[Symbol.asyncDispose]();
  }
}

/** We: as many processes as are at work at the same time. */
export class Parley implements Looker {
  readonly #idle: Asker[] = [];
  readonly #all: Asker[] = [];

  /** Looks names up with one that is idle; see {@linkcode Looker.ask}. */
  async ask(
    files: Files,
    questions: readonly GlibcQuestion[],
    hostName = "machine",
  ): Promise<Answer[]> {
    const asker = this.#idle.pop() ?? await this.#start();
    const answers = await asker.ask(files, questions, hostName);
    this.#idle.push(asker);
    return answers;
  }

  async #start(): Promise<Asker> {
    const asker = await Asker.start();
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

/** Answers a task's questions. */
async function answer(
  hostName: string,
  questions: readonly GlibcQuestion[],
): Promise<Answers> {
  Deno.writeTextFileSync("/proc/sys/kernel/hostname", hostName);
  const answers: Answers = [];
  for (const question of questions) answers.push(await lookUp(question));
  return answers;
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
      const answers = await answer(hostName, questions).catch((error) => (
        { error: String(error.stack) }
      ));
      console.log(`${number} ${JSON.stringify(answers)}`);
    }
  }
}
