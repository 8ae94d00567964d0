import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { inetNtop, inetPton } from "../../lib/address/inet.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const parse = IpAddress.parse;

// Zeros and ones are likely, so that runs of them are.
const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.nat(255));

const anyBytes = fc.oneof(
  fc.array(byte, { minLength: 4, maxLength: 4 }),
  fc.array(byte, { minLength: 16, maxLength: 16 }),
  // IPv4-mapped addresses.
  fc.array(byte, { minLength: 4, maxLength: 4 })
    .map((end) => [...Array<number>(10).fill(0), 0xff, 0xff, ...end]),
).map((bytes) => new Uint8Array(bytes));

const anyAddress = anyBytes.map((bytes) => IpAddress.fromBytes(bytes));

/** An address that ipaddr.js reads: it takes `::192.0.2.1` for a mapped one. */
const commonAddress = anyAddress.filter((address) =>
  !/^::\d+\./.test(address.toString())
);

/** Addresses, and texts that are nearly addresses. */
const addressLike = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(..."0125afF:.%") }),
  fc.tuple(
    fc.oneof(fc.ipV4(), fc.ipV6()),
    fc.nat(40),
    fc.nat(2),
    fc.constantFrom("", "0", "9", "g", ":", "::", ".", " ", "é", "\0"),
  ).map(([text, at, drop, insert]) =>
    text.slice(0, at) + insert + text.slice(at + drop)
  ),
);

/** An address's bits as one number. */
function numberOf(address: IpAddress): bigint {
  return address.bytes.reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
}

Deno.test("IpAddress.parse() reads every spelling of an address", () => {
  const table: [canonical: string, ...spellings: string[]][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::", "0::", "0:0:0:0:0:0:0:0", "::0.0.0.0", "0::0:0.0.0.0"],
    ["::1", "::1", "0:0:0:0:0:0:0:1", "0000::0001", "::0.0.0.1", "0::1"],
    ["1::", "1::", "1:0:0:0:0:0:0:0", "0001:0::0"],
    ["2001:db8::1", "2001:DB8::1", "2001:db8:0:0::1", "2001:0Db8::0.0.0.1"],
    ["::ffff:192.0.2.7", "::ffff:192.0.2.7", "::FFFF:C000:0207"],
    ["1:2:3:4:5:6:102:304", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:0102:0304"],
    ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ];
  for (const [canonical, ...spellings] of table) {
    for (const spelling of spellings) {
      const address = parse(spelling);
      assertEquals(address.toString(), canonical, spelling);
      assert(address.equals(parse(canonical)), spelling);
    }
  }
});

Deno.test("IpAddress.parse() says what is wrong, and where", () => {
  const table: [text: string, problem: string, character: number][] = [
    ["192.0.2.256", "a field is above 255", 11],
    ["192.0.02.1", "a field has a leading zero", 7],
    ["192.0.2", "fewer than four fields", 8],
    ["192.0.2.", "a field is empty", 9],
    [".1.2.3", "a field is empty", 1],
    ["192..2.1", "a field is empty", 5],
    ["1.2.3.4.5", "more than four fields", 8],
    ["1.2.3.4 ", "neither a digit nor a dot", 8],
    ["1.2.3.4%eth0", "neither a digit nor a dot", 8],
    ["127.0.0.x", "neither a digit nor a dot", 9],
    ["", "fewer than eight groups", 1],
    ["localhost", "neither a hexadecimal digit nor a colon", 1],
    ["::g", "neither a hexadecimal digit nor a colon", 3],
    ["[::1]", "neither a hexadecimal digit nor a colon", 1],
    ["::1/64", "neither a hexadecimal digit nor a colon", 4],
    ["::12345", "more than four digits in a group", 7],
    ["1::2::3", "a second ::", 5],
    [":1::", "a lone colon", 1],
    ["1::2:", "a lone colon", 5],
    ["1:2:3:4:5:6:7", "fewer than eight groups", 14],
    ["1:2:3:4:5:6:7:8:9", "more than eight groups", 17],
    ["1:2:3:4:5:6:7:1.2.3.4", "more than eight groups", 15],
    ["1:2:3:4::5:6:7:8", "no room for ::", 17],
    ["::1.2.3.256", "a field is above 255", 11],
    ["fe80::1%", "no scope behind the %", 9],
    ["fe80::1%a%b", "no scope behind the %", 9],
  ];
  for (const [text, problem, character] of table) {
    const { message } = assertThrows(() => parse(text), SyntaxError);
    assertEquals(
      message,
      `Cannot parse IP address ${JSON.stringify(text)}: ${problem} ` +
        `(at character ${character})`,
    );
    assertEquals(IpAddress.tryParse(text), undefined);
  }
});

Deno.test("IpAddress.parse() refuses what is no text", () => {
  // As a missing command-line argument is, which TypeScript takes for text.
  for (const value of [undefined, null, 1, ["::1"], {}]) {
    const text = value as string;
    const { message } = assertThrows(() => parse(text), SyntaxError);
    assertEquals(
      message,
      `Cannot parse IP address ${JSON.stringify(value)}: no text ` +
        "(at character 1)",
    );
    assertEquals(IpAddress.tryParse(text), undefined);
  }
});

Deno.test("IpAddress.parse() takes what inetPton() takes, and the same bytes of it", () => {
  fc.assert(
    fc.property(addressLike, (text) => {
      const address = IpAddress.tryParse(text)?.withoutScope();
      const bare = address?.family === "IPv6" ? text.split("%")[0]! : text;
      const [four, six] = [inetPton("IPv4", bare), inetPton("IPv6", bare)];
      assertEquals(address?.bytes, four ?? six, text);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("IpAddress.parse() agrees with ipaddr.js", () => {
  fc.assert(
    fc.property(commonAddress, (address) => {
      const text = address.toString();
      const other = ipaddr.parse(text);
      assertEquals([...address.bytes], other.toByteArray());
      // Its own text, and its longest one, are spellings of the same address.
      assert(parse(other.toString()).equals(address), other.toString());
      assert(parse(other.toNormalizedString()).equals(address));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("IpAddress.toString() writes what inetNtop() writes, and parse() reads it", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const address = IpAddress.fromBytes(bytes);
      assertEquals(address.toString(), inetNtop(bytes));
      assertEquals(parse(address.toString()), address);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("IpAddress keeps a scope behind IPv6", () => {
  for (const scope of ["eth0", "1", "wlan0.1", "br-ä", "a:b"]) {
    const address = parse(`FE80:0::1%${scope}`);
    assertEquals(address.scope, scope);
    assertEquals(address.toString(), `fe80::1%${scope}`);
    assertEquals(address.withoutScope().toString(), "fe80::1");
    assertEquals(IpAddress.fromBytes(address.bytes, scope), address);
  }
  assertEquals(parse("fe80::1").scope, undefined);
  assertEquals(parse("127.0.0.1").scope, undefined);
});

Deno.test("IpAddress refuses a scope that could be read as something else", () => {
  const bytes = parse("fe80::1").bytes;
  for (const scope of ["", " ", "a b", "a%b", "a/64", "[", "]", "\0", "\x1b"]) {
    assertEquals(IpAddress.tryParse(`fe80::1%${scope}`), undefined);
    assertThrows(() => IpAddress.fromBytes(bytes, scope), RangeError);
  }
  assertThrows(() => IpAddress.fromBytes(new Uint8Array(4), "1"), RangeError);
});

Deno.test("IpAddress.fromBytes() copies the bytes, and bytes is a copy", () => {
  for (const length of [4, 16]) {
    const given = new Uint8Array(length).fill(1);
    const address = IpAddress.fromBytes(given);
    const text = address.toString();
    given.fill(2);
    address.bytes.fill(3);
    assertEquals(address.toString(), text);
    assertEquals(address.bytes, new Uint8Array(length).fill(1));
    assertEquals(address.bytes.buffer.byteLength, length);
  }
});

Deno.test("IpAddress.fromBytes() refuses bytes that are no address", () => {
  for (const length of [0, 3, 5, 15, 17]) {
    assertThrows(() => IpAddress.fromBytes(new Uint8Array(length)), RangeError);
  }
});

Deno.test("IpAddress cannot be changed", () => {
  const address = parse("fe80::1%eth0");
  for (const change of [{ family: "IPv4" }, { scope: "lo" }, { w3: 2 }]) {
    assertThrows(() => Object.assign(address, change), TypeError);
  }
  assertEquals(address.toString(), "fe80::1%eth0");
});

Deno.test("IpAddress.equals() compares family, bits and scope", () => {
  const different = [
    ...["127.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "127.0.0.2"],
    ...["fe80::1", "fe80::1%1", "fe80::1%eth0", "fe80:0:0:1::1", "fe80::"],
    ...["fe80:1::1", "fe80::1:0:1"],
  ];
  for (const a of different) {
    for (const b of different) {
      assertEquals(parse(a).equals(parse(b)), a === b, `${a} ${b}`);
    }
  }
});

Deno.test("IpAddress.compare() sorts by family, number and scope", () => {
  const sorted = [
    ...["0.0.0.0", "9.255.255.255", "127.0.0.1", "255.255.255.255"],
    ...["::", "::1", "::ffff:9.0.0.1", "1::", "7fff::", "8000::", "fe80::1"],
    ...["fe80::1%2", "fe80::1%eth0", "fe80::1%eth1", "ffff::"],
  ];
  const addresses = sorted.toReversed().map(parse);
  addresses.sort((a, b) => a.compare(b));
  assertEquals(addresses.map(String), sorted);
  for (const text of sorted) assertEquals(parse(text).compare(parse(text)), 0);
});

Deno.test("IpAddress.compare() is the order of the addresses' numbers", () => {
  fc.assert(fc.property(anyAddress, anyAddress, (a, b) => {
    if (a.family !== b.family) return;
    const [x, y] = [numberOf(a), numberOf(b)];
    assertEquals(Math.sign(a.compare(b)), Number(x > y) - Number(x < y));
    assertEquals(a.equals(b), x === y);
  }));
});

Deno.test("IpAddress.unmapped() undoes mapped(), and nothing else", () => {
  const four = parse("192.0.2.7");
  assertEquals(four.mapped(), parse("::ffff:192.0.2.7"));
  assertEquals(four.mapped().unmapped(), four);
  assertEquals(parse("::ffff:1.2.3.4%eth0").unmapped(), parse("1.2.3.4"));
  for (const text of ["192.0.2.7", "::1", "::192.0.2.7", "fe80::1%eth0"]) {
    assertEquals(parse(text).unmapped(), parse(text));
  }
  for (const text of ["::1", "::ffff:192.0.2.7", "fe80::1%eth0"]) {
    assertEquals(parse(text).mapped(), parse(text));
  }
});

Deno.test("IpAddress.isMapped is true in ::ffff:0:0/96 only", () => {
  const table: [string, boolean][] = [
    ["::ffff:1.2.3.4", true],
    ["::ffff:0:0", true],
    ["::fffe:1.2.3.4", false],
    ["::1.2.3.4", false],
    ["::ffff:0:1.2.3.4", false],
    ["1::ffff:1.2.3.4", false],
    ["::1:ffff:1.2.3.4", false],
    ["::", false],
    ["1.2.3.4", false],
  ];
  for (const [text, expected] of table) {
    assertEquals(parse(text).isMapped, expected, text);
  }
});

type Property =
  | "isLoopback"
  | "isUnspecified"
  | "isLinkLocal"
  | "isMulticast"
  | "isPrivate";

/** The first and last addresses of a range, and their neighbours. */
const RANGES: readonly [
  property: Property,
  inside: readonly string[],
  outside: readonly string[],
][] = [
  [
    "isLoopback",
    ["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "::1%lo"],
    ["126.255.255.255", "128.0.0.0", "::", "::2", "1::1", "0:0:1::1"],
  ],
  ["isUnspecified", ["0.0.0.0", "::"], ["0.0.0.1", "::1", "1::", "0:0:1::"]],
  [
    "isLinkLocal",
    ["169.254.0.0", "169.254.255.255", "fe80::", "fe80::1%eth0"]
      .concat("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ["169.253.255.255", "169.255.0.0", "fe7f:ffff::", "fec0::", "ff02::1"],
  ],
  [
    "isMulticast",
    ["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1%eth0", "ffff::1"],
    ["223.255.255.255", "240.0.0.0", "feff:ffff::", "::ff", "255.255.255.255"],
  ],
  [
    "isPrivate",
    [
      ...["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"],
      ...["192.168.0.0", "192.168.255.255", "fc00::", "fdff:ffff::1"],
    ],
    [
      ...["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0"],
      ...["192.167.255.255", "192.169.0.0", "100.64.0.1", "127.0.0.1"],
      ...["fbff:ffff::1", "fe00::", "::10.0.0.1"],
    ],
  ],
];

for (const [property, inside, outside] of RANGES) {
  Deno.test(`IpAddress.${property} is true inside of its ranges only`, () => {
    for (const text of inside) {
      assert(parse(text)[property], text);
      // An IPv4-mapped address is the IPv4 address that it stands for.
      assert(parse(text).mapped()[property], `${text} mapped`);
    }
    for (const text of outside) {
      assert(!parse(text)[property], text);
      assert(!parse(text).mapped()[property], `${text} mapped`);
    }
  });
}

Deno.test("IpAddress's properties agree with ipaddr.js's ranges", () => {
  const ranges: Record<string, Property> = {
    loopback: "isLoopback",
    linkLocal: "isLinkLocal",
    multicast: "isMulticast",
    private: "isPrivate",
    uniqueLocal: "isPrivate",
  };
  const known = Object.values(ranges);
  fc.assert(
    fc.property(commonAddress, (address) => {
      const range = ipaddr.process(address.toString()).range();
      for (const property of known) {
        assertEquals(
          address[property],
          ranges[range] === property,
          `${property} ${address}`,
        );
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("IpAddress.wildcard() is the unspecified address of its family", () => {
  assertEquals(parse("192.0.2.7").wildcard(), parse("0.0.0.0"));
  assertEquals(parse("fe80::1%eth0").wildcard(), parse("::"));
});

Deno.test("IpAddress.plus() goes on and back, and round at the end", () => {
  const table: [from: string, places: number, to: string][] = [
    ["192.0.2.255", 1, "192.0.3.0"],
    ["192.0.3.0", -1, "192.0.2.255"],
    ["255.255.255.255", 1, "0.0.0.0"],
    ["0.0.0.0", -1, "255.255.255.255"],
    ["0.0.0.0", 2 ** 32 + 5, "0.0.0.5"],
    ["::ffff", 1, "::0.1.0.0"],
    ["::ffff:ffff:ffff", 1, "::1:0:0:0"],
    ["::", -1, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, "::"],
    ["::ffff:ffff", Number.MAX_SAFE_INTEGER, "::20:0:ffff:fffe"],
    ["fe80::1%eth0", 1, "fe80::2%eth0"],
    ["::1", 0, "::1"],
  ];
  for (const [from, places, to] of table) {
    assertEquals(parse(from).plus(places).toString(), to, from);
  }
  for (const places of [0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => parse("::1").plus(places), RangeError);
  }
});

Deno.test("IpAddress.plus() adds to the address's number", () => {
  fc.assert(fc.property(anyAddress, fc.maxSafeInteger(), (address, places) => {
    const bits = 8 * address.bytes.length;
    assertEquals(
      numberOf(address.plus(places)),
      BigInt.asUintN(bits, numberOf(address) + BigInt(places)),
    );
  }));
});

Deno.test("IpAddress.masked() keeps the first bits, without the scope", () => {
  const table: [address: string, bits: number, masked: string][] = [
    ["192.0.2.255", 24, "192.0.2.0"],
    ["192.0.2.255", 31, "192.0.2.254"],
    ["192.0.2.255", 32, "192.0.2.255"],
    ["192.0.2.255", 0, "0.0.0.0"],
    ["2001:db8:ffff::1", 32, "2001:db8::"],
    ["2001:db8:ffff::1", 33, "2001:db8:8000::"],
    ["fe80::1%eth0", 128, "fe80::1"],
    ["fe80::1%eth0", 0, "::"],
  ];
  for (const [address, bits, masked] of table) {
    assertEquals(parse(address).masked(bits).toString(), masked);
  }
  for (const bits of [-1, 33, 0.5, NaN]) {
    assertThrows(() => parse("192.0.2.1").masked(bits), RangeError);
  }
  for (const bits of [-1, 129, NaN]) {
    assertThrows(() => parse("::1").masked(bits), RangeError);
  }
});

Deno.test("IpAddress.commonBits() counts what two addresses share", () => {
  const table: [string, string, number][] = [
    ["192.0.2.1", "192.0.2.1", 128],
    ["192.0.2.1", "192.0.2.0", 127],
    ["0.0.0.0", "128.0.0.0", 96],
    ["192.0.2.1", "::ffff:192.0.2.1", 128],
    ["::", "8000::", 0],
    ["2001:db8::", "2001:db8:8000::", 32],
    ["2001:db8::", "2001:db8:0:0:8000::", 64],
    ["fe80::1%eth0", "fe80::1%lo", 128],
  ];
  for (const [a, b, bits] of table) {
    assertEquals(parse(a).commonBits(parse(b)), bits);
    assertEquals(parse(b).commonBits(parse(a)), bits);
  }
});

Deno.test("IpAddress.masked() keeps exactly the common bits", () => {
  fc.assert(fc.property(anyAddress, anyAddress, (a, b) => {
    if (a.family !== b.family) return;
    const bits = a.commonBits(b) - (a.family === "IPv4" ? 96 : 0);
    assertEquals(a.masked(bits), b.masked(bits));
    if (!a.equals(b)) assert(!a.masked(bits + 1).equals(b.masked(bits + 1)));
  }));
});

Deno.test("IpAddress is its text in JSON, in templates and in console.log", () => {
  const address = parse("2001:DB8::1");
  assertEquals(JSON.stringify({ address }), '{"address":"2001:db8::1"}');
  assertEquals(`${address}`, "2001:db8::1");
  assertEquals(Deno.inspect(address), "IpAddress(2001:db8::1)");
});
