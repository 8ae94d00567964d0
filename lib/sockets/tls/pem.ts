/**
 * Certificates and keys as a caller hands them over: what TLS can't read fails
 * here, before anything is opened, and not in each handshake.
 *
 * @module
 */

/** A certificate and its key, PEM. */
interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

/** Finds the first block of a kind; what is before and behind it is passed over. */
function blockOf(label: string, pem: unknown): string | undefined {
  const block = new RegExp(
    `-----BEGIN ${label}-----[^]*?-----END [^-]*-----`,
  );
  return block.exec(String(pem))?.[0];
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
  for (const [i, pem] of list.entries()) {
    if (blockOf("CERTIFICATE", pem) === undefined) {
      throw new TypeError(`${name}[${i}] holds no certificate in PEM`);
    }
  }
}

/**
 * Makes sure that a certificate and its key can be used.
 *
 * @param certificate the certificate, or a chain of them, and its key
 * @throws {TypeError} if one can't be read, or the key belongs to another one
 */
export async function requireCertificate(
  { cert, key }: CertificateAndKey,
): Promise<void> {
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  const own = read(
    "cert holds no certificate in PEM",
    blockOf("CERTIFICATE", cert),
    (block) => new X509Certificate(block),
  );
  const secret = read(
    "key holds no private key in PEM, or an encrypted one",
    blockOf("(?:[A-Z]+ )?PRIVATE KEY", key),
    createPrivateKey,
  );
  if (!own.checkPrivateKey(secret)) {
    throw new TypeError("key is not the key of cert");
  }
}

function read<T>(
  wrong: string,
  block: string | undefined,
  parse: (block: string) => T,
): T {
  if (block === undefined) throw new TypeError(wrong);
  try {
    return parse(block);
  } catch (cause) {
    throw new TypeError(wrong, { cause });
  }
}
