/**
 * Why TLS failed, in one table: the libraries' own words, and ours.
 *
 * @module
 */

/** The reason of most faults after a handshake. */
const BROKEN = "the peer broke the protocol";

/** Every reason of ours, and what the libraries say for it. */
const REASONS: readonly (readonly [reason: string, words: RegExp])[] = [
  [
    "the peer speaks no TLS",
    /corrupt message|InvalidContentType|wrong version number|http request/i,
  ],
  [
    "no version of TLS in common",
    /ProtocolVersion|SignatureAlgorithmsExtensionRequired|SupportedVersionsExt|Tls1[23]\w*Not(Offered|Enabled)|unsupported protocol|version too low/i,
  ],
  [
    "no application protocol in common",
    /NoApplicationProtocol|any known protocol/i,
  ],
  [
    "the peer does not trust our certificate",
    /alert:? (UnknownCA|BadCertificate|Certificate(Unknown|Expired|Revoked)|UnsupportedCertificate)|alert (unknown ca|bad certificate|certificate \w+)/i,
  ],
  ["the peer asks for a certificate", /alert:? CertificateRequired/i],
  [
    "the peer shows no certificate",
    /NoCertificatesPresented|sent no certificates|did not return a certificate/i,
  ],
  ["the peer has no such name", /Unrecogni[sz]edName|unrecognized name/i],
  [
    "no cipher suite or key exchange in common",
    /alert:? HandshakeFailure|No\w+InCommon|no shared cipher|is incompatible/i,
  ],
  [
    "the certificate's issuer is not trusted",
    /UnknownIssuer|self[- ]signed|unable to (get|verify)|UntrustedRoot/i,
  ],
  ["the certificate has expired", /expired/i],
  ["the certificate is not valid yet", /NotValidYet|not (valid )?yet/i],
  [
    "the certificate is for another name",
    /not valid for|NotValidForName|altnames|does not match/i,
  ],
  ["the certificate was revoked", /revoked/i],
  ["the certificate is an authority's own", /CaUsedAsEndEntity/i],
  ["the certificate is not valid", /certificate/i],
  [
    "the peer left before its end: end of file",
    /end of file|\beof\b|close_notify/i,
  ],
  [
    BROKEN,
    /peer misbehaved|alert|decode|decrypt|bad record|unexpected|excess/i,
  ],
];

/** The reason if nothing is known. */
const UNKNOWN = "the handshake failed";

/** All reasons of ours, for the documentation. */
export const TLS_REASONS: readonly string[] = [
  ...REASONS.map(([reason]) => reason),
  UNKNOWN,
];

/**
 * Finds our reason for what a library of TLS said of a handshake.
 *
 * @param words the library's words
 * @returns one of {@linkcode TLS_REASONS}
 */
export function tlsReason(words: string): string {
  return REASONS.find(([, pattern]) => pattern.test(words))?.[0] ?? UNKNOWN;
}

/**
 * Finds our reason for what a library of TLS said after a handshake: in TLS 1.3
 * a server may then still refuse it, by an alert.
 *
 * @param words the library's words
 * @returns one of {@linkcode TLS_REASONS}
 */
export function laterReason(words: string): string {
  return /\balert: /i.test(words) ? tlsReason(words) : BROKEN;
}
