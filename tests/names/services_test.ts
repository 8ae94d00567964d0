import fc from "fast-check";
import {
  commonServices,
  findName,
  findPort,
  parsePort,
  parseServices,
} from "../../lib/names/services.ts";
import { assert, assertEquals } from "../assert.ts";

const SERVICES = parseServices(`
# Network services
domain\t\t53/tcp\t\t\t# Domain Name Server
domain\t\t53/udp
http\t\t80/tcp\t\twww web\t# WorldWideWeb HTTP
shell\t\t514/tcp\t\tcmd syslog
syslog\t\t514/udp
sctp-only\t81/sctp
too-high\t65536/tcp
no-port
no-protocol\t82
9/tcp
spaced\t83 / tcp
negative\t-1/tcp
highest\t65535/tcp\r
`);

Deno.test("parseServices() reads names, ports, transports and aliases", () => {
  assertEquals(SERVICES, [
    { names: ["domain"], port: 53, socktype: "stream" },
    { names: ["domain"], port: 53, socktype: "datagram" },
    { names: ["http", "www", "web"], port: 80, socktype: "stream" },
    { names: ["shell", "cmd", "syslog"], port: 514, socktype: "stream" },
    { names: ["syslog"], port: 514, socktype: "datagram" },
    { names: ["highest"], port: 65535, socktype: "stream" },
  ]);
});

Deno.test("findPort() finds a service by its name or an alias", () => {
  assertEquals(findPort(SERVICES, "http", "stream"), 80);
  assertEquals(findPort(SERVICES, "web", "stream"), 80);
  assertEquals(findPort(SERVICES, "domain", "datagram"), 53);
});

Deno.test("findPort() looks at one transport, and at the case", () => {
  assertEquals(findPort(SERVICES, "http", "datagram"), undefined);
  assertEquals(findPort(SERVICES, "HTTP", "stream"), undefined);
  assertEquals(findPort(SERVICES, "", "stream"), undefined);
});

Deno.test("findName() gives the official name on one transport", () => {
  assertEquals(findName(SERVICES, 80, "stream"), "http");
  assertEquals(findName(SERVICES, 514, "stream"), "shell");
  assertEquals(findName(SERVICES, 514, "datagram"), "syslog");
  assertEquals(findName(SERVICES, 80, "datagram"), undefined);
});

Deno.test("commonServices() has the ports that IANA assigned", () => {
  const table = [
    ["echo", "stream", 7],
    ["ssh", "stream", 22],
    ["domain", "datagram", 53],
    ["http", "stream", 80],
    ["www", "stream", 80],
    ["ntp", "datagram", 123],
    ["https", "stream", 443],
    ["imaps", "stream", 993],
  ] as const;
  for (const [name, socktype, port] of table) {
    assertEquals(findPort(commonServices(), name, socktype), port, name);
  }
});

Deno.test("parsePort() takes 0 to 65535 in decimal", () => {
  fc.assert(fc.property(fc.nat(65535), (port) => {
    assertEquals(parsePort(String(port)), port);
  }));
});

Deno.test("parsePort() refuses everything else", () => {
  for (
    const text of [
      ...["", " ", " 80", "80 ", "80\n", "-1", "+80", "80x", "0x50", "8e1"],
      ...["80.0", "65536", "99999999999999999999", "1_0", "８０", "NaN"],
    ]
  ) assertEquals(parsePort(text), undefined, JSON.stringify(text));
});

Deno.test("parsePort() never takes what has anything but digits", () => {
  const unit = fc.constantFrom(..."0189 \n+-x٣");
  fc.assert(fc.property(fc.string({ unit }), (text) => {
    assert(parsePort(text) === undefined || !/[^0-9]/.test(text));
  }));
});
