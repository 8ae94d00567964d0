/**
 * The options that programs have in common.
 *
 * @module
 */

import { flag, type OptionTable, type Parsed, seconds } from "./options.ts";

/** The options of every program. */
export const COMMON = {
  quiet: flag("print only the result, no narration", "q"),
  json: flag("print one JSON object per line"),
  help: flag("show this help", "h"),
  version: flag("show the version", "V"),
} satisfies OptionTable;

/** The options of the programs that use the network. */
export const NETWORK = {
  ipv4: flag("use IPv4 only", "4"),
  ipv6: flag("use IPv6 only", "6"),
  timeout: seconds("longest wait per step; 0 = no limit (default: 10)", 10),
  trace: flag("print each socket call to stderr"),
} satisfies OptionTable;

/** The values of all common options. */
export type CommonValues = Parsed<typeof COMMON> & Parsed<typeof NETWORK>;

/** What a program without a network has in the place of its options. */
export const NO_NETWORK: Parsed<typeof NETWORK> = {
  ipv4: false,
  ipv6: false,
  timeout: 0,
  trace: false,
};
