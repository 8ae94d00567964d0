/**
 * The services that this machine knows.
 *
 * @module
 */

import {
  COMMON_SERVICES,
  findPort,
  parseServices,
  type Service,
  type SockType,
} from "./services.ts";
import { readSystemFile, SERVICES_FILE } from "./system_files.ts";

/**
 * The services of the services file where it may be read, else of a built-in
 * table of the common ones.
 */
export function readServices(): readonly Service[] {
  const text = readSystemFile(SERVICES_FILE);
  return text === undefined ? COMMON_SERVICES : parseServices(text);
}

/**
 * The port of a service by its name, from the services file where it may be
 * read, else from a built-in table of the common ones.
 *
 * @param name the service's name or an alias, as in `http`
 * @param socktype the transport
 * @returns its port, or `undefined`
 */
export function servicePort(
  name: string,
  socktype: SockType,
): number | undefined {
  return findPort(readServices(), name, socktype);
}
