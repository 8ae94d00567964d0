import {
  type Endpoint,
  endpointOf,
  formatEndpoint,
  joinHostPort,
} from "../../lib/address/endpoint.ts";
import { assertEquals } from "../assert.ts";

Deno.test("endpointOf() tells the family of an address", () => {
  const table: [hostname: string, Endpoint][] = [
    ["127.0.0.1", { family: "IPv4", host: "127.0.0.1", port: 80 }],
    ["::1", { family: "IPv6", host: "::1", port: 80 }],
    ["fe80::1%eth0", { family: "IPv6", host: "fe80::1%eth0", port: 80 }],
  ];
  for (const [hostname, endpoint] of table) {
    assertEquals(
      endpointOf({ transport: "tcp", hostname, port: 80 }),
      endpoint,
    );
  }
});

Deno.test("endpointOf() shows IPv4 seen through an IPv6 socket as IPv4", () => {
  const host = (hostname: string) =>
    endpointOf({ transport: "udp", hostname, port: 1 }).host;
  assertEquals(host("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(host("::ffff:c000:207"), "192.0.2.7");
  // What only looks like it is not.
  for (const text of ["::ffff:0:102:304", "::ffff:1", "::102:304", "::ffff"]) {
    assertEquals(host(text), text);
  }
});

Deno.test("joinHostPort() puts brackets round IPv6 addresses alone", () => {
  assertEquals(joinHostPort("127.0.0.1", 80), "127.0.0.1:80");
  assertEquals(joinHostPort("localhost", "http"), "localhost:http");
  assertEquals(joinHostPort("::1", 80), "[::1]:80");
});

Deno.test("formatEndpoint() keeps the scope", () => {
  assertEquals(
    formatEndpoint({ family: "IPv6", host: "fe80::1%eth0", port: 9 }),
    "[fe80::1%eth0]:9",
  );
});
