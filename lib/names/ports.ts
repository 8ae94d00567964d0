/**
 * The ports of a service.
 *
 * @module
 */

import { AddrInfoError } from "./addrinfo_error.ts";
import { type AddrInfoHints, SOCKTYPES } from "./hints.ts";
import { findPort, parsePort, type SockType } from "./services.ts";
import { readServices, servicesProblem } from "./system_services.ts";

/** A service on one transport. */
export interface ServicePort {
  readonly socktype: SockType;
  readonly port: number;
}

/**
 * Finds the port that a service has on each socket type that is asked for.
 *
 * @param service its name, or a port in decimal; `null` for port 0
 * @param hints which socket types
 * @returns one port or more
 * @throws {AddrInfoError} `EAI_SERVICE` if it is not known; `EAI_NONAME` if it
 * must be a number and is none
 */
export function findPorts(
  service: string | number | null,
  { socktype, numericService }: AddrInfoHints,
): ServicePort[] {
  const socktypes = socktype === undefined ? SOCKTYPES : [socktype];
  const text = service === null ? "0" : String(service);
  const number = parsePort(text);
  if (number !== undefined) {
    return socktypes.map((socktype) => ({ socktype, port: number }));
  }
  if (/^[0-9]+$/.test(text)) throw new AddrInfoError("EAI_SERVICE");
  if (numericService) throw new AddrInfoError("EAI_NONAME");
  const services = readServices();
  const ports = socktypes.flatMap((socktype) => {
    const port = findPort(services, text, socktype);
    return port === undefined ? [] : [{ socktype, port }];
  });
  if (ports.length > 0) return ports;
  const cause = servicesProblem();
  if (cause !== undefined) throw new AddrInfoError("EAI_SYSTEM", { cause });
  throw new AddrInfoError("EAI_SERVICE");
}
