/**
 * The names of hosts.
 *
 * @module
 */

/** The longest name and label, in characters (RFC 1035 section 2.3.4). */
const MAX_NAME = 253;
const MAX_LABEL = 63;

/** Letters, digits and hyphens (RFC 1123), and the underscores of the DNS. */
const LABEL = /^[a-z0-9_-]+$/;

/**
 * A host's name in the form in which it is looked for: ASCII (RFC 5891), lower
 * case, and with the dot at its end if it has one.
 *
 * @param host the name as it was given
 * @returns the name, or `undefined` for what cannot be a host's name
 */
export async function normalizeHostName(
  host: string,
): Promise<string | undefined> {
  let name = host;
  // deno-lint-ignore no-control-regex
  if (/[^\u0000-\u007f]/.test(name)) {
    // Only names that need it pay for loading it.
    const { domainToASCII } = await import("node:url");
    name = domainToASCII(name);
  }
  name = name.toLowerCase();
  return isHostName(name.replace(/\.$/, "")) ? name : undefined;
}

/**
 * Whether the DNS can be asked for a name.
 *
 * @param name an absolute name in ASCII and lower case, without its last dot
 */
export function isHostName(name: string): boolean {
  return name.length <= MAX_NAME &&
    name.split(".").every((label) =>
      label.length <= MAX_LABEL && LABEL.test(label)
    );
}
