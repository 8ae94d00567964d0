/**
 * The addresses that a host stands for, in the order in which to try them.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";
import type { AddrInfoHints } from "./hints.ts";
import { findLiteral } from "./literal_host.ts";
import type { Found } from "./source.ts";

const LOOPBACK = ["::1", "127.0.0.1"].map(IpAddress.parse);
const ANY = ["::", "0.0.0.0"].map(IpAddress.parse);

/**
 * Finds the addresses of a host.
 *
 * @param host a name or a numeric address; `null` for this machine
 * @param hints what to look for
 * @param onSome receives addresses before all are known
 * @returns its addresses
 * @throws {AddrInfoError} if there are none
 * @throws {PermissionError} if the DNS would have to be asked and may not be
 */
export function findHost(
  host: string | null,
  hints: AddrInfoHints,
  onSome: ((addresses: readonly IpAddress[]) => void) | undefined,
): Found | Promise<Found> {
  if (host === null) return ownAddresses(hints);
  return findLiteral(host, hints) ?? findNamed(host, hints, onSome);
}

let named: typeof import("./named_host.ts") | undefined;

/** Only names pay for loading what finds them, and only once. */
function findNamed(
  ...question: Parameters<typeof import("./named_host.ts").findNamedHost>
): Promise<Found> {
  if (named !== undefined) return named.findNamedHost(...question);
  return import("./named_host.ts").then((module) => {
    named = module;
    return module.findNamedHost(...question);
  });
}

/** The addresses that a null host stands for. */
function ownAddresses({ family, passive }: AddrInfoHints): Found {
  return {
    addresses: (passive ? ANY : LOOPBACK)
      .filter((each) => family === undefined || family === each.family),
    canonicalName: "",
  };
}
