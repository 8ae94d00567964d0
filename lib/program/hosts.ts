/**
 * Hosts and name servers on command lines.
 *
 * @module
 */

import { parseAuthority } from "../address/authority.ts";
import { Endpoint } from "../address/endpoint.ts";
import { IpAddress } from "../address/ip_address.ts";
import { IpPrefix } from "../address/ip_prefix.ts";
import type { FailureEvent } from "../calls/errors.ts";
import { DNS_PORT, type NameServer } from "../names/hints.ts";
import { parsePort } from "../names/services.ts";
import type { AddressList } from "../sockets/serving/access.ts";
import { type Option, quoted, requireText, UsageError } from "./options.ts";

/**
 * Says what to write instead of a host that has a port in it.
 *
 * @param host the host
 * @param port the port; "" if there is none
 * @returns a part of a command line
 */
export type HostAdvice = (host: string, port: string) => string;

/**
 * Refuses what is no host, but a URL or a host with a port.
 *
 * @param text what was given
 * @param name what it was given for, as in `HOST`
 * @param advice says what to write instead
 * @returns the host
 * @throws {UsageError} if it is empty, a URL, or has a port in it
 */
export function requireHost(
  text: string,
  name: string,
  advice: HostAdvice,
): string {
  const authority = parseAuthority(requireText(text, name));
  if (authority === undefined) return text;
  const { isUrl, host } = authority;
  const what = isUrl ? "is a URL" : "has a port in it";
  // A number that is no port is not worth repeating.
  const isPort = !/^[0-9]+$/.test(authority.port) ||
    parsePort(authority.port) !== undefined;
  const port = isPort ? authority.port : "PORT";
  const instead = host === "" ? "a host" : `'${advice(host, port)}'`;
  throw new UsageError(
    `${name}: ${quoted(text)} ${what}: write ${instead}`,
  );
}

/**
 * Makes an option that takes an address or a name of this machine.
 *
 * @param help what it does
 */
export function host(help: string): Option<string | undefined> {
  return {
    value: "ADDRESS",
    help,
    default: undefined,
    parse: (text, name) => requireHost(text, name, adviseServer),
  };
}

/**
 * Makes an option that takes addresses and prefixes, repeated or with commas.
 *
 * @param help what it does
 */
export function addresses(help: string): Option<AddressList> {
  return {
    value: "NET",
    help,
    default: [],
    repeats: true,
    parse: (text, name, before) => [
      ...before,
      ...text.split(",").map((one) => requireRange(one, name)),
    ],
  };
}

/** Reads an address or a prefix. */
function requireRange(text: string, name: string): IpAddress | IpPrefix {
  const address = IpAddress.tryParse(text);
  if (address !== undefined && address.scope === undefined) return address;
  try {
    return IpPrefix.parse(text);
  } catch {
    // It is said here, with the option's name.
    throw new UsageError(
      `${name}: ${quoted(text)} is neither an address nor a prefix, ` +
        "as in 192.0.2.1 or 2001:db8::/32",
    );
  }
}

function adviseServer(host: string, port: string): string {
  return `--host ${host}` + (port && ` --port ${port}`);
}

/**
 * Makes the usage error of hosts that can't be listened on together.
 *
 * @param error what listening threw
 * @returns the usage error, or the same error if it is another one
 */
export function asUsageError(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return new UsageError(`--host: ${error.message}`);
}

/** The errors of a name that does not resolve. */
const UNRESOLVED = ["EAI_NONAME", "EAI_NODATA", "EAI_AGAIN", "EAI_FAIL"];

/**
 * Writes a client's last words on a host that does not resolve.
 *
 * @param failure what ended the client
 * @param operands the client's operands; the first one is the host
 * @returns as in `cannot resolve "nosuch.example"`; `undefined` if the failure
 * is another one
 */
export function unresolved(
  { code }: FailureEvent,
  [host = ""]: readonly string[],
): string | undefined {
  if (!UNRESOLVED.includes(code)) return undefined;
  return `cannot resolve ${quoted(host)}`;
}

/**
 * Makes an option that takes a name server's address, with its port or without.
 *
 * @param help what it does
 */
export function nameServer(help: string): Option<NameServer | undefined> {
  return {
    value: "ADDRESS[:PORT]",
    help,
    default: undefined,
    parse(text, name) {
      const server = parseNameServer(text);
      if (server !== undefined && server.port > 0) {
        return { ipAddr: server.address.toString(), port: server.port };
      }
      throw new UsageError(
        `${name}: ${quoted(text)} is not a numeric address, ` +
          "as in 127.0.0.1:53 or [::1]:53",
      );
    },
  };
}

function parseNameServer(text: string): Endpoint | undefined {
  const bare = IpAddress.tryParse(text);
  if (bare !== undefined) return new Endpoint(bare, DNS_PORT);
  try {
    return Endpoint.parse(text);
  } catch {
    // The caller says what is needed.
    return undefined;
  }
}
