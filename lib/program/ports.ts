/**
 * Ports and services on command lines.
 *
 * @module
 */

import { parsePort, type SockType } from "../names/services.ts";
import { servicePort } from "../names/system_services.ts";
import { type Option, quoted, UsageError } from "./options.ts";

/**
 * Makes an option that takes a port or a service's name.
 *
 * @param help what it does
 * @param fallback the port if it is not given
 * @param socktype the transport
 * @param lowest 0 if any free port may be taken, else 1
 */
export function port(
  help: string,
  fallback: number,
  socktype: SockType,
  lowest: 0 | 1,
): Option<number> {
  return {
    value: "PORT",
    help: `${help} (default: ${fallback})`,
    default: fallback,
    parse: (text, name) => requirePort(text, name, socktype, lowest),
  };
}

/**
 * Finds a port by its number or its service's name.
 *
 * @param text what was given
 * @param name what it was given for
 * @param socktype the transport
 * @param lowest 0 if any free port may be taken, else 1
 * @returns the port
 * @throws {UsageError} if the text is neither
 */
export function requirePort(
  text: string,
  name: string,
  socktype: SockType,
  lowest: 0 | 1,
): number {
  const port = /^[0-9]/.test(text)
    ? parsePort(text)
    : servicePort(text, socktype);
  if (port !== undefined && port >= lowest) return port;
  throw new UsageError(
    `${name}: ${quoted(text)} is neither a port from ${lowest} to 65535 ` +
      "nor a service",
    { kind: "port", text },
  );
}

/**
 * Makes an option that takes a service: a port, or a name known on any
 * transport.
 *
 * @param help what it does
 */
export function service(help: string): Option<string | undefined> {
  return {
    value: "NAME",
    help,
    default: undefined,
    parse(text, name) {
      const isKnown = servicePort(text, "datagram") !== undefined;
      if (!isKnown) requirePort(text, name, "stream", 1);
      return text;
    },
  };
}
