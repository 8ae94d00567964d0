/**
 * The client's side of TLS by Node, for what Deno's own does not do: a
 * certificate of one's own, a socket that is not Deno's, and to say what the
 * handshake agreed on.
 *
 * @module
 */

import { connect, rootCertificates } from "node:tls";
import type { RawConn } from "../raw_conn.ts";
import { TlsSession } from "./tls_session.ts";

/** How a client speaks TLS. */
export interface ClientTlsOptions {
  /** The name or the address that the server's certificate must be for. */
  readonly serverName: string;
  /** Whether that is an address, which is not sent to the server. */
  readonly isAddress: boolean;
  /** Certificates to trust in addition to the usual ones, PEM. */
  readonly caCerts: readonly string[];
  /** The protocols above TLS. */
  readonly alpnProtocols: readonly string[] | undefined;
  /** The client's certificate chain and its key, PEM. */
  readonly certificate: { cert: string; key: string } | undefined;
}

/**
 * Begins TLS over a connection.
 *
 * @param conn the connection; it is closed with what is returned
 * @param options how to speak TLS
 * @returns the connection over TLS, before its handshake
 */
export function startNodeTls(
  conn: RawConn,
  options: ClientTlsOptions,
): RawConn {
  const { serverName, isAddress, caCerts, alpnProtocols } = options;
  return new TlsSession(conn, {
    done: "secureConnect",
    open: (socket) =>
      connect({
        socket,
        host: serverName,
        ...(!isAddress && { servername: serverName }),
        ...(caCerts.length > 0 && { ca: [...rootCertificates, ...caCerts] }),
        ...(alpnProtocols && { ALPNProtocols: [...alpnProtocols] }),
        ...options.certificate,
      }),
  });
}
