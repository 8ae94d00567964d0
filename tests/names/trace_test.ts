/** What a look-up's trace says. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Code, failing, nxdomain } from "./messages.ts";
import { DNS_PORT, freshAddress, Machine, machineTest } from "./machine.ts";
import { always, NameServer, silent } from "./name_server.ts";
import { BOTH, HOST, type Outcome, situationTest } from "./situations.ts";

const right = always(...BOTH);

/** The lines of a trace that name a server. */
function linesOf({ result }: Outcome, host: string): string[] {
  return result!.stderr.split("\n").filter((line) => line.includes(host));
}

/** Fails unless the trace has a line for each of some texts. */
function assertTold(outcome: Outcome, ...patterns: RegExp[]): void {
  const lines = outcome.result!.stderr.split("\n");
  for (const pattern of patterns) {
    const found = lines.some((line) => pattern.test(line));
    assert(found, `${pattern} is not in\n${outcome.result!.stderr}`);
  }
}

/** A server in a summary. */
interface Described {
  readonly server: string;
  readonly outcome: string;
}

const QUICK = ["options timeout:2 attempts:1"];

situationTest("showip --trace has a line", {
  "for each question and each answer": {
    servers: () => [right],
    args: ["--trace"],
    found: BOTH,
    check(outcome) {
      // With --json the trace is objects.
      for (const line of outcome.result!.stderr.trimEnd().split("\n")) {
        const event = JSON.parse(line);
        assertEquals(event.program, "showip");
        assertEquals(typeof event.event, "string");
      }
      const { hostname } = outcome.servers[0]!;
      const lines = linesOf(outcome, hostname);
      assert(lines.some((line) => line.includes(BOTH[0]!)));
      assert(lines.some((line) => line.includes(BOTH[1]!)));
    },
  },
  "for each server that was passed over, and why": {
    servers: () => [silent, failing(Code.ServFail), right],
    args: ["--trace"],
    found: BOTH,
    check(outcome) {
      const [first, second] = outcome.servers.map(({ hostname }) =>
        linesOf(outcome, hostname).join("\n")
      );
      assertMatch(first!, /silent/);
      assertMatch(second!, /SERVFAIL/);
    },
  },
  "that sums up why it failed": {
    servers: () => [silent, failing(Code.ServFail), "dead"],
    conf: QUICK,
    args: ["--trace"],
    found: ["EAI_AGAIN"],
    check(outcome) {
      const [first, second, third] = outcome.servers;
      const last = outcome.result!.stderr.trimEnd().split("\n").at(-1)!;
      const { event, host, servers } = JSON.parse(last);
      assertEquals([event, host], ["summary", HOST]);
      assertEquals(servers.map((each: Described) => each.server), [
        ...[first!.hostname, second!.hostname, third!.hostname],
      ]);
      const [silent, failed] = servers.map((each: Described) => each.outcome);
      assertEquals([silent, failed], ["silent", "SERVFAIL"]);
    },
  },
  "for a server that has answered before and is quiet now": {
    servers: () => [
      (question) =>
        question.name.startsWith("host.b.") ? undefined : nxdomain(question),
      right,
    ],
    conf: ["search a.test b.test"],
    ask: ["host"],
    args: ["--trace"],
    found: BOTH,
    check({ servers: [first], result }) {
      const source = `${first!.hostname}:${DNS_PORT}`;
      const reasons = result!.stderr.trimEnd().split("\n")
        .map((line) => JSON.parse(line))
        .filter((each) => each.event === "passedOver" && each.source === source)
        .map(({ reason }) => reason);
      assert(reasons.includes("silent for 400 ms"), reasons.join());
    },
  },
  "that sums up all that became of a server": {
    servers: () => [
      (question) =>
        question.name.endsWith(".a.test")
          ? failing(Code.ServFail)(question)
          : question.name.endsWith(".b.test")
          ? undefined
          : nxdomain(question),
    ],
    conf: ["search a.test b.test", "options timeout:1 attempts:1"],
    ask: ["host"],
    args: ["--trace"],
    found: ["EAI_AGAIN"],
    check({ servers: [server], result }) {
      const last = result!.stderr.trimEnd().split("\n").at(-1)!;
      assertEquals(JSON.parse(last).servers, [{
        server: server!.hostname,
        outcome: "SERVFAIL and silent and NXDOMAIN",
      }]);
    },
  },
  "for the search domains": {
    servers: () => [nxdomain],
    conf: ["search a.test b.test"],
    ask: ["host"],
    args: ["--trace"],
    found: ["EAI_NONAME"],
    check: (outcome) =>
      assertTold(
        outcome,
        /A host\.a\.test/,
        /AAAA host\.b\.test/,
        /NXDOMAIN/,
      ),
  },
  "for each address's place": {
    servers: () => [always("192.0.2.1", "198.51.100.1", "2001:db8::1")],
    args: ["--trace"],
    found: ["192.0.2.1", "198.51.100.1", "2001:db8::1"],
    check(outcome) {
      const places = outcome.result!.stderr.trimEnd().split("\n")
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === "order");
      assertEquals(
        places.map(({ address }) => address.host ?? address).toSorted(),
        ["192.0.2.1", "198.51.100.1", "2001:db8::1"],
      );
    },
  },
});

machineTest("showip --trace says why resolv.conf names nobody", async () => {
  const table = [
    ["dangling link", "not there"],
    ["directory", "Is a directory"],
  ] as const;
  for (const [resolvConf, reason] of table) {
    await using machine = await Machine.make({ resolvConf, network: true });
    const { stderr } = await machine.program("showip", ["--trace", HOST]);
    const [first] = stderr.split("\n");
    assertEquals(first, `  /etc/resolv.conf: passed over (${reason})`);
  }
});

machineTest("showip --trace ends with what became of each server", async () => {
  const [first, second] = [freshAddress(), freshAddress()];
  await using _silent = new NameServer(silent, {
    hostname: first,
    port: DNS_PORT,
  });
  await using _failing = new NameServer(failing(Code.ServFail), {
    hostname: second,
    port: DNS_PORT,
  });
  const resolvConf = [
    ...[`nameserver ${first}`, `nameserver ${second}`],
    "options timeout:1 attempts:1",
  ];
  await using machine = await Machine.make({ resolvConf });
  const { code, stderr } = await machine.program("showip", ["--trace", HOST]);
  assertEquals(code, 2);
  const summary = stderr.split("\n").find((line) => line.includes("2 servers"));
  assertEquals(
    summary?.trim().replace(/^.*?(?=2 servers)/, ""),
    `2 servers: ${first} silent, ${second} SERVFAIL`,
    stderr,
  );
});
