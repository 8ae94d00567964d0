import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { IpPrefix } from "../../lib/address/ip_prefix.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const parse = IpPrefix.parse;

/** Whether the prefix of one text contains the address of another. */
function contains(prefix: string, address: string): boolean {
  return parse(prefix).contains(IpAddress.parse(address));
}

Deno.test("IpPrefix.parse() reads an address and a length", () => {
  const table: [text: string, address: string, length: number][] = [
    ["10.0.0.0/8", "10.0.0.0", 8],
    ["10.1.2.3/8", "10.1.2.3", 8],
    ["0.0.0.0/0", "0.0.0.0", 0],
    ["192.0.2.7/32", "192.0.2.7", 32],
    ["2001:DB8::/32", "2001:db8::", 32],
    ["::/0", "::", 0],
    ["::1/128", "::1", 128],
  ];
  for (const [text, address, length] of table) {
    const prefix = parse(text);
    assertEquals(prefix.address, IpAddress.parse(address));
    assertEquals(prefix.length, length);
    assertEquals(prefix.toString(), `${address}/${length}`);
  }
});

Deno.test("IpPrefix.parse() says what is wrong", () => {
  const table: [text: string, problem: string][] = [
    ["", "no / and length, as in 10.0.0.0/8"],
    ["10.0.0.0", "no / and length, as in 10.0.0.0/8"],
    ["/8", "no IP address before the /"],
    ["10/8", "no IP address before the /"],
    ["10.0.0.0/8/8", "no IP address before the /"],
    ["[::1]/64", "no IP address before the /"],
    ["localhost/8", "no IP address before the /"],
    ["fe80::1%eth0/64", "a prefix has no scope"],
    ["10.0.0.0/", "its length is not a number from 0 to 32"],
    ["10.0.0.0/33", "its length is not a number from 0 to 32"],
    ["10.0.0.0/08", "its length is not a number from 0 to 32"],
    ["10.0.0.0/+8", "its length is not a number from 0 to 32"],
    ["10.0.0.0/-1", "its length is not a number from 0 to 32"],
    ["10.0.0.0/8 ", "its length is not a number from 0 to 32"],
    ["10.0.0.0/255.0.0.0", "its length is not a number from 0 to 32"],
    ["::/129", "its length is not a number from 0 to 128"],
    ["::/1e1", "its length is not a number from 0 to 128"],
  ];
  for (const [text, problem] of table) {
    const { message } = assertThrows(() => parse(text), SyntaxError);
    const expected = `Cannot parse prefix ${JSON.stringify(text)}: `;
    assertEquals(message, expected + problem);
  }
  // As a missing command-line argument is, which TypeScript takes for text.
  assertThrows(() => parse(undefined as unknown as string), SyntaxError);
});

Deno.test("IpPrefix takes only a length that its family has", () => {
  for (const length of [-1, 33, 0.5, NaN]) {
    const address = IpAddress.parse("10.0.0.0");
    assertThrows(() => new IpPrefix(address, length), RangeError);
  }
  const address = IpAddress.parse("fe80::1%eth0");
  assertThrows(() => new IpPrefix(address, 129), RangeError);
  // A scope is not part of a prefix.
  assertEquals(new IpPrefix(address, 64).toString(), "fe80::1/64");
});

Deno.test("IpPrefix cannot be changed", () => {
  const prefix = parse("10.0.0.0/8");
  assertThrows(() => Object.assign(prefix, { length: 0 }), TypeError);
  assertEquals(prefix.length, 8);
});

Deno.test("IpPrefix.contains() ends where the prefix ends", () => {
  const table: [prefix: string, inside: string[], outside: string[]][] = [
    [
      "10.1.0.0/16",
      ["10.1.0.0", "10.1.255.255"],
      ["10.0.255.255", "10.2.0.0", "::10.1.0.1", "a01::"],
    ],
    ["192.0.2.7/32", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1.2.3.4"]],
    [
      "2001:db8::/33",
      ["2001:db8::", "2001:db8:7fff:ffff::1"],
      ["2001:db8:8000::", "2001:db7::"],
    ],
    ["::1/128", ["::1"], ["::", "::2"]],
    ["::/0", ["::", "ffff::1", "fe80::1%eth0"], ["0.0.0.0", "10.0.0.1"]],
    ["fe80::/10", ["fe80::1%eth0", "febf::1"], ["fec0::1"]],
  ];
  for (const [prefix, inside, outside] of table) {
    for (const address of inside) {
      assert(contains(prefix, address), `${address} in ${prefix}`);
    }
    for (const address of outside) {
      assert(!contains(prefix, address), `${address} not in ${prefix}`);
    }
  }
});

Deno.test("IpPrefix.contains() sees a mapped address as its IPv4 address", () => {
  for (const prefix of ["10.0.0.0/8", "::ffff:10.0.0.0/104"]) {
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203"]) {
      assert(contains(prefix, address), `${address} in ${prefix}`);
    }
    for (const address of ["11.0.0.0", "::ffff:11.0.0.0", "::10.1.2.3"]) {
      assert(!contains(prefix, address), `${address} not in ${prefix}`);
    }
  }
  assert(contains("0.0.0.0/0", "::ffff:1.2.3.4"));
  assert(!contains("::/0", "::ffff:1.2.3.4"));
});

Deno.test("IpPrefix.contains() takes a mapped address with a short length for IPv6", () => {
  // Its first 32 bits are all that counts, and those are ::/32.
  assert(contains("::ffff:1.2.3.4/32", "::1"));
  assert(contains("::ffff:1.2.3.4/32", "0:0:1::"));
  assert(!contains("::ffff:1.2.3.4/32", "1.2.3.4"));
});

Deno.test("IpPrefix.contains() agrees with ipaddr.js", () => {
  const bytes = (length: number) =>
    fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), {
      minLength: length,
      maxLength: length,
    });
  const pair = fc.constantFrom(4, 16).chain((length) =>
    fc.record({
      first: bytes(length),
      second: bytes(length),
      shared: fc.nat(length),
      bits: fc.nat(8 * length),
    })
  );
  fc.assert(
    fc.property(pair, ({ first, second, shared, bits }) => {
      const near = [...first.slice(0, shared), ...second.slice(shared)];
      const [a, b] = [first, near].map((bytes) =>
        IpAddress.fromBytes(new Uint8Array(bytes))
      ) as [IpAddress, IpAddress];
      // Those of ipaddr.js have a family each, mapped or not.
      if (a.isMapped !== b.isMapped) return;
      const expected = ipaddr.parse(b.toString())
        .match(ipaddr.parse(a.toString()), bits);
      const prefix = new IpPrefix(a, bits);
      if (prefix.masked().address.isMapped !== b.isMapped) return;
      assertEquals(prefix.contains(b), expected, `${b} in ${prefix}`);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("IpPrefix.masked() sets what is behind the prefix to zero", () => {
  assertEquals(parse("10.1.2.3/8").masked().toString(), "10.0.0.0/8");
  assertEquals(parse("2001:db8:1::1/32").masked().toString(), "2001:db8::/32");
});

Deno.test("IpPrefix.equals() compares family, length and first bits", () => {
  assert(parse("10.1.2.3/8").equals(parse("10.0.0.0/8")));
  const others = ["10.0.0.0/9", "11.0.0.0/8", "a00::/8", "::ffff:a00:0/104"];
  for (const other of others) assert(!parse("10.0.0.0/8").equals(parse(other)));
});

Deno.test("IpPrefix iterates over its addresses", () => {
  assertEquals([...parse("192.0.2.6/30")].map(String), [
    ...["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"],
  ]);
  assertEquals([...parse("2001:db8::ffff/127")].map(String), [
    ...["2001:db8::fffe", "2001:db8::ffff"],
  ]);
  assertEquals([...parse("255.255.255.255/32")].map(String), [
    "255.255.255.255",
  ]);
});

Deno.test("IpPrefix iterates over at most 65,536 addresses", () => {
  for (const text of ["10.0.0.0/16", "2001:db8::/112"]) {
    assertEquals([...parse(text)].length, 65_536);
  }
  for (const text of ["10.0.0.0/15", "0.0.0.0/0", "::/111", "::/0"]) {
    const { message } = assertThrows(() => [...parse(text)], RangeError);
    assertEquals(
      message,
      `Cannot iterate ${text}: it has more than 65536 addresses`,
    );
  }
});

Deno.test("IpPrefix is its text in JSON, in templates and in console.log", () => {
  const prefix = parse("2001:DB8::/32");
  assertEquals(JSON.stringify({ prefix }), '{"prefix":"2001:db8::/32"}');
  assertEquals(`${prefix}`, "2001:db8::/32");
  assertEquals(Deno.inspect(prefix), "IpPrefix(2001:db8::/32)");
});
