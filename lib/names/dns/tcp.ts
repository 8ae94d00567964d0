/**
 * One question over TCP (RFC 1035 section 4.2.2, RFC 7766).
 *
 * @module
 */

import type { Endpoint } from "../../address/endpoint.ts";
import { call } from "../../calls/call.ts";
import { bounded, deadline } from "../../calls/deadline.ts";
import { scopeError } from "../addrinfo_error.ts";

/**
 * Asks a server over a connection of its own.
 *
 * @param server the server
 * @param query the question
 * @param signal ends it
 * @param within the longest wait for the connection, in milliseconds; 0 is no
 * limit
 * @returns the answer's bytes
 * @throws {SocketError} if the connection failed or ended too soon
 * @throws the signal's reason
 */
export async function askOverTcp(
  server: Endpoint,
  query: Uint8Array,
  signal: AbortSignal,
  within: number,
): Promise<Uint8Array> {
  using conn = await connectTo(server, signal, within);
  const framed = new Uint8Array(2 + query.length);
  framed[0] = query.length >> 8;
  framed[1] = query.length;
  framed.set(query, 2);
  for (let at = 0; at < framed.length;) {
    at += await call(
      "send",
      () => bounded(conn.write(framed.subarray(at)), 0, signal),
      { signal },
    );
  }
  const [high = 0, low = 0] = await readWhole(conn, 2, signal);
  return await readWhole(conn, high << 8 | low, signal);
}

/**
 * Connects to a server's port.
 *
 * @param server the server
 * @param signal ends it
 * @param within the longest wait, in milliseconds; 0 is no limit
 * @returns the connection
 * @throws {SocketError} if nobody listens there, or it cannot be reached
 */
export async function connectTo(
  server: Endpoint,
  signal: AbortSignal,
  within = 0,
): Promise<Deno.TcpConn> {
  const { hostname, port } = server.toNetAddr("tcp");
  using limit = deadline(within, signal);
  const options = { hostname, port, signal: limit.signal };
  const connect = () =>
    Deno.connect(options).catch((error) => {
      throw scopeError(error);
    });
  return await call("connect", connect, { address: server });
}

async function readWhole(
  conn: Deno.Conn,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await call("recv", async () => {
      const count = await bounded(conn.read(bytes.subarray(at)), 0, signal);
      // A server that hangs up before the end has not answered.
      if (count === null) throw new Deno.errors.ConnectionReset();
      return count;
    }, { address: undefined });
    at += count;
  }
  return bytes;
}
