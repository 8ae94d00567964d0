/**
 * Opening the system's datagram sockets.
 *
 * @module
 */

/**
 * Makes sure that Deno has datagrams.
 *
 * @throws {TypeError} if it was started without them; the message names the flag
 */
export function requireDatagrams(): void {
  if (Deno.listenDatagram !== undefined) return;
  throw new TypeError(
    'Datagrams need --unstable-net, or "unstable": ["net"] in deno.json',
  );
}

/** Where and how a datagram socket is bound. */
export interface OpenDatagramOptions {
  /** A numeric address of this machine. */
  readonly hostname: string;
  /** The port; 0 is any. */
  readonly port: number;
  /** Whether others may bind the same address and port. */
  readonly reuseAddress?: boolean | undefined;
  /** Whether what is sent to a group is heard on this machine too. */
  readonly loopback?: boolean | undefined;
}

/**
 * Binds a datagram socket.
 *
 * @param options where and how
 * @returns the socket
 */
export function openDatagram(options: OpenDatagramOptions): Deno.DatagramConn {
  const { hostname, port, reuseAddress = false, loopback = false } = options;
  return Deno.listenDatagram({
    transport: "udp",
    hostname,
    port,
    reuseAddress,
    loopback,
  });
}
