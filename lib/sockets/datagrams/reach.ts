/**
 * Addresses as a datagram socket takes them.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { IpAddress } from "../../address/ip_address.ts";
import { SocketError } from "../../calls/errors.ts";
import { addrError } from "../../calls/ranges.ts";
import {
  about,
  AddrInfoError,
  lookUpErrorCode,
} from "../../names/addrinfo_error.ts";

/**
 * Returns an endpoint as a socket takes it: one that is bound to IPv6 reaches
 * IPv4 by its mapped addresses.
 *
 * @param local where the socket is bound
 * @param to where to send
 */
export function reach(local: Deno.NetAddr, to: Endpoint): Deno.NetAddr {
  const isV6 = IpAddress.parse(local.hostname).family === "IPv6";
  const address = isV6 ? to.address.mapped() : to.address;
  return new Endpoint(address, to.port).toNetAddr("udp");
}

/** Where a datagram goes. */
export interface Way {
  /** Its endpoint, if it has no name. */
  readonly address: Endpoint | undefined;
  /** As the socket takes it. */
  readonly target: Deno.NetAddr;
}

/**
 * Finds out where a datagram goes.
 *
 * @param local where the socket is bound
 * @param to where to send: numeric, or a name that Deno is to look up
 * @throws {RangeError} if the port is out of its range
 * @throws {TypeError} if it is neither
 */
export function wayTo(local: Deno.NetAddr, to: Endpoint | Deno.NetAddr): Way {
  const wrong = addrError(to);
  if (wrong !== undefined) throw wrong;
  const isNumeric = to instanceof Endpoint ||
    IpAddress.tryParse(to.hostname) !== undefined;
  if (!isNumeric) {
    return { address: undefined, target: { ...to, transport: "udp" } };
  }
  const address = to instanceof Endpoint ? to : Endpoint.from(to);
  return { address, target: reach(local, address) };
}

/**
 * Finds out whether it was a look-up of Deno's own that failed.
 *
 * @param error what a send to a name threw
 * @param target the name and the port
 * @returns the error of the look-up, or the same error
 */
export function lookUpError(
  error: unknown,
  { hostname, port }: Deno.NetAddr,
): unknown {
  const code = error instanceof SocketError
    ? lookUpErrorCode(error.cause)
    : undefined;
  return code === undefined
    ? error
    : about(new AddrInfoError(code, { cause: error }), hostname, port);
}
