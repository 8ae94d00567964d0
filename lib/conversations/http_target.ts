/**
 * The target of a request, in one of its four forms (RFC 9112 section 3.2).
 *
 * @module
 */

import { isAbsoluteUri, isPathAndQuery, parseHostPort } from "./uri.ts";

/**
 * Says whether a target has a form that its method may have.
 *
 * @param method the method
 * @param target the target as it was sent
 */
export function isTargetOf(method: string, target: string): boolean {
  if (method === "CONNECT") return isAuthorityForm(target);
  if (target === "*") return method === "OPTIONS";
  return isPathAndQuery(target) || isAbsoluteUri(target);
}

/** A host and a port to connect to (RFC 9110 section 9.3.6). */
function isAuthorityForm(target: string): boolean {
  const { host = "", port = "" } = parseHostPort(target) ?? {};
  return host !== "" && /^0*[1-9][0-9]{0,4}$/.test(port) &&
    Number(port) <= 65535;
}
