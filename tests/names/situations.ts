/** Situations in which names are looked up, by us and by glibc. */

import { assertEquals } from "../assert.ts";
import { Glibc, type Looker, Parley } from "./asker.ts";
import type { Result } from "../harness.ts";
import {
  askShowip,
  DNS_PORT,
  type Files,
  type Found,
  freshAddress,
  hasGlibc,
  Machine,
  type MachineOptions,
  machineTest,
} from "./machine.ts";
import { NameServer, type Script, type ServeOptions } from "./name_server.ts";

/** A server of a situation: what it says, and how it listens; or nobody. */
export type Server = Script | "dead" | [Script, ServeOptions];

/** What came of a situation. */
export interface Outcome {
  /** All of them, those that are dead too, which hear nothing. */
  readonly servers: readonly NameServer[];
  /** What showip left behind. */
  readonly result?: Result;
  readonly canonicalNames: readonly (string | undefined)[];
}

/** The servers that are asked for names, and what comes of it. */
export interface Situation extends Pick<MachineOptions, "hosts" | "hostName"> {
  /**
   * Makes the servers, in the order of resolv.conf. What is given is the
   * servers that come of it, for scripts that wait for one another.
   */
  readonly servers: (all: readonly NameServer[]) => readonly Server[];
  /** More lines of resolv.conf. */
  readonly conf?: readonly string[];
  /** The hosts to look up, in one process. @default {["host.example"]} */
  readonly ask?: readonly string[];
  /** More words for showip. */
  readonly args?: readonly string[];
  /** The flags of `deno run`. @default {["--allow-all"]} */
  readonly flags?: (servers: readonly string[]) => readonly string[];
  /** What is found of each host: its addresses, or the code. */
  readonly found: Found | readonly Found[];
  /** Whether glibc finds the same, and in a few seconds. */
  readonly glibc?: boolean;
  /** Fails unless all else is as it should be. */
  readonly check?: (outcome: Outcome) => void;
}

/** Situations by the sentences that describe them. */
export type Situations = Readonly<{ [sentence: string]: Situation }>;

export const HOST = "host.example";
/** What most servers know of every host. */
export const BOTH = ["192.0.2.1", "2001:db8::1"];

/** The servers of a situation at work, and their addresses. */
interface Room extends AsyncDisposable {
  readonly servers: readonly NameServer[];
  readonly addresses: readonly string[];
}

/** Nobody, where nobody listens. */
const NOBODY = { udp: false, tcp: false };

function serve({ servers: make }: Situation): Room {
  const servers: NameServer[] = [];
  for (const each of make(servers)) {
    const [script, options] = each === "dead"
      ? [() => undefined, NOBODY]
      : typeof each === "function"
      ? [each, {}]
      : each;
    const hostname = freshAddress();
    const where = { hostname, port: DNS_PORT };
    servers.push(new NameServer(script, { ...where, ...options }));
  }
  return {
    servers,
    addresses: servers.map(({ hostname }) => hostname),
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

/** The files of a situation's machine. */
function filesOf(situation: Situation, { addresses }: Room): Files {
  const { hosts = [], conf = [] } = situation;
  const lines = addresses.map((address) => `nameserver ${address}`);
  return { hosts, resolvConf: [...lines, ...conf] };
}

/** Whether what is found is one host's. */
function isOne(found: Found | readonly Found[]): found is Found {
  return found.every((each) => typeof each === "string");
}

async function tryShowip(situation: Situation): Promise<void> {
  const { ask = [HOST], args, flags, found, check } = situation;
  await using room = serve(situation);
  const { hostName } = situation;
  await using machine = await Machine.make({
    ...filesOf(situation, room),
    ...(hostName === undefined ? {} : { hostName }),
  });
  const granted = flags?.(room.addresses);
  const { shown, result } = await askShowip(machine, ask, args, granted);
  const expected = isOne(found) ? [found] : found;
  assertEquals(
    shown.map((each) => each.found),
    expected.map((each) => each.toSorted()),
    `showip:\n${result.stdout}${result.stderr}`,
  );
  const canonicalNames = shown.map(({ canonicalName }) => canonicalName);
  check?.({ servers: room.servers, result, canonicalNames });
}

async function tryGlibc(situation: Situation, glibc: Looker): Promise<void> {
  const { ask = [HOST], args = [], found, check, conf = [] } = situation;
  await using room = serve(situation);
  // By itself it waits 5 seconds for the first silent server, and longer for
  // each other one.
  const brisk = conf.some((line) => line.includes("timeout"))
    ? conf
    : [...conf, "options timeout:2"];
  const files = filesOf({ ...situation, conf: brisk }, room);
  const family = args.includes("-4")
    ? "AF_INET"
    : args.includes("-6")
    ? "AF_INET6"
    : "AF_UNSPEC";
  const questions = ask.map((host) => ({ host, family } as const));
  const theirs = await glibc.ask(files, questions, situation.hostName);
  const expected = isOne(found) ? [found] : found;
  assertEquals(
    theirs.map((each) => each.found),
    expected.map((each) => each.toSorted()),
    "glibc",
  );
  const canonicalNames = theirs.map(({ canonicalName }) => canonicalName);
  check?.({ servers: room.servers, canonicalNames });
}

/** As many steps at the same time: most of them wait. */
const AT_ONCE = 12;

/** Who stood still for so long answered later than a server does. */
const STANDSTILL = 100;

/** How often a step is tried on a machine that is too busy for it. */
const TRIES = 6;

/**
 * Runs a step, again if it failed while this process stood still: the servers
 * are in this process, and what they were to do at once they did not.
 */
async function repeatIfBusy(run: () => Promise<unknown>): Promise<void> {
  for (let left = TRIES - 1;; left--) {
    let last = performance.now();
    let standstill = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      standstill = Math.max(standstill, now - last);
      last = now;
    }, 10);
    try {
      await run();
      return;
    } catch (error) {
      if (left === 0 || standstill < STANDSTILL) throw error;
    } finally {
      clearInterval(timer);
    }
  }
}

/** Runs the steps of a test side by side. */
export async function sideBySide(
  context: Deno.TestContext,
  steps: Readonly<{ [sentence: string]: () => Promise<unknown> }>,
  atOnce = AT_ONCE,
): Promise<void> {
  const queue = Object.entries(steps).values();
  const worker = async () => {
    for (const [name, run] of queue) {
      await context.step({
        name,
        // Steps that run side by side cannot be told apart; the whole test is
        // looked at all the same.
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        fn: () => repeatIfBusy(run),
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Looks up as showip does where nothing of showip itself matters. */
async function tryParley(situation: Situation, parley: Looker): Promise<void> {
  const { ask = [HOST], found, check } = situation;
  await using room = serve(situation);
  const questions = ask.map((host) => ({ host }));
  const files = filesOf(situation, room);
  const ours = await parley.ask(files, questions, situation.hostName);
  const expected = isOne(found) ? [found] : found;
  assertEquals(
    ours.map((each) => each.found),
    expected.map((each) => each.toSorted()),
    "getAddrInfo()",
  );
  const canonicalNames = ours.map(({ canonicalName }) => canonicalName);
  check?.({ servers: room.servers, canonicalNames });
}

/** Whether a situation is about a process of its own. */
function needsShowip({ ask = [HOST], args, flags }: Situation): boolean {
  return ask.length > 1 || args !== undefined || flags !== undefined;
}

async function tryBoth(
  situation: Situation,
  glibc: Looker,
  parley: Looker,
): Promise<void> {
  const ends = await Promise.allSettled([
    situation.glibc && hasGlibc ? tryGlibc(situation, glibc) : undefined,
    needsShowip(situation)
      ? tryShowip(situation)
      : tryParley(situation, parley),
  ]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Registers a test with a step for each situation. */
export function situationTest(name: string, situations: Situations): void {
  machineTest(name, async (context) => {
    await using glibc = new Glibc();
    await using parley = new Parley();
    const steps = Object.entries(situations).map(([sentence, situation]) =>
      [sentence, () => tryBoth(situation, glibc, parley)] as const
    );
    await sideBySide(context, Object.fromEntries(steps));
  });
}

/**
 * Registers a test for several kinds of situations. All of them wait side by
 * side, and share their processes: kind by kind they would take the sum of what
 * the slowest of each takes.
 */
export function situationsTest(
  name: string,
  kinds: Readonly<{ [what: string]: Situations }>,
): void {
  const all = Object.entries(kinds).flatMap(([what, situations]) =>
    Object.entries(situations).map(([sentence, situation]) =>
      [`${what}: ${sentence}`, situation] as const
    )
  );
  situationTest(name, Object.fromEntries(all));
}
