/**
 * The files that a program reads, standard input among them.
 *
 * @module
 */

import { describe } from "../calls/errors.ts";
import { FileError, requireRead, STDIN } from "./files.ts";
import { UsageError } from "./options.ts";

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
    throw new FileError("read", path, describe(error));
  }
}
