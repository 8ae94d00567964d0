/** How a look-up's trace tells its story. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Code, failing, nxdomain } from "./messages.ts";
import { always, silent } from "./name_server.ts";
import { BOTH, type Outcome, situationTest } from "./situations.ts";

const right = always(...BOTH);

/** The lines of a trace that tell of a server. */
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
      const [first, second, third] = outcome.servers.map(({ hostname }) =>
        hostname.replaceAll(".", "\\.")
      );
      assertTold(outcome, new RegExp(`${first}[^,]* silent`));
      assertTold(outcome, new RegExp(`${second}[^,]* SERVFAIL`));
      assertTold(outcome, new RegExp(`${third}\\b`));
      assertTold(outcome, /3 servers/);
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
