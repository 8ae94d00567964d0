/**
 * The flags of `deno run` with which programs work.
 *
 * @module
 */

import { type Platform, platform } from "../calls/platform.ts";

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
