/**
 * Addresses as a datagram socket takes them.
 *
 * @module
 */

import { Endpoint } from "../../address/endpoint.ts";
import { IpAddress } from "../../address/ip_address.ts";

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

/** Reads one of Deno's addresses, unless it has a name. */
export function numericEndpoint(addr: Deno.NetAddr): Endpoint | undefined {
  return IpAddress.tryParse(addr.hostname) && Endpoint.from(addr);
}
