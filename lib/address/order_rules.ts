/**
 * The names of the rules by which addresses are put into their order.
 *
 * @module
 */

/**
 * The rules of RFC 6724 section 6 that are applied, by their numbers. Rules 3
 * and 4 (deprecated and home addresses) and 7 (native transport) need what Deno
 * does not report.
 */
const NAMES: Readonly<Record<number, string>> = {
  1: "avoid unusable destinations",
  2: "prefer matching scope",
  5: "prefer matching label",
  6: "prefer higher precedence",
  8: "prefer smaller scope",
  9: "use longest matching prefix",
  10: "leave the order unchanged",
};

/**
 * Names a rule.
 *
 * @param number 1 to 10
 * @returns its name in a few words; "" for a rule that is not applied here
 */
export function ruleName(number: number): string {
  return NAMES[number] ?? "";
}
