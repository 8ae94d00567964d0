/**
 * Connecting from an address or a port of one's own, which Deno's sockets can't
 * and Node's can.
 *
 * @module
 */

import { Socket } from "node:net";
import { NodeStream } from "../node_stream.ts";
import type { RawConn } from "../raw_conn.ts";

/** Where a connection comes from. */
export interface LocalEnd {
  /** A numeric address of this machine. */
  readonly hostname: string;
  /** The port; 0 is any. */
  readonly port: number;
}

/** A connection of Node's. */
class NodeConn extends NodeStream implements RawConn {
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super(socket);
    this.#socket = socket;
    this.localAddr = addrOf(socket.localAddress, socket.localPort);
    this.remoteAddr = addrOf(socket.remoteAddress, socket.remotePort);
  }

  setNoDelay(on = true): void {
    this.#socket.setNoDelay(on);
  }

  setKeepAlive(on = true): void {
    this.#socket.setKeepAlive(on);
  }
}

function addrOf(hostname = "::", port = 0): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}

/**
 * Connects from a local endpoint.
 *
 * @param to where to connect
 * @param from where the connection comes from
 * @param signal ends the attempt
 * @returns the connection
 * @throws the signal's reason; what Node reports
 */
export function connectFrom(
  to: Deno.NetAddr,
  from: LocalEnd,
  signal: AbortSignal | undefined,
): Promise<RawConn> {
  // It may have aborted while Node's sockets were loaded.
  if (signal?.aborted) return Promise.reject(signal.reason);
  const socket = new Socket({ allowHalfOpen: true });
  return new Promise<RawConn>((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
    const end = () => signal?.removeEventListener("abort", abort);
    socket.once("error", (error) => {
      end();
      reject(error);
    });
    socket.once("connect", () => {
      end();
      resolve(new NodeConn(socket));
    });
    const { hostname: host, port } = to;
    const { hostname: localAddress, port: localPort } = from;
    socket.connect({ host, port, localAddress, localPort });
  });
}
