/**
 * What a TLS handshake agreed on.
 *
 * @module
 */

import type { PeerCertificate as NodeCertificate, TLSSocket } from "node:tls";

/**
 * The certificate of a peer.
 *
 * @category TLS
 */
export interface PeerCertificate {
  /** Who it is for, as in `CN=example.com`. */
  readonly subject: string;
  /** Who signed it, in the same form. */
  readonly issuer: string;
  /** The names and addresses that it is for, as in `DNS:example.com`. */
  readonly subjectAltNames: readonly string[];
  /** From when on it is valid. */
  readonly validFrom: Date;
  /** Until when it is valid. */
  readonly validTo: Date;
  /** The SHA-256 of its bytes, in hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Its bytes, DER. */
  readonly raw: Uint8Array;
}

/**
 * What a TLS handshake agreed on.
 *
 * @category TLS
 */
export interface TlsInfo {
  /** The protocol above TLS that both speak (ALPN), if they agreed on one. */
  readonly alpnProtocol: string | null;
  /** The version of TLS, as in `TLSv1.3`; only if it was asked for. */
  readonly protocol?: string;
  /** The cipher suite, as in `TLS_AES_256_GCM_SHA384`; only if asked for. */
  readonly cipher?: string;
  /** The peer's certificate, if it has one; only if it was asked for. */
  readonly peerCertificate?: PeerCertificate;
}

/**
 * Asks a socket of Node's what its handshake agreed on.
 *
 * @param socket the socket, after its handshake
 * @returns all of it
 */
export function tlsInfoOf(socket: TLSSocket): TlsInfo {
  const certificate = socket.getPeerCertificate();
  const protocol = socket.getProtocol();
  const cipher = socket.getCipher()?.name;
  return {
    alpnProtocol: socket.alpnProtocol || null,
    ...(protocol && { protocol }),
    ...(cipher && { cipher }),
    // Node's is an empty object if there is none.
    ...(certificate?.raw && { peerCertificate: certificateOf(certificate) }),
  };
}

function certificateOf(certificate: NodeCertificate): PeerCertificate {
  const { subject, issuer, subjectaltname = "" } = certificate;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    subjectAltNames: subjectaltname === "" ? [] : subjectaltname.split(", "),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
    fingerprint256: certificate.fingerprint256,
    raw: new Uint8Array(certificate.raw),
  };
}

/** Writes a distinguished name in one line. */
function nameOf(name: object): string {
  return Object.entries(name)
    .flatMap(([key, values]) => [values].flat().map((each) => `${key}=${each}`))
    .join(", ");
}
