/**
 * Names that never leave the machine: RFC 6761, RFC 7686 and RFC 9476.
 *
 * @module
 */

import { LOOPBACK } from "../address/loopback.ts";
import { AddrInfoError } from "./addrinfo_error.ts";
import {
  type Found,
  type HostQuestion,
  reportAnswer,
  type Source,
  withoutRoot,
} from "./source.ts";

/** The documents that keep a top-level domain out of the DNS. */
const KEPT: ReadonlyMap<string, string> = new Map([
  ["localhost", "RFC 6761"],
  ["invalid", "RFC 6761"],
  ["onion", "RFC 7686"],
  ["alt", "RFC 9476"],
]);

/**
 * Returns the document that keeps a name out of the DNS.
 *
 * @param name a name in lower case, with or without the dot of the root
 * @returns as in `RFC 6761`, or `undefined` for any other name
 */
export function keptBy(name: string): string | undefined {
  const bare = withoutRoot(name);
  return KEPT.get(bare.slice(bare.lastIndexOf(".") + 1));
}

/** The source that answers for those names. */
export const SPECIAL_NAMES: Source = {
  findHost({ name, families, observer }: HostQuestion): Found | undefined {
    const document = keptBy(name);
    if (document === undefined) return undefined;
    const bare = withoutRoot(name);
    if (bare !== "localhost" && !bare.endsWith(".localhost")) {
      reportAnswer(observer, document, bare, ["not asked for in the DNS"]);
      throw new AddrInfoError("EAI_NONAME");
    }
    const addresses = LOOPBACK.filter((each) => families.includes(each.family));
    reportAnswer(observer, document, bare, addresses.map(String));
    return { addresses, canonicalName: bare };
  },
  findName: () => undefined,
};
