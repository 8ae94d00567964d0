import fc from "fast-check";
import {
  type HeadStatus,
  MAX_HEAD_BYTES,
  RequestHead,
} from "../../lib/conversations/http_head.ts";
import { assertEquals } from "../assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The status of a head that comes in one piece. */
function statusOf(head: string): HeadStatus | undefined {
  return new RequestHead().feed(encode(head));
}

/** A GET request whose head has that many bytes. */
function headOf(length: number): string {
  const start = "GET / HTTP/1.1\r\nFiller: ";
  const end = "\r\n\r\n";
  return start + "x".repeat(length - start.length - end.length) + end;
}

const GOOD = [
  "GET / HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "HEAD /path?query#x HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
  // RFC 9112 section 2.2: a line may end in LF alone, and an empty line or
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
  "GET / HTTP/2.0\r\n\r\n",
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
  for (const head of GOOD) assertEquals(statusOf(head), 200, head);
});

Deno.test("RequestHead refuses what is malformed with 400", () => {
  for (const head of MALFORMED) {
    assertEquals(statusOf(head), 400, JSON.stringify(head));
  }
});

Deno.test("RequestHead passes empty lines over, but no bare CR", () => {
  assertEquals(statusOf("\rGET / HTTP/1.1\r\n\r\n"), 400);
  assertEquals(statusOf("\r\r\nGET / HTTP/1.1\r\n\r\n"), 400);
});

Deno.test("RequestHead refuses other methods than GET and HEAD with 405", () => {
  for (const method of ["POST", "PUT", "get", "GETS", "GE", "OPTIONS", "M-X"]) {
    assertEquals(statusOf(`${method} / HTTP/1.1\r\n\r\n`), 405, method);
  }
});

Deno.test("RequestHead tells the method", () => {
  const head = new RequestHead();
  head.feed(encode("HEAD / HTTP/1.1\r\n\r\n"));
  assertEquals(head.method, "HEAD");
});

Deno.test("RequestHead keeps little of a long method", () => {
  const head = new RequestHead();
  head.feed(encode(`HEAD${"S".repeat(8000)}`));
  assertEquals(head.method, "HEADS");
});

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
  assertEquals(head.feed(encode("GET / HTTP/1.1\r\n\r\n\0\0\r")), 200);
  assertEquals(head.feed(new Uint8Array(2 * MAX_HEAD_BYTES)), 200);
});

Deno.test("RequestHead takes 8 KiB, and not a byte more", () => {
  assertEquals(statusOf(headOf(8192)), 200);
  assertEquals(statusOf(headOf(8193)), 431);
  assertEquals(statusOf("A".repeat(8192)), undefined);
  assertEquals(statusOf("A".repeat(8193)), 431);
  assertEquals(statusOf("\r\n".repeat(4097)), 431);
});

Deno.test("RequestHead gives the same verdict wherever packets split it", () => {
  const line = fc.constantFrom(
    ...["GET / HTTP/1.1", "POST / HTTP/1.0", "Host: a", "A : b", "é", ""],
  );
  const end = fc.constantFrom("\r\n", "\n", "\r", "");
  const head = fc.oneof(
    fc.constantFrom(...GOOD, ...MALFORMED),
    fc.array(fc.tuple(line, end)).map((lines) =>
      lines.map((parts) => parts.join("")).join("")
    ),
    fc.integer({ min: 8190, max: 8194 }).map(headOf),
  );
  fc.assert(
    fc.property(head, fc.array(fc.nat(9000)), (text, cuts) => {
      const bytes = encode(text);
      const ends = [...cuts, bytes.length].sort((a, b) => a - b);
      const pieces = new RequestHead();
      let from = 0;
      for (const end of ends) {
        pieces.feed(bytes.subarray(from, end));
        from = end;
      }
      const whole = new RequestHead();
      assertEquals(pieces.status, whole.feed(bytes));
      assertEquals(pieces.method, whole.method);
    }),
    { numRuns: 500 },
  );
});
