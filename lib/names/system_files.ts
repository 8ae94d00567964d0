/**
 * The files in which a system keeps its hosts, services and name servers.
 *
 * @module
 */

import { SocketError } from "../calls/errors.ts";
import { mayRead } from "../calls/permission.ts";
import { platform } from "../calls/platform.ts";

export const {
  /** `hosts(5)`. */
  hostsFile: HOSTS_FILE,
  /** `services(5)`. */
  servicesFile: SERVICES_FILE,
  /** `resolv.conf(5)`; `undefined` on a system that has none, as Windows. */
  resolvConf: RESOLV_CONF,
} = platform;

/** Why a file has no text. */
export type NoText =
  /** It is not there, or a link that leads nowhere. */
  | { readonly state: "absent" }
  /** The program may not read it. */
  | { readonly state: "not allowed" }
  /** It is a pipe or a device: to read it might never end. */
  | { readonly state: "not a file" }
  /** It is there and cannot be read. */
  | { readonly state: "unreadable"; readonly error: SocketError };

/**
 * Sorts out why a file could not be read.
 *
 * @param error what Deno threw
 * @returns the reason
 */
export function noText(error: unknown): NoText {
  if (error instanceof Deno.errors.NotFound) return { state: "absent" };
  return { state: "unreadable", error: new SocketError("open", error) };
}

/**
 * Says why a file has no text.
 *
 * @param file what is known of it
 * @param path the file
 * @returns the words for the trace
 */
export function whyNoText(file: NoText, path: string): string {
  switch (file.state) {
    case "absent":
      return "not there";
    case "not allowed":
      return `needs --allow-read=${path}`;
    case "not a file":
      return "not a regular file";
    case "unreadable":
      return file.error.reason;
  }
}

/**
 * Whether reading comes to an end, with the text or with an error.
 *
 * @param info what stat(2) returned
 */
export function mayBeRead({ isFile, isDirectory }: Deno.FileInfo): boolean {
  return isFile || isDirectory;
}

/** The errnos of a system that has nothing left to give. */
const EXHAUSTED: readonly string[] = ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"];

/**
 * Whether a call failed because this machine has no descriptor or memory left:
 * that says nothing about a file or a server.
 *
 * @param error what was thrown
 */
export function isExhausted(error: unknown): error is SocketError {
  return error instanceof SocketError && EXHAUSTED.includes(error.code);
}

/** What changes if a file does. */
export class Stamp {
  readonly #mtime: number;
  readonly #size: number;
  readonly #ino: number;
  readonly #settled: boolean;

  constructor({ mtime, size, ino }: Deno.FileInfo) {
    this.#mtime = mtime?.getTime() ?? 0;
    this.#size = size;
    this.#ino = ino ?? 0;
    // A file system's clock has steps: what is written within the same step
    // would have the same stamp.
    this.#settled = Math.abs(Date.now() - this.#mtime) > 100;
  }

  /** Whether what was read under an earlier stamp still holds. */
  confirms(earlier: Stamp): boolean {
    return earlier.#settled && this.#mtime === earlier.#mtime &&
      this.#size === earlier.#size && this.#ino === earlier.#ino;
  }
}

/** What a file said under a stamp. */
export interface Kept<T> {
  readonly value: T;
  readonly stamp: Stamp;
}

/** What a file says. */
export type FileValue<T> =
  | { readonly state: "read"; readonly value: T }
  | NoText;

/** A file whose parsed text is kept until the file changes. */
export class CachedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  #kept: Kept<T> | undefined;

  /**
   * Makes the cache of one file; nothing is read yet.
   *
   * @param path the file
   * @param parse reads its text
   */
  constructor(path: string, parse: (text: string) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  /** Returns what the file says now, or why that is not known. */
  read(): FileValue<T> {
    if (!mayRead(this.#path)) return { state: "not allowed" };
    try {
      const info = Deno.statSync(this.#path);
      if (!mayBeRead(info)) return { state: "not a file" };
      const stamp = new Stamp(info);
      const kept = this.#kept;
      if (kept !== undefined && stamp.confirms(kept.stamp)) {
        return { state: "read", value: kept.value };
      }
      const value = this.#parse(Deno.readTextFileSync(this.#path));
      this.#kept = { value, stamp };
      return { state: "read", value };
    } catch (error) {
      return noText(error);
    }
  }
}
