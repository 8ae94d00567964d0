/**
 * Certificates and keys in files, as command lines name them.
 *
 * @module
 */

import { describeError, PermissionError } from "./errors.ts";
import { normalizeHostName } from "./host_name.ts";
import { inetPton } from "./inet.ts";
import { requireText, UsageError } from "./options.ts";
import { mayRead } from "./permission.ts";
import type { Certificate } from "./tls.ts";

/** The text of a PEM file. */
function readPem(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const { reason } = describeError(error);
    throw new UsageError(`${option}: ${JSON.stringify(path)}: ${reason}`);
  }
}

/** Makes sure that files may be read, and names the flag for all of them. */
function requireRead(paths: readonly string[]): void {
  if (paths.every(mayRead)) return;
  throw new PermissionError(`--allow-read=${paths.join(",")}`);
}

/**
 * Reads a server's certificate and key, and makes sure that they belong
 * together.
 *
 * @param cert the certificate's file
 * @param key the key's file
 * @returns both; `undefined` where neither was given
 * @throws {UsageError} where one was given without the other, cannot be read,
 * is not PEM, or does not match
 */
export async function loadCertificate(
  cert: string | undefined,
  key: string | undefined,
): Promise<Certificate | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined) throw new UsageError("--key needs --cert as well");
  if (key === undefined) throw new UsageError("--cert needs --key as well");
  requireRead([cert, key]);
  const pem = { cert: readPem("--cert", cert), key: readPem("--key", key) };
  // Only servers that speak TLS pay for loading it.
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  const { createSecureContext } = await import("node:tls");
  const certificate = parsePem(
    "--cert",
    cert,
    "certificate",
    () => new X509Certificate(blockOf("CERTIFICATE", pem.cert)),
  );
  const privateKey = parsePem(
    "--key",
    key,
    "private key",
    () => createPrivateKey(blockOf("[A-Z ]*PRIVATE KEY", pem.key)),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new UsageError(
      `--key: ${JSON.stringify(key)} is not the key of ` +
        `the certificate ${JSON.stringify(cert)}`,
    );
  }
  try {
    createSecureContext(pem);
  } catch (error) {
    const { reason } = describeError(error);
    throw new UsageError(`--key: ${JSON.stringify(key)}: ${reason}`);
  }
  return pem;
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
 * cannot be read or holds no certificate
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
  requireRead([ca]);
  const pem = readPem("--ca", ca);
  const { X509Certificate } = await import("node:crypto");
  parsePem(
    "--ca",
    ca,
    "certificate",
    () => new X509Certificate(blockOf("CERTIFICATE", pem)),
  );
  return { caCerts: [pem], serverName };
}

/** The first block of a kind in a file that may hold others (RFC 7468). */
function blockOf(label: string, pem: string): string {
  const begin = `-----BEGIN ${label}-----`;
  const block = new RegExp(`${begin}[^-]*-----END ${label}-----`).exec(pem);
  return block?.[0] ?? "";
}

/** Makes sure that a certificate can be for a name. */
async function requireServerName(name: string): Promise<void> {
  requireText(name, "--server-name");
  if (inetPton("IPv4", name) ?? inetPton("IPv6", name)) return;
  if (await normalizeHostName(name) !== undefined) return;
  throw new UsageError(
    `--server-name: ${JSON.stringify(name)} is neither a host name nor a ` +
      "numeric address",
  );
}

/** What `parser` gives, or a clear error. */
function parsePem<T>(
  option: string,
  path: string,
  what: string,
  parser: () => T,
): T {
  try {
    return parser();
  } catch {
    throw new UsageError(
      `${option}: ${JSON.stringify(path)} holds no ${what} in PEM`,
    );
  }
}
