/**
 * An endpoint is an address and a port: what a `struct sockaddr` holds.
 *
 * @module
 */

import { type Family, inetNtop, inetPton, isV4Mapped } from "./inet.ts";

/** One end of a socket. */
export interface Endpoint {
  /** The address family. */
  readonly family: Family;
  /** The address, numeric; link-local ones keep their scope (`fe80::1%eth0`). */
  readonly host: string;
  /** The port, 0 to 65535. */
  readonly port: number;
}

const MAPPED = "::ffff:";

/**
 * The endpoint in one of Deno's addresses.
 *
 * An IPv4 peer seen through an IPv6 socket (`::ffff:127.0.0.1`) is the IPv4
 * endpoint that it is.
 *
 * @param addr an address whose hostname is numeric
 * @returns the endpoint
 */
export function endpointOf(addr: Deno.NetAddr): Endpoint {
  const { hostname, port } = addr;
  if (!hostname.includes(":")) return { family: "IPv4", host: hostname, port };
  if (hostname.startsWith(MAPPED)) {
    const bytes = inetPton("IPv6", hostname);
    if (bytes !== undefined && isV4Mapped(bytes)) {
      return { family: "IPv4", host: inetNtop(bytes.subarray(12)), port };
    }
  }
  return { family: "IPv6", host: hostname, port };
}

/**
 * A host and a port as they stand in URLs and permission flags: IPv6 addresses
 * in brackets.
 *
 * @param host a name or an address
 * @param port the port
 * @returns as in `127.0.0.1:80`, `[::1]:80`
 */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The text of an endpoint, as in `127.0.0.1:80` or `[::1]:80`.
 *
 * @param endpoint the endpoint
 * @returns its text
 */
export function formatEndpoint(endpoint: Endpoint): string {
  return joinHostPort(endpoint.host, endpoint.port);
}
