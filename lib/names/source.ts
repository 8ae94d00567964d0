/**
 * What a source of names is.
 *
 * @module
 */

import type { Family } from "../address/inet.ts";
import type { IpAddress } from "../address/ip_address.ts";
import { emit, receives } from "../calls/observer.ts";
import type { LookUpObserver } from "./events.ts";
import type { LookUpOptions } from "./hints.ts";

/** What is asked of a source. */
export interface HostQuestion extends LookUpOptions {
  /** The name, as `normalizeHostName` returns it. */
  readonly name: string;
  /** The families to look for. */
  readonly families: readonly Family[];
  /**
   * Whether IPv4 addresses are looked for by themselves. glibc then takes `::1`
   * in the hosts file for `127.0.0.1`, and a mapped address for its IPv4 one.
   */
  readonly v4ByItself: boolean;
  /** Whether the canonical name is wanted although it takes more questions. */
  readonly canonicalName?: boolean;
  /** Receives some addresses before all are known. */
  readonly onSome?: ((addresses: readonly IpAddress[]) => void) | undefined;
}

/** What a name stands for. */
export interface Found {
  /** One address or more, each once, in the source's order. */
  readonly addresses: readonly IpAddress[];
  readonly canonicalName: string;
}

/** What is asked of a source about an address. */
export interface AddressQuestion extends LookUpOptions {
  /** The address, neither mapped nor with a scope. */
  readonly address: IpAddress;
}

/** Known at once, or after asking somebody; `undefined` is nothing. */
export type Eventual<T> = T | undefined | Promise<T | undefined>;

/**
 * Somewhere to look names up. Where it knows nothing of one the next source is
 * asked; where it knows that there is none it throws.
 */
export interface Source {
  /**
   * Looks a name up.
   *
   * @throws {AddrInfoError} if the name has no address, or nobody answered
   */
  findHost(question: HostQuestion): Eventual<Found>;
  /**
   * Looks an address up.
   *
   * @returns its name
   * @throws {AddrInfoError} if nobody answered
   */
  findName(question: AddressQuestion): Eventual<string>;
}

/** Reports what a source answered. */
export function reportAnswer(
  observer: LookUpObserver | undefined,
  source: string,
  question: string,
  answer: readonly string[],
  milliseconds?: number,
): void {
  if (!receives(observer, "resolution")) return;
  emit(observer, "resolution", {
    event: "answer",
    source,
    question,
    answer,
    ...(milliseconds === undefined ? {} : { milliseconds }),
  });
}

/**
 * Leaves out addresses that came before.
 *
 * @param addresses addresses
 * @returns each once, the first of equals
 */
export function eachOnce(addresses: readonly IpAddress[]): IpAddress[] {
  if (addresses.length > 16) {
    return [...new Map(addresses.map((each) => [String(each), each])).values()];
  }
  return addresses.filter((address, i) =>
    addresses.findIndex((each) => each.equals(address)) === i
  );
}

/** Returns a name without the dot of the root. */
export function withoutRoot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

/**
 * Returns the name under which an address has its PTR record (RFC 1035 section
 * 3.5, RFC 3596 section 2.5).
 *
 * @param address the address
 * @returns the name, with the dot of the root
 */
export function reverseName({ bytes }: IpAddress): string {
  const reversed = [...bytes].reverse();
  if (bytes.length === 4) return `${reversed.join(".")}.in-addr.arpa.`;
  return reversed.map((byte) =>
    `${(byte & 15).toString(16)}.${(byte >> 4).toString(16)}.`
  ).join("") + "ip6.arpa.";
}
