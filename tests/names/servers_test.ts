/** Name servers that are dead, silent, late or wrong, and those beside them. */

import { assert, assertEquals } from "../assert.ts";
import {
  answer,
  Code,
  failing,
  headOnly,
  nodata,
  nonAnswer,
  nxdomain,
  referral,
  truncated,
} from "./messages.ts";
import {
  always,
  type NameServer,
  type Question,
  silent,
  SOON,
} from "./name_server.ts";
import { BOTH, HOST, type Outcome, situationsTest } from "./situations.ts";

const right = always(...BOTH);

/** A file that loses no time with a server that is silent. */
const QUICK = ["options timeout:1 attempts:2"];

/** The questions for one type that a server got. */
function of(type: string, { questions }: NameServer): Question[] {
  return questions.filter((question) => question.type === type);
}

/** Fails unless each of some servers was asked for both types, once. */
function askedOnce(...places: number[]): (outcome: Outcome) => void {
  return ({ servers }) => {
    for (const place of places) {
      const both = [`A ${HOST}`, `AAAA ${HOST}`];
      assertEquals([...new Set(servers[place]!.asked)], both, `${place}`);
      const atFirst = servers[place]!.askedAtFirst("udp");
      assertEquals(atFirst, [...new Set(atFirst)], `server ${place}`);
    }
  };
}

/**
 * Fails if some servers were asked, but for those that were because the first
 * one was slow to answer: whatever is busy here, it was not the server's fault.
 */
function neverAsked(...places: number[]): (outcome: Outcome) => void {
  return ({ servers }) => {
    const begin = Math.min(...servers[0]!.questions.map(({ at }) => at));
    for (const place of places) {
      const early = servers[place]!.questions
        .filter(({ at }) => at < begin + SOON);
      assertEquals(early.length, 0, `server ${place}`);
    }
  };
}

/** Fails unless no question for a host came to a server before another did. */
function firstAsked(host: string, place: number): (outcome: Outcome) => void {
  return ({ servers }) => {
    const places = servers.flatMap(({ questions }, server) =>
      questions.filter(({ name }) => name === host)
        .map(({ order }) => ({ server, order }))
    ).toSorted((a, b) => a.order - b.order);
    assertEquals(places[0]?.server, place, host);
  };
}

/** Answers for these hosts, and is silent for all others. */
function onlyFor(
  ...hosts: string[]
): (question: Question) => ReturnType<typeof right> | undefined {
  return (question) =>
    hosts.includes(question.name) ? right(question) : undefined;
}

situationsTest(
  "names are found if a server knows them, whatever the others do",
  {
    "the next server is asked where the first one does not help": {
      "it is dead": {
        servers: () => ["dead", right],
        found: BOTH,
        glibc: true,
        check: askedOnce(1),
      },
      "it is silent": {
        servers: () => [silent, right],
        found: BOTH,
        glibc: true,
        check({ servers: [first, second] }) {
          // All are listened to: it is not asked again before the next one is.
          const [again] = of("A", first!).slice(1);
          const next = of("A", second!)[0]!.order;
          assert(again === undefined || again.order > next);
        },
      },
      "it is silent and takes no connections": {
        servers: () => [[silent, { tcp: false }], right],
        found: BOTH,
        glibc: true,
      },
      "two are silent, and the file says nothing of time": {
        servers: () => [silent, silent, right],
        found: BOTH,
      },
      "two are dead, and the file says nothing of time": {
        servers: () => ["dead", "dead", right],
        found: BOTH,
        glibc: true,
      },
      "it is silent and the second is dead": {
        servers: () => [silent, "dead", right],
        found: BOTH,
        glibc: true,
      },
      ...Object.fromEntries(
        (["ServFail", "Refused", "NotImp"] as const).flatMap((code) =>
          [
            [`it says ${code}`, {
              servers: () => [failing(Code[code]), right],
              found: BOTH,
              glibc: true,
              check: askedOnce(1),
            }],
            [`it says ${code} in a head without a question`, {
              servers: () => [(query) => headOnly(query, Code[code]), right],
              found: BOTH,
              glibc: true,
              check: askedOnce(0, 1),
            }],
          ] as const
        ),
      ),
      "it refers to others": {
        servers: () => [referral, right],
        found: BOTH,
        glibc: true,
        check: askedOnce(1),
      },
      "it answers with nothing that it vouches for": {
        servers: () => [nonAnswer, right],
        found: BOTH,
        glibc: true,
        check: askedOnce(1),
      },
      "it answers with nothing but an OPT record": {
        servers: () => [nonAnswer, right],
        conf: ["options edns0"],
        found: BOTH,
        check: askedOnce(1),
      },
      "it refers to others and the second is silent": {
        servers: () => [referral, silent, right],
        found: BOTH,
        glibc: true,
      },
      "its answers have another number": {
        servers: () => [
          (query) => answer(query, { id: query.id ^ 1 }),
          right,
        ],
        found: BOTH,
        glibc: true,
      },
      "its answers come from another port": {
        servers: () => [
          (query) => [{
            message: always("203.0.113.66", "2001:db8::66")(query),
            from: "another port",
          }],
          right,
        ],
        found: BOTH,
        glibc: true,
      },
      "its answers are cut off and it takes no connections": {
        servers: () => [[truncated, { tcp: false }], right],
        found: BOTH,
      },
      "its answers are cut off and it closes connections": {
        servers: () => [
          (question) =>
            question.transport === "udp" ? truncated(question) : "close",
          right,
        ],
        found: BOTH,
      },
      "its answers are cut off and end in the middle over TCP": {
        servers: () => [
          (question) =>
            question.transport === "udp"
              ? truncated(question)
              : [{ message: right(question), only: 20 }],
          right,
        ],
        found: BOTH,
      },
      "its answers are cut off and it is silent over TCP": {
        servers: () => [
          (question) =>
            question.transport === "udp" ? truncated(question) : undefined,
          right,
        ],
        found: BOTH,
      },
    },
    "the first answer that says something counts": {
      "the first server's, and no other is asked": {
        servers: () => [right, right],
        found: BOTH,
        glibc: true,
        check: (outcome) => {
          askedOnce(0)(outcome);
          neverAsked(1)(outcome);
        },
      },
      "no such name, and no other is asked": {
        servers: () => [nxdomain, nxdomain],
        found: ["EAI_NONAME"],
        glibc: true,
        check: neverAsked(1),
      },
      "no data, and no other is asked": {
        servers: () => [nodata, nodata],
        found: ["EAI_NODATA"],
        glibc: true,
        check: neverAsked(1),
      },
      "no data without a server that recurses, but with one that vouches": {
        servers: () => [
          (query) => answer(query, { authoritative: true, recursion: false }),
          nodata,
        ],
        found: ["EAI_NODATA"],
        glibc: true,
        check: neverAsked(1),
      },
      "the fourth server is never asked": {
        servers: () => [silent, silent, silent, right],
        conf: ["options timeout:1 attempts:1"],
        found: ["EAI_AGAIN"],
        glibc: true,
        check: neverAsked(3),
      },
      "an answer to the first attempt counts in the second": {
        // The first questions are answered only when they are asked again.
        servers: (all) => [
          (question) =>
            question.attempt > 1
              ? undefined
              : [{ message: right(question), after: all[0]!.heard(3) }],
        ],
        conf: ["options timeout:1 attempts:3"],
        found: BOTH,
      },
      "the first server's, late, when the second one has been asked": {
        servers: (all) => [
          (question) => [{ message: right(question), after: all[1]!.heard(1) }],
          silent,
        ],
        found: BOTH,
      },
      "the first server's, late, although the second said that there is none": {
        servers: (all) => [
          (question) => [{
            message: right(question),
            after: all[1]!.heard(2).then(() =>
              new Promise((resolve) => setTimeout(resolve, 300))
            ),
          }],
          nxdomain,
        ],
        found: BOTH,
      },
      "the first server's, late, although the second has no data": {
        servers: (all) => [
          (question) => [{
            message: right(question),
            after: all[1]!.heard(2).then(() =>
              new Promise((resolve) => setTimeout(resolve, 300))
            ),
          }],
          nodata,
        ],
        found: BOTH,
      },
      "the second server's that there is no such name, as the first stays silent":
        {
          servers: () => [silent, nxdomain],
          found: ["EAI_NONAME"],
          glibc: true,
        },
      "the second server's that there is no such name, as the first is dead": {
        servers: () => ["dead", nxdomain],
        found: ["EAI_NONAME"],
        glibc: true,
      },
      "the second server's that there is no such name, as the first refuses": {
        servers: () => [failing(Code.Refused), nxdomain],
        found: ["EAI_NONAME"],
        glibc: true,
      },
      "the second server's that there is no data, as the first refers": {
        servers: () => [referral, nodata],
        found: ["EAI_NODATA"],
        glibc: true,
      },
      "the second server's, as the first has no data of one type and loses the other":
        {
          servers: () => [
            (question) => question.type === "A" ? undefined : nodata(question),
            always(BOTH[0]!),
          ],
          found: [BOTH[0]!],
          glibc: true,
        },
      "the third server's, as the first lost one type and the second is silent":
        {
          servers: () => [
            (question) => question.type === "A" ? nodata(question) : undefined,
            silent,
            always(BOTH[1]!),
          ],
          found: [BOTH[1]!],
        },
      "that there is no such name, for whichever type": {
        servers: () => [(question) => {
          const { type, name } = question;
          const isMissing = (type === "A") === name.startsWith("a.");
          return isMissing ? nxdomain(question) : nodata(question);
        }],
        ask: ["a.example", "b.example"],
        found: [["EAI_NONAME"], ["EAI_NONAME"]],
        glibc: true,
      },
      "the third server's, although the second said that there is none": {
        servers: (all) => [
          (question) => [{ message: right(question), after: all[1]!.heard(2) }],
          nxdomain,
          silent,
        ],
        found: BOTH,
      },
    },
    "a server that takes no connections may still answer": {
      "it is the only one, and slow": {
        servers: () => [[
          (question) => [{ message: right(question), after: 500 }],
          { tcp: false },
        ]],
        found: BOTH,
        glibc: true,
        check: askedOnce(0),
      },
      "it is the first one, slow, and the second is silent": {
        servers: () => [[
          (question) => [{ message: right(question), after: 500 }],
          { tcp: false },
        ], silent],
        found: BOTH,
      },
      "it is the first one, slow, and the second is dead": {
        servers: () => [[
          (question) => [{ message: right(question), after: 500 }],
          { tcp: false },
        ], "dead"],
        found: BOTH,
      },
    },
    "a look-up fails where all servers do": {
      "the only one is dead": {
        servers: () => ["dead"],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
      "all three are dead": {
        servers: () => ["dead", "dead", "dead"],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
      "the only one is silent": {
        servers: () => [silent],
        conf: QUICK,
        found: ["EAI_AGAIN"],
        glibc: true,
        check: ({ servers: [server] }) => {
          assertEquals(of("A", server!).length, 2);
          assertEquals(of("AAAA", server!).length, 2);
        },
      },
      "there are as many rounds as the file says": {
        servers: () => [silent],
        conf: ["options timeout:1 attempts:3"],
        found: ["EAI_AGAIN"],
        check: ({ servers: [server] }) => {
          assertEquals(of("A", server!).length, 3);
          assertEquals(of("AAAA", server!).length, 3);
        },
      },
      "time is over before the rounds are": {
        servers: () => [silent, silent],
        args: ["--timeout", "3"],
        found: ["EAI_AGAIN"],
        check: ({ servers }) => {
          for (const server of servers) assert(server.questions.length > 0);
        },
      },
      "all refuse": {
        servers: () => [failing(Code.Refused), failing(Code.Refused)],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
      "all fail": {
        servers: () => [failing(Code.ServFail), failing(Code.ServFail)],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
      "all refer to others": {
        servers: () => [referral, referral],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
      "one is dead, one silent, one refuses": {
        servers: () => ["dead", silent, failing(Code.Refused)],
        conf: ["options timeout:1 attempts:1"],
        found: ["EAI_AGAIN"],
        glibc: true,
      },
    },
    "a process remembers what did not answer": {
      "what was silent is asked last": {
        servers: () => [silent, right],
        ask: ["a.example", "b.example"],
        found: [BOTH, BOTH],
        check: (outcome) => {
          firstAsked("a.example", 0)(outcome);
          firstAsked("b.example", 1)(outcome);
          const names = outcome.servers[0]!.questions.map(({ name }) => name);
          assert(!names.includes("b.example"));
        },
      },
      "what was dead is asked last": {
        servers: () => ["dead", silent, right],
        ask: ["a.example", "b.example"],
        found: [BOTH, BOTH],
        check: firstAsked("b.example", 2),
      },
      "an answer clears it": {
        servers: () => [
          onlyFor("b.example", "c.example"),
          onlyFor("a.example"),
        ],
        ask: ["a.example", "b.example", "c.example"],
        found: [BOTH, BOTH, BOTH],
        check: (outcome) => {
          firstAsked("a.example", 0)(outcome);
          firstAsked("b.example", 1)(outcome);
          firstAsked("c.example", 0)(outcome);
        },
      },
      "when all are bad the file's order holds": {
        servers: () => [silent, silent],
        conf: ["options timeout:1 attempts:1"],
        ask: ["a.example", "b.example"],
        found: [["EAI_AGAIN"], ["EAI_AGAIN"]],
        check: (outcome) => {
          firstAsked("a.example", 0)(outcome);
          firstAsked("b.example", 0)(outcome);
        },
      },
      "what refused is asked again as before": {
        servers: () => [failing(Code.Refused), right],
        ask: ["a.example", "b.example"],
        found: [BOTH, BOTH],
        check: firstAsked("b.example", 0),
      },
    },
    "one look-up has one socket": {
      "for all attempts and both types": {
        servers: () => [silent],
        conf: QUICK,
        found: ["EAI_AGAIN"],
        check: ({ servers: [server] }) => {
          const ports = server!.questions.filter(({ transport }) =>
            transport === "udp"
          ).map(({ port }) => port);
          assertEquals(new Set(ports).size, 1);
        },
      },
      "for all servers": {
        servers: () => [silent, silent, right],
        found: BOTH,
        check: ({ servers }) => {
          const ports = servers.flatMap(({ questions }) => questions)
            .filter(({ transport }) => transport === "udp")
            .map(({ port }) => port);
          assertEquals(new Set(ports).size, 1);
        },
      },
      "and the next one has another": {
        servers: () => [right],
        ask: ["a.example", "b.example", "c.example", "d.example"],
        found: [BOTH, BOTH, BOTH, BOTH],
        check: ({ servers: [server] }) => {
          const ports = server!.questions.map(({ port }) => port);
          // Two of them may come by the same one, not all.
          assert(new Set(ports).size > 2);
        },
      },
    },
  },
);
