/**
 * Files that command lines name.
 *
 * @module
 */

import { describeError } from "../calls/errno.ts";
import { PermissionError } from "../calls/errors.ts";
import { fileFlag, mayRead } from "../calls/permission.ts";
import { quoted, UsageError } from "./options.ts";

/**
 * Makes an error about a file that an option names.
 *
 * @param option as in `--cert`
 * @param path the file
 * @param what what is wrong, as in ` is empty`
 */
export function fileError(
  option: string,
  path: string,
  what: string,
): UsageError {
  return new UsageError(`${option}: ${quoted(path)}${what}`);
}

/**
 * Makes sure that files may be read.
 *
 * @param paths the files
 * @throws {PermissionError} if one may not be read; it names the flag for all
 */
export function requireRead(paths: readonly string[]): void {
  if (paths.every(mayRead)) return;
  throw new PermissionError(fileFlag("read", paths));
}

/**
 * Reads a file that may be read.
 *
 * @param option which option names it, as in `--cert`
 * @param path the file
 * @returns its bytes
 * @throws {UsageError} if it cannot be read
 * @throws {PermissionError} if Deno wants more than the file for it
 */
export function readNamedFile(
  option: string,
  path: string,
): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    // Most devices, pipes by their descriptors too, take every permission.
    if (error instanceof Deno.errors.NotCapable) {
      throw new PermissionError("--allow-all");
    }
    throw fileError(option, path, `: ${describeError(error).reason}`);
  }
}
