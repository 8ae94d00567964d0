import { assert, assertEquals } from "../assert.ts";
import { run, start } from "../harness.ts";
import { Code, failing } from "../names/messages.ts";
import { NameServer, type Zone, zone } from "../names/name_server.ts";
import {
  assertResult,
  checkEach,
  datagramSocket,
  endpoint,
  type Expected,
  jsonEvents,
  tracedCalls,
} from "./support.ts";

/** A name that is kept for the loopback, so that nobody is asked for it. */
const BOTH = "parley.localhost";

const UNKNOWN = "getaddrinfo: Name or service not known";

const TOLD: readonly (readonly [args: readonly string[], Expected])[] = [
  [["127.0.0.1"], {
    stdout: "IP addresses for 127.0.0.1:\n\n  IPv4: 127.0.0.1\n",
  }],
  [["0:0:0:0:0:0:0:1"], {
    stdout: "IP addresses for 0:0:0:0:0:0:0:1:\n\n  IPv6: ::1\n",
  }],
  [[BOTH], {
    stdout: `IP addresses for ${BOTH}:\n\n  IPv6: ::1\n  IPv4: 127.0.0.1\n`,
  }],
  [["-4", BOTH], {
    stdout: `IP addresses for ${BOTH}:\n\n  IPv4: 127.0.0.1\n`,
  }],
  [["--ipv6", BOTH], {
    stdout: `IP addresses for ${BOTH}:\n\n  IPv6: ::1\n`,
  }],
  [["--quiet", BOTH, "127.0.0.2"], {
    stdout: "::1\n127.0.0.1\n127.0.0.2\n",
  }],
  [["--service", "http", BOTH], {
    stdout:
      `IP addresses for ${BOTH}:\n\n  IPv6: [::1]:80\n  IPv4: 127.0.0.1:80\n`,
  }],
  [["--service", "443", "::1"], {
    stdout: "IP addresses for ::1:\n\n  IPv6: [::1]:443\n",
  }],
  [["--canonical", BOTH], {
    stdout: `IP addresses for ${BOTH}:\n\n  canonical name: ${BOTH}\n` +
      "  IPv6: ::1\n  IPv4: 127.0.0.1\n",
  }],
  [["--quiet", "--bytes", "::1"], { stdout: "::1\n" }],
  [["no name"], { code: 2, stderr: `${UNKNOWN}\n` }],
];

Deno.test("showip prints the addresses of one host", async () => {
  await checkEach(TOLD, async ([args, expected]) => {
    assertResult(await run("showip", args), expected, args.join(" "));
  });
});

Deno.test("showip --bytes shows each address as it lies in memory", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const args = ["--bytes", "--service", "3490", BOTH, "fe80::1%7"];
  const text = await run("showip", args);
  assertResult(text, {
    stdout: `IP addresses for ${BOTH}:

  IPv6: [::1]:3490
    struct sockaddr_in6, 28 bytes
       0  sin6_family    0a 00        AF_INET6 (10), host byte order
       2  sin6_port      0d a2        3490, network byte order
       4  sin6_flowinfo  00 00 00 00
       8  sin6_addr      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
                         ::                                        1
      24  sin6_scope_id  00 00 00 00
  IPv4: 127.0.0.1:3490
    struct sockaddr_in, 16 bytes
       0  sin_family     02 00        AF_INET (2), host byte order
       2  sin_port       0d a2        3490, network byte order
       4  sin_addr       7f 00 00 01  127.0.0.1
       8  sin_zero       00 00 00 00 00 00 00 00

IP addresses for fe80::1%7:

  IPv6: [fe80::1%7]:3490
    struct sockaddr_in6, 28 bytes
       0  sin6_family    0a 00        AF_INET6 (10), host byte order
       2  sin6_port      0d a2        3490, network byte order
       4  sin6_flowinfo  00 00 00 00
       8  sin6_addr      fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01
                         fe80  ::                                  1
      24  sin6_scope_id  07 00 00 00  7
`,
  });
  const { stdout } = await run("showip", ["--bytes", "--json", "127.0.0.1"]);
  assertEquals(jsonEvents("showip", stdout).at(-1)?.sockaddr, {
    struct: "sockaddr_in",
    size: 16,
    fields: [
      { name: "sin_family", offset: 0, size: 2, hex: "02 00" },
      { name: "sin_port", offset: 2, size: 2, hex: "00 00" },
      { name: "sin_addr", offset: 4, size: 4, hex: "7f 00 00 01" },
      { name: "sin_zero", offset: 8, size: 8, hex: "00 00 00 00 00 00 00 00" },
    ],
  });
});

Deno.test("showip parts several hosts, and goes on behind one that fails", async () => {
  const result = await run("showip", ["no name", "127.0.0.1", "x y", "::1"]);
  assertResult(result, {
    code: 2,
    stdout: "IP addresses for 127.0.0.1:\n\n  IPv4: 127.0.0.1\n\n" +
      "IP addresses for ::1:\n\n  IPv6: ::1\n",
    stderr: `${UNKNOWN} (no name)\n${UNKNOWN} (x y)\n`,
  });
});

Deno.test("showip --json reports hosts, addresses and errors as objects", async () => {
  const { code, stdout, stderr } = await run("showip", [
    "--json",
    "--service=http",
    "::1",
    "no name",
    "127.0.0.1",
  ]);
  assertEquals([code, stderr], [2, ""]);
  const found = (host: string) => [
    { event: "host", host },
    { event: "address", host, address: endpoint(host, 80), service: true },
  ];
  assertEquals(jsonEvents("showip", stdout), [
    ...found("::1"),
    {
      event: "error",
      step: "getaddrinfo",
      code: "EAI_NONAME",
      message: "Name or service not known",
      host: "no name",
      several: true,
    },
    ...found("127.0.0.1"),
  ]);
});

Deno.test("showip --trace shows each look-up on stderr", async () => {
  const args = [BOTH, "127.0.0.1", "no name"];
  const { stdout, stderr } = await run("showip", ["--trace", "-q", ...args]);
  assertEquals(stdout, "::1\n127.0.0.1\n127.0.0.1\n");
  const calls = stderr.split("\n").filter((line) => !line.startsWith(UNKNOWN));
  assertEquals(tracedCalls(calls.join("\n")), [
    `getaddrinfo("${BOTH}", NULL, {AF_UNSPEC, SOCK_STREAM}) = 2 addresses`,
    'getaddrinfo("127.0.0.1", NULL, {AF_UNSPEC, SOCK_STREAM}) = 1 address',
    'getaddrinfo("no name", NULL, {AF_UNSPEC, SOCK_STREAM}) = -1 EAI_NONAME ' +
    "(Name or service not known)",
  ]);
});

const ZONE: Zone = {
  "alias.example CNAME": ["host.example"],
  "host.example AAAA": ["::1"],
  "host.example A": ["127.0.0.2", "127.0.0.3"],
  "named.example A": ["192.0.2.8"],
  "8.2.0.192.in-addr.arpa PTR": ["first.example"],
  "nameless.example A": ["192.0.2.9"],
  "six.example AAAA": ["2001:db8::1"],
  [`${"1.".padEnd(48, "0.")}8.b.d.0.1.0.0.2.ip6.arpa PTR`]: ["six.example"],
  "evil.example A": ["192.0.2.10"],
  "10.2.0.192.in-addr.arpa PTR": ["\x1b[31m\u009b\n.example"],
};

const ASKED: readonly (readonly [args: readonly string[], Expected])[] = [
  [["host.example"], {
    stdout: "IP addresses for host.example:\n\n" +
      "  IPv6: ::1\n  IPv4: 127.0.0.2\n  IPv4: 127.0.0.3\n",
  }],
  [["--canonical", "-4", "alias.example"], {
    stdout: "IP addresses for alias.example:\n\n" +
      "  canonical name: host.example\n" +
      "  IPv4: 127.0.0.2\n  IPv4: 127.0.0.3\n",
  }],
  [["--reverse", "named.example", "nameless.example"], {
    stdout: "IP addresses for named.example:\n\n" +
      "  IPv4: 192.0.2.8 (first.example)\n\n" +
      "IP addresses for nameless.example:\n\n  IPv4: 192.0.2.9\n",
  }],
  [["--reverse", "2001:db8::1"], {
    stdout: "IP addresses for 2001:db8::1:\n\n" +
      "  IPv6: 2001:db8::1 (six.example)\n",
  }],
  [["-4", "six.example"], {
    code: 2,
    stderr: "getaddrinfo: No address associated with hostname\n",
  }],
  [["other.example"], { code: 2, stderr: `${UNKNOWN}\n` }],
  [["--quiet", "-4", "other.example", "host.example"], {
    code: 2,
    stdout: "127.0.0.2\n127.0.0.3\n",
    stderr: `${UNKNOWN} (other.example)\n`,
  }],
];

Deno.test("showip --dns asks that server", async () => {
  await using server = new NameServer(zone(ZONE));
  const dns = ["--dns", server.address];
  await checkEach(ASKED, async ([args, expected]) => {
    const result = await run("showip", [...dns, ...args]);
    assertResult(result, expected, args.join(" "));
  });
});

/** A name that the hosts file of this machine has, besides the loopback's. */
const OWN_NAME = Deno.readTextFileSync("/etc/hosts").split("\n")
  .map((line) => /^[0-9.]+\s+([a-z0-9-]+)/.exec(line)?.[1] ?? "")
  .find((name) => !["", "localhost"].includes(name));

Deno.test({
  name: "showip --dns leaves the hosts file aside",
  ignore: OWN_NAME === undefined,
  async fn() {
    await using server = new NameServer(
      zone({ [`${OWN_NAME} A`]: ["192.0.2.8"] }),
    );
    const args = ["--dns", server.address, "--quiet", OWN_NAME ?? ""];
    assertResult(await run("showip", args), { stdout: "192.0.2.8\n" });
  },
});

Deno.test("showip shows names from the DNS so that they do no harm", async () => {
  await using server = new NameServer(zone(ZONE));
  const args = ["--dns", server.address, "--reverse", "evil.example"];
  await checkEach([[], ["--json"], ["--quiet"]], async (options) => {
    const { code, stdout, stderr } = await run("showip", [...options, ...args]);
    assertEquals([code, stderr], [0, ""]);
    // deno-lint-ignore no-control-regex
    assertEquals(stdout.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g), null);
  });
});

Deno.test("showip names the address whose name nobody can say", async () => {
  const right = zone(ZONE);
  await using server = new NameServer((question) =>
    question.type === "PTR" ? failing(Code.ServFail)(question) : right(question)
  );
  const dns = ["--dns", server.address, "--reverse", "named.example"];
  const failure = "getaddrinfo: Temporary failure in name resolution " +
    "(192.0.2.8)\n";
  assertResult(await run("showip", dns), {
    code: 2,
    stdout: "IP addresses for named.example:\n\n  IPv4: 192.0.2.8\n",
    stderr: failure,
  });
  const { stderr } = await run("showip", ["--trace", ...dns]);
  const summary = `  1 server: ${server.address} SERVFAIL\n`;
  assert(stderr.endsWith(summary + failure), stderr);
});

Deno.test("showip gives up on a name server that never answers", async () => {
  using mute = datagramSocket();
  const dns = `127.0.0.1:${mute.port}`;
  const args = ["--dns", dns, "--timeout", "0.3", "host.example"];
  assertResult(await run("showip", args), {
    code: 2,
    stderr: "getaddrinfo: Temporary failure in name resolution\n",
  });
});

Deno.test("showip ends at once when it is interrupted", async () => {
  using mute = datagramSocket();
  const dns = `127.0.0.1:${mute.port}`;
  await using showip = start("showip", ["--dns", dns, "host.example"]);
  await Promise.race([mute.receive(), showip.end()]);
  showip.signal("SIGINT");
  assertResult(await showip.end(), { code: 130 });
});

Deno.test("showip refuses what is no service and no name server", async () => {
  const servers = ["", "localhost", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:x"];
  const wrong = [
    ...[...servers, "127.0.0.1:65536", "[::1", "::1]:53", "[127.0.0.1]:53"]
      .map((server) => ["--dns", server]),
    ...["", "80x", "0x50", "8e1", " 80", "-1", "65536", "no-such-service"]
      .map((service) => ["--service", service]),
    ["--dns"],
    ["--service"],
  ];
  await checkEach(wrong, async (args) => {
    const { code, stdout } = await run("showip", ["127.0.0.1", ...args]);
    assertEquals([code, stdout], [1, ""], args.join(" "));
  });
});
