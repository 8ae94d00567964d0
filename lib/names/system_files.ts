/**
 * The files in which a system keeps its hosts, services and name servers, read
 * where the program may read them.
 *
 * @module
 */

import { mayRead } from "../calls/permission.ts";

const windows = Deno.build.os === "windows";
const folder = windows ? "C:\\Windows\\System32\\drivers\\etc\\" : "/etc/";

/** `hosts(5)`. */
export const HOSTS_FILE = folder + "hosts";
/** `services(5)`. */
export const SERVICES_FILE = folder + "services";
/** `resolv.conf(5)`; Windows has none. */
export const RESOLV_CONF = "/etc/resolv.conf";

/**
 * The text of a file, or `undefined` where it may not or cannot be read: what
 * it would have said is then merely not known.
 *
 * @param path the file
 */
export function readSystemFile(path: string): string | undefined {
  if (!mayRead(path)) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
