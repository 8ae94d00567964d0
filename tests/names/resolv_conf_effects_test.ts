/** resolv.conf(5) by what the name servers hear of it. */

import { assert, assertEquals } from "../assert.ts";
import { answer, Code, failing, nodata, nxdomain } from "./messages.ts";
import { Glibc, type Looker, Parley } from "./asker.ts";
import {
  DNS_PORT,
  type Found,
  freshAddress,
  hasGlibc,
  type MachineOptions,
  machineTest,
} from "./machine.ts";
import {
  always,
  NameServer,
  type Question,
  type Script,
  SOON,
} from "./name_server.ts";
import { BOTH, HOST, sideBySide, situationTest } from "./situations.ts";

const right = always(...BOTH);

/** A file for some servers' addresses, and the names to look for. */
interface Reading extends Pick<MachineOptions, "hostName"> {
  readonly lines: (first: string, second: string) => readonly string[];
  readonly ask?: readonly string[];
  /** What the servers say. @default no such name, so that all are tried */
  readonly script?: Script;
}

/** Names with no dot, with some, and with one at the end. */
const NAMES = ["host", "host.sub", "host.sub.deep", "host.sub.", "host."];

/** What came of a file. */
interface Outcome {
  /** What two servers were asked, in the order of the names. */
  readonly heard: readonly string[];
  /** What was found of each name. */
  readonly found: readonly Found[];
}

async function outcomeOf(
  { lines, script = nxdomain, hostName, ask = NAMES }: Reading,
  askers: Looker,
): Promise<Outcome> {
  const servers = [0, 1].map(() =>
    new NameServer(script, { hostname: freshAddress(), port: DNS_PORT })
  );
  const [first, second] = servers as [NameServer, NameServer];
  try {
    const resolvConf = lines(first.hostname, second.hostname);
    const questions = ask.map((host) => ({ host }));
    const answers = await askers.ask({ resolvConf }, questions, hostName);
    const heard = servers.flatMap(({ questions }, place) =>
      questions.map((question) => ({ ...question, place }))
    ).toSorted((a, b) => a.order - b.order);
    return { heard: inGroups(heard), found: answers.map(({ found }) => found) };
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}

/** The questions, the types of one name in the order of their texts. */
function inGroups(
  questions: readonly (Question & { readonly place: number })[],
): string[] {
  const groups: { name: string; words: string[] }[] = [];
  for (const { type, place, edns, transport, ...question } of questions) {
    const name = question.name.toLowerCase();
    let group = groups.at(-1);
    if (group?.name !== name) groups.push(group = { name, words: [] });
    const opt = edns === undefined ? "" : " with OPT";
    group.words.push(`${type} ${name} of ${place} over ${transport}${opt}`);
  }
  // What was answered late may have been asked again.
  return groups.flatMap(({ words }) => [...new Set(words)].toSorted());
}

/** Files that glibc and we read the same way. */
const READINGS: Readonly<{ [sentence: string]: Reading }> = {
  "one server and no more": { lines: (first) => [`nameserver ${first}`] },
  "a search list": {
    lines: (first) => [`nameserver ${first}`, "search a.test b.test"],
  },
  "a search list with tabs and several spaces": {
    lines: (
      first,
    ) => [`nameserver \t ${first}  `, "search\ta.test  \t b.test "],
  },
  "a search list with commas": {
    lines: (first) => [`nameserver ${first}`, "search a.test,b.test c.test"],
  },
  "a search list with dots at both ends": {
    lines: (first) => [`nameserver ${first}`, "search a.test. b.test."],
  },
  "a search list of the root": {
    lines: (first) => [`nameserver ${first}`, "search . a.test"],
  },
  "a domain": { lines: (first) => [`nameserver ${first}`, "domain a.test"] },
  "a domain with more words behind it": {
    lines: (first) => [`nameserver ${first}`, "domain a.test b.test"],
  },
  "a domain behind a search list": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "search a.test b.test", "domain c.test"],
  },
  "a search list behind a domain": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "domain c.test", "search a.test b.test"],
  },
  "more search domains than there were six of": {
    lines: (first) => [
      `nameserver ${first}`,
      "search a.test b.test c.test d.test e.test f.test g.test h.test",
    ],
    ask: ["host"],
  },
  "an upper-case search domain": {
    lines: (first) => [`nameserver ${first}`, "search A.Test"],
    ask: ["host"],
  },
  "ndots:0": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "search a.test", "options ndots:0"],
  },
  "ndots:2": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "search a.test", "options ndots:2"],
  },
  "ndots beyond its limit": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "search a.test", "options ndots:99"],
    ask: [
      "host",
      "h.1.2.3.4.5.6.7.8.9.10.11.12.13.14",
      "h.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15",
    ],
  },
  "ndots without a number": {
    lines: (
      first,
    ) => [`nameserver ${first}`, "search a.test", "options ndots:x"],
  },
  "ndots with a space or a sign before the number": {
    lines: (first) => [
      ...[`nameserver ${first}`, "search a.test"],
      "options ndots: \t +2 edns0",
    ],
  },
  "ndots twice": {
    lines: (first) => [
      ...[`nameserver ${first}`, "search a.test"],
      ...["options ndots:3", "options ndots:1"],
    ],
  },
  "several options in one line": {
    lines: (first) => [
      ...[`nameserver ${first}`, "search a.test"],
      "options timeout:3 \t ndots:2  attempts:1 nosuch:1",
    ],
  },
  "comments": {
    lines: (first) => [
      ...["# a comment", "; another one", `#nameserver 127.0.0.1`],
      ...[`nameserver ${first}`, "search a.test", "#search b.test"],
    ],
  },
  "a comment behind a server": {
    lines: (first) => [`nameserver ${first} # that one`, "search a.test"],
  },
  "a comment right behind a server": {
    lines: (first, second) => [
      `nameserver ${first};that one`,
      `nameserver ${second}`,
    ],
  },
  "blank lines, and lines that begin with space": {
    lines: (first, second) => [
      ...["", `nameserver ${first}`, ` nameserver ${second}`, "  "],
      ...[" search a.test", "search b.test"],
    ],
  },
  "keywords in upper case, and those that nobody knows": {
    lines: (first, second) => [
      ...[`NAMESERVER ${second}`, `nameserver ${first}`, "lookup file"],
      ...["SEARCH a.test", "sortlist 192.0.2.0/24", "family inet4"],
    ],
  },
  "a server that is none": {
    lines: (first) => [
      ...["nameserver nosuch", "nameserver 127.0.0.256", "nameserver"],
      `nameserver ${first}`,
    ],
  },
  "a server in the form of IPv6": {
    lines: (first) => [`nameserver ::ffff:${first}`],
  },
  "a server in the form of IPv6, longhand": {
    lines: (first) => [`nameserver 0:0:0:0:0:FFFF:${first}`],
  },
  "edns0": {
    lines: (first) => [`nameserver ${first}`, "options edns0"],
    ask: ["host.sub"],
  },
  "edns0, with an answer": {
    lines: (first) => [`nameserver ${first}`, "options edns0"],
    ask: ["host.sub"],
    script: right,
  },
  "use-vc": {
    lines: (first) => [`nameserver ${first}`, "options use-vc"],
    ask: ["host.sub"],
    script: right,
  },
  "single-request": {
    lines: (first) => [`nameserver ${first}`, "options single-request"],
    ask: ["host.sub"],
    script: right,
  },
  "single-request-reopen": {
    lines: (first) => [`nameserver ${first}`, "options single-request-reopen"],
    ask: ["host.sub"],
    script: right,
  },
  "no-tld-query": {
    lines: (first) => [`nameserver ${first}`, "options no-tld-query"],
  },
  "the second server after the first has refused": {
    lines: (first, second) => [`nameserver ${first}`, `nameserver ${second}`],
    script: failing(Code.Refused),
    ask: ["host.sub"],
  },
  "no data in a search domain": {
    lines: (first) => [`nameserver ${first}`, "search a.test b.test"],
    script: (query) =>
      query.name.endsWith(".a.test") ? nodata(query) : nxdomain(query),
  },
  "records in the second search domain": {
    lines: (first) => [`nameserver ${first}`, "search a.test b.test"],
    script: (query) =>
      query.name.endsWith(".b.test") ? right(query) : nxdomain(query),
  },
  "the domain of the host's name": {
    lines: (first) => [`nameserver ${first}`],
    hostName: "machine.corp.test",
  },
  "a search list although the host's name has a domain": {
    lines: (first) => [`nameserver ${first}`, "search a.test"],
    hostName: "machine.corp.test",
  },
  "the domain of the host's name, with a dot at its end": {
    lines: (first) => [`nameserver ${first}`],
    hostName: "machine.corp.test.",
  },
  "a host's name without a domain": {
    lines: (first) => [`nameserver ${first}`],
    hostName: "machine",
  },
};

machineTest(
  "getAddrInfo() asks what glibc asks, whatever stands in resolv.conf",
  async (context) => {
    await using parley = new Parley();
    await using glibc = new Glibc();
    const steps = Object.entries(READINGS).map(([sentence, reading]) =>
      [sentence, async () => {
        const [ours, theirs] = await Promise.all([
          outcomeOf(reading, parley),
          outcomeOf(reading, glibc),
        ]);
        assertEquals(ours, theirs);
      }] as const
    );
    // Nothing waits here, and each at work is a process more.
    await sideBySide(context, Object.fromEntries(steps), 3);
  },
  hasGlibc,
);

const types = ({ questions }: NameServer) =>
  questions.map(({ type }) => type).toSorted();

/** Answers nothing that has an OPT record but with this. */
const withoutOpt = (otherwise: Script): Script => (question) =>
  question.edns === undefined ? right(question) : otherwise(question);

const ROTATED = ["a", "b", "c", "d", "e", "f"].map((name) => `${name}.example`);

situationTest("the options of resolv.conf have their effect", {
  "edns0: a question says how much of an answer it takes": {
    servers: () => [right],
    conf: ["options edns0"],
    found: BOTH,
    glibc: true,
    check: ({ servers: [server] }) => {
      assert(server!.questions.every(({ edns = 0 }) => edns >= 512));
    },
  },
  "edns0: where it is taken for malformed the question is asked without": {
    servers: () => [withoutOpt(failing(Code.FormErr))],
    conf: ["options edns0"],
    found: BOTH,
  },
  "edns0: if it is taken for malformed, in only a head": {
    servers: () => [
      withoutOpt((query) =>
        answer(query, {
          code: Code.FormErr,
          question: [],
          additional: [],
        })
      ),
    ],
    conf: ["options edns0"],
    found: BOTH,
  },
  "edns0: where it is taken for malformed twice, once is enough": {
    servers: () => [(question) => {
      const { edns } = question;
      if (edns === undefined) {
        return [{ message: right(question), after: 100 }];
      }
      const refusal = answer(question, { code: Code.FormErr });
      return [refusal, { message: refusal, after: 30 }];
    }],
    conf: ["options edns0"],
    found: BOTH,
    check: ({ servers: [server] }) => {
      const without = server!.questions.filter(({ edns }) =>
        edns === undefined
      );
      assertEquals(without.length, 2);
    },
  },
  "a search list with a comma in a name that exists": {
    servers: () => [(query) =>
      query.name === "host.a.test,b.test" ? right(query) : nxdomain(query)],
    conf: ["search c.test a.test,b.test"],
    ask: ["host"],
    // glibc asks for it, and then takes no such name for a host's.
    found: BOTH,
  },
  "edns0: where it is not known the question is asked without": {
    servers: () => [withoutOpt(failing(Code.NotImp))],
    conf: ["options edns0"],
    found: BOTH,
  },
  "edns0: where nothing is answered the question is asked without": {
    servers: () => [withoutOpt(() =>
      undefined
    )],
    conf: ["options edns0"],
    found: BOTH,
  },
  "use-vc: nothing is asked over UDP": {
    servers: () => [right],
    conf: ["options use-vc"],
    found: BOTH,
    glibc: true,
    check: ({ servers: [server] }) => {
      const { questions } = server!;
      assert(questions.every(({ transport }) =>
        transport === "tcp"
      ));
      assertEquals([...new Set(types(server!))], ["A", "AAAA"]);
    },
  },
  "use-vc: the next server where the first takes no connections": {
    servers: () => [[right, { tcp: false }], right],
    conf: ["options use-vc"],
    found: BOTH,
    glibc: true,
    check: ({ servers: [first] }) => assertEquals(first!.questions, []),
  },
  "single-request: the second question waits for the first answer": {
    servers: () => {
      let answered = false;
      return [(question) => {
        const first = !answered;
        answered = true;
        // Both at once would come before the first answer has gone.
        return first
          ? [{ message: right(question), after: 200 }]
          : right(question);
      }];
    },
    conf: ["options single-request"],
    found: BOTH,
    glibc: true,
    check: ({ servers: [server] }) => {
      const [first] = server!.questions;
      const second = server!.questions.find(({ type }) => type !== first!.type);
      assert(second!.at - first!.at >= SOON);
      assertEquals(second!.port, first!.port);
    },
  },
  "use-vc: the type that is missing is asked for once more": {
    servers: () => [
      (question) => question.type === "A" ? right(question) : undefined,
    ],
    conf: ["options use-vc"],
    found: [BOTH[0]!],
    check: ({ servers: [server] }) => {
      const aaaa = types(server!).filter((type) => type === "AAAA");
      assertEquals(aaaa.length, 2);
    },
  },
  "single-request: AAAA is asked for as soon as the server has failed for A": {
    servers: () => [
      (question) =>
        question.type === "A"
          ? answer(question, { code: Code.ServFail })
          : right(question),
    ],
    conf: ["options single-request"],
    found: [BOTH[1]!],
    check: ({ servers: [server] }) => {
      const [first] = server!.questions;
      const second = server!.questions.find(({ type }) => type !== first!.type);
      // Half of what all attempts take is five seconds.
      assert(second!.at - first!.at < 2500);
    },
  },
  "single-request: AAAA is asked for although A is lost": {
    servers: () => [
      (question) => question.type === "A" ? undefined : right(question),
    ],
    conf: ["options single-request timeout:1"],
    found: [BOTH[1]!],
  },
  "single-request-reopen: the second question comes from another port": {
    servers: () => [right],
    conf: ["options single-request-reopen"],
    found: BOTH,
    glibc: true,
    check: ({ servers: [server] }) => {
      const [first] = server!.questions;
      const second = server!.questions.find(({ type }) => type !== first!.type);
      assert(second!.port !== first!.port);
    },
  },
  "no-aaaa: no IPv6 addresses are asked for": {
    servers: () => [right],
    conf: ["options no-aaaa"],
    found: [BOTH[0]!],
    check: ({ servers: [server] }) =>
      assertEquals([...new Set(types(server!))], ["A"]),
  },
  "no-aaaa: none are found where nothing else is asked for": {
    servers: () => [right],
    conf: ["options no-aaaa"],
    args: ["-6"],
    found: ["EAI_NODATA"],
    check: ({ servers: [server] }) => assertEquals(types(server!), []),
  },
  "rotate: each server is the first one in its turn": {
    servers: () => [right, right, right],
    conf: ["options rotate"],
    ask: ROTATED,
    found: ROTATED.map(() => BOTH),
    check: ({ servers }) => {
      for (const [i, host] of ROTATED.entries()) {
        const [first] = servers.flatMap(({ questions }, place) =>
          questions.filter(({ name }) => name === host)
            .map(({ at }) => ({ place, at }))
        ).toSorted((a, b) => a.at - b.at);
        assertEquals(first?.place, i % servers.length, host);
      }
    },
  },
  "attempts beyond its limit": {
    servers: () => [failing(Code.ServFail)],
    conf: ["options attempts:99"],
    found: ["EAI_AGAIN"],
    glibc: true,
    check: ({ servers: [server] }) => {
      assertEquals(types(server!).filter((type) => type === "A").length, 5);
    },
  },
  "a name at the limit of its length, in a search domain too long for it": {
    servers: () => [right],
    conf: [`search ${"long.".repeat(20)}test`],
    ask: [Array(40).fill("label").join(".")],
    found: BOTH,
    glibc: true,
  },
  "a look-up of one family asks for one type": {
    servers: () => [right],
    args: ["-4"],
    ask: [HOST],
    found: [BOTH[0]!],
    glibc: true,
    check: ({ servers: [server] }) =>
      assertEquals([...new Set(types(server!))], ["A"]),
  },
});
