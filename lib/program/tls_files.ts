/**
 * Certificates and keys in files, as command lines name them.
 *
 * @module
 */

import { inetPton } from "../address/inet.ts";
import { normalizeHostName } from "../names/host_name.ts";
import {
  belongTogether,
  certificatesIn,
  privateKeyIn,
} from "../sockets/tls/pem.ts";
import type { Certificate } from "../sockets/tls/tls.ts";
import { fileError, readNamedFile, requireRead } from "./files.ts";
import { quoted, requireText, UsageError } from "./options.ts";

/** The keys that TLS takes here. */
const KEYS =
  "RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, or Ed25519";

/**
 * Names that the DNS may hold and no certificate does: a label that begins or
 * ends with a hyphen, or a last label that is a number, as in a wrong address.
 */
const NO_CERTIFIED_NAME = /(?:^|\.)-|-(?:\.|$)|(?:^|\.)[0-9]+\.?$/;

/** Reads the text of a PEM file. */
function readPem(option: string, path: string): string {
  const text = new TextDecoder().decode(readNamedFile(option, path));
  // Some editors begin a file with a byte order mark, which PEM has not.
  return text.replace(/^\ufeff/, "");
}

/** Reads the certificates in a file, and makes sure that TLS can read each. */
function readCertificates(option: string, path: string): string[] {
  const blocks = certificatesIn(readPem(option, path));
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

/** Reads the private key in a file. */
function readKey(option: string, path: string): string {
  const block = privateKeyIn(readPem(option, path));
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
 * @returns both; `undefined` if neither was given
 * @throws {UsageError} if one was given without the other, cannot be read, is
 * not PEM, is broken, does not match, or is of no use for TLS
 * @throws {PermissionError} if one may not be read
 */
export async function loadCertificate(
  cert: string | undefined,
  key: string | undefined,
): Promise<Certificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new UsageError("--key needs --cert");
  if (key === undefined) throw new UsageError("--cert needs --key");
  requireRead([requireText(cert, "--cert"), requireText(key, "--key")]);
  const certificates = readCertificates("--cert", cert);
  const pem = { cert: certificates.join(""), key: readKey("--key", key) };
  const useless = fileError(
    "--key",
    key,
    ` or its certificate is broken or of no use for TLS: ${KEYS} is needed`,
  );
  let matches: boolean;
  try {
    matches = await belongTogether(pem);
  } catch {
    throw useless;
  }
  if (!matches) {
    throw fileError(
      "--key",
      key,
      ` is not the key of the certificate ${quoted(cert)}`,
    );
  }
  if (!await canHandshake(pem)) throw useless;
  return pem;
}

/**
 * Tries a handshake within the process: what is wrong with a certificate and its
 * key shows nowhere else.
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
 * @returns the certificates to trust in addition to those that Deno trusts, and
 * the server's name; `undefined` without `--tls`
 * @throws {UsageError} if an option is of no use without TLS, or the file cannot
 * be read, holds no certificate, or a broken one
 * @throws {PermissionError} if the file may not be read
 */
export async function loadClientTls(
  { tls, ca, "server-name": serverName }: ClientTlsOptions,
): Promise<{ caCerts: string[]; serverName: string | undefined } | undefined> {
  if (!tls) {
    if (ca !== undefined) throw new UsageError("--ca needs --tls");
    if (serverName === undefined) return undefined;
    throw new UsageError("--server-name needs --tls");
  }
  if (serverName !== undefined) await requireServerName(serverName);
  if (ca === undefined) return { caCerts: [], serverName };
  requireRead([requireText(ca, "--ca")]);
  return { caCerts: readCertificates("--ca", ca), serverName };
}

/** Makes sure that a certificate can name this host. */
async function requireServerName(text: string): Promise<void> {
  requireText(text, "--server-name");
  if (inetPton("IPv4", text) ?? inetPton("IPv6", text)) return;
  const name = await normalizeHostName(text);
  if (name !== undefined && !NO_CERTIFIED_NAME.test(name)) return;
  throw new UsageError(
    `--server-name: ${quoted(text)} is neither a host name nor a ` +
      "numeric address",
  );
}
