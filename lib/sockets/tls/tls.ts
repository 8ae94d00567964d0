/**
 * TLS over stream connections.
 *
 * @module
 */

import { parseNumericHost } from "../../address/numeric_host.ts";
import { call } from "../../calls/call.ts";
import { descriptorOf, sharesDescriptor } from "../../calls/descriptors.ts";
import { normalizeHostName } from "../../names/host_name.ts";
import { closeSocket } from "../close.ts";
import { type ConnectStreamSettings, connectTcp } from "../streams/connect.ts";
import type { RawConn } from "../raw_conn.ts";
import { StreamConn } from "../streams/stream.ts";
import type { Destination } from "../targets.ts";

/**
 * A certificate and its key.
 *
 * @category TLS
 */
export interface Certificate {
  /** The certificate chain, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
}

/**
 * How {@linkcode connectStreamTls} connects.
 *
 * @category TLS
 */
export interface ConnectStreamTlsSettings extends ConnectStreamSettings {
  /**
   * The name that the server's certificate must be for, or the address: any
   * form of it that `hostname` takes.
   *
   * @default {hostname}
   */
  readonly serverName?: string | undefined;
  /**
   * Certificates to trust in addition to those that Deno trusts, PEM.
   *
   * @default {[]}
   */
  readonly caCerts?: readonly string[] | undefined;
  /**
   * The protocols above TLS to offer (ALPN), the preferred one first.
   *
   * @default {undefined} none
   */
  readonly alpnProtocols?: readonly string[] | undefined;
  /**
   * A certificate to show the server if it asks for one.
   *
   * @default {undefined} none
   */
  readonly certificate?: Certificate | undefined;
  /**
   * Let `handshake()` say the version of TLS, the cipher suite and the server's
   * certificate as well. Deno's own TLS says none of it; Node's is loaded then.
   *
   * @default {false}
   */
  readonly details?: boolean | undefined;
}

/**
 * Where and how {@linkcode connectStreamTls} connects.
 *
 * @category TLS
 */
export type ConnectStreamTlsOptions = Destination & ConnectStreamTlsSettings;

/**
 * Connects as {@linkcode connectStream} does, then makes the TLS handshake with
 * the address that answered, for at most `timeout` milliseconds.
 *
 * Node's TLS is loaded for a client's certificate, a local address or port, and
 * `details`; then `caCerts` are trusted in addition to Mozilla's list. Deno's
 * own can't take back a handshake: if that is given up, the socket stays open
 * until the peer answers or ends the connection. Node's closes it at once.
 *
 * @category TLS
 * @param options where and how to connect; the signal ends the opening and
 * nothing else
 * @returns the connection
 * @throws {AddrInfoError} if the host or the service is not known
 * @throws {ConnectError} if no address answered
 * @throws {SocketError} `handshake` if that failed, as with a certificate that
 * is not trusted
 * @throws {PermissionError} if no address may be reached
 * @throws {RangeError} if a number is out of its range
 *
 * @example
 * ```ts
 * import { connectStreamTls } from "@parley/parley";
 *
 * async function showCertificate(hostname: string): Promise<void> {
 *   using conn = await connectStreamTls({
 *     hostname,
 *     port: "https",
 *     alpnProtocols: ["http/1.1"],
 *     details: true,
 *   });
 *   const { protocol, peerCertificate } = (await conn.handshake())!;
 *   console.log(protocol, peerCertificate?.subject, peerCertificate?.validTo);
 * }
 * ```
 */
export async function connectStreamTls(
  options: ConnectStreamTlsOptions,
): Promise<StreamConn> {
  const { hostname, endpoint, timeout, signal, observer } = options;
  const host = options.serverName ?? hostname ?? String(endpoint?.address);
  const named = await certifiedName(host);
  await requirePem(options);
  const conn = await connectTcp(options);
  let secured: RawConn | undefined;
  const handshake = async () => {
    const socket = await startTls(conn, named, options);
    secured = sharesDescriptor(conn, socket);
    await secured.handshake?.();
    return secured;
  };
  try {
    const shaken = await call("handshake", handshake, {
      timeout,
      signal,
      observer,
      descriptor: descriptorOf(conn),
      text: () => ({ arguments: [JSON.stringify(named.serverName)] }),
      result: () => 0,
    });
    return new StreamConn(shaken, observer);
  } catch (error) {
    closeSocket(secured ?? conn, observer);
    throw error;
  }
}

/** Makes sure of what is handed over before anything is opened. */
async function requirePem(
  { caCerts = [], certificate }: ConnectStreamTlsSettings,
): Promise<void> {
  if (caCerts.length === 0 && certificate === undefined) return;
  const { requireCertificate, requireCertificates } = await import("./pem.ts");
  requireCertificates("caCerts", caCerts);
  if (certificate !== undefined) await requireCertificate(certificate);
}

/** Begins TLS, by Deno if that will do. */
async function startTls(
  conn: RawConn,
  { serverName, isAddress }: CertifiedName,
  options: ConnectStreamTlsSettings,
): Promise<RawConn> {
  const { caCerts = [], alpnProtocols, certificate, details } = options;
  if (isDenoConn(conn) && certificate === undefined && !details) {
    return await Deno.startTls(conn, {
      hostname: serverName,
      caCerts: [...caCerts],
      ...(alpnProtocols && { alpnProtocols: [...alpnProtocols] }),
    });
  }
  const { startNodeTls } = await import("./tls_client.ts");
  return startNodeTls(conn, {
    serverName,
    isAddress,
    caCerts,
    alpnProtocols,
    certificate: certificate &&
      { cert: certificate.cert, key: certificate.key },
  });
}

/** Whether a connection is Deno's and not Node's. */
function isDenoConn(conn: RawConn): conn is Deno.TcpConn {
  return "ref" in conn;
}

/** A host as a certificate names it. */
interface CertifiedName {
  readonly serverName: string;
  readonly isAddress: boolean;
}

/**
 * Finds what a certificate must say: `bücher.test` is `xn--bcher-kva.test`, and
 * `127.1` and `::ffff:127.0.0.1` are `127.0.0.1`.
 */
async function certifiedName(host: string): Promise<CertifiedName> {
  const name = await normalizeHostName(host) ?? host;
  const numeric = parseNumericHost(name, () => true);
  if (numeric === undefined) return { serverName: name, isAddress: false };
  const address = numeric.address.unmapped().withoutScope();
  return { serverName: address.toString(), isAddress: true };
}
