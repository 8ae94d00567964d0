/**
 * Host names to addresses, and addresses to host names: the sources, and in
 * which order they are asked.
 *
 * @module
 */

import { DNS } from "./dns/dns.ts";
import { HostsFile } from "./hosts_file.ts";
import type { NameServer } from "./hints.ts";
import type {
  AddressQuestion,
  Eventual,
  Found,
  HostQuestion,
  Source,
} from "./source.ts";
import { SPECIAL_NAMES } from "./special_names.ts";
import { HOSTS_FILE } from "./system_files.ts";

const HOSTS = new HostsFile(HOSTS_FILE);

/** Returns the sources to ask, in order: without the file if a server is given. */
function sourcesFor(nameServer: NameServer | undefined): readonly Source[] {
  return nameServer === undefined ? ALL : WITHOUT_FILE;
}

const WITHOUT_FILE: readonly Source[] = [SPECIAL_NAMES, DNS];
const ALL: readonly Source[] = [HOSTS, ...WITHOUT_FILE];

/**
 * Resolves a host's name.
 *
 * @param question the name, and how to look
 * @returns its addresses, those of the files and servers in their order
 * @throws {AddrInfoError} if there is none
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export async function resolveName(
  question: HostQuestion,
): Promise<Found | undefined> {
  for (const source of sourcesFor(question.nameServer)) {
    // Only who waits for somebody gives others their turn.
    const finding = source.findHost(question);
    const found = finding instanceof Promise ? await finding : finding;
    if (found !== undefined) return found;
  }
}

/**
 * Resolves what cannot be a host's name: a hosts file may have it all the same.
 *
 * @param question the name, and how to look
 * @returns its addresses, or `undefined` if there is none
 */
export function resolveOddName(question: HostQuestion): Eventual<Found> {
  return question.nameServer === undefined
    ? HOSTS.findHost(question)
    : undefined;
}

/**
 * Finds the name that belongs to an address: in the hosts file, then in the DNS
 * (a PTR record).
 *
 * @param question the address, and how to look
 * @returns the name, or `undefined` if there is none
 * @throws {AddrInfoError} if the servers failed
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export async function resolveAddress(
  question: AddressQuestion,
): Promise<string | undefined> {
  for (const source of sourcesFor(question.nameServer)) {
    const finding = source.findName(question);
    const found = finding instanceof Promise ? await finding : finding;
    if (found !== undefined) return found;
  }
}
