/**
 * The text of a hosts file, `hosts(5)`.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import { asciiHostName } from "./host_name.ts";

/** One address of the hosts file and its names. */
export interface HostsEntry {
  readonly address: IpAddress;
  /** The canonical name. */
  readonly name: string;
  /** All names, the canonical one first, as `normalizeHostName` has them. */
  readonly names: readonly string[];
}

/** White space as C has it: no other parts words, nor does a byte order mark. */
const SPACE = /[ \t\n\r\v\f]+/;

/** What ends the text of a line: a comment, or the end of a string in C. */
const END = /[#\0]/;

/**
 * Reads one line: an address in any spelling, its canonical name and its
 * aliases, `#` beginning a comment.
 *
 * @param line the line, with or without its end
 * @returns its entry; `undefined` if it has another form, or an address with a
 * scope: glibc passes those over too
 */
export function parseHostsLine(line: string): HostsEntry | undefined {
  const end = line.search(END);
  const text = end < 0 ? line : line.slice(0, end);
  const words = text.split(SPACE);
  if (words[0] === "") words.shift();
  if (words.at(-1) === "") words.pop();
  const [first, name] = words;
  if (first === undefined || name === undefined) return undefined;
  const address = IpAddress.tryParse(first);
  if (address === undefined || address.scope !== undefined) return undefined;
  const names = words.slice(1).map((name) => asciiHostName(name).toLowerCase());
  return { address, name, names };
}

/** The entries of a hosts file by their names. */
export class HostsTable {
  /** All entries, in the file's order. */
  readonly #entries: HostsEntry[] = [];
  readonly #byName = new Map<string, HostsEntry | HostsEntry[]>();

  /**
   * Reads all of a file's text.
   *
   * @param text the text
   * @returns its entries
   */
  static parse(text: string): HostsTable {
    const table = new HostsTable();
    for (const line of text.split("\n")) table.addLine(line);
    return table;
  }

  /**
   * Adds the entry of one line, if it has one.
   *
   * @param line the line
   */
  addLine(line: string): void {
    const entry = parseHostsLine(line);
    if (entry === undefined) return;
    this.#entries.push(entry);
    for (const name of entry.names) {
      const others = this.#byName.get(name);
      if (others === undefined) this.#byName.set(name, entry);
      else if (!Array.isArray(others)) {
        if (others !== entry) this.#byName.set(name, [others, entry]);
      } else if (others.at(-1) !== entry) others.push(entry);
    }
  }

  /**
   * Finds the entries of a name.
   *
   * @param name as `normalizeHostName` has it
   * @returns its entries, in the file's order
   */
  byName(name: string): readonly HostsEntry[] {
    const found = this.#byName.get(name);
    if (found === undefined) return [];
    return Array.isArray(found) ? found : [found];
  }

  /**
   * Finds the entry of an address.
   *
   * @param matches says whether an entry's address is the one
   * @returns the first such entry in the file's order
   */
  byAddress(matches: (address: IpAddress) => boolean): HostsEntry | undefined {
    return this.#entries.find(({ address }) => matches(address));
  }
}
