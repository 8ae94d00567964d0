/**
 * What people paste where only a host belongs: URLs, and hosts with a port.
 *
 * @module
 */

/** A text that holds more than a host. */
export interface Authority {
  /** The scheme before `://`, if there is one. */
  readonly scheme: string | undefined;
  /** The host, without the brackets of an IPv6 address. */
  readonly host: string;
  /** What comes after the host and a colon; "" if there is nothing. */
  readonly port: string;
}

/**
 * Takes apart a URL, or a host with a port behind it.
 *
 * @param text what was given as a host
 * @returns its parts; `undefined` if the text is neither, and so may be a host
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAuthority("[::1]:80"), {
 *   scheme: undefined,
 *   host: "::1",
 *   port: "80",
 * });
 * assertEquals(parseAuthority("::1"), undefined);
 * ```
 */
export function parseAuthority(text: string): Authority | undefined {
  const [, scheme, rest = ""] =
    /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)/.exec(text) ?? [];
  // A path behind the port was pasted with it.
  if (scheme === undefined) return splitPort(text.replace(/[/?#].*$/s, ""));
  // What comes before the @ is for the server, not for finding it.
  const where = rest.slice(rest.lastIndexOf("@") + 1);
  const [, bracketed] = /^\[([^[\]]*)\]$/.exec(where) ?? [];
  const { host, port } = splitPort(where) ??
    { host: bracketed ?? where, port: "" };
  return { scheme, host, port };
}

/** Parts a name, an IPv4 address or a bracketed address from its port. */
function splitPort(text: string): Authority | undefined {
  const [, bracketed, bare, port] =
    /^(?:\[([^[\]]*)\]|([^:[\]]+)):([^:]*)$/s.exec(text) ?? [];
  if (port === undefined) return undefined;
  return { scheme: undefined, host: bracketed ?? bare!, port };
}
