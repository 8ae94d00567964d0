import fc from "fast-check";
import {
  type Answer,
  decodeAnswer,
  encodeQuery,
  type RecordType,
} from "../../lib/names/dns/message.ts";
import { escapeName } from "../../lib/names/dns/reader.ts";
import { IpAddress } from "../../lib/address/ip_address.ts";
import { assert, assertEquals } from "../assert.ts";

const A = 1;
const NS = 2;
const CNAME = 5;
const PTR = 12;
const TXT = 16;
const AAAA = 28;
const IN = 1;
const CHAOS = 3;

const ID = 0x1234;
/** QR, RD and RA: what a resolver answers with. */
const ANSWERED = 0x8180;
const TRUNCATED = 0x0200;

/** The question of the messages below, and where it begins in them. */
const HOST = "www.example";
const QUESTION_AT = 12;
/** Where the first record begins. */
const RECORDS_AT = QUESTION_AT + HOST.length + 2 + 4;

const u16 = (value: number) => [value >> 8, value & 0xff];
const ascii = (text: string) => [...text].map((char) => char.charCodeAt(0));
const label = (text: string) => [text.length, ...ascii(text)];
const labels = (name: string) => name.split(".").flatMap(label);
/** A name on the wire (RFC 1035 section 3.1). */
const wire = (name: string) => [...labels(name), 0];
/** A pointer to a name (section 4.1.4). */
const pointer = (at: number) => u16(0xc000 | at);

/** A record; its owner is the question's name unless it says another. */
function record(
  type: number,
  data: readonly number[],
  {
    owner = pointer(QUESTION_AT),
    recordClass = IN,
    length = data.length,
  }: { owner?: number[]; recordClass?: number; length?: number } = {},
): number[] {
  const ttl = [0, 0, 0, 60];
  return [
    ...[...owner, ...u16(type), ...u16(recordClass), ...ttl],
    ...[...u16(length), ...data],
  ];
}

interface Parts {
  readonly id?: number;
  readonly flags?: number;
  readonly questions?: readonly number[][];
  readonly records?: readonly number[][];
  /** Records of the other sections. */
  readonly others?: readonly number[][];
}

/** A question on the wire. */
function question(name = HOST, type = A, questionClass = IN): number[] {
  return [...wire(name), ...u16(type), ...u16(questionClass)];
}

function message({
  id = ID,
  flags = ANSWERED,
  questions = [question()],
  records = [],
  others = [],
}: Parts = {}): Uint8Array {
  return new Uint8Array([
    ...[...u16(id), ...u16(flags), ...u16(questions.length)],
    ...[...u16(records.length), ...u16(0), ...u16(others.length)],
    ...[...questions, ...records, ...others].flat(),
  ]);
}

/** Reads a message as the answer to the question above. */
function decode(
  parts: Parts | Uint8Array,
  name = HOST,
  type: RecordType = "A",
): Answer | undefined {
  const bytes = parts instanceof Uint8Array ? parts : message(parts);
  return decodeAnswer(bytes, ID, name, type);
}

/** An answer's canonical name and its addresses, in short. */
function short(answer: Answer | undefined): string | undefined {
  return answer &&
    [
      answer.canonicalName,
      ...answer.addresses.map(String),
      ...answer.names,
    ].join(" ");
}

const ADDRESS = [192, 0, 2, 1];

Deno.test("encodeQuery() writes one question that wants recursion", () => {
  const table: [RecordType, number][] = [["A", A], ["AAAA", AAAA], [
    "PTR",
    PTR,
  ]];
  for (const [type, number] of table) {
    assertEquals(
      encodeQuery(ID, HOST, type),
      new Uint8Array([
        ...[0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0],
        ...[3, ...ascii("www"), 7, ...ascii("example"), 0],
        ...[0, number, 0, 1],
      ]),
    );
  }
});

Deno.test("encodeQuery() takes every number, and the longest name", () => {
  for (const id of [0, 1, 0xff, 0x100, 0xffff]) {
    assertEquals([...encodeQuery(id, "a", "A").subarray(0, 2)], u16(id));
  }
  const longest = `${"a.".repeat(126)}a`;
  // RFC 1035 section 2.3.4: 255 bytes.
  assertEquals(encodeQuery(0, longest, "A").length, 12 + 255 + 4);
});

Deno.test("decodeAnswer() reads addresses of both families", () => {
  const records = [record(A, [192, 0, 2, 1]), record(A, [192, 0, 2, 2])];
  assertEquals(decode({ records }), {
    rcode: 0,
    truncated: false,
    lame: false,
    canonicalName: HOST,
    addresses: [
      IpAddress.parse("192.0.2.1"),
      IpAddress.parse("192.0.2.2"),
    ],
    names: [],
  });
  const six = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1];
  const answer = decode(
    {
      questions: [question(HOST, AAAA)],
      records: [record(AAAA, six)],
    },
    HOST,
    "AAAA",
  );
  assertEquals(answer?.addresses, [IpAddress.parse("2001:db8::1")]);
});

Deno.test("decodeAnswer() gives addresses that outlive the message", () => {
  const bytes = message({ records: [record(A, ADDRESS)] });
  const answer = decode(bytes);
  bytes.fill(0);
  assertEquals(short(answer), `${HOST} 192.0.2.1`);
});

Deno.test("decodeAnswer() reads a message in the middle of a buffer", () => {
  const bytes = message({ records: [record(A, ADDRESS)] });
  const buffer = new Uint8Array(bytes.length + 14).fill(0xff);
  buffer.set(bytes, 7);
  const answer = decode(buffer.subarray(7, 7 + bytes.length));
  assertEquals(short(answer), `${HOST} 192.0.2.1`);
});

Deno.test("decodeAnswer() reads no records as no addresses", () => {
  assertEquals(short(decode({})), HOST);
});

Deno.test("decodeAnswer() reads names with and without compression", () => {
  const example = QUESTION_AT + 4;
  for (
    const owner of [
      wire(HOST),
      pointer(QUESTION_AT),
      [...label("www"), ...pointer(example)],
    ]
  ) {
    const records = [record(A, ADDRESS, { owner })];
    assertEquals(short(decode({ records })), `${HOST} 192.0.2.1`);
  }
});

Deno.test("decodeAnswer() follows a pointer that leads to a pointer", () => {
  // The first record's owner is a pointer itself.
  const records = [
    record(A, ADDRESS),
    record(A, [192, 0, 2, 2], { owner: pointer(RECORDS_AT) }),
  ];
  assertEquals(short(decode({ records })), `${HOST} 192.0.2.1 192.0.2.2`);
});

Deno.test("decodeAnswer() compares names without regard to case", () => {
  const answer = decode({
    questions: [question("wWw.eXample")],
    records: [
      record(CNAME, wire("HOST.Example"), { owner: wire("WWW.EXAMPLE") }),
      record(A, ADDRESS, { owner: wire("host.eXAMPLE") }),
    ],
  });
  assertEquals(short(answer), "HOST.Example 192.0.2.1");
});

Deno.test("decodeAnswer() follows aliases, in whatever order they stand", () => {
  const chain = [
    record(CNAME, wire("b.example")),
    record(CNAME, wire("c.example"), { owner: wire("b.example") }),
    record(A, ADDRESS, { owner: wire("c.example") }),
  ];
  const [first, second, third] = chain as [number[], number[], number[]];
  for (
    const records of [
      [first, second, third],
      [first, third, second],
      [second, first, third],
      [second, third, first],
      [third, first, second],
      [third, second, first],
    ]
  ) assertEquals(short(decode({ records })), "c.example 192.0.2.1");
});

Deno.test("decodeAnswer() follows a compressed alias", () => {
  const target = [...label("host"), ...pointer(QUESTION_AT + 4)];
  // The alias's target begins behind its owner and ten bytes.
  const targetAt = RECORDS_AT + 2 + 10;
  const records = [
    record(CNAME, target),
    record(A, ADDRESS, { owner: pointer(targetAt) }),
  ];
  assertEquals(short(decode({ records })), "host.example 192.0.2.1");
});

Deno.test("decodeAnswer() reports an alias without an address", () => {
  const records = [record(CNAME, wire("host.example"))];
  assertEquals(short(decode({ records })), "host.example");
});

Deno.test("decodeAnswer() ends aliases that loop where they began", () => {
  const b = { owner: wire("b.example") };
  const c = { owner: wire("c.example") };
  const loops = [
    [record(CNAME, wire(HOST))],
    [record(CNAME, wire("b.example")), record(CNAME, wire(HOST), b)],
    // Into the loop from outside of it.
    [
      record(CNAME, wire("b.example")),
      record(CNAME, wire("c.example"), b),
      record(CNAME, wire("b.example"), c),
    ],
  ];
  for (const loop of loops) {
    const records = [...loop, record(A, ADDRESS, c)];
    assertEquals(short(decode({ records })), HOST);
  }
});

Deno.test("decodeAnswer() ignores records that do not belong to the question", () => {
  const records = [
    record(A, [192, 0, 2, 66], { owner: wire("evil.example") }),
    record(A, [192, 0, 2, 66], { owner: wire("example") }),
    record(A, [192, 0, 2, 66], { owner: wire("a.www.example") }),
    record(CNAME, wire("evil.example"), { owner: wire("other.example") }),
    record(AAAA, Array<number>(16).fill(6)),
    record(TXT, label("hello")),
    record(A, [192, 0, 2, 66], { recordClass: CHAOS }),
    record(CNAME, wire("evil.example"), { recordClass: CHAOS }),
    record(A, ADDRESS),
  ];
  assertEquals(short(decode({ records })), `${HOST} 192.0.2.1`);
});

Deno.test("decodeAnswer() ignores the address of a name that is an alias", () => {
  const records = [
    record(A, [192, 0, 2, 66]),
    record(CNAME, wire("host.example")),
    record(A, ADDRESS, { owner: wire("host.example") }),
  ];
  assertEquals(short(decode({ records })), "host.example 192.0.2.1");
});

Deno.test("decodeAnswer() ignores the other sections, and what stands behind them", () => {
  const others = [record(A, [192, 0, 2, 66]), record(NS, wire("ns.example"))];
  const records = [record(A, ADDRESS)];
  const bytes = message({ records, others });
  assertEquals(short(decode(bytes)), `${HOST} 192.0.2.1`);
  const more = new Uint8Array([...bytes, 1, 2, 3]);
  assertEquals(short(decode(more)), `${HOST} 192.0.2.1`);
});

Deno.test("decodeAnswer() reads the names of an address", () => {
  const reverse = "1.2.0.192.in-addr.arpa";
  const answer = decode(
    {
      questions: [question(reverse, PTR)],
      records: [
        record(PTR, wire("WWW.Example")),
        record(PTR, [...label("ns"), ...pointer(QUESTION_AT + 10)]),
      ],
    },
    reverse,
    "PTR",
  );
  assertEquals(answer?.names, ["WWW.Example", "ns.in-addr.arpa"]);
  assertEquals(answer?.addresses, []);
});

Deno.test("decodeAnswer() follows the alias of a reverse name", () => {
  // RFC 2317: a part of a network is delegated so.
  const reverse = "1.2.0.192.in-addr.arpa";
  const delegated = "1.0/25.2.0.192.in-addr.arpa";
  const answer = decode(
    {
      questions: [question(reverse, PTR)],
      records: [
        record(CNAME, wire(delegated)),
        record(PTR, wire(HOST), { owner: wire(delegated) }),
      ],
    },
    reverse,
    "PTR",
  );
  assertEquals(short(answer), `${delegated} ${HOST}`);
});

Deno.test("decodeAnswer() escapes what is no plain character in a name", () => {
  // A dot within a label, a space, a control character, a byte over 127.
  const target = [...label("a.b"), ...label(" \x1b"), 1, 0xc4, 0];
  const records = [record(CNAME, target)];
  assertEquals(short(decode({ records })), "a\\046b.\\032\\027.\\196");
});

Deno.test("decodeAnswer() reports the server's code", () => {
  for (const rcode of [0, 1, 2, 3, 4, 5, 15]) {
    const answer = decode({ flags: ANSWERED | rcode });
    assertEquals(answer?.rcode, rcode);
    assertEquals(answer?.addresses, []);
  }
});

Deno.test("decodeAnswer() reports that an alias leads to no name", () => {
  const records = [record(CNAME, wire("nosuch.example"))];
  const answer = decode({ flags: ANSWERED | 3, records });
  assertEquals(answer?.rcode, 3);
  assertEquals(short(answer), "nosuch.example");
});

Deno.test("decodeAnswer() reports that an answer did not fit, wherever it is cut", () => {
  const flags = ANSWERED | TRUNCATED;
  const bytes = message({ flags, records: [record(A, ADDRESS)] });
  for (let length = RECORDS_AT; length <= bytes.length; length++) {
    const answer = decode(bytes.subarray(0, length));
    assertEquals(answer?.truncated, true);
    assertEquals(answer?.addresses, []);
  }
});

Deno.test("decodeAnswer() refuses the answer to another question", () => {
  const records = [record(A, ADDRESS)];
  const table: [what: string, Parts][] = [
    ["number", { id: ID ^ 1 }],
    ["name", { questions: [question("www.example.com")] }],
    ["longer name", { questions: [question("www.example.")] }],
    ["root", { questions: [[0, 0, A, 0, IN]] }],
    ["type", { questions: [question(HOST, AAAA)] }],
    ["class", { questions: [question(HOST, A, CHAOS)] }],
    ["none", { questions: [] }],
    ["none that is counted", { questions: [], records: [question()] }],
    ["two", { questions: [question(), question()], records: [] }],
  ];
  for (const [what, parts] of table) {
    assertEquals(decode({ records, ...parts }), undefined, what);
  }
});

Deno.test("decodeAnswer() refuses a name whose label has a dot for two labels", () => {
  const forged = [...label(HOST), 0, 0, A, 0, IN];
  assertEquals(decode({ questions: [forged] }), undefined);
});

Deno.test("decodeAnswer() refuses what is no answer", () => {
  const query = encodeQuery(ID, HOST, "A");
  assertEquals(decode(query), undefined);
  // QR, but another opcode: a status, a notification, an update.
  for (const opcode of [2, 4, 5]) {
    assertEquals(decode({ flags: ANSWERED | opcode << 11 }), undefined);
  }
});

Deno.test("decodeAnswer() refuses a record whose length is not that of its data", () => {
  const target = wire("host.example");
  for (
    const wrong of [
      ...[0, 3, 5, 16, 0xffff].map((length) => record(A, ADDRESS, { length })),
      record(A, [...ADDRESS, 0]),
      record(A, ADDRESS.slice(1)),
      record(CNAME, target, { length: target.length - 1 }),
      record(CNAME, [...target, 0]),
      record(CNAME, []),
      record(TXT, label("hello"), { length: 0xffff }),
    ]
  ) assertEquals(decode({ records: [wrong] }), undefined);
});

Deno.test("decodeAnswer() refuses pointers that do not lead back", () => {
  // Ends of names; the record's owner begins at RECORDS_AT.
  for (
    const owner of [
      pointer(RECORDS_AT), // to itself
      pointer(RECORDS_AT + 2), // forward
      pointer(RECORDS_AT + 1), // into its own second byte
      pointer(0x3fff), // behind the end
      [...label("a"), ...pointer(RECORDS_AT)], // round and round
    ]
  ) {
    assertEquals(
      decode({ records: [record(A, ADDRESS, { owner })] }),
      undefined,
      String(owner),
    );
  }
  // Each to the other.
  const records = [
    record(TXT, pointer(RECORDS_AT + 14)),
    record(A, ADDRESS, { owner: pointer(RECORDS_AT + 12) }),
  ];
  assertEquals(decode({ records }), undefined);
});

Deno.test("decodeAnswer() refuses labels of other kinds than text and pointer", () => {
  // RFC 1035 section 4.1.4: 01 and 10 are reserved.
  for (const length of [0x40, 0x41, 0x7f, 0x80, 0xbf]) {
    const owner = [length, ...Array<number>(length).fill(0x61), 0];
    const records = [record(A, ADDRESS, { owner })];
    assertEquals(decode({ records }), undefined);
  }
});

/** As long as a name can be: 255 bytes on the wire. */
const LONGEST = `${"a".repeat(63)}.`.repeat(3) + "b".repeat(61);

Deno.test("decodeAnswer() takes names of 255 bytes, and no longer ones", () => {
  assertEquals(wire(LONGEST).length, 255);
  for (const [name, taken] of [[LONGEST, true], [`${LONGEST}b`, false]]) {
    const records = [record(CNAME, wire(name as string))];
    assertEquals(short(decode({ records })), taken ? name : undefined);
  }
});

Deno.test("decodeAnswer() takes a name of 255 bytes that is compressed", () => {
  const questions = [question(LONGEST)];
  const records = [record(A, ADDRESS)];
  const answer = decode({ questions, records }, LONGEST);
  assertEquals(short(answer), `${LONGEST} 192.0.2.1`);
});

Deno.test("decodeAnswer() refuses a name that gets too long by its pointers", () => {
  // Each name is a label in front of the one before it.
  const records: number[][] = [];
  let at = RECORDS_AT;
  let before = QUESTION_AT;
  for (let i = 0; i < 4; i++) {
    const owner = [...label("a".repeat(60)), ...pointer(before)];
    before = at;
    records.push(record(TXT, [], { owner }));
    at += owner.length + 10;
  }
  assertEquals(short(decode({ records: records.slice(0, 3) })), HOST);
  assertEquals(decode({ records }), undefined);
});

/** A message with a record of each kind, compressed. */
const WHOLE = message({
  records: [
    record(TXT, label("hello"), { owner: wire("other.example") }),
    record(CNAME, [...label("host"), ...pointer(QUESTION_AT + 4)]),
    record(A, ADDRESS, { owner: wire("host.example") }),
  ],
});

Deno.test("decodeAnswer() refuses a message that is cut, wherever it is cut", () => {
  assertEquals(short(decode(WHOLE)), "host.example 192.0.2.1");
  for (let length = 0; length < WHOLE.length; length++) {
    assertEquals(decode(WHOLE.subarray(0, length)), undefined, String(length));
  }
});

/** Fails unless an answer, if there is one, is such as its type says. */
function assertSound(answer: Answer | undefined, type: RecordType): void {
  if (answer === undefined) return;
  const { rcode, addresses, names } = answer;
  assert(rcode >= 0 && rcode <= 15);
  const length = type === "A" ? 4 : 16;
  assert(addresses.every((address) => address.bytes.length === length));
  assert(type === "PTR" ? addresses.length === 0 : names.length === 0);
}

Deno.test("decodeAnswer() never throws, whatever the bytes", () => {
  const types = fc.constantFrom<RecordType>("A", "AAAA", "PTR");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), types, (bytes, type) => {
      assertSound(decode(bytes, HOST, type), type);
      // The same behind a header and a question that are right.
      const numbers = { A, AAAA, PTR };
      const questions = [question(HOST, numbers[type])];
      const begun = message({ questions, records: [[...bytes], [], []] });
      assertSound(decode(begun, HOST, type), type);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("decodeAnswer() never throws, whichever bytes of a message are wrong", () => {
  const change = fc.tuple(
    fc.nat(WHOLE.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0xc0, 0xff)),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
      const bytes = WHOLE.slice();
      for (const [at, value] of changes) bytes[at] = value;
      assertSound(decode(bytes), "A");
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("decodeAnswer() reads what answers a question of encodeQuery()", () => {
  const anyLabel = fc.string({
    // A search domain may have anything but space in it.
    unit: fc.constantFrom(..."abcxyz0189-_*/,\\!$@~"),
    minLength: 1,
    maxLength: 63,
  });
  const anyName = fc.array(anyLabel, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join("."));
  const address = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.nat(0xffff),
      anyName,
      fc.array(address, { maxLength: 8 }),
      (id, name, addresses) => {
        const query = encodeQuery(id, name, "A");
        const records = addresses.flatMap((data) => record(A, [...data]));
        const bytes = new Uint8Array([...query, ...records]);
        const view = new DataView(bytes.buffer);
        view.setUint16(2, ANSWERED);
        view.setUint16(6, addresses.length);
        const readName = escapeName(name);
        assertEquals(decodeAnswer(bytes, id, readName, "A"), {
          rcode: 0,
          truncated: false,
          lame: false,
          canonicalName: readName,
          addresses: addresses.map((bytes) => IpAddress.fromBytes(bytes)),
          names: [],
        });
      },
    ),
  );
});
