/** Parley against glibc, which Python's socket module asks without ado. */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import type { AddrInfo, AddrInfoHints } from "../../lib/names/hints.ts";
import { AddrInfoError } from "../../lib/names/addrinfo_error.ts";
import { inetAton, inetNtop, inetPton } from "../../lib/address/inet.ts";
import { assert, assertEquals } from "../assert.ts";
import { isInstalled, Running } from "../harness.ts";
import { finish } from "./peers.ts";

const required = Deno.env.get("PARLEY_REQUIRE_PEERS") === "1";

/** Registers a test that needs a Python on a glibc. */
function glibcTest(name: string, fn: () => Promise<void>): void {
  const ignore = !required &&
    !(Deno.build.os === "linux" && isInstalled("python3"));
  Deno.test({ name, fn, ignore });
}

const PYTHON = `
import json, sys
from socket import *

def attempt(call, *arguments):
    try:
        return call(*arguments).hex()
    except OSError:
        return None

CODES = {value: name for name, value in globals().items() if name[:4] == "EAI_"}
TYPES = {SOCK_STREAM: "stream", SOCK_DGRAM: "datagram"}
FLAGS = [AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_V4MAPPED]
FLAGS = dict(zip(["passive", "canonicalName", "numericHost", "numericService",
                  "v4Mapped", "all"], FLAGS + [AI_ALL]))

def look_up(host, service, hints):
    family = {"IPv4": AF_INET, "IPv6": AF_INET6}.get(hints.get("family"), 0)
    type = {"stream": SOCK_STREAM, "datagram": SOCK_DGRAM}.get(
        hints.get("socktype"), 0)
    flags = sum(FLAGS[name] for name in hints if name in FLAGS)
    try:
        found = getaddrinfo(host, service, family, type, 0, flags)
    except gaierror as error:
        return [CODES[error.errno]]
    return ["canonical name " + found[0][3]] + sorted(
        "IPv%d %s %s%%%d %d" % (
            4 if family == AF_INET else 6, TYPES[type],
            address[0], address[3] if family == AF_INET6 else 0, address[1])
        for family, type, protocol, name, address in found if type in TYPES)

answers = [(ASK)(question) for question in json.load(sys.stdin.buffer)]
json.dump(answers, sys.stdout)
`;

/**
 * Asks glibc.
 *
 * @param ask a function in Python, from a question to an answer
 * @param questions the questions
 * @returns an answer to each of them
 */
async function glibc<Answer>(
  ask: string,
  questions: readonly unknown[],
): Promise<Answer[]> {
  const args = ["-c", PYTHON.replace("ASK", ask)];
  const stdin = JSON.stringify(questions);
  const result = await finish(new Running("python3", args, { stdin }));
  assertEquals(result.stderr, "");
  const answers: Answer[] = JSON.parse(result.stdout);
  assertEquals(answers.length, questions.length);
  return answers;
}

/** Set it to the seed of a run that failed, and the run is repeated. */
const SEED = "PARLEY_SEED";

/** Texts and bytes at random, the same ones for the same seed (mulberry32). */
class Generator {
  readonly seed: number;
  #state: number;

  constructor() {
    const given = Deno.env.get(SEED);
    this.seed = given === undefined
      ? crypto.getRandomValues(new Uint32Array(1))[0]!
      : Number(given);
    this.#state = this.seed;
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * limit);
  }

  /** One of some values. */
  one<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)]!;
  }

  /** As many values as that. */
  many<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  byte(): number {
    return this.one([0, 1, 0xff, this.below(10), this.below(256)]);
  }

  v4(): string {
    return this.many(4, () => this.byte()).join(".");
  }

  /** IPv6 text in every form: zeros, letters and gaps as they come. */
  v6(): string {
    const groups = this.many(8, () => {
      const value = this.one([0, 0, this.byte(), this.below(0x10000)]);
      const text = value.toString(16).padStart(this.below(5), "0");
      return this.below(2) === 0 ? text : text.toUpperCase();
    });
    if (this.below(4) === 0) groups.splice(6, 2, this.v4());
    if (this.below(4) === 0) return groups.join(":");
    const gap = this.below(groups.length);
    const tail = groups.slice(gap + 1 + this.below(groups.length - gap));
    return `${groups.slice(0, gap).join(":")}::${tail.join(":")}`;
  }

  /** One to four numbers as inet_aton(3) reads them, some of them too large. */
  aton(): string {
    const count = 1 + this.below(4);
    const numbers = this.many(count, (index) => {
      const bits = index === count - 1 ? 8 * (5 - count) : 8;
      const limit = this.one([1, 10, 2 ** bits, 2 ** bits + 2]);
      const value = limit - 1 - this.below(this.one([1, 2, limit]));
      return this.one([
        String(value),
        `0${value.toString(8)}`,
        `0x${value.toString(16)}`,
        `0X${value.toString(16).toUpperCase().padStart(this.below(12), "0")}`,
      ]);
    });
    return numbers.join(".");
  }

  /** A text with a few of its characters changed. */
  mutate(text: string, alphabet: readonly string[]): string {
    const chars = [...text];
    for (let edits = 1 + this.below(3); edits > 0; edits--) {
      const at = this.below(chars.length + 1);
      const [drop, put] = this.one(
        [
          [1, []], // delete
          [0, [this.one(alphabet)]], // insert
          [1, [this.one(alphabet)]], // replace
          [0, chars.slice(at, at + 1 + this.below(6))], // repeat
          [2, [chars[at + 1] ?? "", chars[at] ?? ""]], // swap
          [chars.length, []], // cut
        ] as const,
      );
      chars.splice(at, drop, ...put);
    }
    return chars.join("");
  }

  garbage(alphabet: readonly string[]): string {
    return this.many(this.below(24), () => this.one(alphabet)).join("");
  }
}

/** What addresses are made of, and what they must not have. */
const DIGITS = [..."0123456789abcdefABCDEF"];
const MARKS = [..."::::....", "::", "0x", "255", "256", "ffff"];
const WRONG = [..."gGxX%/+-_[]é１٠😀", "\x7f", "\x1b"];
const SPACES = [..." \t\n\r\v\f"];
const UNSPACED = [...DIGITS, ...DIGITS, ...MARKS, ...MARKS, ...WRONG];
const ALPHABET = [...UNSPACED, ...SPACES];

/** Fails unless both give the same, and reports how to repeat it. */
function assertAgree<Question>(
  questions: readonly Question[],
  ours: readonly unknown[],
  theirs: readonly unknown[],
  repeat = "",
): void {
  const differences = questions
    .map((question, i) => ({ question, parley: ours[i], glibc: theirs[i] }))
    .filter(({ parley, glibc }) =>
      JSON.stringify(parley) !== JSON.stringify(glibc)
    );
  assertEquals(
    differences.slice(0, 5),
    [],
    `${differences.length} of ${questions.length} differ${repeat}`,
  );
}

/** The words that say how to repeat a run. */
function repeatWith({ seed }: Generator): string {
  return `; ${SEED}=${seed} repeats this`;
}

function hex(bytes: Uint8Array | undefined): string | null {
  return bytes?.toHex() ?? null;
}

/** Fails unless both verdicts came often enough to mean something. */
function assertMixed(answers: readonly (string | null)[]): void {
  const taken = answers.filter((answer) => answer !== null).length;
  const share = taken / answers.length;
  assert(share > 0.1 && share < 0.9, `${share} of the texts are addresses`);
}

glibcTest(
  "inetPton() gives glibc's verdict and bytes on any text",
  async () => {
    const generator = new Generator();
    const texts = generator.many(100_000, (i) => {
      if (i % 8 === 7) return generator.garbage(ALPHABET);
      const text = i % 2 === 0 ? generator.v6() : generator.v4();
      return i % 8 < 4 ? text : generator.mutate(text, ALPHABET);
    });
    const ask = "lambda text: [attempt(inet_pton, AF_INET, text)," +
      " attempt(inet_pton, AF_INET6, text)]";
    const theirs = await glibc<(string | null)[]>(ask, texts);
    const ours = texts.map((text) => [
      hex(inetPton("IPv4", text)),
      hex(inetPton("IPv6", text)),
    ]);
    assertAgree(texts, ours, theirs, repeatWith(generator));
    for (const family of [0, 1]) {
      assertMixed(theirs.map((each) => each[family]!));
    }
  },
);

glibcTest("inetNtop() gives glibc's text for any bytes", async () => {
  const generator = new Generator();
  const arrays = generator.many(20_000, (i) => {
    const bytes = generator.many(i % 8 === 0 ? 4 : 16, () => generator.byte());
    if (bytes.length === 4 || i % 8 < 3) return new Uint8Array(bytes);
    // Whole groups of zeros, so that runs of them come about.
    for (let at = 0; at < 16; at += 2) {
      if (generator.below(3) > 0) bytes.fill(0, at, at + 2);
    }
    if (i % 8 === 7) bytes.fill(0xff, 10, 12);
    return new Uint8Array(bytes);
  });
  const ask =
    "lambda text: inet_ntop(AF_INET if len(text) == 8 else AF_INET6," +
    " bytes.fromhex(text))";
  const questions = arrays.map((bytes) => bytes.toHex());
  const theirs = await glibc<string>(ask, questions);
  assertAgree(questions, arrays.map(inetNtop), theirs, repeatWith(generator));
});

glibcTest(
  "inetAton() gives glibc's verdict and bytes on texts without spaces",
  async () => {
    // inet_aton(3) takes anything behind a space; getaddrinfo(3) does not.
    const generator = new Generator();
    const texts = generator.many(20_000, (i) => {
      if (i % 8 === 7) return generator.garbage(UNSPACED);
      const text = generator.aton();
      return i % 8 < 4 ? text : generator.mutate(text, UNSPACED);
    });
    const ask = "lambda text: attempt(inet_aton, text)";
    const theirs = await glibc<string | null>(ask, texts);
    const ours = texts.map((text) => hex(inetAton(text)));
    assertAgree(texts, ours, theirs, repeatWith(generator));
    assertMixed(theirs);
  },
);

/** Numeric hosts, and what is meant to be one; `lo` is on every Linux. */
const HOSTS = [
  ...["127.0.0.1", "127.1", "0x7f.1", "017700000001", "4294967295", "0"],
  ...["::", "::1", "0:0:0:0:0:0:0:1", "2001:DB8:0::A", "fe80::1", "ff02::1"],
  ...["::ffff:192.0.2.7", "::ffff:7f00:1", "::192.0.2.7"],
  ...["fe80::1%lo", "febf::1%lo", "ff02::1%lo", "ff12::fb%lo", "fe80::1%1"],
  ...["fe80::1%0", "fe80::1%01", "fe80::1%4294967295", "2001:db8::1%1"],
  ...["::1%1", "::ffff:192.0.2.7%1", "fe80::1%", "fe80::1%nope", "fe80::1%-1"],
  ...["fe80::1%4294967296", "fe80::1%1%1", "fe80::1%lo%lo", "fe80::1%0x1"],
  ...["::1%lo", "2001:db8::1%lo", "fec0::1%lo", "ff05::1%lo", "::%"],
  ...["::ffff:192.0.2.7%lo", "*"],
];

/** glibc takes an interface's name behind these too. */
const INTERFACE_LOCAL = ["ff01::1%lo", "ff11::1%lo"];

/**
 * These must not be looked for, or the DNS would be asked. They are ASCII:
 * Python itself gives other names their ASCII form.
 */
const NAMES = [
  ...["localhost", "nope.invalid", "127.0.0.1%1", "127.0.0.256", "1.2.3.4.5"],
  ...["127.0.0.1.", "::1%lo%", "[::1]", "fe80::g", ":::", "%lo", ""],
];

const SERVICES = ["http", "ntp", "domain", "nope", "0", "080", "65535", null];

const FLAGS = [
  ...["passive", "canonicalName", "numericHost"] as const,
  ...["numericService", "v4Mapped", "all"] as const,
];

/** Every combination of hints. */
const HINTS: AddrInfoHints[] = [undefined, "IPv4", "IPv6"].flatMap((family) =>
  [undefined, "stream", "datagram"].flatMap((socktype) =>
    Array.from({ length: 2 ** FLAGS.length }, (_, bits) => ({
      ...(family === undefined ? {} : { family }),
      ...(socktype === undefined ? {} : { socktype }),
      ...Object.fromEntries(
        FLAGS.filter((_, i) => bits >> i & 1).map((flag) => [flag, true]),
      ),
    } as AddrInfoHints))
  )
);

type Call = readonly [
  host: string | null,
  service: string | null,
  AddrInfoHints,
];

/** Linux gives the loopback's interface this number everywhere. */
const LOOPBACK_INDEX = 1;

/** An answer in the words of the Python above. */
function inWords(list: readonly AddrInfo[]): string[] {
  const addresses = list.map(({ family, socktype, addr }) => {
    const [address, scope = "0"] = addr.hostname.split("%");
    const index = scope === "lo" ? LOOPBACK_INDEX : scope;
    return `${family} ${socktype} ${address}%${index} ${addr.port}`;
  });
  return [
    `canonical name ${list[0]?.canonicalName ?? ""}`,
    ...addresses.toSorted(),
  ];
}

async function answer(...call: Call): Promise<string[]> {
  try {
    return inWords(await getAddrInfo(...call));
  } catch (error) {
    if (error instanceof AddrInfoError) return [error.code];
    throw error;
  }
}

/** Fails unless getAddrInfo() and getaddrinfo(3) answer the same. */
async function assertSameAnswers(calls: readonly Call[]): Promise<void> {
  const theirs = await glibc<string[]>("lambda call: look_up(*call)", calls);
  const ours: string[][] = [];
  for (const call of calls) ours.push(await answer(...call));
  assertAgree(calls, ours, theirs);
}

glibcTest(
  "getAddrInfo() answers as glibc does for numeric hosts, whatever the hints",
  async () => {
    await assertSameAnswers(
      HINTS.flatMap((hints) => {
        const hosts = hints.numericHost ? [...HOSTS, ...NAMES] : HOSTS;
        return hosts.map((host) => [host, "80", hints] as const);
      }),
    );
  },
);

glibcTest(
  "getAddrInfo() answers as glibc does for interface-local addresses",
  async () => {
    await assertSameAnswers(
      HINTS.flatMap((hints) =>
        INTERFACE_LOCAL.map((host) => [host, "80", hints] as const)
      ),
    );
  },
);

glibcTest(
  "getAddrInfo() answers as glibc does for no host and for services, whatever the hints",
  async () => {
    await assertSameAnswers(
      HINTS.flatMap((hints) =>
        SERVICES.flatMap((service) =>
          [null, "127.0.0.1"].map((host) => [host, service, hints] as const)
        )
      ),
    );
  },
);
