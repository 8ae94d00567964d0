/**
 * The options and the permissions that programs have in common.
 *
 * @module
 */

import { type Platform, platform } from "../calls/platform.ts";
import { choice, choices } from "./choice.ts";
import {
  flag,
  type OptionTable,
  type Parsed,
  seconds,
  text,
} from "./options.ts";

/** What `--trace` may be given. */
const TRACE_WORDS = ["short", "time"] as const;
/** What `--trace` may be given. */
export type TraceWord = typeof TRACE_WORDS[number];

/** When output is coloured. */
const COLOUR_WORDS = ["always", "auto", "never"] as const;
/** When output is coloured. */
export type ColourWord = typeof COLOUR_WORDS[number];

/** The options of every program. */
export const COMMON = {
  quiet: flag("print only the result, no narration", "q"),
  json: flag(`print JSON lines; use colours: ${COLOUR_WORDS.join(", ")}`),
  color: choice("WHEN", "", COLOUR_WORDS, "auto", "always"),
  help: flag("show this help; show the version", "h"),
  version: flag("", "V"),
} satisfies OptionTable;

/** The options of the programs that use the network. */
const NETWORK = {
  ipv4: flag("use IPv4 only; use IPv6 only", "4"),
  ipv6: flag("", "6"),
  timeout: seconds("limit each step's wait; 0 = none (default: 10)", 10),
  trace: choices(
    "print socket calls; short: no bytes; time: when",
    TRACE_WORDS,
  ),
} satisfies OptionTable;

/** The option of the programs that talk. */
export const PICTURE = {
  picture: text("FILE", "draw a picture into FILE at the end (-: stderr)"),
} satisfies OptionTable;

/**
 * Joins a program's own options and the common ones that do something in it.
 *
 * @param spec its own options, whether it uses no network, and what draws its
 * conversations
 * @returns all of them, in the order of the help
 */
export function allOptions<O extends OptionTable>(
  { options, offline = false, picture }: {
    readonly options: O;
    readonly offline?: boolean;
    readonly picture?: unknown;
  },
): O & typeof COMMON & Partial<typeof NETWORK & typeof PICTURE> {
  return {
    ...options,
    ...picture === undefined ? {} : PICTURE,
    ...offline ? {} : NETWORK,
    ...COMMON,
  };
}

/** The values of all common options. */
export type CommonValues =
  & Parsed<typeof COMMON>
  & Parsed<typeof NETWORK>
  & Partial<Parsed<typeof PICTURE>>;

/** What a program without a network has in the place of its options. */
export const NO_NETWORK: Parsed<typeof NETWORK> = {
  ipv4: false,
  ipv6: false,
  timeout: 0,
  trace: undefined,
};

/**
 * Returns the flag to read the files in which a system keeps its names.
 *
 * @param platform the system
 */
export function readFlag(
  { hostsFile, servicesFile, resolvConf }: Platform,
): string {
  const files = [hostsFile, servicesFile, resolvConf ?? []].flat();
  return `--allow-read=${files.join(",")}`;
}

/** What look-ups need. */
const LOOK_UP = [readFlag(platform), "--allow-sys=networkInterfaces"];

/** The flags of a program that only looks names up. */
export const LOOK_UP_PERMISSIONS: readonly string[] = [
  // Without a resolv.conf(5) who will be asked is not known beforehand.
  platform.resolvConf === undefined
    ? "--allow-net"
    : "--allow-net=0.0.0.0/0:53,0.0.0.0:0",
  ...LOOK_UP,
];

/** The flags of a client. */
export const CLIENT_PERMISSIONS: readonly string[] = [
  "--allow-net",
  ...LOOK_UP,
];
