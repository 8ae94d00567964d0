/**
 * The files that a program reads, standard input among them.
 *
 * @module
 */

import { CallError, describe } from "../calls/errors.ts";
import { requireRead } from "./files.ts";
import { UsageError } from "./options.ts";

/** How standard input is named among files. */
const STDIN = "-";

/** A file that cannot be read, or has something else in it than it should. */
export class InputError extends CallError {
  /** The name of this class. */
  override readonly name = "InputError";
  /** The file. */
  override readonly step: string;
  /** The errno's name, or `EINVAL`. */
  override readonly code: string;
  /** strerror's words, or what is wrong in the file. */
  override readonly reason: string;

  /**
   * Makes the error of a file.
   *
   * @param path the file
   * @param code the errno's name
   * @param reason what is wrong
   */
  constructor(path: string, code: string, reason: string) {
    const step = path === STDIN ? "stdin" : path;
    super(`Cannot read ${step}: ${reason}`);
    this.step = step;
    this.code = code;
    this.reason = reason;
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
 * @throws {InputError} if it cannot be read
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
    const { code, reason } = describe(error);
    throw new InputError(path, code, reason);
  }
}
