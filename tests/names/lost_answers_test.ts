/** Answers that are lost, late, wrong or half, one type of two. */

import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import type { AddrInfoHints } from "../../lib/names/hints.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import {
  answer,
  Code,
  failing,
  headOnly,
  nodata,
  nxdomain,
  type Query,
  record,
  truncated,
} from "./messages.ts";
import {
  always,
  NameServer,
  type Question,
  type Reply,
  type Script,
  type ServeOptions,
} from "./name_server.ts";
import { BOTH, HOST, sideBySide, situationTest } from "./situations.ts";

const right = always(...BOTH);
const [FOUR, SIX] = BOTH as [string, string];

/** What is asked of a server, and what comes of it. */
interface Case {
  readonly script: Script;
  readonly serve?: ServeOptions;
  readonly hints?: AddrInfoHints;
  /** The addresses, or the code. */
  readonly found: readonly string[] | AddrInfoErrorCode;
  /**
   * How often A and AAAA are asked for over UDP: once, or at least twice. Once
   * is as often as at first: this process may be too busy to answer in time.
   */
  readonly asked?: readonly [a: 1 | 2, aaaa: 1 | 2];
  /** The types that are asked for over TCP. */
  readonly overTcp?: readonly string[];
  /** Whether it ends long before all attempts would be over. */
  readonly soon?: true;
}

async function tryCase(
  { script, serve = {}, hints = {}, found, asked, overTcp, soon }: Case,
): Promise<void> {
  await using server = new NameServer(script, serve);
  const { nameServer, questions } = server;
  const begin = performance.now();
  const looking = () =>
    getAddrInfo(HOST, 80, { socktype: "stream", nameServer, ...hints });
  if (typeof found === "string") {
    const { code } = await assertRejects(looking, AddrInfoError);
    assertEquals(code, found);
  } else {
    const list = await looking();
    assertEquals(
      list.map(({ addr }) => addr.hostname).toSorted(),
      found.toSorted(),
    );
  }
  const milliseconds = performance.now() - begin;
  assert(!soon || milliseconds < SOON, `${milliseconds} ms`);
  const over = (wanted: "udp" | "tcp") =>
    questions.filter(({ transport }) => transport === wanted)
      .map(({ type }) => type).toSorted();
  if (asked !== undefined) {
    const types = over("udp");
    const count = (type: string, wanted: number) =>
      wanted === 1
        ? server.askedAtFirst("udp").filter((text) =>
          text === `${type} ${HOST}`
        )
          .length
        : Math.min(types.filter((each) => each === type).length, wanted);
    const counts = [count("A", asked[0]), count("AAAA", asked[1])];
    assertEquals(counts, [...asked]);
  }
  if (overTcp !== undefined) {
    assertEquals([...new Set(over("tcp"))], [...overTcp]);
  }
}

/** Registers a test with a step for each case. */
function caseTest(
  name: string,
  cases: Readonly<{ [sentence: string]: Case }>,
): void {
  Deno.test(name, (context) =>
    sideBySide(
      context,
      Object.fromEntries(
        Object.entries(cases).map((
          [sentence, each],
        ) => [sentence, () => tryCase(each)]),
      ),
    ));
}

/** Says one thing of one type, another of the other. */
function byType(
  a: (question: Question) => Reply,
  aaaa: (question: Question) => Reply,
): Script {
  return (question) => question.type === "A" ? a(question) : aaaa(question);
}

const lost = () => undefined;

/** Half of what all attempts take where no file says otherwise. */
const SOON = 5000;

/** Loses the first question. */
function lostOnce(then: (question: Question) => Reply) {
  return (question: Question) =>
    question.attempt === 1 ? undefined : then(question);
}

caseTest("one lost answer spoils one thing", {
  "A is lost once": {
    script: byType(lostOnce(right), right),
    found: BOTH,
    asked: [2, 1],
  },
  "AAAA is lost once": {
    script: byType(right, lostOnce(right)),
    found: BOTH,
    asked: [1, 2],
  },
  "both are lost once": {
    script: lostOnce(right),
    found: BOTH,
    asked: [2, 2],
  },
  "A is lost always": {
    script: byType(lost, right),
    found: [SIX],
    asked: [2, 1],
  },
  "AAAA is lost always": {
    script: byType(right, lost),
    found: [FOUR],
    asked: [1, 2],
  },
  "AAAA is lost always, and time is over": {
    script: byType(right, lost),
    hints: { timeout: 300 },
    found: [FOUR],
  },
  "there is no A, and AAAA is lost": {
    script: byType(nodata, lost),
    hints: { timeout: 1000 },
    found: "EAI_AGAIN",
  },
  "AAAA comes before A": {
    script: byType(
      (question) => [{ message: right(question), after: 100 }],
      right,
    ),
    found: BOTH,
    asked: [1, 1],
  },
});

caseTest("an answer about one type may decide for both", {
  "there is no such name for A, and AAAA is lost": {
    script: byType(nxdomain, lost),
    found: "EAI_NONAME",
    soon: true,
  },
  "there is no such name for AAAA, and A is lost": {
    script: byType(lost, nxdomain),
    found: "EAI_NONAME",
    soon: true,
  },
  "there is no such name for AAAA, and A has records": {
    script: byType(right, nxdomain),
    found: [FOUR],
    asked: [1, 1],
  },
  "there is no such name for AAAA at once, and A has records a little later": {
    script: byType(
      (question) => [{ message: right(question), after: 50 }],
      nxdomain,
    ),
    found: [FOUR],
    asked: [1, 1],
  },
  "there is no such name for A, and AAAA has records": {
    script: byType(nxdomain, right),
    found: [SIX],
    asked: [1, 1],
  },
  "A has records, and the server fails for AAAA": {
    script: byType(right, failing(Code.ServFail)),
    found: [FOUR],
  },
  "A has records, and the server does not know AAAA": {
    script: byType(right, failing(Code.NotImp)),
    found: [FOUR],
  },
  "A has records, and the server takes AAAA for malformed": {
    script: byType(right, failing(Code.FormErr)),
    found: [FOUR],
  },
  "A has records, and the server refuses AAAA with only a head": {
    script: byType(right, (query) => headOnly(query, Code.Refused)),
    found: [FOUR],
    soon: true,
  },
  "A has no data, and the server fails for AAAA": {
    script: byType(nodata, failing(Code.ServFail)),
    found: "EAI_AGAIN",
  },
  "the server fails for A once, and AAAA has records": {
    script: byType(
      (question) =>
        question.attempt === 1
          ? answer(question, { code: Code.ServFail })
          : right(question),
      right,
    ),
    found: BOTH,
  },
});

/** Cut off over UDP, whole over TCP. */
const cutOff = (question: Question) =>
  question.transport === "udp" ? truncated(question) : right(question);

/** The same records of a question that TC is set with. */
const truncatedWith = (query: Query, ...records: number[][]) =>
  answer(query, { truncated: true, records });

caseTest("an answer that was cut off is asked for over TCP", {
  "both": {
    script: cutOff,
    found: BOTH,
    asked: [1, 1],
    overTcp: ["A", "AAAA"],
  },
  "A, and AAAA is lost": {
    script: byType(cutOff, lost),
    found: [FOUR],
    soon: true,
    overTcp: ["A"],
  },
  "AAAA, and nothing comes of that": {
    script: byType(
      right,
      (question) =>
        question.transport === "udp" ? truncated(question) : undefined,
    ),
    found: [FOUR],
    soon: true,
    overTcp: ["AAAA"],
  },
  "AAAA, and A is lost once": {
    script: byType(lostOnce(right), cutOff),
    found: BOTH,
    overTcp: ["AAAA"],
  },
  "A, and AAAA has nothing": {
    script: byType(cutOff, nodata),
    found: [FOUR],
    overTcp: ["A"],
  },
  "A, and what was sent of it was cut in the middle": {
    script: (question) =>
      question.transport === "tcp" || question.type === "AAAA"
        ? right(question)
        : truncatedWith(question, [...record(HOST, "A", FOUR)]).slice(0, -3),
    found: BOTH,
    overTcp: ["A"],
  },
  "A, and over TCP it says so again, with all records": {
    script: (question) =>
      question.type === "AAAA"
        ? nodata(question)
        : question.transport === "udp"
        ? truncated(question)
        : truncatedWith(question, [...record(HOST, "A", FOUR)]),
    found: [FOUR],
    overTcp: ["A"],
  },
  "A, in pieces of one byte": {
    script: (question) =>
      question.transport === "udp"
        ? truncated(question)
        : [{ message: right(question), pieces: 1 }],
    found: BOTH,
  },
  "A, and AAAA's connection is closed": {
    script: (question) =>
      question.transport === "udp"
        ? truncated(question)
        : question.type === "A"
        ? right(question)
        : "close",
    found: [FOUR],
  },
});

const A_RECORD = record(HOST, "A", FOUR);
const AAAA_RECORD = record(HOST, "AAAA", SIX);

caseTest("an answer is read whole", {
  "records of a wrong length are passed over": {
    script: byType(
      (query) =>
        answer(query, {
          records: [
            record(HOST, "A", [192, 0, 2]),
            A_RECORD,
            record(HOST, "A", [192, 0, 2, 9, 9]),
          ],
        }),
      (query) =>
        answer(query, {
          records: [record(HOST, "AAAA", [0x20, 1]), AAAA_RECORD],
        }),
    ),
    found: BOTH,
    asked: [1, 1],
  },
  "records in front of others that nobody knows": {
    script: byType(
      (query) =>
        answer(query, {
          records: [record(HOST, 65_280, [1, 2, 3]), A_RECORD],
          authority: [record("example", "NS", "ns.example")],
          additional: [record("ns.example", "A", "192.0.2.53")],
        }),
      nodata,
    ),
    found: [FOUR],
    asked: [1, 1],
  },
  "records of a server that neither recurses nor vouches": {
    script: (query) =>
      answer(query, {
        recursion: false,
        records: [query.type === "A" ? A_RECORD : AAAA_RECORD],
      }),
    found: BOTH,
    asked: [1, 1],
  },
  "a name written in another case is the same name": {
    script: (query) => {
      const upper = query.name.toUpperCase();
      const text = query.type === "A" ? FOUR : SIX;
      return answer({
        ...query,
        question: Uint8Array.from(
          [...query.question].map((byte) =>
            byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte
          ),
        ),
      }, { records: [record(upper, query.type, text)] });
    },
    found: BOTH,
    asked: [1, 1],
  },
  "the first of two answers counts": {
    script: (query) => [right(query), always("203.0.113.9")(query)],
    found: BOTH,
    asked: [1, 1],
  },
  "another number, another name and another kind are no answer": {
    script: (query) => [
      answer(query, { id: query.id ^ 0x8000, code: Code.NxDomain }),
      answer(query, { isAnswer: false, code: Code.NxDomain }),
      answer(query, { opcode: 5, code: Code.NxDomain }),
      answer({ ...query, question: query.question.toReversed() }, {
        code: Code.NxDomain,
      }),
      right(query),
    ],
    found: BOTH,
    asked: [1, 1],
  },
});

Deno.test({
  name: "getAddrInfo() keeps the case of a name that an alias leads to",
  async fn() {
    await using server = new NameServer((query) =>
      answer(query, {
        records: [
          record(HOST, "CNAME", "Target.Example"),
          record("target.EXAMPLE", query.type, query.type === "A" ? FOUR : SIX),
        ],
      })
    );
    const { nameServer } = server;
    const [first] = await getAddrInfo(HOST, 80, {
      nameServer,
      canonicalName: true,
    });
    assertEquals(first?.canonicalName, "Target.Example");
  },
});

/** Is silent about a domain, and knows the names of all others. */
function silentAbout(domain: string): Script {
  return (question) =>
    question.name.endsWith(`.${domain}`)
      ? undefined
      : question.name.includes(".missing.")
      ? nxdomain(question)
      : right(question);
}

situationTest(
  "a search domain that does not answer keeps no other from being tried",
  {
    "it is the first of two": {
      servers: () => [silentAbout("silent.test")],
      conf: ["search silent.test good.test", "options timeout:2 attempts:1"],
      ask: ["host"],
      found: BOTH,
    },
    "it is the first of two, and the file says nothing of time": {
      servers: () => [silentAbout("silent.test")],
      conf: ["search silent.test good.test"],
      ask: ["host"],
      found: BOTH,
    },
    "the name as it stands is left": {
      servers: () => [silentAbout("silent.test")],
      conf: ["search silent.test", "options timeout:2 attempts:1 ndots:2"],
      ask: [HOST],
      found: BOTH,
    },
    "it fails": {
      servers: () => [
        (question) =>
          question.name.endsWith(".bad.test")
            ? answer(question, { code: Code.ServFail })
            : right(question),
      ],
      conf: ["search bad.test good.test", "options timeout:1 attempts:1"],
      ask: ["host"],
      found: BOTH,
      glibc: true,
    },
    "none has the name": {
      servers: () => [
        (question) =>
          question.name.endsWith(".silent.test")
            ? undefined
            : nxdomain(question),
      ],
      conf: ["search silent.test other.test", "options timeout:1 attempts:1"],
      ask: ["host"],
      // It might be there: nobody has said that it is not.
      found: ["EAI_AGAIN"],
    },
  },
);
