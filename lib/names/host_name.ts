/**
 * The names of hosts.
 *
 * @module
 */

/** The longest name, in characters (RFC 1035 section 2.3.4). */
export const MAX_NAME = 253;

/**
 * Labels of 63 characters at most: letters, digits and hyphens (RFC 1123), and
 * the underscores of the DNS.
 */
const PLAIN = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;

// deno-lint-ignore no-control-regex
const BEYOND_ASCII = /[^\u0000-\u007f]/;

/** What ends the host in a URL, or is left out of it. */
// deno-lint-ignore no-control-regex
const NOT_OF_A_HOST = /[\u0000-\u0020\u007f"#%/:<>?@[\\\]^`{|}]/;

/**
 * Returns a host's name in the form in which it is looked for: ASCII (RFC
 * 5891), lower case, and with the dot at its end if it has one.
 *
 * @param host the name as it was given
 * @returns the name, or `undefined` for what cannot be a host's name
 */
export function normalizeHostName(host: string): string | undefined {
  const name = asciiHostName(host).toLowerCase();
  const bare = name.endsWith(".") ? name.slice(0, -1) : name;
  return bare.length <= MAX_NAME && PLAIN.test(bare) ? name : undefined;
}

/** Labels of letters, digits, hyphens and underscores, or the root. */
const HOST = /^(?:\.|(?!-)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/;

/**
 * Whether a name that was found for an address can be a host's, as glibc takes
 * it: the owner of the address may write anything there.
 *
 * @param name as it is read from a message, without the dot of the root
 */
export function isHostName(name: string): boolean {
  return HOST.test(name);
}

/**
 * Returns a name in its ASCII form (RFC 5891, as URLs do).
 *
 * @param host the name
 * @returns the form; "" if there is none
 */
export function asciiHostName(host: string): string {
  if (!BEYOND_ASCII.test(host)) return host;
  if (NOT_OF_A_HOST.test(host)) return "";
  try {
    // What Deno needs to load for `domainToASCII` takes longer than a look-up.
    return new URL(`http://${host}`).hostname;
  } catch {
    return "";
  }
}
