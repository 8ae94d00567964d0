import { describe, SocketError } from "../../lib/calls/errors.ts";
import { TLS_REASONS, tlsReason } from "../../lib/calls/tls_reasons.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("what libraries of TLS say becomes a reason of ours", () => {
  const said: readonly (readonly [words: string, reason: string])[] = [
    [
      "received corrupt message of type InvalidContentType",
      "the peer speaks no TLS",
    ],
    ["received fatal alert: ProtocolVersion", "no version of TLS in common"],
    [
      "peer is incompatible: SignatureAlgorithmsExtensionRequired",
      "no version of TLS in common",
    ],
    [
      "peer is incompatible: NoCipherSuitesInCommon",
      "no cipher suite or key exchange in common",
    ],
    [
      "received fatal alert: HandshakeFailure",
      "no cipher suite or key exchange in common",
    ],
    [
      "received fatal alert: NoApplicationProtocol",
      "no application protocol in common",
    ],
    [
      "received fatal alert: UnknownCA",
      "the peer does not trust our certificate",
    ],
    [
      "received fatal alert: CertificateUnknown",
      "the peer does not trust our certificate",
    ],
    [
      "received fatal alert: CertificateRequired",
      "the peer asks for a certificate",
    ],
    ["peer sent no certificates", "the peer shows no certificate"],
    [
      "invalid peer certificate: UnknownIssuer",
      "the certificate's issuer is not trusted",
    ],
    ["invalid peer certificate: Expired", "the certificate has expired"],
    [
      "invalid peer certificate: certificate expired: verification time 2",
      "the certificate has expired",
    ],
    [
      'invalid peer certificate: certificate not valid for name "a.test"',
      "the certificate is for another name",
    ],
    [
      "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
      "the certificate is an authority's own",
    ],
    ["invalid peer certificate: BadSignature", "the certificate is not valid"],
    ["tls handshake eof", "the peer left before its end: end of file"],
    [
      "peer misbehaved: IllegalMiddleboxChangeCipherSpec",
      "the peer broke the protocol",
    ],
    [
      "received unexpected handshake message: got ClientHello when expecting ServerHello",
      "the peer broke the protocol",
    ],
    [
      "peer doesn't support any known protocol",
      "no application protocol in common",
    ],
    ["something new", "the handshake failed"],
  ];
  for (const [words, reason] of said) {
    assertEquals(tlsReason(words), reason, words);
    assert(TLS_REASONS.includes(reason));
    const error = new SocketError("handshake", new Error(words));
    assertEquals([error.code, error.reason], ["EPROTO", reason]);
  }
});

Deno.test("what libraries of TLS say after a handshake becomes one as well", () => {
  const { InvalidData } = Deno.errors;
  const coded = (code: string, words: string) =>
    Object.assign(new Error(words), { code });
  const said: readonly (readonly [error: Error, reason: string])[] = [
    [
      new InvalidData("received fatal alert: CertificateRequired"),
      "the peer asks for a certificate",
    ],
    [
      new InvalidData("received corrupt message of type InvalidContentType"),
      "the peer broke the protocol",
    ],
    [
      coded(
        "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
        "cannot decrypt peer's message",
      ),
      "the peer broke the protocol",
    ],
  ];
  for (const [cause, reason] of said) {
    const error = new SocketError("recv", cause);
    assertEquals([error.code, error.reason], ["EPROTO", reason]);
    assert(TLS_REASONS.includes(reason));
  }
});

Deno.test("what the system says of a handshake stays as it is", () => {
  const reset = describe(new Deno.errors.ConnectionReset(), "handshake");
  assertEquals(reset.reason, "Connection reset by peer");
  const late = new DOMException("Timed out", "TimeoutError");
  assertEquals(describe(late, "handshake").code, "ETIMEDOUT");
});
