import {
  host,
  nameServer,
  requireHost,
  unresolved,
} from "../../lib/program/hosts.ts";
import { UsageError } from "../../lib/program/options.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const advice = (host: string, port: string) => `to ${host} at <${port}>`;

Deno.test("requireHost() returns names and addresses as they are", () => {
  for (
    const host of [
      ...["localhost", "a.example.", "127.0.0.1", "127.1", "::1"],
      ...["fe80::1%eth0", "::ffff:1.2.3.4", "a b", "::1::", "bücher.test"],
    ]
  ) assertEquals(requireHost(host, "HOST", advice), host);
});

Deno.test("requireHost() says what to write instead of a URL or a port", () => {
  const table: [string, string, string][] = [
    ["localhost:3490", "has a port in it", "to localhost at <3490>"],
    ["localhost:http", "has a port in it", "to localhost at <http>"],
    ["localhost:", "has a port in it", "to localhost at <>"],
    ["127.0.0.1:80", "has a port in it", "to 127.0.0.1 at <80>"],
    ["[::1]:80", "has a port in it", "to ::1 at <80>"],
    ["http://localhost", "is a URL", "to localhost at <>"],
    ["HTTPS://a.example:8443/x?y#z", "is a URL", "to a.example at <8443>"],
    ["http://[::1]/", "is a URL", "to ::1 at <>"],
    ["http://[fe80::1%eth0]:80", "is a URL", "to fe80::1%eth0 at <80>"],
    ["localhost: 80", "has a port in it", "to localhost at <80>"],
    ["localhost:65536", "has a port in it", "to localhost at <PORT>"],
    ["//localhost", "is a URL", "to localhost at <>"],
    ["ftp://me:secret@ftp.example/", "is a URL", "to ftp.example at <>"],
  ];
  for (const [text, what, instead] of table) {
    const { message } = assertThrows(
      () => requireHost(text, "HOST", advice),
      UsageError,
    );
    const expected = `HOST: "${text}" ${what}: write '${instead}'`;
    assertEquals(message, expected);
  }
});

Deno.test("requireHost() refuses an empty host, and a URL without one", () => {
  const empty = () => requireHost("", "HOST", advice);
  assertThrows(empty, UsageError, "HOST is empty");
  const none = () => requireHost("http:///x", "HOST", advice);
  assertThrows(none, UsageError, "write a host");
});

Deno.test("a server's host says how host and port are given", () => {
  const option = host("where to listen");
  assertEquals(option.parse("::1", "--host", undefined), "::1");
  const wrong = () => option.parse("[::1]:80", "--host", undefined);
  assertThrows(wrong, UsageError, "write '--host ::1 --port 80'");
});

Deno.test("a host that does not resolve is named again", () => {
  const failure = {
    event: "error",
    step: "getaddrinfo",
    message: "some words",
  } as const;
  for (const code of ["EAI_NONAME", "EAI_NODATA", "EAI_AGAIN", "EAI_FAIL"]) {
    assertEquals(
      unresolved({ ...failure, code }, ["nosuch.example", "80"]),
      'cannot resolve "nosuch.example"',
    );
  }
  for (const code of ["EAI_ADDRFAMILY", "ECONNREFUSED"]) {
    assertEquals(unresolved({ ...failure, code }, ["::1"]), undefined);
  }
});

Deno.test("a name server is a numeric address, with a port if need be", () => {
  const option = nameServer("name server to ask");
  const table: [string, string, number][] = [
    ["192.0.2.1", "192.0.2.1", 53],
    ["192.0.2.1:5353", "192.0.2.1", 5353],
    ["::1", "::1", 53],
    ["2001:db8::1:53", "2001:db8::1:53", 53],
    ["[::1]:5353", "::1", 5353],
    ["0:0:0:0:0:0:0:1", "::1", 53],
    ["2001:DB8::1", "2001:db8::1", 53],
    ["[2001:DB8:0::1]:53", "2001:db8::1", 53],
    ["fe80::53%eth0", "fe80::53%eth0", 53],
    ["[fe80::53%eth0]:5353", "fe80::53%eth0", 5353],
  ];
  for (const [value, ipAddr, port] of table) {
    assertEquals(option.parse(value, "--dns", undefined), { ipAddr, port });
  }
  for (
    const value of [
      ...["", ":", ":53", "localhost", "localhost:53", "192.0.2.1:"],
      ...["192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:5x", "192.0.2.1:domain"],
      ...["[192.0.2.1]:53", "[::1", "::1]:53", "[::1]53", "[]:53", "127.1"],
      ...[" 192.0.2.1", "192.0.2.1 "],
    ]
  ) assertThrows(() => option.parse(value, "--dns", undefined), UsageError);
});
