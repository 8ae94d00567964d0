/**
 * The hosts file, `hosts(5)`.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";

/** One address of the hosts file and its names. */
export interface HostsEntry {
  readonly address: IpAddress;
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
    const [text, ...names] = line.replace(/#.*/s, "").split(/\s+/)
      .filter((word) => word !== "");
    const name = names[0];
    if (text === undefined || name === undefined) continue;
    const address = IpAddress.tryParse(text);
    if (address === undefined || address.scope !== undefined) continue;
    entries.push({
      address,
      name,
      names: names.map((alias) => alias.toLowerCase()),
    });
  }
  return entries;
}
