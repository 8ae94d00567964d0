/**
 * Files that command lines name.
 *
 * @module
 */

import { describeError, type ErrorDescription } from "../calls/errno.ts";
import { CallError, describe, PermissionError } from "../calls/errors.ts";
import { fileFlag, mayRead } from "../calls/permission.ts";
import { requireExact } from "./messages.ts";
import { quoted, UsageError } from "./options.ts";

/** How standard input is named among files. */
const STDIN = "-";

/** A file that can't be read or written, or holds something else than it should. */
export class FileError extends CallError {
  /** The name of this class. */
  override readonly name = "FileError";
  /** The file. */
  override readonly step: string;
  /** The errno's name. */
  override readonly code: string;
  /** strerror's words, or what is wrong in the file. */
  override readonly reason: string;

  /**
   * Makes the error of a file.
   *
   * @param verb what can't be done with it
   * @param path the file
   * @param description what is wrong
   */
  constructor(
    verb: "read" | "write",
    path: string,
    { code, reason }: ErrorDescription,
  ) {
    const step = path === STDIN ? "stdin" : path;
    super(`Cannot ${verb} ${step}: ${reason}`);
    this.step = step;
    this.code = code;
    this.reason = reason;
  }
}

/**
 * Refuses the name of a file that may not be the one that was given.
 *
 * @param path the name
 * @param what what it was given for, as in `--cert`
 * @throws {UsageError} if U+FFFD is in it
 */
export function requireExactName(path: string, what: string): void {
  requireExact(path, what, "give the file another name");
}

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
    if (error instanceof Deno.errors.NotFound) requireExactName(path, option);
    throw fileError(option, path, `: ${describeError(error).reason}`);
  }
}

/**
 * Says which files to read.
 *
 * @param operands the files that were given, `-` for standard input
 * @returns the files; standard input if none was given
 * @throws {UsageError} if none was given and standard input is a terminal
 * @throws {PermissionError} if one may not be read
 */
export function inputFiles(operands: readonly string[]): readonly string[] {
  if (operands.length === 0) {
    if (Deno.stdin.isTerminal()) throw new UsageError("missing operand FILE");
    return [STDIN];
  }
  if (operands.includes("")) throw new UsageError("FILE is empty");
  requireRead(operands.filter((path) => path !== STDIN));
  return operands;
}

/**
 * Reads a file.
 *
 * @param path the file, or `-` for standard input
 * @returns its bytes, as they come
 * @throws {FileError} if it cannot be read
 * @throws {UsageError} if it is not there, and its name is not UTF-8
 */
export async function* readInput(path: string): AsyncGenerator<Uint8Array> {
  try {
    if (path === STDIN) {
      yield* Deno.stdin.readable;
      return;
    }
    using file = await Deno.open(path);
    yield* file.readable;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) requireExactName(path, "FILE");
    throw new FileError("read", path, describe(error));
  }
}
