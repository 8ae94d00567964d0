import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import type { AddrInfoHints, NameServer } from "../../lib/names/hints.ts";
import { getNameInfo, type NameInfoOptions } from "../../lib/names/nameinfo.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import {
  assertResult,
  checkEach,
  endpoint,
  type Expected,
  jsonEvents,
  tracedCalls,
} from "../cmd/support.ts";
import { run } from "../harness.ts";
import { dnsmasq, IPV4, IPV6, peerTest } from "./peers.ts";

/** More addresses than 512 bytes can hold. */
const MANY = Array.from({ length: 60 }, (_, i) => `198.51.100.${i + 1}`);

const RECORDS = [
  // What it does not know of these does not exist; all else it refuses.
  ...["example", "2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"]
    .map((domain) => `local=/${domain}/`),
  "host-record=both.example,192.0.2.1,2001:db8::1",
  "host-record=four.example,192.0.2.4",
  "host-record=six.example,2001:db8::6",
  "host-record=several.example,192.0.2.11",
  "host-record=several.example,192.0.2.12",
  "host-record=several.example,192.0.2.13",
  "host-record=xn--bcher-kva.example,192.0.2.9",
  "host-record=home.example,127.0.0.1,::1",
  ...MANY.map((address) => `host-record=many.example,${address}`),
  "cname=alias.example,both.example",
  "cname=chain.example,alias.example",
  "cname=longer.example,chain.example",
  "txt-record=text.example,no address",
];

/** Starts a dnsmasq with those records. */
async function serve() {
  const server = await dnsmasq(RECORDS);
  const nameServer: NameServer = { ipAddr: IPV4.host, port: server.port };
  return {
    ...{ nameServer, port: server.port, dns: `127.0.0.1:${server.port}` },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The addresses of a host, in the order of their texts. */
async function addressesOf(
  host: string,
  hints: AddrInfoHints,
): Promise<string[]> {
  const list = await getAddrInfo(host, 80, { socktype: "stream", ...hints });
  return list.map(({ addr }) => addr.hostname).toSorted();
}

const FOUND: readonly (readonly [string, AddrInfoHints, readonly string[]])[] =
  [
    ["four.example", {}, ["192.0.2.4"]],
    ["six.example", {}, ["2001:db8::6"]],
    ["both.example", {}, ["192.0.2.1", "2001:db8::1"]],
    ["both.example.", {}, ["192.0.2.1", "2001:db8::1"]],
    ["Both.EXAMPLE", {}, ["192.0.2.1", "2001:db8::1"]],
    ["several.example", {}, ["192.0.2.11", "192.0.2.12", "192.0.2.13"]],
    ["longer.example", {}, ["192.0.2.1", "2001:db8::1"]],
    ["bücher.example", {}, ["192.0.2.9"]],
    ["BÜCHER。example", {}, ["192.0.2.9"]],
    ["xn--bcher-kva.example", {}, ["192.0.2.9"]],
    ["both.example", { family: "IPv4" }, ["192.0.2.1"]],
    ["both.example", { family: "IPv6" }, ["2001:db8::1"]],
    ["chain.example", { family: "IPv6" }, ["2001:db8::1"]],
    ["four.example", { family: "IPv6", v4Mapped: true }, ["::ffff:192.0.2.4"]],
    ["both.example", { family: "IPv6", v4Mapped: true }, ["2001:db8::1"]],
    ["both.example", { family: "IPv6", v4Mapped: true, all: true }, [
      "2001:db8::1",
      "::ffff:192.0.2.1",
    ]],
    // Without `v4Mapped`, `all` says nothing; nor do both without a family.
    ["both.example", { family: "IPv6", all: true }, ["2001:db8::1"]],
    ["four.example", { v4Mapped: true, all: true }, ["192.0.2.4"]],
  ];

peerTest(["dnsmasq"], "getAddrInfo() finds what dnsmasq knows", async () => {
  await using server = await serve();
  const { nameServer } = server;
  for (const [host, hints, expected] of FOUND) {
    assertEquals(
      await addressesOf(host, { nameServer, ...hints }),
      [...expected],
      `${host} ${JSON.stringify(hints)}`,
    );
  }
});

const MISSING: readonly (readonly [
  string,
  AddrInfoHints,
  AddrInfoErrorCode,
])[] = [
  ["nosuch.example", {}, "EAI_NONAME"],
  ["nosuch.example", { family: "IPv6" }, "EAI_NONAME"],
  ["nosuch.both.example", {}, "EAI_NONAME"],
  ["text.example", {}, "EAI_NODATA"],
  ["six.example", { family: "IPv4" }, "EAI_NODATA"],
  ["four.example", { family: "IPv6" }, "EAI_NODATA"],
  ["four.example", { family: "IPv6", all: true }, "EAI_NODATA"],
  // It asks nobody about these, and says that it cannot help.
  ["refused.test", {}, "EAI_AGAIN"],
  ["refused.test", { family: "IPv6", v4Mapped: true }, "EAI_AGAIN"],
];

peerTest(
  ["dnsmasq"],
  "getAddrInfo() reports why dnsmasq knows no address",
  async () => {
    await using server = await serve();
    const { nameServer } = server;
    for (const [host, hints, code] of MISSING) {
      const error = await assertRejects(
        () => getAddrInfo(host, 80, { nameServer, ...hints }),
        AddrInfoError,
      );
      assertEquals(error.code, code, `${host} ${JSON.stringify(hints)}`);
    }
  },
);

peerTest(
  ["dnsmasq"],
  "getAddrInfo() follows dnsmasq's aliases to the canonical name",
  async () => {
    await using server = await serve();
    const { nameServer } = server;
    for (
      const [host, name] of [
        ["both.example", "both.example"],
        ["alias.example", "both.example"],
        ["longer.example", "both.example"],
        ["Longer.Example.", "both.example"],
        ["bücher.example", "xn--bcher-kva.example"],
      ] as const
    ) {
      const hints = { nameServer, canonicalName: true };
      const [first, ...rest] = await getAddrInfo(host, 80, hints);
      assertEquals(first?.canonicalName, name);
      assert(rest.every((info) => !("canonicalName" in info)));
    }
  },
);

peerTest(
  ["dnsmasq"],
  "getAddrInfo() asks dnsmasq over TCP for what UDP cuts off",
  async () => {
    await using server = await serve();
    const { nameServer } = server;
    for (const hints of [{}, { family: "IPv4" }] as const) {
      assertEquals(
        await addressesOf("many.example", { nameServer, ...hints }),
        MANY.toSorted(),
      );
    }
  },
);

peerTest(
  ["dnsmasq"],
  "getAddrInfo() and getNameInfo() ask dnsmasq over IPv6",
  async () => {
    await using server = await serve();
    const nameServer = { ipAddr: IPV6.host, port: server.port };
    const both = ["192.0.2.1", "2001:db8::1"];
    assertEquals(await addressesOf("longer.example", { nameServer }), both);
    // The way to TCP leads over IPv6 as well.
    assertEquals(
      await addressesOf("many.example", { nameServer }),
      MANY.toSorted(),
    );
    const addr = { transport: "tcp", hostname: "192.0.2.1", port: 80 } as const;
    const { host } = await getNameInfo(addr, { nameServer });
    assertEquals(host, "both.example");
  },
);

const NAMED: readonly (readonly [string, NameInfoOptions, string])[] = [
  ["192.0.2.4", {}, "four.example"],
  ["2001:db8::6", {}, "six.example"],
  ["2001:0DB8:0::6", { nameRequired: true }, "six.example"],
  ["::ffff:192.0.2.4", { nameRequired: true }, "four.example"],
  ["192.0.2.4", { numericHost: true }, "192.0.2.4"],
  // No name, and no answer.
  ["192.0.2.99", {}, "192.0.2.99"],
  ["2001:db8::99", {}, "2001:db8::99"],
  ["203.0.113.1", {}, "203.0.113.1"],
];

const NAMELESS: readonly (readonly [string, AddrInfoErrorCode])[] = [
  ["192.0.2.99", "EAI_NONAME"],
  ["2001:db8::99", "EAI_NONAME"],
  ["203.0.113.1", "EAI_AGAIN"],
];

peerTest(
  ["dnsmasq"],
  "getNameInfo() asks dnsmasq for an address's name",
  async () => {
    await using server = await serve();
    const options = { nameServer: server.nameServer, numericService: true };
    const addr = (hostname: string) =>
      ({ transport: "tcp", hostname, port: 80 }) as const;
    for (const [address, more, host] of NAMED) {
      assertEquals(
        await getNameInfo(addr(address), { ...options, ...more }),
        { host, service: "80" },
      );
    }
    for (const [address, code] of NAMELESS) {
      const error = await assertRejects(
        () => getNameInfo(addr(address), { ...options, nameRequired: true }),
        AddrInfoError,
      );
      assertEquals(error.code, code, address);
    }
  },
);

const UNKNOWN = "getaddrinfo: Name or service not known";

const SHOWN: readonly (readonly [args: readonly string[], Expected])[] = [
  [["home.example"], {
    stdout: "IP addresses for home.example:\n\n" +
      "  IPv6: ::1\n  IPv4: 127.0.0.1\n",
  }],
  [["--canonical", "-4", "longer.example"], {
    stdout: "IP addresses for longer.example:\n\n" +
      "  canonical name: both.example\n  IPv4: 192.0.2.1\n",
  }],
  [["--reverse", "four.example", "2001:db8::1", "192.0.2.99"], {
    stdout: "IP addresses for four.example:\n\n" +
      "  IPv4: 192.0.2.4 (four.example)\n\n" +
      "IP addresses for 2001:db8::1:\n\n" +
      "  IPv6: 2001:db8::1 (both.example)\n\n" +
      "IP addresses for 192.0.2.99:\n\n  IPv4: 192.0.2.99\n",
  }],
  [["--service", "http", "--reverse", "six.example"], {
    stdout: "IP addresses for six.example:\n\n" +
      "  IPv6: [2001:db8::6]:80 (six.example)\n",
  }],
  [["four.example", "nosuch.example", "six.example"], {
    code: 2,
    stdout: "IP addresses for four.example:\n\n  IPv4: 192.0.2.4\n\n" +
      "IP addresses for six.example:\n\n  IPv6: 2001:db8::6\n",
    stderr: `${UNKNOWN} (nosuch.example)\n`,
  }],
  [["-6", "four.example"], {
    code: 2,
    stderr: "getaddrinfo: No address associated with hostname\n",
  }],
  [["refused.test"], {
    code: 2,
    stderr: "getaddrinfo: Temporary failure in name resolution\n",
  }],
];

peerTest(["dnsmasq"], "showip --dns prints what dnsmasq knows", async () => {
  await using server = await serve();
  await checkEach(SHOWN, async ([args, expected]) => {
    const result = await run("showip", ["--dns", server.dns, ...args]);
    assertResult(result, expected, args.join(" "));
  });
  const over6 = ["--dns", `[::1]:${server.port}`, "--quiet", "four.example"];
  assertResult(await run("showip", over6), { stdout: "192.0.2.4\n" });
});

peerTest(
  ["dnsmasq"],
  "showip --dns --json prints names, addresses and errors",
  async () => {
    await using server = await serve();
    const hosts = ["alias.example", "nosuch.example"];
    const { code, stdout, stderr } = await run("showip", [
      ...["--dns", server.dns, "--json", "--canonical", "--reverse", "-4"],
      ...["--service", "443", ...hosts],
    ]);
    assertEquals([code, stderr], [2, ""]);
    const [alias, nosuch] = hosts;
    assertEquals(jsonEvents("showip", stdout), [
      { event: "host", host: alias, canonicalName: "both.example" },
      {
        event: "address",
        host: alias,
        address: endpoint("192.0.2.1", 443),
        service: true,
        name: "both.example",
      },
      {
        event: "error",
        step: "getaddrinfo",
        code: "EAI_NONAME",
        message: "Name or service not known",
        host: nosuch,
        several: true,
      },
    ]);
  },
);

/** Each result in what `--trace` printed, without questions and times. */
function tracedSteps(stderr: string): string[] {
  return stderr.split("\n").filter((line) => / = | {2}order:/.test(line))
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim().replace(/ <\d+\.\d\d ms>$/, ""));
}

peerTest(
  ["dnsmasq"],
  "showip --dns --trace prints the server, the records and the order",
  async () => {
    await using server = await serve();
    const { dns } = server;
    const trace = async (...args: string[]) => {
      const line = ["--dns", dns, "--trace", "--quiet", ...args];
      return (await run("showip", line)).stderr;
    };
    const home = await trace("home.example");
    // The two questions are asked at once; either may be answered first.
    const [answers, order] = [
      tracedSteps(home).slice(0, 2).toSorted(),
      tracedSteps(home).slice(2),
    ];
    assertEquals(answers, [
      `${dns}: A home.example = 127.0.0.1`,
      `${dns}: AAAA home.example = ::1`,
    ]);
    assertEquals(order, [
      "order: ::1 first",
      "order: 127.0.0.1 next by RFC 6724 rule 6 (prefer higher precedence)",
    ]);
    assertEquals(tracedCalls(home), [
      'getaddrinfo("home.example", NULL, {AF_UNSPEC, SOCK_STREAM}) = 2 addresses',
    ]);
    const table: [args: string[], steps: string[]][] = [
      [["-4", "longer.example"], [
        "A longer.example = CNAME both.example, 192.0.2.1",
      ]],
      [["-4", "six.example"], ["A six.example = no data"]],
      [["-6", "nosuch.example"], ["AAAA nosuch.example = NXDOMAIN"]],
      // Asked in each of two rounds.
      [["-6", "refused.test"], [
        "AAAA refused.test = REFUSED",
        "AAAA refused.test = REFUSED",
      ]],
      [["-4", "--reverse", "four.example"], [
        "A four.example = 192.0.2.4",
        "PTR 4.2.0.192.in-addr.arpa = four.example",
      ]],
    ];
    await checkEach(table, async ([args, steps]) => {
      assertEquals(
        tracedSteps(await trace(...args)),
        steps.map((step) => `${dns}: ${step}`),
      );
    });
  },
);
