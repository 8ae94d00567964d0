/**
 * Certificates and keys in files, as command lines name them.
 *
 * @module
 */

import { describeError } from "../calls/errno.ts";
import { PermissionError } from "../calls/errors.ts";
import { normalizeHostName } from "../names/host_name.ts";
import { inetPton } from "../address/inet.ts";
import { requireText, UsageError } from "./options.ts";
import { mayRead } from "../calls/permission.ts";
import type { Certificate } from "../sockets/tls.ts";

/** The keys with which TLS can be spoken here. */
const KEYS =
  "RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519";

/**
 * What the DNS may be asked for and no certificate is for: a label with a hyphen
 * at an end of it, and a number in the last place, as in a wrong address.
 */
const NO_CERTIFIED_NAME = /(?:^|\.)-|-(?:\.|$)|(?:^|\.)[0-9]+\.?$/;

/** An error in a file that an option names. */
function fileError(option: string, path: string, what: string): UsageError {
  return new UsageError(`${option}: ${JSON.stringify(path)}${what}`);
}

/** Makes sure that files may be read, and names the flag for all of them. */
function requireRead(paths: readonly string[]): void {
  if (paths.every(mayRead)) return;
  throw new PermissionError(`--allow-read=${paths.join(",")}`);
}

/** The text of a PEM file. */
function readPem(option: string, path: string): string {
  try {
    // Some editors begin a file with a byte order mark, which PEM has not.
    return Deno.readTextFileSync(path).replace(/^\ufeff/, "");
  } catch (error) {
    // Most devices, pipes by their descriptors too, take every permission.
    if (error instanceof Deno.errors.NotCapable) {
      throw new PermissionError("--allow-all");
    }
    throw fileError(option, path, `: ${describeError(error).reason}`);
  }
}

/**
 * The blocks of a kind in a text that may hold others, and more between them
 * (RFC 7468). What is cut off reaches to the next one.
 */
function blocksOf(label: string, pem: string): string[] {
  const begin = new RegExp(`^-----BEGIN ${label}-----`);
  const parts = pem.split(/^(?=-----BEGIN )/m);
  return parts.filter((part) => begin.test(part)).map((part) =>
    part.replace(/^(-----END [^-]*-----)[^]*/m, "$1\n")
  );
}

/** The certificates in a file, every one of which TLS can read. */
function readCertificates(option: string, path: string): string[] {
  const blocks = blocksOf("CERTIFICATE", readPem(option, path));
  if (blocks.length === 0) {
    throw fileError(option, path, " holds no certificate in PEM");
  }
  for (const [i, block] of blocks.entries()) {
    try {
      // Node's X509Certificate takes some that the handshake then refuses.
      Deno.createHttpClient({ caCerts: [block] }).close();
    } catch {
      const which = `certificate ${i + 1} of ${blocks.length}`;
      throw fileError(option, path, `: ${which} is broken`);
    }
  }
  return blocks;
}

/** The private key in a file. */
function readKey(option: string, path: string): string {
  const [block] = blocksOf("(?:[A-Z]+ )?PRIVATE KEY", readPem(option, path));
  if (block === undefined) {
    throw fileError(option, path, " holds no private key in PEM");
  }
  if (/^(?:-----BEGIN |Proc-Type: *4, *)ENCRYPTED/m.test(block)) {
    throw fileError(
      option,
      path,
      " is encrypted: a key without a passphrase is needed",
    );
  }
  return block;
}

/**
 * Reads a server's certificate and key, and makes sure that they belong
 * together and that TLS can be spoken with them.
 *
 * @param cert the certificate's file
 * @param key the key's file
 * @returns both; `undefined` where neither was given
 * @throws {UsageError} where one was given without the other, cannot be read,
 * is not PEM, is broken, does not match, or is of no use for TLS
 * @throws {PermissionError} where one may not be read
 */
export async function loadCertificate(
  cert: string | undefined,
  key: string | undefined,
): Promise<Certificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new UsageError("--key needs --cert as well");
  if (key === undefined) throw new UsageError("--cert needs --key as well");
  requireRead([requireText(cert, "--cert"), requireText(key, "--key")]);
  const certificates = readCertificates("--cert", cert);
  const pem = { cert: certificates.join(""), key: readKey("--key", key) };
  const useless = fileError(
    "--key",
    key,
    ` or its certificate is broken or of no use for TLS: ${KEYS} is needed`,
  );
  // Only servers that speak TLS pay for loading it.
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  let matches: boolean;
  try {
    const own = new X509Certificate(pem.cert);
    matches = own.checkPrivateKey(createPrivateKey(pem.key));
  } catch {
    throw useless;
  }
  if (!matches) {
    throw fileError(
      "--key",
      key,
      ` is not the key of the certificate ${JSON.stringify(cert)}`,
    );
  }
  if (!await canHandshake(pem)) throw useless;
  return pem;
}

/**
 * Whether a handshake can be made, which is tried within the process: what is
 * wrong with a certificate and its key shows nowhere else.
 */
async function canHandshake(certificate: Certificate): Promise<boolean> {
  const { duplexPair } = await import("node:stream");
  const { connect, createSecureContext, TLSSocket } = await import("node:tls");
  let secureContext;
  try {
    secureContext = createSecureContext(certificate);
  } catch {
    return false;
  }
  const [near, far] = duplexPair();
  const server = new TLSSocket(near, { isServer: true, secureContext });
  const client = connect({ socket: far, rejectUnauthorized: false });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  client.once("secureConnect", () => resolve(true));
  for (const socket of [server, client]) {
    for (const event of ["_tlsError", "error", "close"]) {
      socket.on(event, () => resolve(false));
    }
  }
  const isDone = await promise;
  server.destroy();
  client.destroy();
  return isDone;
}

/** What a client's command line says about TLS. */
export interface ClientTlsOptions {
  readonly tls: boolean;
  readonly ca: string | undefined;
  readonly "server-name": string | undefined;
}

/**
 * Reads what a client needs to speak TLS.
 *
 * @param options what the command line says
 * @returns the certificates to trust besides those that Deno trusts, and the
 * server's name; `undefined` where TLS is not spoken
 * @throws {UsageError} where an option is of no use without TLS, or the file
 * cannot be read, or holds no certificate or a broken one
 * @throws {PermissionError} where the file may not be read
 */
export async function loadClientTls(
  { tls, ca, "server-name": serverName }: ClientTlsOptions,
): Promise<{ caCerts: string[]; serverName: string | undefined } | undefined> {
  if (!tls) {
    if (ca !== undefined) throw new UsageError("--ca needs --tls as well");
    if (serverName === undefined) return undefined;
    throw new UsageError("--server-name needs --tls as well");
  }
  if (serverName !== undefined) await requireServerName(serverName);
  if (ca === undefined) return { caCerts: [], serverName };
  requireRead([requireText(ca, "--ca")]);
  return { caCerts: readCertificates("--ca", ca), serverName };
}

/** Makes sure that a certificate can be for a name. */
async function requireServerName(text: string): Promise<void> {
  requireText(text, "--server-name");
  if (inetPton("IPv4", text) ?? inetPton("IPv6", text)) return;
  const name = await normalizeHostName(text);
  if (name !== undefined && !NO_CERTIFIED_NAME.test(name)) return;
  throw new UsageError(
    `--server-name: ${JSON.stringify(text)} is neither a host name nor a ` +
      "numeric address",
  );
}
