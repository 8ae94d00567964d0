/**
 * What a stream connection needs from below: what `Deno.TcpConn` and
 * `Deno.TlsConn` have of it.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import type { Ends } from "../calls/descriptors.ts";
import type { TlsInfo } from "./tls_info.ts";

/**
 * A connection as the system has it, over TCP or TLS.
 *
 * @category Streams
 */
export interface RawConn {
  /** Our end. */
  readonly localAddr: Deno.NetAddr;
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr;
  /** Waits for the handshake of TLS; missing over TCP. */
  handshake?: (() => Promise<TlsInfo | undefined>) | undefined;
  /** Reads what has come; `null` is the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Shuts down the sending side. */
  closeWrite(): Promise<void>;
  /** Closes both halves. */
  close(): void;
  /** Sends small writes at once or gathers them (`TCP_NODELAY`). */
  setNoDelay?: ((on?: boolean) => void) | undefined;
  /** Asks a silent peer now and then whether it is there (`SO_KEEPALIVE`). */
  setKeepAlive?: ((on?: boolean) => void) | undefined;
}

/**
 * A listening socket as the system has it.
 *
 * @category Streams
 */
export interface RawListener {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /** Waits for the next connection; one call at a time. */
  accept(): Promise<RawConn>;
  /** Stops listening. */
  close(): void;
}

/** The ends of a connection, as the trace shows them. */
export function endsOf(
  { localAddr, remoteAddr }: Pick<RawConn, "localAddr" | "remoteAddr">,
): Required<Ends> {
  return {
    local: Endpoint.from(localAddr),
    remote: Endpoint.from(remoteAddr),
  };
}
