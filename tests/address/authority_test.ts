import fc from "fast-check";
import { parseAuthority } from "../../lib/address/authority.ts";
import { assertEquals } from "../assert.ts";

Deno.test("parseAuthority() leaves names and addresses as they are", () => {
  for (
    const text of [
      ...["", "localhost", "a.example.", "127.0.0.1", "127.1", "::", "::1"],
      ...["fe80::1%eth0", "::ffff:127.0.0.1", "1:2:3:4:5:6:7:8", "a,80", " a"],
      ...["a:b:c", "::1::", "a b", "[::1", "::1]:80", "[::1]80", "%eth0"],
    ]
  ) assertEquals(parseAuthority(text), undefined, text);
});

Deno.test("parseAuthority() parts a host from its port", () => {
  const table: [string, string, string][] = [
    ["localhost:80", "localhost", "80"],
    ["localhost:", "localhost", ""],
    ["127.0.0.1:http", "127.0.0.1", "http"],
    ["[::1]:80", "::1", "80"],
    ["[fe80::1%eth0]:80", "fe80::1%eth0", "80"],
    ["localhost:80/path?x:y", "localhost", "80"],
    ["me@localhost:80", "localhost", "80"],
    ["localhost: 80", "localhost", "80"],
    [" localhost :80 ", "localhost", "80"],
    ["localhost 80", "localhost", "80"],
    ["::1 80", "::1", "80"],
    ["[::1] 80", "::1", "80"],
    ["fe80::1%eth0:80", "fe80::1%eth0", "80"],
    [":80", "", "80"],
    ["bücher.test:80", "bücher.test", "80"],
  ];
  for (const [text, host, port] of table) {
    const expected = { isUrl: false, host, port };
    assertEquals(parseAuthority(text), expected, text);
  }
});

Deno.test("parseAuthority() takes a URL apart", () => {
  const table: [string, string, string][] = [
    ["http://localhost", "localhost", ""],
    ["HTTP://localhost:8080/", "localhost", "8080"],
    ["svn+ssh://[::1]:22/x", "::1", "22"],
    ["tcp://[::1]", "::1", ""],
    ["http://me:secret@a.example:1?q#f", "a.example", "1"],
    ["http://", "", ""],
    ["http://::1/", "::1", ""],
    ["//localhost:80/x", "localhost", "80"],
    ["://x", "x", ""],
    ["http:localhost", "localhost", ""],
    ["https:/localhost:80/", "localhost", "80"],
    [" http://localhost\n", "localhost", ""],
  ];
  for (const [text, host, port] of table) {
    const expected = { isUrl: true, host, port };
    assertEquals(parseAuthority(text), expected, text);
  }
  // A host of this name, with a port.
  assertEquals(parseAuthority("http:80")?.host, "http");
});

Deno.test("parseAuthority() never takes an IPv6 address for a host and a port", () => {
  const group = fc.nat(0xffff).map((value) => value.toString(16));
  const address = fc.array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.join(":"));
  fc.assert(fc.property(address, (text) => {
    assertEquals(parseAuthority(text), undefined);
    assertEquals(parseAuthority(`[${text}]:1`)?.host, text);
  }));
});
