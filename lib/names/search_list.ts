/**
 * The names that a short name stands for, as `res_search(3)` tries them.
 *
 * @module
 */

import { mayKnowHostName } from "../calls/permission.ts";
import { isHostName } from "./host_name.ts";
import type { ResolverConfig } from "./resolv_conf.ts";
import { keptBy } from "./special_names.ts";

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
  const longer = search.map((domain) => `${name}.${domain}`)
    .filter((each) => isHostName(each) && keptBy(each) === undefined);
  const asItStands = dots === 0 && noTldQuery ? [] : [name];
  return dots >= ndots
    ? [...asItStands, ...longer]
    : [...longer, ...asItStands];
}

/** Returns the domain of the machine's own name, if that may be known. */
function ownDomain(): string[] {
  if (!mayKnowHostName()) return [];
  const name = Deno.hostname().toLowerCase();
  const dot = name.indexOf(".");
  return dot < 0 ? [] : [name.slice(dot + 1)];
}
