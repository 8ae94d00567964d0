/**
 * Certificates and keys in PEM (RFC 7468). What TLS can't read fails before
 * anything is opened, and not in each handshake.
 *
 * @module
 */

import type { Certificate } from "./tls.ts";

/** The label of a private key's block, as a regular expression. */
const PRIVATE_KEY = "(?:[A-Z]+ )?PRIVATE KEY";

/**
 * Finds the certificates in a text that may hold other blocks, and text between
 * them. A block that is cut off reaches to the next one.
 *
 * @param pem the text
 * @returns the blocks, each with its lines
 */
export function certificatesIn(pem: string): string[] {
  return blocksOf("CERTIFICATE", pem);
}

/**
 * Finds the first private key in a text, as {@linkcode certificatesIn} does.
 *
 * @param pem the text
 * @returns its block, which may be encrypted
 */
export function privateKeyIn(pem: string): string | undefined {
  return blocksOf(PRIVATE_KEY, pem)[0];
}

function blocksOf(label: string, pem: string): string[] {
  const begin = new RegExp(`^-----BEGIN ${label}-----`);
  // A caller without types may hand over anything.
  const parts = String(pem).split(/^(?=-----BEGIN )/m);
  return parts.filter((part) => begin.test(part)).map((part) =>
    part.replace(/^(-----END [^-]*-----)[^]*/m, "$1\n")
  );
}

/**
 * Says whether a key is that of a certificate.
 *
 * @param certificate the certificate, first in its chain, and the key
 * @returns whether they belong together
 * @throws {Error} Node's own error if one of them is broken, or the key encrypted
 */
export async function belongTogether(
  { cert, key }: Certificate,
): Promise<boolean> {
  // Only programs that speak TLS pay for loading it.
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

/**
 * Makes sure that there is a certificate in each of several texts.
 *
 * @param name the option's name
 * @param list the texts
 * @throws {TypeError} if there is none in one of them
 */
export function requireCertificates(
  name: string,
  list: readonly string[],
): void {
  const at = list.findIndex((pem) => certificatesIn(pem).length === 0);
  if (at < 0) return;
  throw new TypeError(`${name}[${at}] holds no certificate in PEM`);
}

/**
 * Makes sure that a certificate and its key can be used.
 *
 * @param certificate the certificate, or a chain of them, and its key
 * @throws {TypeError} if one can't be read, or they don't belong together
 */
export async function requireCertificate(
  { cert, key }: Certificate,
): Promise<void> {
  const [own] = certificatesIn(cert);
  if (own === undefined) {
    throw new TypeError("cert holds no certificate in PEM");
  }
  const secret = privateKeyIn(key);
  if (secret === undefined) {
    throw new TypeError("key holds no private key in PEM");
  }
  let matches: boolean;
  try {
    matches = await belongTogether({ cert: own, key: secret });
  } catch (cause) {
    const what = "cert or key is broken, or the key is encrypted";
    throw new TypeError(what, { cause });
  }
  if (!matches) throw new TypeError("key is not the key of cert");
}
