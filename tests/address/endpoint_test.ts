import fc from "fast-check";
import { Endpoint, joinHostPort } from "../../lib/address/endpoint.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const anyEndpoint = fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65535))
  .map(([host, port]) => new Endpoint(IpAddress.parse(host), port));

Deno.test("Endpoint.parse() reads a numeric address and a port", () => {
  const table: [text: string, address: string, port: number][] = [
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["[::1]:80", "::1", 80],
    ["[fe80::1%eth0]:65535", "fe80::1%eth0", 65535],
    ["[2001:DB8:0::1]:0", "2001:db8::1", 0],
    ["[::ffff:192.0.2.7]:9", "::ffff:192.0.2.7", 9],
  ];
  for (const [text, address, port] of table) {
    const endpoint = Endpoint.parse(text);
    assertEquals(endpoint.address.toString(), address, text);
    assertEquals(endpoint.port, port, text);
  }
});

Deno.test("Endpoint.parse() says what is wrong", () => {
  const table: [text: string, problem: string][] = [
    ["", "no : and port at its end"],
    ["127.0.0.1", "no : and port at its end"],
    ["[::1]", "no : and port at its end"],
    ["127.0.0.1:", "no : and port at its end"],
    ["127.0.0.1:http", "no : and port at its end"],
    ["127.0.0.1:-1", "no : and port at its end"],
    ["127.0.0.1:80 ", "no : and port at its end"],
    ["127.0.0.1:8e1", "no : and port at its end"],
    ["[[::1]]:80", "no IP address before the port"],
    ["localhost:80", "no IP address before the port"],
    [":80", "no IP address before the port"],
    ["[]:80", "no IP address before the port"],
    ["[::1%]:80", "no IP address before the port"],
    ["127.1:80", "no IP address before the port"],
    ["::1:80", "an IPv6 address needs brackets before a port"],
    ["[127.0.0.1]:80", "an IPv4 address has no brackets"],
    ["127.0.0.1:65536", "its port is above 65535"],
    [`[::1]:${"9".repeat(400)}`, "its port is above 65535"],
  ];
  for (const [text, problem] of table) {
    const { message } = assertThrows(() => Endpoint.parse(text), SyntaxError);
    const expected = `Cannot parse endpoint ${JSON.stringify(text)}: `;
    assertEquals(message, expected + problem);
  }
});

Deno.test("Endpoint.parse() reads what toString() writes", () => {
  fc.assert(fc.property(anyEndpoint, (endpoint) => {
    assert(Endpoint.parse(endpoint.toString()).equals(endpoint));
  }));
});

Deno.test("Endpoint.parse() throws nothing but SyntaxErrors", () => {
  const nearly = fc.string({ unit: fc.constantFrom(..."[]::%.01f") });
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string()), (text) => {
      try {
        assertEquals(typeof Endpoint.parse(text).port, "number");
      } catch (error) {
        assert(error instanceof SyntaxError);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("Endpoint takes only ports from 0 to 65535", () => {
  const address = IpAddress.parse("::1");
  for (const port of [-1, 65536, 0.5, NaN, Infinity]) {
    assertThrows(() => new Endpoint(address, port), RangeError, String(port));
  }
});

Deno.test("an endpoint is made of an address, and not of its text", () => {
  for (const address of ["127.0.0.1", undefined, null, {}]) {
    assertThrows(
      () => new Endpoint(address as unknown as IpAddress, 80),
      TypeError,
      "Expected an IpAddress",
    );
  }
});

Deno.test("Endpoint cannot be changed", () => {
  const endpoint = Endpoint.parse("[::1]:80");
  assertThrows(() => Object.assign(endpoint, { port: 81 }), TypeError);
  assertEquals(endpoint.port, 80);
});

Deno.test("Endpoint.from() reads the addresses that Deno returns", () => {
  for (const hostname of ["127.0.0.1", "::1", "fe80::1%eth0"]) {
    const addr = { transport: "tcp", hostname, port: 80 } as const;
    const endpoint = Endpoint.from(addr);
    assertEquals(endpoint.address, IpAddress.parse(hostname));
    assertEquals(endpoint.toNetAddr("tcp"), addr);
  }
});

Deno.test("Endpoint.from() shows IPv4 seen through an IPv6 socket as IPv4", () => {
  const host = (hostname: string) =>
    Endpoint.from({ hostname, port: 1 }).address.toString();
  assertEquals(host("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(host("::ffff:c000:207"), "192.0.2.7");
  // What only looks like it is not.
  for (const text of ["::ffff:0:102:304", "1::ffff:102:304", "::1:102:304"]) {
    assertEquals(host(text), text);
  }
});

Deno.test("Endpoint.from() refuses a name", () => {
  assertThrows(
    () => Endpoint.from({ hostname: "localhost", port: 1 }),
    SyntaxError,
    '"localhost"',
  );
});

Deno.test("Endpoint.equals() compares address and port", () => {
  const endpoint = Endpoint.parse("[::1]:80");
  assert(endpoint.equals(Endpoint.parse("[0:0::1]:80")));
  for (const other of ["[::1]:81", "[::2]:80", "[::1%1]:80", "0.0.0.1:80"]) {
    assert(!endpoint.equals(Endpoint.parse(other)), other);
  }
});

Deno.test("Endpoint.compare() sorts by address, then by port", () => {
  const sorted = [
    "9.0.0.1:80",
    "10.0.0.1:9",
    "10.0.0.1:80",
    "[::1]:1",
    "[fe80::1%a]:1",
    "[fe80::1%b]:0",
  ];
  const endpoints = sorted.toReversed().map(Endpoint.parse);
  endpoints.sort((a, b) => a.compare(b));
  assertEquals(endpoints.map(String), sorted);
});

Deno.test("Endpoint is the address of the JSON events", () => {
  assertEquals(
    JSON.stringify(Endpoint.parse("[::1]:3490")),
    '{"family":"IPv6","host":"::1","port":3490}',
  );
});

Deno.test("Endpoint shows its text in console.log", () => {
  const endpoint = Endpoint.parse("127.0.0.1:80");
  assertEquals(Deno.inspect(endpoint), "Endpoint(127.0.0.1:80)");
});

Deno.test("joinHostPort() puts brackets only round IPv6 addresses", () => {
  assertEquals(joinHostPort("127.0.0.1", 80), "127.0.0.1:80");
  assertEquals(joinHostPort("localhost", "http"), "localhost:http");
  assertEquals(joinHostPort("::1", 80), "[::1]:80");
  const scoped = IpAddress.parse("fe80::1%eth0");
  assertEquals(joinHostPort(scoped, 9), "[fe80::1%eth0]:9");
});
