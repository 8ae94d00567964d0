/** Look-ups of programs that may reach their name server and no more. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Code, failing, nodata, nxdomain } from "./messages.ts";
import { Machine, machineTest } from "./machine.ts";
import { always, type NameServer, type Script, silent } from "./name_server.ts";
import { BOTH, HOST, type Outcome, situationsTest } from "./situations.ts";

const right = always(...BOTH);

const READ = "--allow-read=/etc/hosts,/etc/services,/etc/resolv.conf";

/** The servers, and no socket of one's own. */
function serversOnly(servers: readonly string[]): string[] {
  return [`--allow-net=${servers.map((each) => `${each}:53`).join()}`, READ];
}

function overTcp({ servers }: Outcome): void {
  for (const { questions } of servers) {
    assert(questions.every(({ transport }) => transport === "tcp"));
  }
}

/** Fails unless the trace says who was passed over, and why. */
function passedOver(
  words: (servers: readonly NameServer[]) => [source: string, reason: string],
): (outcome: Outcome) => void {
  return ({ servers, result }) => {
    const events = result!.stderr.trimEnd().split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === "passedOver");
    assertEquals(
      events.map(({ source, reason }) => [source, reason]),
      [words(servers)],
    );
  };
}

function names({ questions }: NameServer): string[] {
  return [...new Set(questions.map(({ name }) => name.toLowerCase()))];
}

/** Knows names in the second of two domains. */
const second: Script = (question) =>
  question.name.toLowerCase().endsWith(".b.test")
    ? right(question)
    : nxdomain(question);

/** What a server says of names by which they are called. */
const CODES = new Map([
  ["none.example", nxdomain],
  ["nodata.example", nodata],
  ["fails.example", failing(Code.ServFail)],
  ["refused.example", failing(Code.Refused)],
]);

/** Speaks only UDP. */
const udpOnly = (script: Script) =>
  [script, { tcp: false }] as [
    Script,
    { tcp: false },
  ];

/** What the task grants. */
const TASK = [
  "--allow-net=0.0.0.0/0:53,0.0.0.0:0",
  READ,
  "--allow-sys=networkInterfaces",
];

machineTest(
  "where resolv.conf names none but IPv6 servers the error names the flag",
  async () => {
    const resolvConf = ["nameserver ::1"];
    await using machine = await Machine.make({ resolvConf, network: true });
    const { code, stderr } = await machine.program("showip", [HOST], TASK);
    assertEquals(code, 1);
    assertMatch(stderr, /^showip: needs '--allow-net=\[::1\]:53[^\n]*'\n$/);
  },
);

machineTest("where the name server is denied the error names it", async () => {
  const resolvConf = ["nameserver 127.0.0.1"];
  await using machine = await Machine.make({ resolvConf, network: true });
  const flags = ["--allow-all", "--deny-net=127.0.0.1:53"];
  const { code, stderr } = await machine.program("showip", [HOST], flags);
  assertEquals(code, 1);
  assertEquals(stderr, "showip: needs --allow-net=127.0.0.1:53\n");
});

situationsTest("names are found with what is granted", {
  "where nothing but the name server is granted it is asked over TCP": {
    "for its records": {
      servers: () => [right],
      flags: serversOnly,
      found: BOTH,
      check(outcome) {
        overTcp(outcome);
        const { asked } = outcome.servers[0]!;
        assertEquals([...new Set(asked)], [`A ${HOST}`, `AAAA ${HOST}`]);
      },
    },
    "for its codes": {
      servers: () => [
        (question) => CODES.get(question.name)?.(question),
      ],
      conf: ["options timeout:1 attempts:1"],
      flags: serversOnly,
      ask: [
        "none.example",
        "nodata.example",
        "fails.example",
        "refused.example",
      ],
      found: [["EAI_NONAME"], ["EAI_NODATA"], ["EAI_AGAIN"], ["EAI_AGAIN"]],
      check: overTcp,
    },
    "in each search domain": {
      servers: () => [second],
      conf: ["search a.test b.test"],
      flags: serversOnly,
      ask: ["host"],
      found: BOTH,
      check(outcome) {
        overTcp(outcome);
        assertEquals(names(outcome.servers[0]!), [
          "host.a.test",
          "host.b.test",
        ]);
      },
    },
    "and the next one where it fails": {
      servers: () => [failing(Code.ServFail), right],
      flags: serversOnly,
      found: BOTH,
      check: overTcp,
    },
    "and the next one where it closes the connection": {
      servers: () => [() => "close", right],
      flags: serversOnly,
      found: BOTH,
      check: overTcp,
    },
    "and the next one where it is silent": {
      servers: () => [silent, right],
      flags: serversOnly,
      found: BOTH,
      check: overTcp,
    },
    "and the next one where it takes no connections": {
      servers: () => [[right, { tcp: false }], right],
      flags: serversOnly,
      found: BOTH,
    },
    "and one of two that is granted": {
      servers: () => [silent, right],
      flags: ([, second]) => serversOnly([second!]),
      found: BOTH,
      check: ({ servers: [first] }) => assertEquals(first!.questions, []),
    },
  },
  "where the granted name server takes no connections Deno asks it": {
    "if it is one of two": {
      servers: () => [silent, udpOnly(right)],
      flags: ([, second]) => serversOnly([second!]),
      found: BOTH,
      check: ({ servers: [first] }) => assertEquals(first!.questions, []),
    },
    "for its records": {
      servers: () => [udpOnly(right)],
      flags: serversOnly,
      found: BOTH,
    },
    "for a name of one type": {
      servers: () => [udpOnly(right)],
      flags: serversOnly,
      args: ["-4"],
      found: [BOTH[0]!],
    },
    "in the search domains, both types for the same name": {
      servers: () => [
        udpOnly((question) => {
          const name = question.name.toLowerCase();
          const [first, second] = ["host.a.test", "host.b.test"];
          // By itself Deno would take each from a domain of its own.
          if (name === first && question.type === "A") return right(question);
          if (name === first) return nodata(question);
          return name === second ? right(question) : nxdomain(question);
        }),
      ],
      conf: ["search a.test b.test"],
      flags: serversOnly,
      ask: ["host"],
      found: [BOTH[0]!],
    },
    "for a name that does not exist": {
      servers: () => [udpOnly(nxdomain)],
      flags: serversOnly,
      args: ["--trace"],
      found: ["EAI_NONAME"],
      check: ({ result }) => {
        const last = result!.stderr.trimEnd().split("\n").at(-1)!;
        const { event, message } = JSON.parse(last);
        assertEquals([event, message], ["summary", "Deno: not found"]);
      },
    },
  },
  "with what the task grants": {
    "names are found": {
      servers: () => [right],
      flags: () => TASK,
      found: BOTH,
      check: ({ servers: [server] }) => {
        const { questions } = server!;
        assert(questions.every(({ transport }) => transport === "udp"));
      },
    },
    "a server of IPv6 is passed over": {
      servers: () => [right],
      conf: ["nameserver ::1"],
      flags: () => TASK,
      found: BOTH,
    },
  },
  "where a name server is granted without a socket of its family": {
    "the others are asked": {
      servers: () => [right],
      conf: ["nameserver ::1"],
      flags: ([first]) => [`--allow-net=0.0.0.0:0,[::1]:53,${first}:53`, READ],
      args: ["--trace"],
      found: BOTH,
      check: passedOver(() => ["[::1]:53", "needs --allow-net=[::]:0"]),
    },
  },
  "where a name server is denied": {
    "the others are asked": {
      servers: () => [right, right],
      flags: ([first]) => ["--allow-all", `--deny-net=${first}:53`],
      args: ["--trace"],
      found: BOTH,
      check(outcome) {
        assertEquals(outcome.servers[0]!.questions, []);
        passedOver(([{ hostname } = { hostname: "" }]) => [
          `${hostname}:53`,
          `needs --allow-net=${hostname}:53`,
        ])(outcome);
      },
    },
  },
});
