/** What needs a network of its own: addresses that swallow packets, files in
 * /etc, and a name server on port 53. */

import { assert, assertEquals } from "../assert.ts";
import {
  assertResult,
  checkEach,
  type Expected,
  type JsonEvent,
  jsonEvents,
} from "../cmd/support.ts";
import { type Result, Running } from "../harness.ts";
import { DNSMASQ_READY, dnsmasqLine, finish, namespaceTest } from "./peers.ts";

/**
 * Makes the network, says so, and keeps it until stdin ends.
 *
 * Whatever goes into the hole reaches an end where nobody has its address, so that not
 * even a refusal comes back; without ARP nobody asks whether anybody is there.
 */
const SETUP = `
set -e
ip link set lo up
ip link add hole type veth peer name bottom
ip link set bottom up
ip link set hole arp off up
ip address add 192.0.2.1/24 dev hole
ip address add 2001:db8::1/64 dev hole nodad
ip address add fd00::1/64 dev hole nodad
mount -t tmpfs tmpfs /mnt
put() { printf '%s\\n' "$2" > "/mnt/$1"; mount --bind "/mnt/$1" "/etc/$1"; }
put hosts "$1"
put resolv.conf "$2"
put nsswitch.conf "hosts: files dns"
echo ready
exec cat
`;

/** A network of its own, and what runs in it. */
interface Namespace extends AsyncDisposable {
  /** Starts a command in it. */
  start(command: string, ...args: string[]): Running;
  /** Runs one of Parley's programs in it, everything allowed by default. */
  run(
    program: string,
    args: readonly string[],
    flags?: readonly string[],
  ): Promise<Result>;
}

/** Makes a network, with such a hosts file and such a resolv.conf. */
async function namespace(
  hosts: readonly string[],
  resolvConf: readonly string[] = [],
): Promise<Namespace> {
  const files = [hosts, resolvConf].map((lines) => lines.join("\n"));
  const args = ["--mount", "--net", "bash", "-c", SETUP, "bash", ...files];
  const holder = new Running("unshare", args);
  const dispose = () => holder[Symbol.asyncDispose]();
  try {
    await holder.stdout(/ready/);
  } catch (error) {
    await dispose();
    throw error;
  }
  const enter = ["--target", String(holder.pid), "--mount", "--net", "--wd"];
  const start = (command: string, ...args: string[]) =>
    new Running("nsenter", [...enter, command, ...args], { stdin: "" });
  return {
    start,
    run: (program, args, flags = ["--allow-all"]) => {
      const script = `cmd/${program}.ts`;
      const line = ["run", "--quiet", ...flags, script, ...args];
      return finish(start(Deno.execPath(), ...line));
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Starts `server` on port 3490 of every address. */
async function greet(inside: Namespace): Promise<Running> {
  const line = ["run", "--quiet", "--allow-all", "cmd/server.ts"];
  const server = inside.start(Deno.execPath(), ...line);
  await server.stdout(/listening on/);
  return server;
}

const DEAD_6 = ["2001:db8::d", "2001:db8::e"] as const;
const DEAD_4 = "192.0.2.13";
const LIVE_6 = "2001:db8::1";
const LIVE_4 = "192.0.2.1";
/** What RFC 6724 puts behind all others: a unique local address. */
const LIVE_LAST = "fd00::1";

/** Hosts by their names: their addresses, and those that are to be tried. */
const ATTEMPTS: Readonly<
  Record<string, readonly [addresses: string[], attempts: string[]]>
> = {
  "last.test": [
    [DEAD_6[0], DEAD_4, LIVE_LAST],
    [DEAD_6[0], DEAD_4, LIVE_LAST],
  ],
  // The order of RFC 6724 does not depend on the file's, and each family's own
  // order stays; the second of IPv6 is not reached.
  "turns.test": [[LIVE_4, ...DEAD_6], [DEAD_6[0], LIVE_4]],
  "all.test": [
    [...DEAD_6, LIVE_LAST, DEAD_4],
    [DEAD_6[0], DEAD_4, DEAD_6[1], LIVE_LAST],
  ],
  "first.test": [[LIVE_6, DEAD_4, DEAD_6[0]], [LIVE_6]],
};

/** A hosts file's lines. */
function hostsLines(name: string, addresses: readonly string[]): string[] {
  return addresses.map((address) => `${address} ${name}`);
}

/** The attempts in a client's trace, the first one first. */
function attemptsOf(stderr: string): { to: string; milliseconds: number }[] {
  // They all end when one of them is connected: the longest began first.
  return jsonEvents("client", stderr)
    .filter(({ call }) => call === "connect")
    .map(({ arguments: args, milliseconds }) => ({
      to: String(args).replace(/^\d+,\[?(.*?)\]?:3490$/, "$1"),
      milliseconds: Number(milliseconds),
    }))
    .toSorted((a, b) => b.milliseconds - a.milliseconds);
}

namespaceTest(
  [],
  "client passes over dead addresses in steps of 250 ms, the families taking turns",
  async () => {
    await using inside = await namespace(
      Object.entries(ATTEMPTS).flatMap(([name, [addresses]]) =>
        hostsLines(name, addresses)
      ),
    );
    await using _server = await greet(inside);
    await checkEach(Object.entries(ATTEMPTS), async ([name, [, expected]]) => {
      const { code, stdout, stderr } = await inside.run("client", [
        ...["--json", "--trace", name],
      ]);
      const [connected, message] = jsonEvents("client", stdout);
      const host = expected.at(-1)!;
      const family = host.includes(":") ? "IPv6" : "IPv4";
      const peer = { family, host, port: 3490 };
      assertEquals(connected?.["peer"], peer);
      assertEquals(connected?.event, "connected");
      assertEquals(message?.event, "message");
      assertEquals(code, 0);
      const attempts = attemptsOf(stderr);
      assertEquals(attempts.map(({ to }) => to), expected, name);
      for (const [i, { milliseconds }] of attempts.entries()) {
        const step = milliseconds - (attempts[i + 1]?.milliseconds ?? -250);
        // A busy machine may report them late, one more than the other.
        assert(step > 150, `${name}: ${step} ms`);
        assert(milliseconds < 2000, `${name}: ${milliseconds} ms`);
      }
    });
  },
);

namespaceTest(
  [],
  "client reports each dead address when the time is over",
  async () => {
    await using inside = await namespace([
      ...hostsLines("dead.test", [...DEAD_6, DEAD_4]),
      ...hostsLines("mixed.test", [DEAD_6[0], DEAD_4, LIVE_LAST]),
    ]);
    const timedOut = "client: connect: Connection timed out\n";
    const refused = "client: connect: Connection refused\n";
    const failed = "client: failed to connect\n";
    const table: [name: string, stderr: string][] = [
      ["dead.test", timedOut.repeat(3) + failed],
      // Nobody listens at the address that does answer.
      ["mixed.test", refused + timedOut.repeat(2) + failed],
    ];
    await checkEach(table, async ([name, stderr]) => {
      const result = await inside.run("client", ["--timeout", "1", name]);
      assertResult(result, { code: 2, stderr });
    });
    const json = ["--timeout", "1", "--json", "dead.test"];
    const { code, stdout } = await inside.run("client", json);
    assertEquals(code, 2);
    assertEquals(
      jsonEvents("client", stdout).map(({ code, address }) => [
        code,
        (address as JsonEvent | undefined)?.host,
      ]),
      [
        ...[DEAD_6[0], DEAD_4, DEAD_6[1]].map((host) => ["ETIMEDOUT", host]),
        ["ETIMEDOUT", undefined],
      ],
    );
  },
);

namespaceTest(
  [],
  "servers and listener wait for --host no longer than --timeout",
  async () => {
    // A server there never answers.
    await using inside = await namespace([], [`nameserver ${DEAD_4}`]);
    const programs = ["time_server", "server", "listener"];
    await checkEach(programs, async (program) => {
      const args = ["--timeout", "0.5", "--host", "unknown.test"];
      // glibc's own limit is ten seconds.
      const start = performance.now();
      const { code, stderr } = await inside.run(program, args);
      assert(performance.now() - start < 8000);
      assertEquals({ code, stderr }, {
        code: 2,
        stderr: "getaddrinfo: Temporary failure in name resolution\n",
      });
    });
  },
);

namespaceTest(
  [],
  "client connects if only the host's name is granted",
  async () => {
    await using inside = await namespace([
      ...hostsLines("four.test", [LIVE_4]),
      ...hostsLines("six.test", [LIVE_LAST]),
    ]);
    await using _server = await greet(inside);
    const table = [
      ["four.test", LIVE_4],
      ["six.test", LIVE_LAST],
      ["FOUR.test", LIVE_4],
    ] as const;
    const extra = [[], ["--allow-read=/etc/hosts"]];
    const cases = table.flatMap((row) =>
      extra.map((flags) => ({ row, flags }))
    );
    await checkEach(cases, async ({ row: [name, address], flags }) => {
      const net = `--allow-net=${name}:3490`;
      assertResult(await inside.run("client", [name], [net, ...flags]), {
        stdout: `client: connecting to ${address}\n` +
          "client: received 'Hello, world!'\n",
      });
    });
  },
);

const RECORDS = [
  // What it does not know of these does not exist; all else it refuses.
  ...["example", "test", "corp.test", "deep", "short", "nosuch", "filed"]
    .map((domain) => `local=/${domain}/`),
  "host-record=both.corp.test,192.0.2.20",
  "host-record=both.example,192.0.2.21",
  "host-record=short.example,192.0.2.22",
  "host-record=sub.deep.corp.test,192.0.2.23",
  "host-record=elsewhere.unknown.corp.test,192.0.2.28",
  "host-record=filed.corp.test,192.0.2.24,2001:db8::24",
  "host-record=xn--bcher-kva.example,192.0.2.25",
  "host-record=under_score.example,192.0.2.26",
  "host-record=pair.example,192.0.2.27,2001:db8::27",
  ...Array.from(
    { length: 60 },
    (_, i) => `host-record=many.example,198.51.100.${i + 1}`,
  ),
  "cname=alias.example,pair.example",
  "txt-record=text.example,no address",
];

const FILED = ["192.0.2.30 filed canonical", "2001:db8::30 filed6 canonical6"];

const SEARCH = ["nameserver 127.0.0.1", "search corp.test example"];

/** Starts dnsmasq on port 53 of the loopback. */
async function serveNames(inside: Namespace): Promise<Running> {
  const server = inside.start(...dnsmasqLine(53, RECORDS));
  await server.stderr(DNSMASQ_READY);
  return server;
}

/** Where names are looked for: resolv.conf, command line, and the trace. */
const LOOK_UPS: readonly (readonly [
  resolvConf: readonly string[],
  cases: readonly (readonly [host: string, steps: string[], Expected])[],
])[] = [
  [SEARCH, [
    ["both", ["A both.corp.test = 192.0.2.20"], { stdout: "192.0.2.20\n" }],
    ["short", [
      "A short.corp.test = NXDOMAIN",
      "A short.example = 192.0.2.22",
    ], { stdout: "192.0.2.22\n" }],
    ["both.example", ["A both.example = 192.0.2.21"], {
      stdout: "192.0.2.21\n",
    }],
    // With a dot in it, it is first tried as it is.
    ["sub.deep", [
      "A sub.deep = NXDOMAIN",
      "A sub.deep.corp.test = 192.0.2.23",
    ], { stdout: "192.0.2.23\n" }],
    ["short.", ["A short = NXDOMAIN"], { code: 2 }],
    ["nosuch", [
      "A nosuch.corp.test = NXDOMAIN",
      "A nosuch.example = NXDOMAIN",
      "A nosuch = NXDOMAIN",
    ], { code: 2 }],
  ]],
  [[...SEARCH, "options ndots:2"], [
    ["sub.deep", ["A sub.deep.corp.test = 192.0.2.23"], {
      stdout: "192.0.2.23\n",
    }],
    ["both.example", [
      "A both.example.corp.test = NXDOMAIN",
      "A both.example.example = NXDOMAIN",
      "A both.example = 192.0.2.21",
    ], { stdout: "192.0.2.21\n" }],
    ["both.example.", ["A both.example = 192.0.2.21"], {
      stdout: "192.0.2.21\n",
    }],
  ]],
  // The last of `search` and `domain` counts.
  [[...SEARCH, "domain example"], [
    ["both", ["A both.example = 192.0.2.21"], { stdout: "192.0.2.21\n" }],
  ]],
  // Nobody listens there: the next one is asked when the second is over.
  [["nameserver 127.0.0.2", ...SEARCH, "options timeout:1 attempts:1"], [
    ["both", ["A both.corp.test = 192.0.2.20"], { stdout: "192.0.2.20\n" }],
  ]],
];

namespaceTest(
  ["dnsmasq"],
  "showip looks for names where resolv.conf says",
  async () => {
    await checkEach(LOOK_UPS, async ([resolvConf, cases]) => {
      await using inside = await namespace([], resolvConf);
      await using _server = await serveNames(inside);
      for (const [host, steps, { code = 0, stdout = "" }] of cases) {
        const result = await inside.run("showip", ["-4q", "--trace", host]);
        const traced = result.stderr.split("\n")
          .filter((line) => line.startsWith("  ") && line.includes(" = "))
          .map((line) => line.replace(/^ +127.0.0.1:53: | <.*$/g, ""));
        assertEquals(traced, steps, host);
        assertEquals([result.code, result.stdout], [code, stdout], host);
      }
    });
  },
);

namespaceTest(
  ["dnsmasq"],
  "showip looks into the hosts file first",
  async () => {
    await using inside = await namespace(FILED, SEARCH);
    await using _server = await serveNames(inside);
    const table: [args: string[], Expected][] = [
      [["filed"], { stdout: "192.0.2.30\n" }],
      [["Canonical"], { stdout: "192.0.2.30\n" }],
      // What the file does not have of a name, the DNS may have.
      [["-6", "filed"], { stdout: "2001:db8::24\n" }],
      [["filed.corp.test", "-4"], { stdout: "192.0.2.24\n" }],
      [["--dns", "127.0.0.1", "filed.corp.test", "-4"], {
        stdout: "192.0.2.24\n",
      }],
      [["--dns", "127.0.0.1", "filed"], {
        code: 2,
        stderr: "getaddrinfo: Name or service not known\n",
      }],
    ];
    await checkEach(table, async ([args, expected]) => {
      const result = await inside.run("showip", ["--quiet", ...args]);
      assertResult(result, expected, args.join(" "));
    });
  },
);

/** Prints what glibc returns for each name: its addresses, or the code. */
const GLIBC = `
import json, socket, sys
codes = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}
def look_up(name, family):
    try:
        # As bytes, which Python hands on as they are.
        found = socket.getaddrinfo(name.encode(), 0, family, socket.SOCK_STREAM)
        flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        return sorted({socket.getnameinfo(f[4], flags)[0] for f in found})
    except socket.gaierror as error:
        return [codes[error.errno]]
family = getattr(socket, sys.argv[1])
print(json.dumps([look_up(name, family) for name in sys.argv[2:]]))
`;

/** Names that every family is asked for. */
const NAMES = [
  ...["both", "short", "short.example", "short.", "sub.deep", "nosuch"],
  ...["Both.Example", "both.example.", "pair.example", "alias.example"],
  ...["filed", "canonical", "filed6", "FILED", "filed.", "filed.corp.test"],
  ...["many.example", "xn--bcher-kva.example", "under_score.example"],
  ...["nosuch.example", "nosuch.pair.example", "text.example", "text"],
  ...["localhost", "127.0.0.1", "127.1", "0x7f.1", "017700000001", "1.2.3"],
  ...["::1", "2001:DB8::1", "::ffff:192.0.2.1", "fe80::1%hole", "::1%1"],
  ...["fe80::1%nosuch", "1.2.3.4.5", "256.1.1.1", "a b", "a..example"],
  ...[".example", "..", "::1::", "[::1]", "127.0.0.1 ", "a/b", "x".repeat(64)],
  `${"x".repeat(64)}.example`,
  `${"x.".repeat(127)}example`,
];

/** Names for which dnsmasq refuses some question. */
const REFUSED = ["refused.unknown", "elsewhere.unknown", "refused"];

/** The families, and what only some of them are asked for. */
const ASKED = [
  // For IPv4 only, glibc takes a failure that may pass for one that lasts.
  { family: "AF_UNSPEC", flags: [], names: [...NAMES, ...REFUSED] },
  { family: "AF_INET6", flags: ["-6"], names: [...NAMES, ...REFUSED] },
  { family: "AF_INET", flags: ["-4"], names: NAMES },
];

/** What showip's objects say about a host: its addresses, or the code. */
function foundBy(events: readonly JsonEvent[], host: string): string[] {
  return events.filter((event) => event.host === host && event.event !== "host")
    .map(({ address, code }) =>
      String(address === undefined ? code : (address as JsonEvent).host)
    ).toSorted();
}

namespaceTest(
  ["dnsmasq", "python3"],
  "showip finds what glibc's getaddrinfo finds",
  async () => {
    const hosts = ["127.0.0.1 localhost", "::1 localhost", ...FILED];
    await using inside = await namespace(hosts, SEARCH);
    await using _server = await serveNames(inside);
    const different: unknown[] = [];
    await checkEach(ASKED, async ({ family, flags, names }) => {
      const [theirs, ours] = await Promise.all([
        finish(inside.start("python3", "-c", GLIBC, family, ...names)),
        inside.run("showip", ["--json", ...flags, "--", ...names]),
      ]);
      assertEquals(theirs.stderr + ours.stderr, "");
      const answers: string[][] = JSON.parse(theirs.stdout);
      assertEquals(answers.length, names.length);
      const events = jsonEvents("showip", ours.stdout);
      for (const [i, name] of names.entries()) {
        const found = foundBy(events, name).join();
        const expected = answers[i]?.join() ?? "";
        if (found !== expected) {
          different.push({ family, name, found, expected });
        }
      }
    });
    assertEquals(different, []);
  },
);
