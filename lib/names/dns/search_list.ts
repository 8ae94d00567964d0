/**
 * The names that a short name stands for, as `res_search(3)` tries them.
 *
 * @module
 */

import { mayKnowHostName } from "../../calls/permission.ts";
import { MAX_NAME } from "../host_name.ts";
import { type ResolverConfig, searchDomain } from "./resolv_conf.ts";
import { keptBy } from "../special_names.ts";

/** What the configuration says about short names. */
export type SearchOptions =
  & Pick<ResolverConfig, "search" | "ndots">
  & Partial<Pick<ResolverConfig, "noTldQuery">>;

/**
 * Returns the absolute names for which a name may stand, in the order in which
 * to ask for them.
 *
 * A name that the DNS cannot be asked for, or that never leaves the machine, is
 * left out.
 *
 * @param name the name; a dot at its end makes it absolute
 * @param config the search domains and `ndots`
 * @returns names without a dot at their end
 */
export function searchList(
  name: string,
  { search = ownDomain(), ndots, noTldQuery = false }: SearchOptions,
): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const dots = name.split(".").length - 1;
  const longer = search.map((domain) =>
    domain === "" ? name : `${name}.${domain}`
  ).filter((each) => mayBeAsked(each) && keptBy(each) === undefined);
  if (dots >= ndots) return [name, ...longer];
  const isTld = dots === 0 && noTldQuery && longer.length > 0;
  // The root among the domains stands for the name as it stands.
  return isTld || search.includes("") ? longer : [...longer, name];
}

/** The longest label, in characters (RFC 1035 section 2.3.4). */
const MAX_LABEL = 63;

/**
 * Whether a question can be made of a name: what a search domain consists of is
 * its owner's affair.
 */
function mayBeAsked(name: string): boolean {
  return name.length <= MAX_NAME && /^[!-~]+$/.test(name) &&
    name.split(".").every(({ length }) => length > 0 && length <= MAX_LABEL);
}

/** Returns the domain of the machine's own name, if that may be known. */
function ownDomain(): string[] {
  if (!mayKnowHostName()) return [];
  const name = Deno.hostname();
  const dot = name.indexOf(".");
  return dot < 0 ? [] : [searchDomain(name.slice(dot + 1))];
}
