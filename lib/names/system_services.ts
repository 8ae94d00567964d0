/**
 * The services that this machine knows.
 *
 * @module
 */

import type { SocketError } from "../calls/errors.ts";
import {
  commonServices,
  findPort,
  parseServices,
  type Service,
  type SockType,
} from "./services.ts";
import { CachedFile, isExhausted, SERVICES_FILE } from "./system_files.ts";

const file = new CachedFile(SERVICES_FILE, parseServices);

/**
 * Returns the services of the services file if it can be read, else those of a
 * built-in table of the common ones.
 */
export function readServices(): readonly Service[] {
  const services = file.read();
  return services.state === "read" ? services.value : commonServices();
}

/**
 * Returns the port of a service by its name, from the services file if it can
 * be read, else from a built-in table of the common ones.
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

/**
 * Returns why the services file could not be read, if that is because this
 * machine has no descriptor or memory left: a service that is not found is then
 * not one that is not known.
 */
export function servicesProblem(): SocketError | undefined {
  const services = file.read();
  if (services.state !== "unreadable") return undefined;
  return isExhausted(services.error) ? services.error : undefined;
}
