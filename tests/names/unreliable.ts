/**
 * Look-ups at a name server that loses, delays, truncates and corrupts at
 * random: `deno run -A tests/names/unreliable.ts LOOK-UPS SEED` prints what came
 * of them.
 */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import {
  answer,
  type Bytes,
  Code,
  headOnly,
  nodata,
  nonAnswer,
  nxdomain,
  record,
  referral,
  truncated,
} from "./messages.ts";
import { NameServer, type Question, type Reply } from "./name_server.ts";

/** Numbers at random, the same ones for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0, below 1. */
  next(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One of some values. */
  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** What a name is known for, which marks its right answer. */
const KINDS = ["both", "four", "six", "none", "nodata"] as const;
type Kind = typeof KINDS[number];

/** Two bytes of each address follow from the name, so that none is another's. */
function addressesOf(number: number, kind: Kind): string[] {
  const [high, low] = [number >> 8 & 0xff, number & 0xff];
  return [
    ...(kind === "both" || kind === "four" ? [`198.18.${high}.${low}`] : []),
    ...(kind === "both" || kind === "six"
      ? [`2001:db8::1:${(number & 0xffff).toString(16)}`]
      : []),
  ];
}

function right(question: Question): Bytes {
  const [, digits, kind] = /^n(\d+)\.(\w+)\.example$/i.exec(question.name)!;
  if (kind === "none") return nxdomain(question);
  const family = question.type === "A" ? "." : ":";
  const addresses = addressesOf(Number(digits), kind as Kind)
    .filter((each) => each.includes(family));
  if (addresses.length === 0) return nodata(question);
  return answer(question, {
    records: addresses.map((each) =>
      record(question.name, question.type, each)
    ),
  });
}

/** Bytes that are not what they were, so that no look-up can take them. */
function corrupted(message: Bytes, random: Random): Bytes {
  const bytes = message.slice();
  // The number, the question or the head: what is wrong can be seen.
  switch (random.below(4)) {
    case 0:
      bytes[random.below(2)]! ^= 1 + random.below(255);
      return bytes;
    case 1:
      return bytes.slice(0, 1 + random.below(bytes.length - 1));
    case 2:
      bytes[13 + random.below(3)]! ^= 1;
      return bytes;
    default:
      return Uint8Array.from(
        { length: 12 + random.below(64) },
        () => random.below(256),
      );
  }
}

/** Decides what becomes of a question; half of them are answered at once. */
function unreliable(question: Question, random: Random): Reply {
  const message = right(question);
  const after = random.below(120);
  if (question.transport === "tcp") {
    return random.one<Reply>([
      ...[message, message, message],
      [{ message, pieces: 1 + random.below(7) }],
      [{ message, only: random.below(message.length) }],
      [{ message, after }],
      "close",
    ]);
  }
  const code = random.one([Code.ServFail, Code.Refused, Code.NotImp]);
  return random.one<() => Reply>([
    ...Array(8).fill(() => message),
    () => undefined,
    () => [{ message, after }],
    () => [message, message],
    () => truncated(question),
    () => corrupted(message, random),
    () => [corrupted(message, random), message],
    () => answer(question, { code }),
    () => headOnly(question, code),
    () => random.one([nonAnswer, referral])(question),
    () => [{ message: corrupted(message, random), from: "another port" }],
  ])();
}

/** What came of many look-ups. */
export interface Tally {
  readonly lookUps: number;
  /** Those that found the right addresses, all or those of one family. */
  found: number;
  /** Those that found that there are none, rightly. */
  absent: number;
  /** Those that gave up. */
  gaveUp: number;
  /** What must not be: a sentence for each. */
  readonly wrong: string[];
  /** The descriptors that were open before, and are open afterwards. */
  readonly descriptors: [before: number, after: number];
}

/** How many look-ups there are at the same time. */
const AT_ONCE = 128;

/** How long a look-up may take, and how long at the most it does. */
const TIMEOUT = 2000;
const LATEST = 10_000;

/** What a look-up may end with besides what is right. */
const MAY_FAIL = ["EAI_AGAIN"];

/**
 * Looks many names up at a server that is not reliable.
 *
 * @param lookUps how many
 * @param seed what the server does follows from it
 */
export async function lookUpUnreliably(
  lookUps: number,
  seed: number,
): Promise<Tally> {
  const random = new Random(seed);
  // What is opened once and kept is open before.
  await lookUpAll(newTally(AT_ONCE), random);
  const tally = newTally(lookUps);
  await lookUpAll(tally, random);
  tally.descriptors[1] = descriptors();
  return tally;
}

function newTally(lookUps: number): Tally {
  const before = descriptors();
  return {
    ...{ lookUps, found: 0, absent: 0, gaveUp: 0, wrong: [] },
    descriptors: [before, before],
  };
}

/** How many descriptors this process has open; 0 where it can't be found out. */
function descriptors(): number {
  if (Deno.build.os !== "linux") return 0;
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

async function lookUpAll(tally: Tally, random: Random): Promise<void> {
  await using server = new NameServer((question) =>
    unreliable(question, random)
  );
  const numbers = Array(tally.lookUps).keys();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const number of numbers) await lookUp(number, server, tally);
  }));
}

async function lookUp(
  number: number,
  { nameServer }: NameServer,
  tally: Tally,
): Promise<void> {
  const kind = KINDS[number % KINDS.length]!;
  const host = `n${number}.${kind}.example`;
  const expected = addressesOf(number, kind);
  const begin = performance.now();
  try {
    const list = await getAddrInfo(host, 80, {
      socktype: "stream",
      nameServer,
      timeout: TIMEOUT,
    });
    const found = list.map(({ addr }) => addr.hostname);
    const strange = found.filter((each) => !expected.includes(each));
    if (strange.length > 0) {
      tally.wrong.push(`${host}: ${strange} is not ${expected}`);
    }
    tally.found++;
  } catch (error) {
    if (!(error instanceof AddrInfoError)) {
      tally.wrong.push(`${host}: ${error}`);
    } else if (MAY_FAIL.includes(error.code)) {
      tally.gaveUp++;
    } else if (error.code === codeOf(kind)) {
      tally.absent++;
    } else {
      tally.wrong.push(`${host}: ${error.code} is not ${codeOf(kind)}`);
    }
  }
  const milliseconds = performance.now() - begin;
  if (milliseconds > LATEST) tally.wrong.push(`${host}: ${milliseconds} ms`);
}

/** The code for a name that has no addresses. */
function codeOf(kind: Kind): string | undefined {
  return { none: "EAI_NONAME", nodata: "EAI_NODATA" }[kind as string];
}

if (import.meta.main) {
  const [lookUps, seed] = Deno.args.map(Number) as [number, number];
  console.log(JSON.stringify(await lookUpUnreliably(lookUps, seed)));
}
