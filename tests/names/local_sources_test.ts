/** The hosts file, special names, and files that are not there. */

import { assert, assertEquals, assertMatch } from "../assert.ts";
import { isInstalled } from "../harness.ts";
import {
  askGlibc,
  askShowip,
  DNS_PORT,
  freshAddress,
  hasGlibc,
  Machine,
  machineTest,
} from "./machine.ts";
import { always, NameServer } from "./name_server.ts";
import { nxdomain } from "./messages.ts";
import { sideBySide, situationTest } from "./situations.ts";

/** A hosts file with all that is unusual. */
const HOSTS = [
  "# hosts",
  "127.0.0.1 localhost",
  "::1 localhost ip6-localhost",
  "2001:DB8:0:0:0:0:0:0001 longhand.test",
  "2001:db8::0a upper.test UPPER-ALIAS.test",
  "2001:db8::a upper.test",
  "::ffff:192.0.2.9 mapped.test",
  "::FFFF:c000:20a mappedhex.test",
  "0:0:0:0:0:0:0:1 loop.test",
  "::1 loop4.test",
  "127.0.0.1 loop4.test",
  "192.0.2.1 twice.test",
  "192.0.2.1 twice.test again.test",
  "192.0.2.2 twice.test",
  "192.0.2.3 first.test shared.test",
  "2001:db8::3 second.test shared.test",
  "192.0.2.4\ttabbed.test\t \talias.test   # a comment",
  "  192.0.2.5 indented.test",
  "192.0.2.6 commented.test#alias6.test",
  "#192.0.2.7 off.test",
  "192.0.2.8 crlf.test crlfalias.test\r",
  "2001:db8::8 crlf6.test\r",
  "192.0.2.010 octal.test",
  "127.1 short.test",
  "0x7f000001 hex.test",
  "192.0.2.256 wrong.test",
  "192.0.2.11/24 prefix.test",
  "fe80::1%lo scoped.test",
  "::192.0.2.12 compatible.test",
  "192.0.2.13",
  "192.0.2.14 Case.Test cAsEaLiAs.test",
  "192.0.2.15 dotted.test.",
  "192.0.2.16 under_score.test -dash.test",
  "192.0.2.17 bücher.test",
  "192.0.2.18 xn--mller-kva.test",
  "192.0.2.19 solo",
  "192.0.2.20 sub.localhost",
  "192.0.2.21 filed.invalid filed.onion filed.alt",
  "1.2.3.4 5.6.7.8",
  "192.0.2.22 odd+name.test O'Dd_2 a..b .a (x)",
  "::ffff:192.0.2.23 bob's-pc",
  `192.0.2.24 ${"a".repeat(64)}.test`,
];

const HOST_NAMES = [
  ...["localhost", "ip6-localhost", "longhand.test", "upper.test"],
  ...["upper-alias.test", "mapped.test", "mappedhex.test", "loop.test"],
  ...["loop4.test", "twice.test", "again.test", "shared.test", "first.test"],
  ...["second.test", "tabbed.test", "alias.test", "indented.test"],
  ...["commented.test", "alias6.test", "off.test", "crlf.test"],
  ...["crlfalias.test", "crlf6.test", "octal.test", "short.test", "hex.test"],
  ...["wrong.test", "prefix.test", "scoped.test", "compatible.test"],
  ...["case.test", "CASE.TEST", "casealias.test", "under_score.test"],
  ...["-dash.test", "solo", "filed.invalid", "filed.onion"],
  ...["filed.alt", "nosuch.test", "xn--mller-kva.test", "bücher.test"],
  ...["odd+name.test", "ODD+NAME.test", "o'dd_2", "a..b", ".a", "(x)"],
  ...["bob's-pc", `${"a".repeat(64)}.test`, "no+such.test"],
];

const FAMILIES = [
  { family: "AF_UNSPEC", args: [] },
  { family: "AF_INET", args: ["-4"] },
  { family: "AF_INET6", args: ["-6"] },
] as const;

machineTest(
  "showip finds in the hosts file what glibc finds there",
  async () => {
    // What is not in the file does not exist.
    const hostname = freshAddress();
    const where = { hostname, port: DNS_PORT };
    await using _server = new NameServer(nxdomain, where);
    const resolvConf = [`nameserver ${hostname}`];
    await using machine = await Machine.make({ hosts: HOSTS, resolvConf });
    const different: unknown[] = [];
    for (const { family, args } of FAMILIES) {
      const [theirs, { shown }] = await Promise.all([
        askGlibc(machine, HOST_NAMES.map((host) => ({ host, family }))),
        askShowip(machine, HOST_NAMES, args),
      ]);
      for (const [i, host] of HOST_NAMES.entries()) {
        const [ours, glibc] = [shown[i]!, theirs[i]!];
        if (JSON.stringify(ours) !== JSON.stringify(glibc)) {
          different.push({ host, family, ours, glibc });
        }
      }
    }
    assertEquals(different, []);
  },
  hasGlibc,
);

machineTest(
  "getAddrInfo() maps what is in the hosts file only for IPv6",
  async () => {
    const hosts = ["::1 loop.test"];
    await using machine = await Machine.make({ hosts });
    const code = `
      import { getAddrInfo } from "./mod.ts";
      const hints = { v4Mapped: true, all: true, socktype: "stream" };
      for (const family of [undefined, "IPv6", "IPv4"]) {
        const list = await getAddrInfo("loop.test", 80, { ...hints, family });
        console.log(list.map(({ addr }) => addr.hostname).join(" "));
      }`;
    const args = ["eval", "--no-check", "--ext=js", code];
    const { stdout, stderr } = await machine.run(Deno.execPath(), ...args);
    // As glibc has it.
    const found = "::1\n::1 ::ffff:127.0.0.1\n127.0.0.1\n";
    assertEquals([stdout, stderr], [found, ""]);
  },
);

machineTest(
  "showip finds Unicode names of the hosts file in either form",
  async () => {
    await using machine = await Machine.make({ hosts: HOSTS });
    const table = {
      "bücher.test": ["192.0.2.17"],
      "BÜCHER.test": ["192.0.2.17"],
      "bu\u0308cher.test": ["192.0.2.17"],
      "xn--bcher-kva.test": ["192.0.2.17"],
      "müller.test": ["192.0.2.18"],
      "xn--mller-kva.test": ["192.0.2.18"],
    };
    const { shown } = await askShowip(machine, Object.keys(table));
    assertEquals(shown.map(({ found }) => found), Object.values(table));
  },
);

machineTest(
  "showip --reverse finds the line of an address, however it is written",
  async () => {
    await using machine = await Machine.make({ hosts: HOSTS });
    const table = {
      "2001:db8::1": "longhand.test",
      "2001:0DB8::0001": "longhand.test",
      "2001:db8::a": "upper.test",
      "192.0.2.9": "mapped.test",
      "::ffff:192.0.2.9": "mapped.test",
      "192.0.2.14": "Case.Test",
      "192.0.2.8": "crlf.test",
    };
    const args = ["--json", "--reverse", "--", ...Object.keys(table)];
    const { stdout } = await machine.program("showip", args);
    const names = stdout.split("\n").slice(0, -1).map((line) =>
      JSON.parse(line)
    ).filter(({ event }) => event === "address").map(({ name }) => name);
    assertEquals(names, Object.values(table));
  },
);

const DNS_ONLY = ["192.0.2.99"];

situationTest("names that never leave the machine are not asked for", {
  "the hosts file has none": {
    servers: () => [always(...DNS_ONLY)],
    ask: [
      ...["nope.invalid", "invalid", "nope.onion", "onion.", "nope.alt"],
      ...["alt", "a.b.INVALID", "a.b.Onion."],
    ],
    found: Array(8).fill(["EAI_NONAME"]),
    check: ({ servers: [server] }) => assertEquals(server!.asked, []),
  },
  "nor in a search domain": {
    servers: () => [always(...DNS_ONLY)],
    conf: ["search corp.test", "options ndots:5"],
    ask: ["nope.invalid", "nope.onion", "nope.alt", "a.localhost"],
    found: [
      ["EAI_NONAME"],
      ["EAI_NONAME"],
      ["EAI_NONAME"],
      ["127.0.0.1", "::1"],
    ],
    check: ({ servers: [server] }) => assertEquals(server!.asked, []),
  },
  "the loopback": {
    servers: () => [always(...DNS_ONLY)],
    ask: ["localhost", "LOCALHOST.", "a.localhost"],
    found: Array(3).fill(["127.0.0.1", "::1"]),
    check: ({ servers: [server] }) => assertEquals(server!.asked, []),
  },
  "the hosts file has them": {
    servers: () => [always(...DNS_ONLY)],
    hosts: [
      ...["192.0.2.20 sub.localhost localhost"],
      ...["192.0.2.21 filed.invalid filed.onion filed.alt"],
    ],
    ask: [
      ...["localhost", "sub.localhost", "filed.invalid", "filed.onion"],
      "FILED.alt",
    ],
    found: [
      ...Array(2).fill(["192.0.2.20"]),
      ...Array(3).fill(["192.0.2.21"]),
    ],
    glibc: true,
    check: ({ servers: [server] }) => assertEquals(server!.asked, []),
  },
  "a name that ends alike is asked for": {
    servers: () => [always(...DNS_ONLY)],
    ask: ["notinvalid", "notonion", "default", "cobalt", "invalid.example"],
    found: Array(5).fill(DNS_ONLY),
    glibc: true,
  },
});

machineTest("showip --trace says why a name is not asked for", async () => {
  await using machine = await Machine.make({});
  for (
    const [name, rfc] of [["invalid", 6761], ["onion", 7686], ["alt", 9476]]
  ) {
    const args = ["--trace", `nope.${name}`];
    const { code, stderr } = await machine.program("showip", args);
    assertEquals(code, 2);
    assertMatch(stderr, new RegExp(`RFC ${rfc}`));
  }
});

/** What is on port 53 of the loopback of a machine of its own. */
const RECORDS = ["local=/test/", "host-record=host.test,192.0.2.1,2001:db8::1"];

const DNSMASQ = [
  ...["no-daemon", "conf-file", "no-resolv", "no-hosts", "bind-interfaces"],
  ...["user=", "listen-address=127.0.0.1", "listen-address=::1", ...RECORDS],
].map((each) => `--${each}`);

/** What may stand in resolv.conf and lead to this machine. */
const OWN: Readonly<
  { [what: string]: readonly string[] | "dangling link" | undefined }
> = {
  "no file": undefined,
  "a link to nowhere": "dangling link",
  "an empty file": [],
  "a file without servers": ["search corp.test", "options timeout:1"],
  "a file with none but wrong servers": ["nameserver nosuch"],
  "0.0.0.0": ["nameserver 0.0.0.0"],
  "::": ["nameserver ::"],
  "longhand": ["nameserver 0:0:0:0:0:0:0:1"],
  "mapped": ["nameserver ::ffff:127.0.0.1"],
  "a scope": ["nameserver ::1%lo"],
  "octal": ["nameserver 0177.1"],
};

machineTest("this machine's own name server is asked", async (context) => {
  await using machine = await Machine.make({ network: true });
  await using server = machine.start(
    // It closes as many descriptors as there might be.
    ...["bash", "-c", 'ulimit -n 256; exec dnsmasq "$@"'] as const,
    ...["bash", ...DNSMASQ],
  );
  await server.stderr(/started, version/);
  await sideBySide(
    context,
    Object.fromEntries(
      Object.entries(OWN).map(([what, resolvConf]) => [what, async () => {
        await machine.put(resolvConf === undefined ? {} : { resolvConf });
        const [theirs, { shown, result }] = await Promise.all([
          askGlibc(machine, [{ host: "host.test" }]),
          askShowip(machine, ["host.test"]),
        ]);
        const expected = ["192.0.2.1", "2001:db8::1"];
        assertEquals(theirs[0]?.found, expected, "glibc");
        assertEquals(shown[0]?.found, expected, result.stdout);
      }]),
    ),
    // They share a machine.
    1,
  );
}, hasGlibc && isInstalled("dnsmasq"));

/** Fails if a look-up that failed blames the wrong one. */
function assertNotBlamed(output: string): void {
  assert(!output.includes("--allow"), output);
  assert(!output.includes("EAI_NONAME"), output);
  assert(!output.includes("not known"), output);
}

machineTest(
  "a file that cannot be read is neither a missing grant nor a missing name",
  async () => {
    const directory = { resolvConf: "directory", network: true } as const;
    await using machine = await Machine.make(directory);
    const { code, stdout, stderr } = await machine.program("showip", [
      ...["--json", "--trace", "host.test"],
    ]);
    assertEquals(code, 2);
    assertNotBlamed(stdout + stderr);
  },
);

/** Takes all descriptors that are left. */
const TAKE = `
const taken: Deno.FsFile[] = [];
function take() {
  try {
    for (;;) taken.push(Deno.openSync("/dev/null"));
  } catch { /* That is what it is for. */ }
}
`;

/** As soon as a socket is to be opened, no descriptor is left. */
const STARVE_AT_SOCKET = TAKE + `
const listen = Deno.listenDatagram;
Deno.listenDatagram = (options) => {
  take();
  return listen(options);
};
`;

/** Looks a name up, then again with descriptors. */
const LOOK_UP = TAKE + `
import { getAddrInfo } from ${
  JSON.stringify(import.meta.resolve("../../mod.ts"))
};
const nameServer = { ipAddr: Deno.env.get("NAME_SERVER")! };
// Whatever is loaded when it is needed has been.
await getAddrInfo("before.example", 80, { nameServer });
take();
const look = async (hints = {}) => {
  try {
    await getAddrInfo("host.example", 80, hints);
    return "found";
  } catch (error) {
    const { name, code, cause } = error as Error & { code: string };
    return { name, code, cause: String(cause) };
  }
};
const asked = await look({ nameServer });
const system = await look();
for (const file of taken) file.close();
console.log(JSON.stringify({ asked, system, after: await look({ nameServer }) }));
`;

/** Runs Deno with few descriptors on a machine whose name server answers. */
async function runStarved(
  scripts: Readonly<{ [name: string]: string }>,
  line: (folder: string) => readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const hostname = freshAddress();
  const where = { hostname, port: DNS_PORT };
  await using _server = new NameServer(always("192.0.2.1"), where);
  const resolvConf = [`nameserver ${hostname}`];
  await using machine = await Machine.make({ resolvConf });
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(scripts)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const limited = `ulimit -n 100; NAME_SERVER=${hostname} exec "$@"`;
    return await machine.run(
      ...["bash", "-c", limited, "bash", Deno.execPath(), "run"] as const,
      ...["--quiet", "--no-check", "--allow-all", "--unstable-net"],
      ...line(folder),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

machineTest(
  "getAddrInfo() throws EAI_SYSTEM where no descriptor is left",
  async () => {
    const { stdout, stderr } = await runStarved(
      { "look.ts": LOOK_UP },
      (folder) => [`${folder}/look.ts`],
    );
    assertEquals(stderr, "");
    const { asked, system, after } = JSON.parse(stdout);
    for (const { name, code, cause } of [asked, system]) {
      assertEquals([name, code], ["AddrInfoError", "EAI_SYSTEM"]);
      assertMatch(cause, /^SocketError: .*Too many open files/);
    }
    assertEquals(after, "found");
  },
);

machineTest("showip says that no descriptor is left", async () => {
  const starved = (...args: string[]) =>
    runStarved({ "starve.ts": STARVE_AT_SOCKET }, (folder) => [
      ...["--preload", `${folder}/starve.ts`, "cmd/showip.ts", ...args],
    ]);
  const { stderr } = await starved("host.example");
  assertEquals(stderr, "getaddrinfo: Too many open files\n");
  const { stdout } = await starved("--json", "host.example");
  const { code, message } = JSON.parse(stdout);
  assertEquals([code, message], ["EMFILE", "Too many open files"]);
});
