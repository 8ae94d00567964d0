import * as fc from "fast-check";
import { getAddrInfo } from "../../lib/names/addrinfo.ts";
import type { AddrInfoHints } from "../../lib/names/hints.ts";
import { getNameInfo } from "../../lib/names/nameinfo.ts";
import {
  AddrInfoError,
  type AddrInfoErrorCode,
} from "../../lib/names/addrinfo_error.ts";
import { parseHostsLine } from "../../lib/names/hosts.ts";
import { anyCharacter } from "../arbitraries.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";

class Stop extends Error {}

type Bytes = Uint8Array<ArrayBuffer>;

const A = 1;
const CNAME = 5;
const AAAA = 28;

/** Response codes (RFC 1035 section 4.1.1). */
const Code = {
  NoError: 0,
  FormErr: 1,
  ServFail: 2,
  NxDomain: 3,
  NotImp: 4,
  Refused: 5,
} as const;

/** How long a server is waited for that will not say anything of use. */
const SHORT = 200;

/** A name in the bytes of a message. */
function wireName(name: string): number[] {
  const labels = name.split(".");
  return [
    ...labels.flatMap((label) => [
      label.length,
      ...new TextEncoder().encode(label),
    ]),
    0,
  ];
}

/** A question as it came. */
interface Query {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** The name, the type and the class. */
  readonly question: Bytes;
}

function readQuery(bytes: Bytes): Query {
  let at = 12;
  const labels: string[] = [];
  for (let length = bytes[at++]!; length > 0; length = bytes[at++]!) {
    labels.push(new TextDecoder().decode(bytes.subarray(at, at + length)));
    at += length;
  }
  const u16 = (at: number) => bytes[at]! << 8 | bytes[at + 1]!;
  const question = bytes.slice(12, at + 4);
  return { id: u16(0), name: labels.join("."), type: u16(at), question };
}

/** What an answer is to say; no records and no error by default. */
interface AnswerParts {
  readonly id?: number;
  /** QR and whatever else stands in the third byte; TC is 2. */
  readonly flags?: number;
  readonly code?: number;
  readonly question?: ArrayLike<number>;
  readonly records?: readonly (readonly number[])[];
}

/** The answer to a question. */
function answer(query: Query, parts: AnswerParts = {}): Bytes {
  const { id = query.id, flags = 0x80, code = 0, records = [] } = parts;
  return Uint8Array.from([
    ...[id >> 8, id & 0xff, flags, 0x80 | code],
    ...[0, 1, 0, records.length, 0, 0, 0, 0],
    ...Array.from(parts.question ?? query.question),
    ...records.flat(),
  ]);
}

function record(
  owner: string,
  type: number,
  data: readonly number[],
  { recordClass = 1, length = data.length } = {},
): number[] {
  return [
    ...wireName(owner),
    ...[0, type, 0, recordClass, 0, 0, 0, 60, length >> 8, length & 0xff],
    ...data,
  ];
}

const alias = (owner: string, name: string) =>
  record(owner, CNAME, wireName(name));

const FOUR = [192, 0, 2, 1];
const SIX = [0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 1];
const BOTH = ["192.0.2.1", "2001:db8::1"];

/** The record that a question asks for. */
function found({ name, type }: Query): number[] {
  return record(name, type, type === A ? FOUR : SIX);
}

/** The answer that it should be. */
function right(query: Query): Bytes {
  return answer(query, { records: [found(query)] });
}

/** One that answers with these messages, in this order. */
type Answerer = (query: Query) => readonly Bytes[];

/** A name server at work on the loopback. */
interface Responder extends AsyncDisposable {
  readonly nameServer: { readonly ipAddr: string; readonly port: number };
  /** All that it was asked over UDP. */
  readonly queries: readonly Query[];
  /** All that it was asked over TCP. */
  readonly queriesOverTcp: readonly Query[];
}

/** How a responder answers. */
interface ResponderOptions {
  /** Answers over TCP; without it nobody listens there. */
  readonly tcp?: (query: Query, conn: Deno.TcpConn) => Promise<unknown>;
  /** Send from a socket of their own. */
  readonly from?: "another port";
}

const LOOPBACK = "127.0.0.1";

function bindUdp(port: number): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: LOOPBACK, port });
}

/** Two sockets on one port: one for UDP, one for TCP. */
function bindBoth(): [Deno.DatagramConn, Deno.TcpListener] {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  try {
    return [bindUdp(listener.addr.port), listener];
  } catch (error) {
    // Somebody else has that port's other half.
    listener.close();
    if (error instanceof Deno.errors.AddrInUse) return bindBoth();
    throw error;
  }
}

function respond(udp: Answerer, options: ResponderOptions = {}): Responder {
  const { tcp, from } = options;
  const [socket, listener] = tcp === undefined ? [bindUdp(0)] : bindBoth();
  const sender = from === undefined ? socket : bindUdp(0);
  const queries: Query[] = [];
  const queriesOverTcp: Query[] = [];
  const overUdp = async () => {
    for await (const [data, peer] of socket) {
      const query = readQuery(data);
      queries.push(query);
      for (const message of udp(query)) {
        // The one that asked may have heard enough, and the test be over.
        await sender.send(message, peer).catch(() => {});
      }
    }
  };
  const serve = async (conn: Deno.TcpConn) => {
    using _conn = conn;
    const buffer = new Uint8Array(512);
    const count = await conn.read(buffer) ?? 0;
    const query = readQuery(buffer.slice(2, count));
    queriesOverTcp.push(query);
    await tcp?.(query, conn);
    await conn.read(buffer); // It is the client who hangs up.
  };
  const overTcp = async () => {
    const served: Promise<void>[] = [];
    if (listener === undefined) return;
    // The client may hang up at any time.
    for await (const conn of listener) served.push(serve(conn).catch(() => {}));
    await Promise.all(served);
  };
  const running = Promise.all([overUdp(), overTcp()]);
  const { port } = socket.addr as Deno.NetAddr;
  return {
    nameServer: { ipAddr: LOOPBACK, port },
    queries,
    queriesOverTcp,
    async [Symbol.asyncDispose]() {
      socket.close();
      if (sender !== socket) sender.close();
      listener?.close();
      await running;
    },
  };
}

/** A message over TCP, behind its length. */
function framed(message: Bytes): Bytes {
  const { length } = message;
  return Uint8Array.from([length >> 8, length & 0xff, ...message]);
}

/** The addresses of a host, in the order of their texts. */
async function addressesOf(
  host: string,
  hints: AddrInfoHints,
): Promise<string[]> {
  const list = await getAddrInfo(host, 80, { socktype: "stream", ...hints });
  return list.map(({ addr }) => addr.hostname).toSorted();
}

/** Fails unless the look-up fails with that code. */
async function assertFails(
  code: AddrInfoErrorCode,
  host: string,
  hints: AddrInfoHints,
  message?: string,
): Promise<void> {
  const error = await assertRejects(
    () => getAddrInfo(host, 80, hints),
    AddrInfoError,
  );
  assertEquals(error.code, code, message);
}

const HOST = "host.example";

Deno.test("getAddrInfo() takes the server's code for its own", async () => {
  const table: [code: number, AddrInfoErrorCode][] = [
    [Code.NoError, "EAI_NODATA"],
    [Code.FormErr, "EAI_FAIL"],
    [Code.ServFail, "EAI_AGAIN"],
    [Code.NxDomain, "EAI_NONAME"],
    [Code.NotImp, "EAI_AGAIN"],
    [Code.Refused, "EAI_AGAIN"],
    [15, "EAI_FAIL"],
  ];
  for (const [code, expected] of table) {
    await using server = respond((query) => [answer(query, { code })]);
    const { nameServer } = server;
    await assertFails(expected, HOST, { nameServer }, `RCODE ${code}`);
    const four = { nameServer, family: "IPv4" } as const;
    await assertFails(expected, HOST, four, `RCODE ${code}`);
  }
});

Deno.test("getAddrInfo() asks once for each family, and no search domains", async () => {
  await using server = respond((query) => [
    answer(query, { code: Code.NxDomain }),
  ]);
  const { nameServer, queries } = server;
  await assertFails("EAI_NONAME", "host", { nameServer });
  assertEquals(
    queries.map(({ name, type }) => `${name} ${type}`).toSorted(),
    [`host ${A}`, `host ${AAAA}`],
  );
});

Deno.test("getAddrInfo() asks again if a server could not help", async () => {
  let asked = 0;
  await using server = respond((query) => [
    ++asked <= 2 ? answer(query, { code: Code.ServFail }) : right(query),
  ]);
  assertEquals(await addressesOf(HOST, server), BOTH);
});

Deno.test("getAddrInfo() keeps one family if the server fails for the other", async () => {
  for (const code of [Code.ServFail, Code.NxDomain, Code.FormErr]) {
    for (const [type, address] of [[A, BOTH[0]], [AAAA, BOTH[1]]] as const) {
      await using server = respond((query) => [
        query.type === type ? right(query) : answer(query, { code }),
      ]);
      assertEquals(await addressesOf(HOST, server), [address!]);
    }
  }
});

Deno.test("getAddrInfo() says to try again if one family has nothing and the other failed", async () => {
  await using server = respond((query) => [
    answer(query, { code: query.type === A ? Code.NoError : Code.ServFail }),
  ]);
  await assertFails("EAI_AGAIN", HOST, server);
});

Deno.test("getAddrInfo() gives an address once that was answered twice", async () => {
  await using server = respond((query) => {
    const twice = answer(query, { records: [found(query), found(query)] });
    return [twice, twice];
  });
  assertEquals(await addressesOf(HOST, server), BOTH);
});

/** Records that lead from a question to its address, or do not. */
const LEADING: readonly (readonly [
  what: string,
  records: (query: Query) => number[][],
  expected: readonly string[],
])[] = [
  ["no chain", (query) => [found(query)], BOTH],
  ["upper case", (query) => [
    found({ ...query, name: query.name.toUpperCase() }),
  ], BOTH],
  ["a chain", (query) => [
    alias(HOST, "a.example"),
    alias("a.example", "b.example"),
    found({ ...query, name: "b.example" }),
  ], BOTH],
  ["a chain in disorder", (query) => [
    found({ ...query, name: "b.example" }),
    alias("a.example", "b.example"),
    alias(HOST, "a.example"),
  ], BOTH],
  ["a chain to itself", () => [alias(HOST, HOST)], []],
  ["a loop", () => [
    alias(HOST, "a.example"),
    alias("a.example", HOST),
  ], []],
  ["a loop that the question is not in", () => [
    alias(HOST, "a.example"),
    alias("a.example", "b.example"),
    alias("b.example", "a.example"),
  ], []],
  ["an address of somebody else", (query) => [
    found({ ...query, name: "evil.example" }),
  ], []],
  ["an address of somebody else besides", (query) => [
    record("evil.example", query.type, query.type === A ? [6, 6, 6, 6] : SIX),
    found(query),
  ], BOTH],
  ["another class", ({ name, type }) => [
    record(name, type, type === A ? FOUR : SIX, { recordClass: 3 }),
  ], []],
  ["another type", ({ name, type }) => [
    record(name, type === A ? AAAA : A, type === A ? SIX : FOUR),
  ], []],
  ["a type that nobody knows", (query) => [
    record(query.name, 250, [1, 2, 3]),
    found(query),
  ], BOTH],
];

Deno.test("getAddrInfo() takes only the records that the question leads to", async () => {
  for (const [what, records, expected] of LEADING) {
    await using server = respond((query) => [
      answer(query, { records: records(query) }),
    ]);
    const { nameServer } = server;
    if (expected.length === 0) {
      await assertFails("EAI_NODATA", HOST, { nameServer }, what);
    } else {
      assertEquals(
        await addressesOf(HOST, { nameServer }),
        [...expected],
        what,
      );
    }
  }
});

/** Messages that do not answer the question. */
const WRONG: Readonly<Record<string, (query: Query) => Bytes>> = {
  "another number": (query) => answer(query, { id: query.id ^ 1 }),
  "another name": (query) =>
    answer(query, { question: [...wireName("evil.example"), 0, A, 0, 1] }),
  "another type": (query) =>
    answer(query, { question: [...wireName(HOST), 0, 16, 0, 1] }),
  "another class": (query) =>
    answer(query, { question: [...query.question.slice(0, -1), 3] }),
  "no answer at all": (query) => answer(query, { flags: 0 }),
  "another kind of answer": (query) => answer(query, { flags: 0xa8 }),
  "no question": ({ id }) =>
    Uint8Array.of(id >> 8, id & 0xff, 0x80, 0x83, 0, 0, 0, 0, 0, 0, 0, 0),
  "nothing": () => new Uint8Array(),
  "one byte": () => Uint8Array.of(1),
  "half a head": (query) => answer(query).slice(0, 6),
  "half a question": (query) => answer(query).slice(0, 16),
  "half a record": (query) => right(query).slice(0, -1),
  "a record too few": (query) => {
    const message = right(query);
    message[7]! += 1;
    return message;
  },
  "an address too short": (query) => {
    const { name, type } = query;
    const data = type === A ? [192, 0, 2] : [0x20, 1];
    return answer(query, { records: [record(name, type, data)] });
  },
  "an address too long": (query) => {
    const { name, type } = query;
    const data = new Array<number>(17).fill(0);
    return answer(query, { records: [record(name, type, data)] });
  },
  "a length beyond the end": (query) => {
    const { name, type } = query;
    const lying = record(name, type, FOUR, { length: 65_535 });
    return answer(query, { records: [lying] });
  },
  "a name that points at itself": (query) => {
    // A pointer to where it stands itself: behind the head.
    return answer(query, { question: [0xc0, 12, 0, query.type, 0, 1] });
  },
  "a name that points ahead": (query) =>
    answer(query, { question: [0xc0, 40, 0, query.type, 0, 1] }),
  "an alias that points at itself": (query) => {
    const at = 12 + query.question.length;
    const owner = wireName(HOST).length;
    const pointer = at + owner + 10;
    const looping = record(HOST, CNAME, [0xc0 | pointer >> 8, pointer & 0xff]);
    return answer(query, { records: [looping] });
  },
  "a label of a kind that is not": (query) =>
    answer(query, { question: [0x80, 1, 0, 0, query.type, 0, 1] }),
  "a name too long": (query) =>
    answer(query, {
      records: [record(new Array(130).fill("a").join("."), A, FOUR)],
    }),
};

Deno.test("getAddrInfo() waits for the right answer behind a wrong one", async () => {
  for (const [what, wrong] of Object.entries(WRONG)) {
    await using server = respond((query) => [wrong(query), right(query)]);
    assertEquals(await addressesOf(HOST, server), BOTH, what);
    // Each was asked once: the wrong answer was not taken for a failure.
    assertEquals(server.queries.length, 2, what);
  }
});

Deno.test("getAddrInfo() takes no wrong answer when the time is over", async () => {
  await Promise.all(
    Object.entries(WRONG).map(async ([what, wrong]) => {
      await using server = respond((query) => [wrong(query)]);
      const { nameServer } = server;
      const hints = { nameServer, timeout: SHORT };
      await assertFails("EAI_AGAIN", HOST, hints, what);
    }),
  );
});

Deno.test("getAddrInfo() takes no answer from another port", async () => {
  await using server = respond((query) => [right(query)], {
    from: "another port",
  });
  const { nameServer } = server;
  await assertFails("EAI_AGAIN", HOST, { nameServer, timeout: SHORT });
});

Deno.test("getAddrInfo() gives up on a silent server when the time is over", async () => {
  await using server = respond(() => []);
  const { nameServer, queries } = server;
  const error = await assertRejects(
    () => getAddrInfo(HOST, 80, { nameServer, timeout: SHORT }),
    AddrInfoError,
  );
  assertEquals(error.code, "EAI_AGAIN");
  assertEquals((error.cause as Error).name, "TimeoutError");
  assertEquals(queries.length, 2);
});

/** An answer that says that it is not whole. */
function cutOff(query: Query): Bytes {
  return answer(query, { flags: 0x82, records: [found(query)] });
}

/** More records than UDP takes, all but one of them the same. */
function whole(query: Query): Bytes {
  const same = new Array<number[]>(80).fill(found(query));
  const last = query.type === A ? [192, 0, 2, 2] : [...SIX.slice(0, 15), 2];
  return answer(query, {
    records: [...same, record(query.name, query.type, last)],
  });
}

const WHOLE = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"];

/** Sends bytes in pieces of some length. */
async function writeIn(
  pieces: number,
  bytes: Bytes,
  conn: Deno.Conn,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at, at + pieces));
  }
}

Deno.test("getAddrInfo() asks over TCP for an answer that was cut off", async () => {
  for (const pieces of [1, 700, 100_000]) {
    await using server = respond((query) => [cutOff(query)], {
      tcp: (query, conn) => writeIn(pieces, framed(whole(query)), conn),
    });
    assertEquals(await addressesOf(HOST, server), WHOLE);
    const { queries, queriesOverTcp } = server;
    const asked = (list: readonly Query[]) =>
      list.map(({ name, type }) => `${name} ${type}`).toSorted();
    assertEquals(asked(queriesOverTcp), asked(queries));
  }
});

Deno.test("getAddrInfo() asks over TCP only for the family that was cut off", async () => {
  await using server = respond(
    (query) => [query.type === A ? cutOff(query) : right(query)],
    { tcp: (query, conn) => writeIn(100_000, framed(whole(query)), conn) },
  );
  assertEquals(await addressesOf(HOST, server), WHOLE.slice(0, 3));
  assertEquals(server.queriesOverTcp.map(({ type }) => type), [A]);
});

Deno.test("getAddrInfo() takes no part for the whole if TCP fails", async () => {
  // Nobody listens; or what comes is wrong, cut short, nothing, or too late.
  const table: Readonly<Record<string, ResponderOptions["tcp"]>> = {
    "nobody": undefined,
    "another number": (query, conn) =>
      conn.write(framed(answer(query, { id: query.id ^ 1 }))),
    "another question": (query, conn) =>
      conn.write(framed(answer(query, { question: [0, 0, A, 0, 1] }))),
    "half an answer": async (query, conn) => {
      await conn.write(framed(right(query)).slice(0, -1));
      await conn.closeWrite();
    },
    "an empty answer": (_query, conn) => conn.write(Uint8Array.of(0, 0)),
    "nothing": (_query, conn) => conn.closeWrite(),
    "too late": () => Promise.resolve(),
  };
  await Promise.all(
    Object.entries(table).map(async ([what, tcp]) => {
      await using server = respond(
        (query) => [cutOff(query)],
        tcp && { tcp },
      );
      const { nameServer } = server;
      const hints = { nameServer, timeout: SHORT };
      await assertFails("EAI_AGAIN", HOST, hints, what);
    }),
  );
});

Deno.test("getAddrInfo() keeps one family if TCP fails for the other", async () => {
  await using server = respond((query) => [cutOff(query)], {
    tcp: (query, conn) =>
      query.type === A ? conn.write(framed(right(query))) : conn.closeWrite(),
  });
  assertEquals(await addressesOf(HOST, server), [BOTH[0]!]);
});

Deno.test("getAddrInfo() ends with the signal's reason at once", async () => {
  const overUdp: Answerer = () => [];
  const overTcp: Answerer = (query) => [cutOff(query)];
  for (const udp of [overUdp, overTcp]) {
    const asked = Promise.withResolvers<void>();
    await using server = respond((query) => {
      if (udp === overUdp) asked.resolve();
      return udp(query);
    }, { tcp: () => Promise.resolve(asked.resolve()) });
    const controller = new AbortController();
    const { signal } = controller;
    const { nameServer } = server;
    const looking = getAddrInfo(HOST, 80, { nameServer, signal });
    await asked.promise;
    controller.abort(new Stop());
    await assertRejects(() => looking, Stop);
  }
});

Deno.test("getAddrInfo() sends nothing if the signal has aborted", async () => {
  await using server = respond((query) => [right(query)]);
  const { nameServer, queries } = server;
  const signal = AbortSignal.abort(new Stop());
  await assertRejects(
    () => getAddrInfo("aborted.example", 80, { nameServer, signal }),
    Stop,
  );
  await assertHeardOnlyOf(HOST, { nameServer, queries });
});

/** Fails if a server was asked for anything before this name is asked for. */
async function assertHeardOnlyOf(
  name: string,
  { nameServer, queries }: Pick<Responder, "nameServer" | "queries">,
): Promise<void> {
  // Whatever was sent before it on the loopback has arrived before it.
  await getAddrInfo(name, 80, { nameServer });
  assertEquals([...new Set(queries.map((query) => query.name))], [name]);
}

Deno.test("getAddrInfo() asks nobody for what cannot be a host's name", async () => {
  await using server = respond((query) => [right(query)]);
  const { nameServer, queries } = server;
  for (
    const host of [
      ...["", " ", "a b", "host.example ", "host.example\n", "a\0b", "\0"],
      ...[".", "..", ".example", "a..example", "host.example..", "[::1]"],
      ...["::1::", "1.2.3.4%1", "%", "a%b", "a:b", "a/b", "http://a.example"],
      ...[
        `${"a".repeat(64)}.example`,
        "a.".repeat(127) + "a",
        "\ud800.example",
      ],
      ...["a\u3000b", "\x1b[31ma", "a\\.example", "a,b", "a@b", "'a'"],
    ]
  ) await assertFails("EAI_NONAME", host, { nameServer }, JSON.stringify(host));
  const numericHost = true;
  await assertFails("EAI_NONAME", "a.example", { nameServer, numericHost });
  await assertHeardOnlyOf(HOST, { nameServer, queries });
});

Deno.test("getAddrInfo() asks no server for the loopback, nor for numbers", async () => {
  await using server = respond((query) => [right(query)]);
  const { nameServer, queries } = server;
  const loopback = ["127.0.0.1", "::1"];
  for (
    const host of [
      ...["localhost", "LocalHost", "localhost.", "a.localhost"],
      ...["A.B.LOCALHOST.", "bücher.localhost"],
    ]
  ) {
    assertEquals(await addressesOf(host, { nameServer }), loopback, host);
    const family = "IPv4";
    assertEquals(await addressesOf(host, { nameServer, family }), [
      "127.0.0.1",
    ]);
  }
  for (const host of ["192.0.2.7", "127.1", "2001:db8::7", "::1%1"]) {
    assertEquals((await addressesOf(host, { nameServer })).length, 1);
  }
  await assertHeardOnlyOf("notlocalhost", { nameServer, queries });
});

/** A name of another machine, or of this one, in the hosts file. */
const FILED = (() => {
  const lines = Deno.readTextFileSync("/etc/hosts").split("\n");
  const names = lines.flatMap((line) => parseHostsLine(line)?.names ?? []);
  return names.find((name) =>
    /^[a-z0-9-]+$/.test(name) && name !== "localhost"
  );
})();

Deno.test({
  name: "getAddrInfo() leaves the hosts file aside for a server of its own",
  ignore: FILED === undefined,
  async fn() {
    await using server = respond((query) => [right(query)]);
    const { nameServer, queries } = server;
    assertEquals(await addressesOf(FILED!, { nameServer }), BOTH);
    assertEquals(queries.map(({ name }) => name), [FILED!, FILED!]);
  },
});

/** Any text, and such as looks like hosts. */
const anyHost = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: fc.constantFrom(..."aZ09.-_%:[]/ \0\n\ud800\udfff😀ß。") }),
  fc.domain(),
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV6(), fc.string()).map(([address, scope]) =>
    `${address}%${scope}`
  ),
);

Deno.test("nothing but AddrInfoError escapes getAddrInfo(), whatever the host", async () => {
  await using server = respond((query) => [
    answer(query, { code: Code.NxDomain }),
  ]);
  const { nameServer } = server;
  const check = fc.asyncProperty(
    anyHost,
    fc.boolean(),
    async (host, numeric) => {
      const hints = { nameServer, numericHost: numeric };
      try {
        assert((await getAddrInfo(host, 80, hints)).length > 0);
      } catch (error) {
        assert(error instanceof AddrInfoError, String(error));
      }
    },
  );
  await fc.assert(check, { numRuns: 500 });
});

Deno.test("nothing but AddrInfoError escapes getNameInfo(), whatever the host", async () => {
  await using server = respond((query) => [
    answer(query, { code: Code.NxDomain }),
  ]);
  const { nameServer } = server;
  const check = fc.asyncProperty(anyHost, async (hostname) => {
    const addr = { transport: "tcp", hostname, port: 80 } as const;
    try {
      const { host } = await getNameInfo(addr, { nameServer });
      assert(host !== "");
    } catch (error) {
      assert(error instanceof AddrInfoError, String(error));
    }
  });
  await fc.assert(check, { numRuns: 200 });
});

Deno.test("nothing but AddrInfoError escapes getAddrInfo(), whatever the server says", async () => {
  let spoil: (message: Bytes) => Bytes = (message) => message;
  await using server = respond((query) => [
    spoil(answer(query, { records: [alias(HOST, "b.example"), found(query)] })),
    right(query),
  ]);
  const { nameServer } = server;
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
  // The number and the question's count are left as they are, so that what is
  // behind them is read.
  const check = fc.asyncProperty(changes, fc.nat(100), async (list, length) => {
    spoil = (message) => {
      for (const [at, byte] of list) {
        message[6 + at % (message.length - 6)] = byte;
      }
      return message.slice(0, 12 + length);
    };
    try {
      assert((await getAddrInfo(HOST, 80, { nameServer })).length > 0);
    } catch (error) {
      assert(error instanceof AddrInfoError, String(error));
      assert(error.code !== "EAI_AGAIN");
    }
  });
  await fc.assert(check, { numRuns: 500 });
});
