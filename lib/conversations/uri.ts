/**
 * The parts of a URI (RFC 3986) of which a request is made.
 *
 * @module
 */

import { inetPton } from "../address/inet.ts";

/** `unreserved` and `sub-delims`: what stands for itself in any part. */
const PLAIN = "A-Za-z0-9._~!$&'()*+,;=\\-";
const ENCODED = "%[0-9A-Fa-f]{2}";

// None of these can backtrack: each byte fits in one place of the pattern.
const PATH_AND_QUERY = new RegExp(
  `^/(?:[${PLAIN}:@/]|${ENCODED})*(?:\\?(?:[${PLAIN}:@/?]|${ENCODED})*)?$`,
);
const USER_INFO = new RegExp(`^(?:[${PLAIN}:]|${ENCODED})*$`);
const HOST_AND_PORT = new RegExp(
  `^(\\[[^\\]]*\\]|(?:[${PLAIN}]|${ENCODED})*)(?::([0-9]*))?$`,
);
const FUTURE_ADDRESS = new RegExp(`^v[0-9a-f]+\\.[${PLAIN}:]+$`, "i");
const HIERARCHICAL = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?]*)(.*)$/s;

/** A host and perhaps a port, as an authority or the field Host has them. */
export interface HostPort {
  /** A name, an IPv4 address, or one in brackets; it may be empty. */
  readonly host: string;
  /** The port's digits, perhaps none; `undefined` without a colon. */
  readonly port: string | undefined;
}

/**
 * Parses `host [ ":" port ]` (RFC 3986 section 3.2).
 *
 * @param text as in `example.com:80` or `[::1]`
 * @returns its parts; `undefined` if it is none
 */
export function parseHostPort(text: string): HostPort | undefined {
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host === undefined) return undefined;
  if (host.startsWith("[")) {
    const literal = host.slice(1, -1);
    const isLiteral = inetPton("IPv6", literal) !== undefined ||
      FUTURE_ADDRESS.test(literal);
    if (!isLiteral) return undefined;
  }
  return { host, port };
}

/**
 * Says whether a text is an absolute path and perhaps a query.
 *
 * @param text as in `/path?query`
 */
export function isPathAndQuery(text: string): boolean {
  return PATH_AND_QUERY.test(text);
}

/**
 * Says whether a text is a URI that names a host, without a fragment.
 *
 * @param text as in `http://example.com/path?query`
 */
export function isAbsoluteUri(text: string): boolean {
  const [, authority, rest] = HIERARCHICAL.exec(text) ?? [];
  if (authority === undefined || rest === undefined) return false;
  const at = authority.lastIndexOf("@");
  // RFC 9110 section 4.2.1: a URI of HTTP whose host is empty is invalid.
  return USER_INFO.test(authority.slice(0, Math.max(at, 0))) &&
    (parseHostPort(authority.slice(at + 1))?.host ?? "") !== "" &&
    isPathAndQuery(rest.startsWith("/") ? rest : `/${rest}`);
}
