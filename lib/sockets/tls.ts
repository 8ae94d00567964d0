/**
 * TLS over stream connections.
 *
 * @module
 */

import { type ConnectStreamOptions, connectTcp } from "./connect.ts";
import { normalizeHostName } from "../names/host_name.ts";
import { closeSocket } from "./close.ts";
import { StreamConn } from "./stream.ts";
import { parseNumericHost } from "../address/numeric_host.ts";
import { call } from "../calls/call.ts";

/** A server's certificate and its key. */
export interface Certificate {
  /** The certificate chain, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
}

/** How {@linkcode connectStreamTls} connects. */
export interface ConnectStreamTlsOptions extends ConnectStreamOptions {
  /**
   * The name that the server's certificate must be for, or the address: any
   * form of it that `hostname` takes.
   *
   * @default {hostname}
   */
  readonly serverName?: string | undefined;
  /**
   * Certificates to trust besides those that Deno trusts, PEM.
   *
   * @default {[]}
   */
  readonly caCerts?: string[] | undefined;
}

/**
 * Connects as {@linkcode connectStream} does, then makes the TLS handshake with
 * the address that answered, for at most `timeout` milliseconds.
 *
 * @param options where and how to connect
 * @returns the connection
 * @throws {AddrInfoError} where the host or the service is not known
 * @throws {ConnectError} where no address answered
 * @throws {SocketError} where the handshake failed, as with a certificate that
 * is not trusted
 * @throws {PermissionError} where no address may be reached
 */
export async function connectStreamTls(
  options: ConnectStreamTlsOptions,
): Promise<StreamConn> {
  const { hostname, caCerts = [] } = options;
  const serverName = await certifiedName(options.serverName ?? hostname);
  const { timeout, signal, observer } = options;
  const conn = await connectTcp(options);
  let secured: Deno.TlsConn | undefined;
  const handshake = async () => {
    secured = await Deno.startTls(conn, { hostname: serverName, caCerts });
    await secured.handshake();
    return secured;
  };
  try {
    const shaken = await call("handshake", handshake, {
      timeout,
      signal,
      observer,
      text: () => ({ arguments: [JSON.stringify(serverName)] }),
      result: () => 0,
    });
    return new StreamConn(shaken, observer);
  } catch (error) {
    closeSocket(secured ?? conn, observer);
    throw error;
  }
}

/**
 * A host as a certificate names it: `bücher.test` is `xn--bcher-kva.test`, and
 * `127.1` and `::ffff:127.0.0.1` are `127.0.0.1`.
 */
async function certifiedName(host: string): Promise<string> {
  const name = await normalizeHostName(host) ?? host;
  const numeric = parseNumericHost(name, () => true);
  if (numeric === undefined) return name;
  return numeric.address.unmapped().withoutScope().toString();
}
