/**
 * Request heads that other parsers are tested with, by what those say of them.
 *
 * A head stands with the status that it earns here: 200, 405 and 501 are given
 * to what was understood. Where we say something else than the other parser, the
 * reason stands behind it.
 */

import type { HeadStatus } from "../../lib/conversations/http_head.ts";

/** A head, its status, and why that differs from the other parser's verdict. */
export type Vector = readonly [
  request: string,
  status: HeadStatus,
  differs?: string,
];

/** What one parser takes and what it refuses. */
export interface Vectors {
  readonly parser: string;
  readonly accepts: readonly Vector[];
  readonly refuses: readonly Vector[];
}

const FRAGMENT = "a target has no fragment (RFC 9112 section 3.2)";
const BYTE = "a byte that no URI has (RFC 3986 section 2)";
const LAST = "the last coding is not chunked (RFC 9112 section 6.1)";
const BARE_LF = "a line may end in LF without CR (RFC 9112 section 2.2)";
const FOLD = "folded lines are refused (RFC 9112 section 5.2)";
const BOTH = "the connection closes, so the body's end decides nothing";
const PROTOCOL = "another protocol is no HTTP-version";
const UNKNOWN = "a method that is a token is unknown, not malformed";
const LIMITS = "it has other limits than our 8 KiB";
const BODY = "what is wrong stands in the body, which is not read";
const POLICY = "a rule of its own, not of RFC 9110 or 9112";

const IDENTITY_POST =
  "POST /post_identity_body_world?q=search#hey HTTP/1.1\r\nAccept: */*\r\n";
const POST = "POST /post HTTP/1.1\r\nAccept: */*\r\n";
const PUT = "PUT /url HTTP/1.1\r\n";
const CURL = "GET /test HTTP/1.1\r\n" +
  "User-Agent: curl/7.18.0 (i486-pc-linux-gnu) libcurl/7.18.0 " +
  "OpenSSL/0.9.8g zlib/1.2.3.3 libidn/1.1\r\n" +
  "Host: 0.0.0.0=5000\r\nAccept: */*\r\n\r\n";
const APACHE_BENCH = "GET /test HTTP/1.0\r\nHost: 0.0.0.0:5000\r\n" +
  "User-Agent: ApacheBench/2.3\r\nAccept: */*\r\n\r\n";

const LLHTTP: Vectors = {
  parser: "llhttp",
  accepts: [
    [
      "OPTIONS /url HTTP/1.1\r\nHeader1: Value1\r\nHeader2:\t Value2\r\n\r\n",
      405,
    ],
    ["HEAD /url HTTP/1.1\r\n\r\n", 200],
    [CURL, 200],
    ["GET /dumbpack HTTP/1.1\r\naaaaaaaaaaaaa:++++++++++\r\n\r\n", 200],
    ["GET /get_no_headers_no_body/world HTTP/1.1\r\n\r\n", 200],
    [APACHE_BENCH, 200],
    ["\r\nGET /test HTTP/1.1\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nTest: D\xfcsseldorf\r\n\r\n", 200],
    ["OPTIONS /url HTTP/1.1\r\nHeader2: \xffValue2\r\n\r\n", 405],
    [`${PUT}Connection: close\t\r\n\r\n`, 405],
    [`${PUT}Connection: close, token, upgrade, token, keep-alive\r\n\r\n`, 405],
    [`${PUT}Content-Length: 003\r\n\r\nabc`, 405],
    ["GET /x HTTP/1.0\r\nconTENT-Length: 5\r\n\r\nHELLO", 200],
    ["POST / HTTP/1.1\r\nContent-Length:  42 \r\n\r\n", 405],
    ["POST / HTTP/1.1\r\nContent-Length:\t42\t  \r\n\r\n", 405],
    [`${PUT}Transfer-Encoding: chunked\r\n\r\n`, 405],
    [`${POST}Transfer-Encoding: deflate, chunked\r\n\r\n`, 405],
    [
      `${POST}Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n`,
      405,
    ],
    ["GET /test.cgi?foo=bar?baz HTTP/1.1\r\n\r\n", 200],
    ["GET http://hypnotoad.org?hail=all HTTP/1.1\r\n\r\n", 200],
    ["GET http://hypnotoad.org:1234?hail=all HTTP/1.1\r\n\r\n", 200],
    ["GET http://hypnotoad.org:1234 HTTP/1.1\r\n\r\n", 200],
    ["GET http://a%12:b!&*$@hypnotoad.org:1234/toto HTTP/1.1\r\n\r\n", 200],
    [
      "CONNECT home_0.netscape.com:443 HTTP/1.0\r\nUser-agent: Mozilla/1.1N\r\n\r\n",
      405,
    ],
    ["CONNECT HOME0.NETSCAPE.COM:443 HTTP/1.0\r\n\r\n", 405],
    ["CONNECT foo.bar.com:443 HTTP/1.0\r\nContent-Length: 10\r\n\r\n", 405],
    ["REPORT /test HTTP/1.1\r\n\r\n", 501],
    ["M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", 501],
    ["PATCH /file.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n", 405],
    ["PURGE /file.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n", 501],
    ["LINK /images/my_dog.jpg HTTP/1.1\r\nHost: example.com\r\n\r\n", 501],
    ["QUERY /contacts HTTP/1.1\r\nHost: example.org\r\n\r\n", 501],
    ["PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n", 501],
    [`${IDENTITY_POST}\r\n`, 400, FRAGMENT],
    [
      "GET /forums/1/topics/2375?page=1#posts-17408 HTTP/1.1\r\n\r\n",
      400,
      FRAGMENT,
    ],
    ['GET /with_"lovely"_quotes?foo=\\"bar\\" HTTP/1.1\r\n\r\n', 400, BYTE],
    ["GET /test.cgi?query=| HTTP/1.1\r\n\r\n", 400, BYTE],
    ["SOURCE /music/sweet/music ICE/1.0\r\n\r\n", 400, PROTOCOL],
    ["OPTIONS /music/sweet/music RTSP/1.0\r\n\r\n", 400, PROTOCOL],
    ["GET /\r\n\r\n", 400, "a request line has a version (RFC 9112 section 3)"],
  ],
  refuses: [
    ["GET /music/sweet/music ICE/1.0\r\nHost: example.com\r\n\r\n", 400],
    ["GET /music/sweet/music IHTTP/1.0\r\nHost: example.com\r\n\r\n", 400],
    ["PUT /music/sweet/music RTSP/1.0\r\nHost: example.com\r\n\r\n", 400],
    ["ANNOUNCE /music/sweet/music HTTP/1.0\r\n\r\n", 501, UNKNOWN],
    ["MKCOLA / HTTP/1.1\r\n\r\n", 501, UNKNOWN],
    ["GET / HTTP/1.1\r\nFoo: 1\rBar: 2\r\n\r\n", 400],
    [`${PUT}Connection: keep\ralive\r\n\r\n`, 400],
    [
      "GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n\rZGET /evil: HTTP/1.1\r\n",
      400,
    ],
    [
      "POST / HTTP/1.1\r\nHost: localhost:5000\r\nx:\rTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    [
      "POST / HTTP/1.1\r\nHost: localhost:5000\r\nx:x\nTransfer-Encoding: chunked\r\n\r\n",
      405,
      BARE_LF,
    ],
    [
      "POST / HTTP/1.1\r\nHost: localhost:5000\r\nx:\nTransfer-Encoding: chunked\r\n\r\n",
      405,
      BARE_LF,
    ],
    [
      "GET / HTTP/1.1\r\nHost: localhost\r\nDummy: x\nContent-Length: 23\r\n\r\n",
      200,
      BARE_LF,
    ],
    [
      "POST / HTTP/1.1\nTransfer-Encoding: chunked\nTrailer: Baz\n\n",
      405,
      BARE_LF,
    ],
    ["GET / HTTP/1.1\r\nFo@: Failure\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nFoo\x01\test: Bar\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\n: Bar\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nname\r\n : value\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nConnection\r\x1b\x35\xd5eep-Alive\r\n\r\n", 400],
    ["GET / HTTP/5.6\r\n\r\n", 505],
    ["GET / HTTP/1.1\r\n Host: foo\r\n\r\n", 400],
    [
      "POST /hello HTTP/1.1\r\nHost: localhost\r\nFoo: bar\r\n Content-Length: 38\r\n\r\n",
      400,
    ],
    ["GET / HTTP/1.1\r\nLine1:   abc\n\tdef\n\n", 400],
    ["GET / HTTP/1.1\rLine: 1\r\n\r\n", 400],
    [`${PUT}Connection : upgrade\r\nContent-Length: 4\r\n\r\n`, 400],
    [`${PUT}Content-Length : 4\r\n\r\n`, 400],
    [`${PUT}Content\rLength: 003\r\n\r\n`, 400],
    [`${PUT}Content-Length: 3\r\n\rabc`, 400],
    [`${PUT}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [`${PUT}Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n`, 400],
    ["POST / HTTP/1.1\r\nContent-Length: 4 2\r\n\r\n", 400],
    ["POST / HTTP/1.1\r\nContent-Length: 13 37\r\n\r\n", 400],
    ["POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400],
    [`${PUT}Transfer-Encoding: pigeons\r\n\r\n`, 400],
    [`${POST}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n`, 400],
    [
      "POST / HTTP/1.1\r\nContent-Length: 10\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\n\r\n",
      400,
    ],
    [`${POST}Transfer-Encoding: chunked, deflate\r\n\r\n`, 400],
    [
      `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n\r\n`,
      400,
    ],
    [`${POST}Transfer-Encoding: chunkedchunked\r\n\r\n`, 400],
    [`${PUT}Transfer-Encoding: chunked\r\n  abc\r\n\r\n`, 400],
    [
      "GET /\xce\xb4\xc2\xb6/\xce\xb4t/pope?q=1 HTTP/1.1\r\nHost: github.com\r\n\r\n",
      400,
    ],
    ["GET /foo bar/ HTTP/1.1\r\n\r\n", 400],
    [
      `${PUT}Content-Length: 1000000000000000000000\r\n\r\n`,
      405,
      "a length may be larger than a number (RFC 9110 section 8.6)",
    ],
    [`${PUT}Transfer-Encoding: chunked\r\n\r\n3 \n  \r\nfoo`, 405, BODY],
  ],
};

const STUFF = "GET /stuff/here?foo=bar HTTP/1.1\r\n";
const EXAMPLE = "Host: example.com\r\n";
const UPLOAD = `POST /upload HTTP/1.1\r\n${EXAMPLE}`;

const GUNICORN: Vectors = {
  parser: "gunicorn",
  accepts: [
    [
      "PUT /stuff/here?foo=bar HTTP/1.0\r\nServer: http://127.0.0.1:5984\r\nContent-Length: 14\r\n\r\n",
      405,
    ],
    [CURL, 200],
    ["GET /silly HTTP/1.1\r\naaaaaaaaaaaaa:++++++++++\r\n\r\n", 200],
    ["GET /get_one_header_no_body HTTP/1.1\r\nAccept: */*\r\n\r\n", 200],
    [
      "GET /unusual_content_length HTTP/1.0\r\nconTENT-Length: 5\r\n\r\nHELLO",
      200,
    ],
    ["POST /post_chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 405],
    [APACHE_BENCH, 200],
    [`${STUFF}If-Match: bazinga!\r\nIf-Match: large-sound\r\n\r\n`, 200],
    ["GET /first HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\n\r\n", 200],
    [
      "GET /first HTTP/1.0\r\nContent-Length: 24\r\n\r\nGET /second HTTP/1.1\r\n\r\n",
      200,
    ],
    [
      "POST /chunked HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
      405,
    ],
    ["POST /chunked HTTP/1.1\r\nTransfer-Encoding: gzip,chunked\r\n\r\n", 405],
    [
      `${STUFF}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n`,
      200,
    ],
    ["-BLARGH /foo HTTP/1.1\r\n\r\n", 501],
    ["-blargh /foo HTTP/1.1\r\n\r\n", 501],
    ["GET ///keeping_slashes HTTP/1.1\r\n\r\n", 200],
    ["GET / HTTP/1.1\r\nHost: localhost\r\nName: \t value \t \r\n\r\n", 200],
    [`GET /foo HTTP/1.1\r\n${EXAMPLE}X.Custom|Pipe: ok\r\n\r\n`, 200],
    [`GET /foo HTTP/1.1\r\n${EXAMPLE}X-Value:\tabc\t\r\n\r\n`, 200],
    [`GET /foo HTTP/1.1\r\n${EXAMPLE}X-Value: caf\xc3\xa9\r\n\r\n`, 200],
    [`${UPLOAD}Transfer-Encoding: gzip, chunked\r\n\r\n`, 405],
    [`${UPLOAD}Transfer-Encoding: identity, chunked\r\n\r\n`, 405],
    [`GET http://example.com/foo?q=1 HTTP/1.1\r\n${EXAMPLE}\r\n`, 200],
    [`GET https://example.com/foo HTTP/1.1\r\n${EXAMPLE}\r\n`, 200],
    ["GET http://[::1]:8080/foo HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200],
    [
      "GET http://user:pass@example.com:8080/foo?q=1 HTTP/1.1\r\nHost: example.com:8080\r\n\r\n",
      200,
    ],
    [`OPTIONS * HTTP/1.1\r\n${EXAMPLE}\r\n`, 405],
    ["CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 405],
    ["CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", 405],
    [
      "GET /keep/same/as?invalid/040 HTTP/1.0\r\nTransfer_Encoding: tricked\r\nContent-Length: 7\r\nContent_Length: -1E23\r\n\r\n",
      200,
    ],
    [
      "GET /forums/1/topics/2375?page=1#posts-17408 HTTP/1.1\r\n\r\n",
      400,
      FRAGMENT,
    ],
    ['GET /with_"quotes"?foo="bar" HTTP/1.1\r\n\r\n', 400, BYTE],
    ["GET /\xc3\xa0%20k HTTP/1.0\r\n\r\n", 400, BYTE],
    [
      "POST /post_identity HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n",
      400,
      LAST,
    ],
    [
      `${STUFF}Content-Length : 3\r\n\r\nxyz`,
      400,
      "no white space before the colon (RFC 9112 section 5.1)",
    ],
    [
      "GET / HTTP/1.1\r\nLong: one\r\n two\r\nHost: localhost\r\n\r\n",
      400,
      FOLD,
    ],
    [
      "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET /stuff HTTP/1.0\r\n\r\n",
      400,
      "the PROXY protocol is not HTTP",
    ],
  ],
  refuses: [
    ["GET HTTP/1.1\r\n\r\n", 400],
    ["GET\n/\nHTTP/1.1\r\n\r\n", 400],
    ["bla:rgh /foo HTTP/1.1\r\n\r\n", 400],
    ["-bl /foo HTTP/1.1\r\n\r\n", 501, UNKNOWN],
    ["GET /foo FTP/1.1\r\n\r\n", 400],
    ["GET /foo HTTP/1.1\r\nba\0z: bar\r\n\r\n", 400],
    ["PUT /stuff/here?foo=bar HTTP/1.0\r\nCONTENT-LENGTH: -1\r\n\r\n", 400],
    [
      "POST /stuff/here?foo=bar HTTP/1.0\r\nCONTENT-LENGTH: bla-bla-bla\r\n\r\n",
      400,
    ],
    ["PUT s://]ufd/: HTTP/1.1\r\n\r\n", 400],
    ["GET /test HTTP/111\r\nHost: localhost\r\n\r\n", 400],
    [
      "GET /test HTTP/1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n\r\n",
      200,
      POLICY,
    ],
    [`${STUFF}Content-Length: 3\r\nContent-Length: 2\r\n\r\nxyz`, 400],
    ["GET /first HTTP/1.0\r\nContent-Length: -0\r\n\r\n", 400],
    ["GET /first HTTP/1.0\r\nContent-Length: 0_1\r\n\r\n", 400],
    ["GET /first HTTP/1.0\r\nContent-Length: +1\r\n\r\n", 400],
    [
      `${STUFF}Host: localhost\r\nContent-Type: application/json\r\nContent-Type: text/html\r\n\r\n`,
      200,
      POLICY,
    ],
    [`${STUFF}Host: localhost\r\nHost: evil.example.com\r\n\r\n`, 400],
    [
      "POST /p HTTP/1.1\r\nContent-Length: 12\r\nTransfer-Encoding: \tchunked\r\n\r\n",
      405,
      BOTH,
    ],
    [
      `POST /p HTTP/1.1\r\n${EXAMPLE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      405,
      BOTH,
    ],
    [
      "POST /p HTTP/1.1\r\nTransfer-Encoding: identity, chunked, identity, chunked\r\n\r\n",
      405,
      BOTH,
    ],
    [
      "POST /chunked_HTTP_1.0 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      405,
      BOTH,
    ],
    [
      "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
      400,
    ],
    [
      "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
      400,
    ],
    [
      "POST /p HTTP/1.1\r\nTransfer_Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
      405,
      POLICY,
    ],
    [
      "GET / HTTP/1.1\r\nHost: x\r\nNewline: a\nContent-Length: 26\r\nGET / HTTP/1.1\nHost: x\r\n\r\n",
      400,
    ],
    ["GET\xdf /germans.. HTTP/1.1\r\nContent-Length: 3\r\n\r\n", 400],
    [
      "GET /germans.. HTTP/1.1\r\nContent-Length\xdf: 3\r\nContent-Length: 3\r\n\r\n",
      400,
    ],
    ["GET / HTTP/1.1\r\nLong: one\r\n two\r\nHost: localhost\r\n\r\n", 400],
    ["GET\0PROXY /foo HTTP/1.1\r\n\r\n", 400],
    [`${STUFF}Content-Length: 0 1\r\n\r\nx`, 400],
    [`${STUFF}Content-Length: 3 1\r\n\r\nxyz`, 400],
    ["GET: /stuff/here?foo=bar HTTP/1.1\r\nContent-Length: 3\r\n\r\n", 400],
    [`GET /the/future HTTP/${"1".repeat(80)}.1\r\n\r\n`, 400],
    [`GET /foo HTTP/1.1\r\n${EXAMPLE}X-Value: plain\x07injected\r\n\r\n`, 400],
    [`GET /foo HTTP/1.1\r\n${EXAMPLE}X-Value: plain\x7finjected\r\n\r\n`, 400],
    [
      `POST /p HTTP/1.1\r\n${EXAMPLE}Content-Length: 5, 5\r\n\r\nhello`,
      405,
      "equal lengths are one (RFC 9110 section 8.6)",
    ],
    [`GET * HTTP/1.1\r\n${EXAMPLE}\r\n`, 400],
    ["GET example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 400],
    [`GET foo/bar HTTP/1.1\r\n${EXAMPLE}\r\n`, 400],
    ["GET /foo HTTP/0.99\r\n\r\n", 400],
    ["GET /foo HTTP/2.0\r\n\r\n", 505],
    [`PUT /q=${"0".repeat(9000)} HTTP/1.1\r\n\r\n`, 414],
    [`GET /test HTTP/1.1\r\nLong-header: ${"0".repeat(9000)}\r\n\r\n`, 431],
    [
      "PUT /stuff HTTP/1.0\r\n" +
      Array.from({ length: 101 }, (_, i) => `header${i}: ${i}\r\n`).join("") +
      "\r\n",
      405,
      LIMITS,
    ],
    [
      `${UPLOAD}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n`,
      405,
      BODY,
    ],
  ],
};

const PICO: Vectors = {
  parser: "picohttpparser",
  accepts: [
    ["GET / HTTP/1.0\r\n\r\n", 200],
    ["GET /hoge HTTP/1.1\r\nHost: example.com\r\nCookie: \r\n\r\n", 200],
    [
      "GET /hoge HTTP/1.1\r\nHost: example.com\r\nUser-Agent: \xe3\x81\xb2\xe3/1.0\r\n\r\n",
      200,
    ],
    ["GET / HTTP/1.0\r\n|~: 1\r\n\r\n", 200],
    ["GET / HTTP/1.0\r\nfoo: a \t \r\n\r\n", 200],
    ["GET / HTTP/1.0\r\nfoo: \r\nfoo: b\r\n  \tc\r\n\r\n", 400, FOLD],
    ["GET /\xa0 HTTP/1.0\r\nh: c\xa2y\r\n\r\n", 400, BYTE],
    [
      "GET   /   HTTP/1.0\r\n\r\n",
      400,
      "one space parts the words of a request line (RFC 9112 section 3)",
    ],
  ],
  refuses: [
    ["GET / HTTP/1.0\r\nfoo : ab\r\n\r\n", 400],
    [" / HTTP/1.0\r\n\r\n", 400],
    ["GET  HTTP/1.0\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\n:a\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\n :a\r\n\r\n", 400],
    ["G\0T / HTTP/1.0\r\n\r\n", 400],
    ["G\tT / HTTP/1.0\r\n\r\n", 400],
    [":GET / HTTP/1.0\r\n\r\n", 400],
    ["GET /\x7fhello HTTP/1.0\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\na\0b: c\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\nab: c\0d\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\na\x1bb: c\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\nab: c\x1b\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\n/: 1\r\n\r\n", 400],
    ["GET / HTTP/1.0\r\n{: 1\r\n\r\n", 400],
  ],
};

/** All of them. */
export const VECTORS: readonly Vectors[] = [LLHTTP, GUNICORN, PICO];
