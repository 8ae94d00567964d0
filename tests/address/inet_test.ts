import fc from "fast-check";
import {
  type Family,
  inetAton,
  inetNtop,
  inetPton,
} from "../../lib/address/inet.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

/** The bytes of an address's eight groups. */
function groups(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.flatMap((value) => [value >> 8, value & 0xff]));
}

/** The verdicts of glibc's inet_pton. */
const TAKEN: [Family, string, Uint8Array<ArrayBuffer>][] = [
  ["IPv4", "1.2.3.4", new Uint8Array([1, 2, 3, 4])],
  ["IPv4", "0.0.0.0", new Uint8Array(4)],
  ["IPv4", "255.255.255.255", new Uint8Array(4).fill(255)],
  ["IPv6", "::", groups(0, 0, 0, 0, 0, 0, 0, 0)],
  ["IPv6", "::1", groups(0, 0, 0, 0, 0, 0, 0, 1)],
  ["IPv6", "1::", groups(1, 0, 0, 0, 0, 0, 0, 0)],
  ["IPv6", "::0001", groups(0, 0, 0, 0, 0, 0, 0, 1)],
  ["IPv6", "aBcD::", groups(0xabcd, 0, 0, 0, 0, 0, 0, 0)],
  ["IPv6", "1:2:3:4:5:6:7:8", groups(1, 2, 3, 4, 5, 6, 7, 8)],
  ["IPv6", "1:2:3:4:5:6:7::", groups(1, 2, 3, 4, 5, 6, 7, 0)],
  ["IPv6", "::2:3:4:5:6:7:8", groups(0, 2, 3, 4, 5, 6, 7, 8)],
  ["IPv6", "1::3:4:5:6:7:8", groups(1, 0, 3, 4, 5, 6, 7, 8)],
  ["IPv6", "::1.2.3.4", groups(0, 0, 0, 0, 0, 0, 0x102, 0x304)],
  ["IPv6", "::ffff:1.2.3.4", groups(0, 0, 0, 0, 0, 0xffff, 0x102, 0x304)],
  ["IPv6", "1::1.2.3.4", groups(1, 0, 0, 0, 0, 0, 0x102, 0x304)],
  ["IPv6", "1:2:3:4:5::1.2.3.4", groups(1, 2, 3, 4, 5, 0, 0x102, 0x304)],
  ["IPv6", "1:2:3:4:5:6:1.2.3.4", groups(1, 2, 3, 4, 5, 6, 0x102, 0x304)],
];

const REFUSED: Record<Family, string[]> = {
  IPv4: [
    ...["", ".", "1", "1.2.3", "1.2.3.", "1.2.3.4.", ".1.2.3.4", "1..2.3"],
    ...["1.2.3.4.5", "256.1.1.1", "1.2.3.256", "1.2.3.1000", "1.2.3.-4"],
    ...["+1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4\0"],
    ...["0x1.2.3.4", "1e1.1.1.1", "a.b.c.d", "٠.0.0.1", "1.2.3.4%lo", "::1"],
  ],
  IPv6: [
    ...["", ":", ":::", ":1", "1:", "1:::2", "1::2::3", ":1::2", "1::2:"],
    ...["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8:9"],
    ...["1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::"],
    ...["::12345", "::00001", "::g", "0x1::", "::-1", "１::"],
    ...["1.2.3.4", "1.2.3.4::", "::1.2.3", "::1.", "::.1.2.3", "::a.2.3.4"],
    ...["::1.2.3.04", "::1.2.3.256", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4"],
    ...["1:2:3:4:5:6::1.2.3.4", "fe80::1%eth0", "::1%1", "::%", "[::1]"],
    ...[" ::1", "::1 ", "::1\0", "::1/64"],
  ],
};

/** RFC 5952 section 4, and glibc's inet_ntop if that leaves a choice. */
const PRINTED: [Uint8Array, string][] = [
  [groups(0, 0, 0, 0, 0, 0, 0, 0), "::"],
  [groups(0, 0, 0, 0, 0, 0, 0, 1), "::1"],
  [groups(0, 0, 0, 0, 0, 0, 0, 0xffff), "::ffff"],
  [groups(1, 0, 0, 0, 0, 0, 0, 0), "1::"],
  [groups(1, 2, 3, 4, 5, 6, 7, 8), "1:2:3:4:5:6:7:8"],
  [groups(1, 2, 3, 4, 5, 6, 0, 0), "1:2:3:4:5:6::"],
  [groups(0, 0, 3, 4, 5, 6, 0, 0), "::3:4:5:6:0:0"],
  [groups(0xabcd, 0xef01, 0, 0, 0, 0, 0, 0), "abcd:ef01::"],
  [groups(0xfe80, 0, 0, 0, 1, 0, 0, 0), "fe80::1:0:0:0"],
  [groups(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), "2001:db8::1:0:0:1"],
  [groups(0x2001, 0, 0, 1, 0, 0, 0, 1), "2001:0:0:1::1"],
  // A lone zero group stays.
  [groups(1, 2, 3, 4, 5, 6, 7, 0), "1:2:3:4:5:6:7:0"],
  [groups(0, 2, 3, 4, 5, 6, 7, 8), "0:2:3:4:5:6:7:8"],
  [groups(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), "2001:db8:0:1:1:1:1:1"],
  // The end is dotted only for mapped and compatible addresses.
  [groups(0, 0, 0, 0, 0, 0xffff, 0x102, 0x304), "::ffff:1.2.3.4"],
  [groups(0, 0, 0, 0, 0, 0xffff, 0, 0), "::ffff:0.0.0.0"],
  [groups(0, 0, 0, 0, 0, 0, 0x102, 0x304), "::1.2.3.4"],
  [groups(0, 0, 0, 0, 0, 0, 1, 0), "::0.1.0.0"],
  [groups(0, 0, 0, 0, 0, 1, 0x102, 0x304), "::1:102:304"],
  [groups(0, 0, 0, 0, 0xffff, 0, 0x102, 0x304), "::ffff:0:102:304"],
  [groups(0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x221), "64:ff9b::c000:221"],
  [new Uint8Array([192, 0, 2, 7]), "192.0.2.7"],
  [new Uint8Array([0, 0, 0, 0]), "0.0.0.0"],
];

/** IPv4 text by splitting: slow, but plainly right. */
function slowIPv4(text: string): number[] | undefined {
  const fields = text.split(".");
  const good = fields.length === 4 &&
    fields.every((field) =>
      /^(0|[1-9][0-9]{0,2})$/.test(field) && Number(field) <= 255
    );
  return good ? fields.map(Number) : undefined;
}

/** IPv6 text by splitting, after RFC 4291 section 2.2. */
function slowIPv6(text: string): number[] | undefined {
  const halves = text.split("::");
  const parts = halves.map((half, i) =>
    half === "" ? [] : half.split(":").flatMap((field, j, fields) => {
      const last = i === halves.length - 1 && j === fields.length - 1;
      const quad = last ? slowIPv4(field) : undefined;
      if (quad !== undefined) return quad;
      if (!/^[0-9a-f]{1,4}$/i.test(field)) return [NaN];
      const value = parseInt(field, 16);
      return [Math.floor(value / 256), value % 256];
    })
  );
  const [head = [], tail = []] = parts;
  const missing = 16 - head.length - tail.length;
  const fits = halves.length === 1
    ? missing === 0
    : halves.length === 2 && missing >= 2;
  if (!fits || parts.flat().some(Number.isNaN)) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

const anyCharacter = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code));

/** Addresses, and texts that are nearly addresses. */
const addressLike = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(..."0125afF:.") }),
  fc.tuple(
    fc.oneof(fc.ipV4(), fc.ipV6()),
    fc.nat(40),
    fc.nat(2),
    fc.constantFrom("", "0", "1", "9", "f", "g", ":", "::", ".", "%", " ", "é"),
  ).map(([text, at, drop, insert]) =>
    text.slice(0, at) + insert + text.slice(at + drop)
  ),
);

Deno.test("inetPton() takes what glibc takes", () => {
  for (const [family, text, bytes] of TAKEN) {
    assertEquals(inetPton(family, text), bytes, text);
  }
});

Deno.test("inetPton() refuses what glibc refuses", () => {
  for (const family of ["IPv4", "IPv6"] as const) {
    for (const text of REFUSED[family]) {
      assertEquals(inetPton(family, text), undefined, JSON.stringify(text));
    }
  }
});

Deno.test("inetPton() refuses a field with a leading zero", () => {
  for (const text of ["01.2.3.4", "1.2.3.04", "00.0.0.0", "1.2.3.000"]) {
    assertEquals(inetPton("IPv4", text), undefined, text);
  }
});

Deno.test("inetPton() returns bytes that the next call does not touch", () => {
  const four = inetPton("IPv4", "1.2.3.4");
  const six = inetPton("IPv6", "::1");
  inetPton("IPv6", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  assertEquals(four, new Uint8Array([1, 2, 3, 4]));
  assertEquals(six, groups(0, 0, 0, 0, 0, 0, 0, 1));
});

Deno.test("inetPton() agrees with a slow reading of the same rules", () => {
  fc.assert(
    fc.property(addressLike, (text) => {
      for (
        const [family, slow] of [
          ["IPv4", slowIPv4(text)],
          ["IPv6", slowIPv6(text)],
        ] as const
      ) {
        const bytes = inetPton(family, text);
        assertEquals(bytes && [...bytes], slow, `${family} ${text}`);
      }
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("inetPton() never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      for (const family of ["IPv4", "IPv6"] as const) {
        const bytes = inetPton(family, text);
        assert(bytes === undefined || bytes instanceof Uint8Array);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("inetNtop() prints as RFC 5952 and glibc do", () => {
  for (const [bytes, text] of PRINTED) assertEquals(inetNtop(bytes), text);
});

Deno.test("inetNtop() writes text that inetPton() reads back", () => {
  // Zeros are likely, so that runs of them are.
  const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.nat(255));
  const address = fc.oneof(
    fc.array(byte, { minLength: 4, maxLength: 4 }),
    fc.array(byte, { minLength: 16, maxLength: 16 }),
  ).map((bytes) => new Uint8Array(bytes));
  fc.assert(
    fc.property(address, (bytes) => {
      const family = bytes.length === 4 ? "IPv4" : "IPv6";
      assertEquals(inetPton(family, inetNtop(bytes)), bytes);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("inetNtop() refuses bytes that are no address", () => {
  for (const length of [0, 3, 5, 15, 17]) {
    assertThrows(() => inetNtop(new Uint8Array(length)), RangeError);
  }
});

Deno.test("inetAton() takes every form of inet_aton(3)", () => {
  const table: [string, number[]][] = [
    ["127.1", [127, 0, 0, 1]],
    ["127.0.1", [127, 0, 0, 1]],
    ["0x7f.1", [127, 0, 0, 1]],
    ["0X10.1", [16, 0, 0, 1]],
    ["2130706433", [127, 0, 0, 1]],
    ["017700000001", [127, 0, 0, 1]],
    ["0x7f000001", [127, 0, 0, 1]],
    ["0", [0, 0, 0, 0]],
    ["0x0", [0, 0, 0, 0]],
    ["1.2.3.010", [1, 2, 3, 8]],
    ["1.2.3.0x10", [1, 2, 3, 16]],
    ["1.2.65535", [1, 2, 255, 255]],
    ["1.16777215", [1, 255, 255, 255]],
    ["4294967295", [255, 255, 255, 255]],
    ["0xffffffff", [255, 255, 255, 255]],
    ["037777777777", [255, 255, 255, 255]],
    ["000000000000000000001", [0, 0, 0, 1]],
  ];
  for (const [text, bytes] of table) {
    assertEquals(inetAton(text), new Uint8Array(bytes), text);
  }
});

Deno.test("inetAton() refuses any other form", () => {
  for (
    const text of [
      ...["", ".", "a", "0x", "08", "1.2.3.08", "1..2", "1.2.3.", ".1"],
      ...["1.2.3.4.5", "1.2.3.256", "256.1", "1.2.65536", "1.16777216"],
      ...["4294967296", "0x100000000", "040000000000", "0x7f000001x"],
      ...["-1", "+1", "1.-2", " 1.2.3.4", "::1", "1e3"],
    ]
  ) assertEquals(inetAton(text), undefined, JSON.stringify(text));
});

Deno.test("inetAton() agrees with inetPton() on strict addresses", () => {
  fc.assert(fc.property(fc.ipV4(), (text) => {
    assertEquals(inetAton(text), inetPton("IPv4", text));
  }));
});
