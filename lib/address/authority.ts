/**
 * What people paste where only a host belongs: URLs, and hosts with a port.
 *
 * @module
 */

/** A text that holds more than a host. */
export interface Authority {
  /** Whether it is a URL; else it is a host with a port. */
  readonly isUrl: boolean;
  /** The host, without the brackets of an IPv6 address. */
  readonly host: string;
  /** What comes after the host and a colon; "" if there is nothing. */
  readonly port: string;
}

/** A URL, also one whose scheme or slashes were not copied. */
const URL_FORM =
  /^(?:(?:[A-Za-z][A-Za-z0-9+.-]*)?:)?\/\/([^/?#]*)|^https?:\/?([^/?#]*[^/?#0-9][^/?#]*)/i;

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
 *   isUrl: false,
 *   host: "::1",
 *   port: "80",
 * });
 * assertEquals(parseAuthority("::1"), undefined);
 * ```
 */
export function parseAuthority(text: string): Authority | undefined {
  const trimmed = text.trim();
  const [url, full, short] = URL_FORM.exec(trimmed) ?? [];
  // A path behind the host was pasted with it.
  const place = full ?? short ?? trimmed.replace(/[/?#].*$/s, "");
  // What comes before the @ is for the server, not for finding it.
  const where = place.slice(place.lastIndexOf("@") + 1);
  const split = splitPort(where);
  const [, bracketed] = /^\[([^[\]]*)\]$/.exec(where) ?? [];
  const { host, port } = split ?? { host: bracketed ?? where, port: "" };
  if (url === undefined && split === undefined) return undefined;
  return { isUrl: url !== undefined, host, port };
}

/** An address in brackets, one with a scope, or a name; a colon; a port. */
const COLON_FORM =
  /^(?:\[([^[\]]*)\]|([0-9A-F:.]+%[^:[\]]+|[^:[\]]*)):([^:]*)$/is;

/** A host and a port's number, with blanks between them. */
const BLANK_FORM = /^(?:\[([^[\]]*)\]|([^\s[\]]+))\s+([0-9]+)$/;

/** Parts a name or an address from its port. */
function splitPort(text: string): { host: string; port: string } | undefined {
  const [, bracketed, bare = "", port] = COLON_FORM.exec(text) ??
    BLANK_FORM.exec(text) ?? [];
  if (port === undefined) return undefined;
  return { host: (bracketed ?? bare).trim(), port: port.trim() };
}
