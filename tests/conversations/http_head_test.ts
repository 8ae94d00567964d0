import fc from "fast-check";
import {
  type HeadStatus,
  MAX_HEAD_BYTES,
  RequestHead,
} from "../../lib/conversations/http_head.ts";
import { assertEquals } from "../assert.ts";
import { VECTORS } from "./http_vectors.ts";

/** The bytes of a text each of whose characters is one. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The status of a head that comes in one piece. */
function statusOf(head: string): HeadStatus | undefined {
  return new RequestHead().feed(bytesOf(head));
}

/** Checks that each head earns a status. */
function assertStatus(status: HeadStatus, heads: readonly string[]): void {
  for (const head of heads) {
    assertEquals(statusOf(head), status, JSON.stringify(head.slice(0, 200)));
  }
}

/** A GET request whose head has that many bytes. */
function headOf(length: number): string {
  const start = "GET / HTTP/1.1\r\nFiller: ";
  const end = "\r\n\r\n";
  return start + "x".repeat(length - start.length - end.length) + end;
}

/** A request with one more field line or several. */
const withFields = (...lines: string[]) =>
  `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;

/** A request for a target. */
const withTarget = (target: string, method = "GET") =>
  `${method} ${target} HTTP/1.1\r\n\r\n`;

const GOOD = [
  "GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "HEAD /path?query HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
  // RFC 9112 section 2.2: a line may end in LF without CR, and an empty line or
  // two before the request line are passed over.
  "GET / HTTP/1.1\nHost: a\n\n",
  "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
  // RFC 9110 section 5.5: a field's value may be empty, hold tabs, obs-text.
  "GET / HTTP/1.1\r\nHost:\r\nA:\t b\tc \r\nB: é\r\n!#$%&'*+-.^_`|~9z: x\r\n\r\n",
];

const MALFORMED = [
  "GET\r\n\r\n",
  "GET /\r\n\r\n",
  "GET  / HTTP/1.1\r\n\r\n",
  "GET /  HTTP/1.1\r\n\r\n",
  "GET /a b HTTP/1.1\r\n\r\n",
  "GET / HTTP/1.1 \r\n\r\n",
  "GET / HTTP/1.\r\n\r\n",
  "GET / HTTP/1.10\r\n\r\n",
  "GET / HTTP/11\r\n\r\n",
  "GET / http/1.1\r\n\r\n",
  "GET / XTTP/1.1\r\n\r\n",
  "GET\t/ HTTP/1.1\r\n\r\n",
  " GET / HTTP/1.1\r\n\r\n",
  "G(T / HTTP/1.1\r\n\r\n",
  "GÉT / HTTP/1.1\r\n\r\n",
  "GET /\x7f HTTP/1.1\r\n\r\n",
  // RFC 9112 section 2.2: a bare CR ends no line.
  "GET / HTTP/1.1\rHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
  "GET / HTTP/1.1\r\n\rA: b\r\n\r\n",
  // Section 5.1: no white space before the colon; 5.2: no folded lines; 2.2:
  // none before the first field.
  "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
  "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
  "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
  "GET / HTTP/1.1\r\nno colon\r\n\r\n",
  "GET / HTTP/1.1\r\nnocolon\r\n\r\n",
  "GET / HTTP/1.1\r\n: a\r\n\r\n",
  // RFC 9110 section 5.5: no control characters in a value.
  "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
  "GET / HTTP/1.1\r\nA: \x1b\r\n\r\n",
  "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n",
  // TLS's first bytes.
  "\x16\x03\x01\x02\0\x01\0\x01",
];

Deno.test("RequestHead takes what RFC 9112 allows", () => {
  assertStatus(200, GOOD);
});

Deno.test("RequestHead refuses what is malformed with 400", () => {
  assertStatus(400, MALFORMED);
});

Deno.test("RequestHead passes empty lines over, but no bare CR", () => {
  assertEquals(statusOf("\rGET / HTTP/1.1\r\n\r\n"), 400);
  assertEquals(statusOf("\r\r\nGET / HTTP/1.1\r\n\r\n"), 400);
});

Deno.test("RequestHead refuses a known method other than GET and HEAD with 405", () => {
  const methods = ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"];
  assertStatus(405, methods.map((method) => withTarget("/", method)));
});

Deno.test("RequestHead refuses an unknown method with 501", () => {
  const methods = ["get", "GETS", "GE", "M-X", "PROPFIND", "X".repeat(8000)];
  assertStatus(501, methods.map((method) => withTarget("/", method)));
});

Deno.test("RequestHead refuses a version other than HTTP/1 with 505", () => {
  for (const version of ["2.0", "3.0", "9.9", "0.9"]) {
    assertStatus(505, [`GET / HTTP/${version}\r\nHost: a\r\n\r\n`]);
  }
  // What a client of HTTP/2 says first.
  assertStatus(505, ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]);
  assertStatus(200, ["GET / HTTP/1.2\r\n\r\n", "GET / HTTP/1.9\r\n\r\n"]);
});

Deno.test("RequestHead takes the four forms of a target, each with its methods", () => {
  assertStatus(
    200,
    [
      ...[
        "/",
        "//",
        "/a/b;c=d:e@f",
        "/?",
        "/??/:@",
        "/%00%fF",
        "/~!$&'()*+,=-._",
      ],
      ...[
        "http://a",
        "http://a/",
        "HTTP://a?b",
        "https://[::1]:1/",
        "x-y.z+0://a",
      ],
      ...["http://u:p@a", "http://@a:", "http://%41", "http://[v1.a:b]/"],
    ].map((target) => withTarget(target)),
  );
  assertStatus(405, [
    withTarget("*", "OPTIONS"),
    withTarget("/", "OPTIONS"),
    withTarget("a:443", "CONNECT"),
    withTarget("127.0.0.1:1", "CONNECT"),
    withTarget("[2001:db8::1]:65535", "CONNECT"),
  ]);
});

Deno.test("RequestHead takes every URL, whole or without its origin", () => {
  const url = fc.webUrl({
    withQueryParameters: true,
    validSchemes: ["http", "https"],
    authoritySettings: {
      withIPv4: true,
      withIPv6: true,
      withPort: true,
      withUserInfo: true,
    },
  });
  fc.assert(
    fc.property(url, (url) => {
      assertEquals(statusOf(withTarget(url)), 200, url);
      const [, authority = "", rest = ""] =
        /^\w+:\/\/([^/?]*)(.*)$/.exec(url) ??
          [];
      const host = authority.replace(/^.*@/, "");
      const target = rest.startsWith("/") ? rest : `/${rest}`;
      const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      assertEquals(statusOf(head), 200, head);
      assertEquals(statusOf(withTarget(`${url}#`)), 400, url);
    }),
    { numRuns: 300 },
  );
});

Deno.test("RequestHead refuses a target of no form with 400", () => {
  assertStatus(
    400,
    [
      ...["*", "a:443", "a", "a/b", "?", "?a", "#", "/#", "/a#b", "/?a#b"],
      ...["/%", "/%4", "/%4g", "/a%", '/"', "/<", "/>", "/\\", "/^", "/`"],
      ...["/{", "/|", "/}", "/[", "/]", "/?[", "/\x80", "/\xc3\xa9", "/?\xff"],
      ...["http:", "http:/", "http://", "http:///", "http:a", "http://:80/"],
      ...[
        "http://u@",
        "http://a:b",
        "http://a:8 0",
        "http://[::1",
        "http://::1/",
      ],
      ...["http://[::1]x/", "http://[1.2.3.4]/", "http://[fe80::1%25eth0]/"],
      ...[
        "http://a@b@c/",
        "http://a/#",
        "1http://a/",
        "://a/",
        "urn:a:b",
      ],
    ].map((target) => withTarget(target)),
  );
  assertStatus(
    400,
    ["/", "*", "a", "a:", ":443", "a:0", "a:65536", "a:443/", "http://a:443"]
      .map((target) => withTarget(target, "CONNECT")),
  );
  assertStatus(400, [withTarget("*", "POST"), withTarget("*", "HEAD")]);
});

Deno.test("RequestHead takes one Host at the most, and an empty one", () => {
  const good = [
    ...["a", "a:", "a:80", "", ":", "[::1]", "[::ffff:1.2.3.4]:80"],
    ...["127.0.0.1:8080", "a_b", "%61", "\t a:80\t ", "xn--bcher-kva.test"],
  ];
  assertStatus(200, good.map((host) => withFields(`Host:${host}`)));
  const bad = [
    ...["a b", "a/b", "http://a", "a:b", "a:80:80", "[::1", "::1", "[a]"],
    ...["u@a", "a?", "a#b", "\xe9", "%6", "[]", "<a>", "[fe80::1%eth0]"],
  ];
  assertStatus(400, bad.map((host) => withFields(`Host: ${host}`)));
  assertStatus(400, [
    withFields("Host: a", "Host: a"),
    withFields("Host: a", "HOST: b"),
    withFields("host:", "Accept: x", "hOsT:"),
  ]);
});

Deno.test("RequestHead takes a Content-Length, however often, that is one", () => {
  const good = ["0", "5", "005", "5, 5", "5,05 ,\t5", "9".repeat(100)];
  assertStatus(
    200,
    good.map((length) => withFields(`Content-Length: ${length}`)),
  );
  assertStatus(200, [
    withFields("Content-Length: 7", "Host: a", "CONTENT-LENGTH:7"),
  ]);
  const bad = [
    ...["", "-1", "+1", "1.0", "1e3", "0x10", "1 1", "5, 6", "5,", ",5", "a"],
    ...["\xb9", "1\xa0", "1_0", "1;q=2"],
  ];
  assertStatus(
    400,
    bad.map((length) => withFields(`Content-Length: ${length}`)),
  );
  assertStatus(400, [
    withFields("Content-Length: 7", "Content-Length: 8"),
    withFields("Content-Length: 7", "Content-Length:"),
  ]);
});

Deno.test("RequestHead takes a Transfer-Encoding whose last coding is chunked", () => {
  const good = [
    ...["chunked", "CHUNKED", "gzip, chunked", "gzip,,chunked, ,"],
    ...['x;a="b,c", chunked', 'x;a="\\",y", chunked'],
  ];
  assertStatus(
    200,
    good.map((list) => withFields(`Transfer-Encoding: ${list}`)),
  );
  assertStatus(200, [
    withFields("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
  ]);
  const bad = [
    ...[
      "",
      ",",
      "identity",
      "gzip",
      "chunked, gzip",
      "xchunked",
      "chunked;a=b",
    ],
    ...["chunked x", '"chunked"', 'x;a="b, chunked', 'x;a="b, chunked"'],
    "chunked\xa0",
  ];
  assertStatus(
    400,
    bad.map((list) => withFields(`Transfer-Encoding: ${list}`)),
  );
  assertStatus(400, [
    withFields("Transfer-Encoding: chunked", "Transfer-Encoding: gzip"),
  ]);
});

Deno.test("RequestHead gives the first status that applies", () => {
  const long = "x".repeat(9000);
  const wrong = "Host: a b\r\nno colon\r\n\r\n";
  const fields = "Host: a b\r\n\r\n";
  assertStatus(400, [
    `NONE # HTTP/2.0\r\n${wrong}`,
    `NONE / HTTP/2.0x\r\n`,
    `GET\t${long}`,
  ]);
  assertStatus(414, [
    `NONE #${long}`,
    long,
    `GET /${long} HTTP/2.0\r\n${wrong}`,
  ]);
  assertStatus(431, [`NONE # HTTP/2.0\r\nHost: a b\r\nA: ${long}`]);
  assertStatus(505, [`NONE # HTTP/2.0\r\n${fields}`]);
  assertStatus(501, [`NONE # HTTP/1.1\r\n${fields}`]);
  assertStatus(400, [
    `POST # HTTP/1.1\r\n\r\n`,
    `POST / HTTP/1.1\r\n${fields}`,
    `GET / HTTP/1.1\r\n${fields}`,
  ]);
});

Deno.test("RequestHead knows the method as soon as it was read", () => {
  const head = new RequestHead();
  head.feed(bytesOf("HE"));
  assertEquals(head.method, "");
  head.feed(bytesOf("AD "));
  assertEquals(head.method, "HEAD");
});

Deno.test("RequestHead knows whether more comes than the head", () => {
  const hasMore = (text: string) => {
    const head = new RequestHead();
    head.feed(bytesOf(text));
    return head.hasMore;
  };
  assertEquals(hasMore(withFields("Host: a", "Content-Lengt: 1")), false);
  assertEquals(hasMore(withFields("Host: a") + "x"), true);
  assertEquals(hasMore(withFields("Content-Length: 1")), true);
  assertEquals(hasMore(withFields("transfer-encoding: chunked")), true);
});

for (const { parser, accepts, refuses } of VECTORS) {
  Deno.test(`RequestHead answers the heads that ${parser} is tested with`, () => {
    const understood: readonly (HeadStatus | undefined)[] = [200, 405, 501];
    for (
      const [theirs, vectors] of [[true, accepts], [false, refuses]] as const
    ) {
      for (const [head, expected, differs] of vectors) {
        const status = statusOf(head);
        const shown = JSON.stringify(head.slice(0, 200));
        assertEquals(status, expected, shown);
        // A reason stands where, and only where, the two do not agree.
        const ours = understood.includes(status);
        assertEquals(ours !== theirs, differs !== undefined, shown);
      }
    }
  });
}

Deno.test("RequestHead waits while the head is not complete", () => {
  const text = GOOD[0]!;
  for (let length = 0; length < text.length; length++) {
    assertEquals(statusOf(text.slice(0, length)), undefined);
  }
});

Deno.test("RequestHead refuses a head at its first wrong byte", () => {
  assertEquals(statusOf("GET / HTTP/1.1\r\nHost "), 400);
  assertEquals(statusOf("GET / HTTP/1.1\r\nA: b\rc"), 400);
});

Deno.test("RequestHead does not look at what stands behind the head", () => {
  const head = new RequestHead();
  assertEquals(head.feed(bytesOf("GET / HTTP/1.1\r\n\r\n\0\0\r")), 200);
  assertEquals(head.feed(new Uint8Array(2 * MAX_HEAD_BYTES)), 200);
});

Deno.test("RequestHead takes 8 KiB, and not a byte more", () => {
  assertEquals(statusOf(headOf(8192)), 200);
  assertEquals(statusOf(headOf(8193)), 431);
  assertEquals(statusOf("A".repeat(8192)), undefined);
  assertEquals(statusOf("A".repeat(8193)), 414);
  assertEquals(statusOf("\r\n".repeat(4097)), 431);
});

Deno.test("RequestHead discriminates a line that is too long from a head that is", () => {
  const line = (length: number) => {
    const [start, end] = ["GET /", " HTTP/1.1\r\n"];
    return start + "x".repeat(length - start.length - end.length) + end;
  };
  assertEquals(statusOf(line(8192)), undefined);
  assertEquals(statusOf(line(8192) + "\r\n"), 431);
  assertEquals(statusOf(line(8193) + "\r\n"), 414);
  assertEquals(statusOf(line(8190) + "\r\n"), 200);
});

Deno.test("RequestHead gives the same status wherever packets split the head", () => {
  const line = fc.constantFrom(
    ...[
      "GET / HTTP/1.1",
      "POST * HTTP/1.0",
      "X /# HTTP/2.0",
      "Host: a",
      "A : b",
    ],
    ...[
      "Host: a b",
      "Content-Length: 1",
      "Transfer-Encoding: chunked",
      "\xe9",
      "",
    ],
  );
  const end = fc.constantFrom("\r\n", "\r\n", "\n", "\r", "");
  const head = fc.oneof(
    fc.constantFrom(...GOOD, ...MALFORMED),
    fc.constantFrom(
      ...VECTORS.flatMap(({ accepts, refuses }) => [...accepts, ...refuses]),
    ).map(([text]) => text),
    fc.array(fc.tuple(line, end)).map((lines) =>
      lines.map((parts) => parts.join("")).join("")
    ),
    fc.integer({ min: 8190, max: 8194 }).map(headOf),
    fc.integer({ min: 8170, max: 8200 }).map((length) =>
      withTarget("/".repeat(length))
    ),
  );
  fc.assert(
    fc.property(
      head,
      fc.array(fc.nat(9000)),
      fc.boolean(),
      (text, cuts, each) => {
        const bytes = bytesOf(text);
        const ends = each
          ? bytes.keys().map((i) => i + 1)
          : [...cuts, bytes.length].sort((a, b) => a - b);
        const pieces = new RequestHead();
        let from = 0;
        for (const end of ends) {
          pieces.feed(bytes.subarray(from, end));
          from = Math.min(end, bytes.length);
        }
        const whole = new RequestHead();
        assertEquals(pieces.status, whole.feed(bytes));
        assertEquals(pieces.method, whole.method);
        assertEquals(pieces.hasMore, whole.hasMore);
      },
    ),
    { numRuns: 1000 },
  );
});
