import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import type { AddrInfo, AddrInfoHints } from "../../lib/names/hints.ts";
import { getNameInfo } from "../../lib/names/nameinfo.ts";
import { servicePort } from "../../lib/names/system_services.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import { PermissionError } from "../../lib/calls/errors.ts";
import type { CallEvent } from "../../lib/calls/observer.ts";
import type { ResolutionEvent } from "../../lib/names/events.ts";
import type { Family } from "../../lib/address/inet.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { failing } from "./messages.ts";
import { NameServer, type Zone, zone } from "./name_server.ts";

class Stop extends Error {}

/** A list in short, as in `IPv4 stream 127.0.0.1 80`. */
function short(list: readonly AddrInfo[]): string[] {
  return list.map(({ family, socktype, addr }) =>
    `${family} ${socktype} ${addr.hostname} ${addr.port}`
  );
}

/** The addresses of a host, for streams to port 80. */
async function addressesOf(
  host: string | null,
  hints: AddrInfoHints = {},
): Promise<string[]> {
  const list = await getAddrInfo(host, 80, { socktype: "stream", ...hints });
  return list.map(({ addr }) => addr.hostname);
}

/** Fails unless the look-up fails with that code. */
async function assertFails(
  code: AddrInfoErrorCode,
  ...args: Parameters<typeof getAddrInfo>
): Promise<void> {
  const error = await assertRejects(() => getAddrInfo(...args), AddrInfoError);
  assertEquals(error.code, code, JSON.stringify(args[0]));
}

Deno.test("getAddrInfo() takes numeric hosts in every form that glibc takes", async () => {
  const table: [host: string, Family, address: string][] = [
    ["127.0.0.1", "IPv4", "127.0.0.1"],
    ["127.1", "IPv4", "127.0.0.1"],
    ["0x7f.1", "IPv4", "127.0.0.1"],
    ["017700000001", "IPv4", "127.0.0.1"],
    ["::1", "IPv6", "::1"],
    ["0:0:0:0:0:0:0:1", "IPv6", "::1"],
    ["2001:DB8::0:1", "IPv6", "2001:db8::1"],
    ["::ffff:192.0.2.7", "IPv6", "::ffff:192.0.2.7"],
    ["fe80::1%1", "IPv6", "fe80::1%1"],
    ["::1%1", "IPv6", "::1%1"],
  ];
  for (const [host, family, address] of table) {
    assertEquals(
      short(await getAddrInfo(host, "80", { socktype: "stream" })),
      [`${family} stream ${address} 80`],
    );
  }
});

Deno.test("getAddrInfo() gives addresses that Deno takes", async () => {
  assertEquals(await getAddrInfo("127.0.0.1", 3490), [
    {
      family: "IPv4",
      socktype: "stream",
      addr: { transport: "tcp", hostname: "127.0.0.1", port: 3490 },
    },
    {
      family: "IPv4",
      socktype: "datagram",
      addr: { transport: "udp", hostname: "127.0.0.1", port: 3490 },
    },
  ]);
});

Deno.test("getAddrInfo() refuses a scope that cannot be", async () => {
  for (
    const host of [
      ...["fe80::1%", "::1%lo", "2001:db8::1%lo", "::1%1%2", "fe80::1%1%"],
      ...["fe80::1%4294967296", "fe80::1%a b", "fe80::1%-1", "1.2.3.4%1"],
    ]
  ) await assertFails("EAI_NONAME", host, 80, { numericHost: true });
});

Deno.test("getAddrInfo() refuses names that cannot be a host's", async () => {
  for (
    const host of [
      ...["", " ", "a b", "localhost ", " localhost", "localhost\n", "a\tb"],
      ...[
        "a\0b",
        "localhost\0",
        "a".repeat(300),
        `${"a".repeat(64)}.localhost`,
      ],
      ...["a..localhost", ".localhost", "localhost..", "..", "[::1]", "::1 "],
      ...["127.0.0.1 ", "1.2.3.4/8", "a/b", "a:b", "%lo", "http://localhost"],
      ...["\x1b[31mlocalhost", "\ud800.localhost", "a\u3000b"],
    ]
  ) await assertFails("EAI_NONAME", host, 80);
});

Deno.test("getAddrInfo() refuses a host that is no text", async () => {
  for (const host of [undefined, 1, {}]) {
    await assertRejects(
      () => getAddrInfo(host as string, 80),
      TypeError,
      `Expected a host or null, not ${typeof host}`,
    );
  }
});

Deno.test("getAddrInfo() takes ports in decimal, as text and as numbers", async () => {
  for (const port of [0, 1, 80, 3490, 65535]) {
    for (const service of [port, String(port)]) {
      const [first] = await getAddrInfo("127.0.0.1", service);
      assertEquals(first?.addr.port, port);
    }
  }
  const [none] = await getAddrInfo("127.0.0.1", null);
  assertEquals(none?.addr.port, 0);
});

Deno.test("getAddrInfo() knows no service by any other text", async () => {
  for (
    const service of [
      ...["", " ", " 80", "80 ", "80x", "0x50", "8e1", "-1", "+80", "65536"],
      ...["99999999999", "80.0", "８０", "nosuchservice", "HTTP", "http\0"],
      ...[-1, 65536, 80.5, NaN, Infinity, 1e21],
    ]
  ) await assertFails("EAI_SERVICE", "127.0.0.1", service);
});

Deno.test("getAddrInfo() gives the socket types on which a service is known", async () => {
  const table: [string, AddrInfoHints["socktype"], string[]][] = [
    ["http", undefined, ["IPv4 stream 127.0.0.1 80"]],
    ["www", "stream", ["IPv4 stream 127.0.0.1 80"]],
    ["ntp", undefined, ["IPv4 datagram 127.0.0.1 123"]],
    ["domain", undefined, [
      "IPv4 stream 127.0.0.1 53",
      "IPv4 datagram 127.0.0.1 53",
    ]],
    ["domain", "datagram", ["IPv4 datagram 127.0.0.1 53"]],
  ];
  for (const [service, socktype, expected] of table) {
    const list = await getAddrInfo("127.0.0.1", service, { socktype });
    assertEquals(short(list), expected);
  }
  await assertFails("EAI_SERVICE", "127.0.0.1", "http", {
    socktype: "datagram",
  });
  await assertFails("EAI_SERVICE", "127.0.0.1", "ntp", { socktype: "stream" });
});

Deno.test("getAddrInfo() gives the loopback for no host, and all for a passive one", async () => {
  const table: [AddrInfoHints, string[]][] = [
    [{}, ["::1", "127.0.0.1"]],
    [{ family: "IPv4" }, ["127.0.0.1"]],
    [{ family: "IPv6" }, ["::1"]],
    [{ passive: true }, ["::", "0.0.0.0"]],
    [{ passive: true, family: "IPv4" }, ["0.0.0.0"]],
    [{ passive: true, family: "IPv6" }, ["::"]],
  ];
  for (const [hints, expected] of table) {
    assertEquals(await addressesOf(null, hints), expected);
  }
  assertEquals(short(await getAddrInfo(null, "80")), [
    "IPv6 stream ::1 80",
    "IPv6 datagram ::1 80",
    "IPv4 stream 127.0.0.1 80",
    "IPv4 datagram 127.0.0.1 80",
  ]);
});

Deno.test("getAddrInfo() does not let passive change a host that is given", async () => {
  assertEquals(await addressesOf("127.0.0.1", { passive: true }), [
    "127.0.0.1",
  ]);
});

Deno.test("getAddrInfo() refuses hints that make no sense", async () => {
  await assertFails("EAI_NONAME", null, null);
  await assertFails("EAI_BADFLAGS", null, 80, { canonicalName: true });
  const family = "IPv5" as Family;
  await assertFails("EAI_FAMILY", "127.0.0.1", 80, { family });
  const socktype = "raw" as "stream";
  await assertFails("EAI_SOCKTYPE", "127.0.0.1", 80, { socktype });
});

Deno.test("getAddrInfo() takes only numbers if it is asked to", async () => {
  const numericHost = true;
  assertEquals(await addressesOf("::1", { numericHost }), ["::1"]);
  await assertFails("EAI_NONAME", "localhost", 80, { numericHost });
  const numericService = true;
  const [first] = await getAddrInfo("::1", "80", { numericService });
  assertEquals(first?.addr.port, 80);
  await assertFails("EAI_NONAME", "127.0.0.1", "http", { numericService });
});

Deno.test("getAddrInfo() keeps to one family", async () => {
  await assertFails("EAI_ADDRFAMILY", "127.0.0.1", 80, { family: "IPv6" });
  await assertFails("EAI_ADDRFAMILY", "::1", 80, { family: "IPv4" });
  // A mapped address is an IPv4 address if those are asked for.
  assertEquals(
    await addressesOf("::ffff:192.0.2.7", { family: "IPv4" }),
    ["192.0.2.7"],
  );
});

Deno.test("getAddrInfo() maps IPv4 addresses only for IPv6", async () => {
  const family = "IPv6";
  const host = "192.0.2.7";
  const mapped = ["::ffff:192.0.2.7"];
  const v4Mapped = true;
  const all = true;
  assertEquals(await addressesOf(host, { family, v4Mapped }), mapped);
  assertEquals(await addressesOf(host, { family, v4Mapped, all }), mapped);
  assertEquals(await addressesOf(host, { v4Mapped, all }), [host]);
  await assertFails("EAI_ADDRFAMILY", host, 80, { family, all });
});

Deno.test("getAddrInfo() gives a numeric host's own text as its canonical name", async () => {
  for (const host of ["127.1", "0:0:0:0:0:0:0:1"]) {
    const [first, ...rest] = await getAddrInfo(host, 80, {
      canonicalName: true,
    });
    assertEquals(first?.canonicalName, host);
    assert(rest.every((info) => !("canonicalName" in info)));
  }
  const [first] = await getAddrInfo("127.0.0.1", 80);
  assert(first !== undefined && !("canonicalName" in first));
});

Deno.test("getAddrInfo() resolves localhost to the loopback, in any case", async () => {
  for (const host of ["localhost", "LocalHost", "localhost."]) {
    for (const hostname of await addressesOf(host)) {
      assert(hostname === "::1" || hostname.startsWith("127."), hostname);
    }
  }
});

Deno.test("getAddrInfo() keeps *.localhost on this machine", async () => {
  for (const host of ["parley.localhost", "A_b-1.LOCALHOST.", "ü.localhost"]) {
    assertEquals(await addressesOf(host), ["::1", "127.0.0.1"]);
    assertEquals(await addressesOf(host, { family: "IPv4" }), ["127.0.0.1"]);
  }
});

Deno.test("getAddrInfo() reports the call as C makes it", async () => {
  const calls: CallEvent[] = [];
  const observer = {
    event() {},
    call: (call: CallEvent) => void calls.push(call),
  };
  await getAddrInfo("127.0.0.1", 80, { socktype: "stream", observer });
  await getAddrInfo(null, "http", {
    family: "IPv6",
    passive: true,
    numericHost: true,
    observer,
  });
  await assertFails("EAI_NONAME", "a\nb", null, { observer });
  assertEquals(
    calls.map((
      { call, arguments: args, result, code, message },
    ) => [`${call}(${args.join(", ")})`, result, code, message]),
    [
      [
        'getaddrinfo("127.0.0.1", "80", {AF_UNSPEC, SOCK_STREAM})',
        "1 address",
        undefined,
        undefined,
      ],
      [
        'getaddrinfo(NULL, "http", {AF_INET6, AI_PASSIVE, AI_NUMERICHOST})',
        "1 address",
        undefined,
        undefined,
      ],
      [
        'getaddrinfo("a\\nb", NULL, {AF_UNSPEC})',
        -1,
        "EAI_NONAME",
        "Name or service not known",
      ],
    ],
  );
});

const ZONE: Zone = {
  "both.example A": ["192.0.2.1", "192.0.2.2"],
  "both.example AAAA": ["2001:db8::1"],
  "four.example A": ["192.0.2.4"],
  "six.example AAAA": ["2001:db8::6"],
  "alias.example CNAME": ["four.example"],
  "xn--e28h.example A": ["192.0.2.9"],
  "1.2.0.192.in-addr.arpa PTR": ["both.example"],
};

Deno.test("getAddrInfo() asks the DNS for both families", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  const found = await addressesOf("both.example", { nameServer });
  assertEquals(found.toSorted(), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
  const four = await addressesOf("Four.Example.", { nameServer });
  assertEquals(four, ["192.0.2.4"]);
  const six = await addressesOf("six.example", { nameServer });
  assertEquals(six, ["2001:db8::6"]);
});

Deno.test("getAddrInfo() asks the DNS for one family", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  const six = { family: "IPv6", nameServer } as const;
  assertEquals(await addressesOf("both.example", six), ["2001:db8::1"]);
  assertEquals(
    await addressesOf("four.example", { ...six, v4Mapped: true }),
    ["::ffff:192.0.2.4"],
  );
  assertEquals(
    await addressesOf("both.example", { ...six, v4Mapped: true }),
    ["2001:db8::1"],
  );
  const all = { ...six, v4Mapped: true, all: true };
  assertEquals(
    (await addressesOf("both.example", all)).toSorted(),
    ["2001:db8::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"],
  );
});

Deno.test("getAddrInfo() asks for a name beyond ASCII in its ASCII form", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  assertEquals(await addressesOf("😀.example", { nameServer }), ["192.0.2.9"]);
});

Deno.test("getAddrInfo() follows aliases to the canonical name", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  const hints = { nameServer, canonicalName: true };
  for (const host of ["alias.example", "four.example"]) {
    const [first] = await getAddrInfo(host, 80, hints);
    assertEquals(first?.addr.hostname, "192.0.2.4");
    assertEquals(first?.canonicalName, "four.example");
  }
});

Deno.test("getAddrInfo() knows no name that the DNS does not know", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  for (const host of ["nosuch.example", "😀.nosuch"]) {
    await assertFails("EAI_NONAME", host, 80, { nameServer });
  }
});

Deno.test("getAddrInfo() reports where each answer came from, and the order", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  const told: ResolutionEvent[] = [];
  const observer = {
    event() {},
    resolution: (event: ResolutionEvent) => void told.push(event),
  };
  const answers = () =>
    told.splice(0).flatMap((step) =>
      step.event === "answer"
        ? [`${step.source}: ${step.question} = ${step.answer.join(", ")}`]
        : []
    );
  await addressesOf("127.1", { observer });
  assertEquals(answers(), ["literal: 127.1 = 127.0.0.1"]);
  await addressesOf("parley.localhost", { observer });
  assertEquals(
    told.flatMap((step) => step.event === "order" ? [step] : []),
    [
      { event: "order", address: "::1" },
      // RFC 6724 section 2.1: ::1 has precedence 50, IPv4 has 35.
      { event: "order", address: "127.0.0.1", rule: 6 },
    ],
  );
  assertEquals(answers(), ["RFC 6761: parley.localhost = ::1, 127.0.0.1"]);
  const options = { observer, nameServer, family: "IPv4" } as const;
  await addressesOf("alias.example", options);
  assertEquals(answers(), [
    `${server.address}: A alias.example = CNAME four.example, 192.0.2.4`,
  ]);
});

Deno.test("getAddrInfo() throws another error for each reason why the DNS has no address", async () => {
  // As glibc does: res_nsearch() and gaih_inet().
  const table: [rcode: number, AddrInfoErrorCode][] = [
    [0, "EAI_NODATA"],
    [1, "EAI_FAIL"],
    [2, "EAI_AGAIN"],
    [3, "EAI_NONAME"],
    [5, "EAI_AGAIN"],
  ];
  for (const [rcode, code] of table) {
    await using server = new NameServer(failing(rcode));
    const { nameServer } = server;
    await assertFails(code, "host.example", 80, { nameServer });
  }
});

/** A server that hears questions and does not answer. */
function silentServer() {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const { hostname: ipAddr, port } = socket.addr as Deno.NetAddr;
  return {
    nameServer: { ipAddr, port },
    asked: () => socket.receive(),
    [Symbol.dispose]: () => socket.close(),
  };
}

Deno.test("getAddrInfo() says to try again when the time is over", async () => {
  using server = silentServer();
  const { nameServer } = server;
  await assertFails("EAI_AGAIN", "host.example", 80, {
    nameServer,
    timeout: 20,
  });
});

Deno.test("getAddrInfo() ends with the signal's reason", async () => {
  using server = silentServer();
  const { nameServer } = server;
  const controller = new AbortController();
  const { signal } = controller;
  const looking = getAddrInfo("host.example", 80, { nameServer, signal });
  await server.asked();
  controller.abort(new Stop());
  await assertRejects(() => looking, Stop);
  await assertRejects(
    () => getAddrInfo("host.example", 80, { nameServer, signal }),
    Stop,
  );
});

Deno.test({
  name: "getAddrInfo() names the flag if it may not ask the DNS",
  permissions: { net: false },
  async fn() {
    const nameServer = { ipAddr: "192.0.2.53" };
    const error = await assertRejects(
      () => getAddrInfo("host.example", 80, { nameServer }),
      PermissionError,
    );
    assertEquals(error.flag, "--allow-net=192.0.2.53:53");
  },
});

Deno.test({
  name: "getAddrInfo() works without any permission if it need not ask",
  permissions: "none",
  async fn() {
    assertEquals(await addressesOf("127.0.0.1"), ["127.0.0.1"]);
    assertEquals(await addressesOf("localhost"), ["::1", "127.0.0.1"]);
    const [first] = await getAddrInfo("::1", "http");
    assertEquals(first?.addr.port, 80);
  },
});

Deno.test("servicePort() knows a service on its transport", () => {
  assertEquals(servicePort("http", "stream"), 80);
  assertEquals(servicePort("ntp", "datagram"), 123);
  assertEquals(servicePort("ntp", "stream"), undefined);
  assertEquals(servicePort("80", "stream"), undefined);
});

/** An address as `getNameInfo` takes it. */
const net = (
  hostname: string,
  port: number,
  transport: "tcp" | "udp" = "tcp",
) => ({ transport, hostname, port } as const);

Deno.test("getNameInfo() returns numbers if it is asked to", async () => {
  const both = { numericHost: true, numericService: true };
  for (
    const [hostname, host] of [
      ["127.0.0.1", "127.0.0.1"],
      ["127.1", "127.0.0.1"],
      ["0:0::1", "::1"],
      ["fe80::1%1", "fe80::1%1"],
    ] as const
  ) {
    assertEquals(await getNameInfo(net(hostname, 80), both), {
      host,
      service: "80",
    });
  }
});

Deno.test("getNameInfo() refuses what is no address and port", async () => {
  for (const port of [-1, 65_536, 1.5, NaN]) {
    const flags = { numericHost: true };
    await assertRejects(() => getNameInfo(net("::1", port), flags), RangeError);
  }
  for (const addr of ["127.0.0.1:80", undefined, { port: 80 }]) {
    await assertRejects(
      () => getNameInfo(addr as unknown as Deno.NetAddr),
      TypeError,
      "Expected an Endpoint or a Deno.NetAddr, not ",
    );
  }
});

Deno.test("getNameInfo() names the service on its transport", async () => {
  const service = async (...args: Parameters<typeof net>) =>
    (await getNameInfo(net(...args), { numericHost: true })).service;
  assertEquals(await service("::1", 80), "http");
  assertEquals(await service("::1", 514, "udp"), "syslog");
  assertEquals(await service("::1", 123, "udp"), "ntp");
  assertEquals(await service("::1", 123, "tcp"), "123");
  assertEquals(await service("::1", 0), "0");
});

Deno.test("getNameInfo() asks the DNS for an address's name", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  const options = { nameServer, numericService: true };
  const known = await getNameInfo(net("192.0.2.1", 80), options);
  assertEquals(known, { host: "both.example", service: "80" });
  const unknown = await getNameInfo(net("2001:db8::1", 80), options);
  assertEquals(unknown, { host: "2001:db8::1", service: "80" });
});

Deno.test("getNameInfo() takes no name that cannot be a host's, as glibc does", async () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ["_x.example", ["_x.example"]],
    ["192.0.2.9", ["192.0.2.9"]],
    [".", ["."]],
    ["192.0.2.1", ["a b.example"]],
    ["192.0.2.1", ["-x.example"]],
    ["192.0.2.1", ["a/b.example"]],
    ["192.0.2.1", ["bücher.example"]],
    ["good.example", ["a b.example", "good.example"]],
  ];
  for (const [host, names] of table) {
    await using server = new NameServer(
      zone({ "1.2.0.192.in-addr.arpa PTR": names }),
    );
    const { nameServer } = server;
    const options = { nameServer, numericService: true };
    const found = await getNameInfo(net("192.0.2.1", 80), options);
    assertEquals(found.host, host, names.join());
    const required = { ...options, nameRequired: true };
    const looking = getNameInfo(net("192.0.2.1", 80), required);
    if (host !== "192.0.2.1") {
      assertEquals((await looking).host, host);
    } else {
      const error = await assertRejects(() => looking, AddrInfoError);
      assertEquals(error.code, "EAI_NONAME");
    }
  }
});

Deno.test("getNameInfo() fails if a name is required and there is none", async () => {
  await using server = new NameServer(zone(ZONE));
  const { nameServer } = server;
  for (
    const options of [
      { nameServer, nameRequired: true },
      { numericHost: true, nameRequired: true },
    ]
  ) {
    const error = await assertRejects(
      () => getNameInfo(net("2001:db8::1", 80), options),
      AddrInfoError,
    );
    assertEquals(error.code, "EAI_NONAME");
  }
});

Deno.test("getNameInfo() refuses a host that is not numeric", async () => {
  for (const host of ["localhost", "", "::1 "]) {
    const error = await assertRejects(
      () => getNameInfo(net(host, 80)),
      AddrInfoError,
    );
    assertEquals(error.code, "EAI_FAMILY");
  }
});

Deno.test("getNameInfo() ends with the signal's reason", async () => {
  using server = silentServer();
  const { nameServer } = server;
  const controller = new AbortController();
  const { signal } = controller;
  const looking = getNameInfo(net("192.0.2.1", 80), { nameServer, signal });
  await server.asked();
  controller.abort(new Stop());
  await assertRejects(() => looking, Stop);
});

Deno.test("a time limit out of its range is a RangeError, though nobody would be waited for", async () => {
  const addr = { transport: "tcp", hostname: "127.0.0.1", port: 80 } as const;
  for (const timeout of [-1, NaN, Infinity]) {
    for (
      const run of [
        () => getAddrInfo("127.0.0.1", 80, { timeout }),
        () => getAddrInfo(null, 80, { timeout }),
        () => getNameInfo(addr, { numericHost: true, timeout }),
      ]
    ) {
      await assertRejects(run, RangeError);
    }
  }
});
