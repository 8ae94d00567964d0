/**
 * The hosts file, `hosts(5)`.
 *
 * @module
 */

import { type Family, inetPton } from "../address/inet.ts";

/** One address of the hosts file and its names. */
export interface HostsEntry {
  readonly family: Family;
  /** The address as it stands in the file. */
  readonly address: string;
  /** The canonical name. */
  readonly name: string;
  /** All names, the canonical one first, in lower case. */
  readonly names: readonly string[];
}

/**
 * Reads the text of a hosts file: an address, its canonical name and its
 * aliases on each line, `#` beginning a comment. Lines that are not of that
 * form, addresses with a scope among them, are passed over, as glibc does.
 *
 * @param text the file's text
 * @returns its entries, in the file's order
 */
export function parseHosts(text: string): HostsEntry[] {
  const entries: HostsEntry[] = [];
  for (const line of text.split("\n")) {
    const [address, ...names] = line.replace(/#.*/s, "").split(/\s+/)
      .filter((word) => word !== "");
    const name = names[0];
    if (address === undefined || name === undefined) continue;
    const family = familyOf(address);
    if (family === undefined) continue;
    entries.push({
      family,
      address,
      name,
      names: names.map((alias) => alias.toLowerCase()),
    });
  }
  return entries;
}

/** The family of a numeric address, or `undefined`. */
function familyOf(address: string): Family | undefined {
  if (inetPton("IPv4", address)) return "IPv4";
  return inetPton("IPv6", address) ? "IPv6" : undefined;
}
