/**
 * A file that a program writes at its end.
 *
 * @module
 */

import { describeError } from "../calls/errno.ts";
import { PermissionError } from "../calls/errors.ts";
import { fileFlag, mayWrite } from "../calls/permission.ts";
import { FileError, fileError, requireExactName } from "./files.ts";

/** A file that is written whole, or not at all. */
export class OutputFile implements Disposable {
  readonly #path: string;
  /** The file that was there before; a new one is made when it is written. */
  readonly #existing: Deno.FsFile | undefined;

  private constructor(path: string, existing: Deno.FsFile | undefined) {
    this.#path = path;
    this.#existing = existing;
  }

  /**
   * Makes sure that a file can be written, and leaves it as it is.
   *
   * @param option which option names it, as in `--picture`
   * @param path the file
   * @throws {PermissionError} if it may not be written
   * @throws {UsageError} if it cannot be written, or its name is not UTF-8
   */
  static async prepare(option: string, path: string): Promise<OutputFile> {
    requireExactName(path, option);
    if (!mayWrite(path)) throw new PermissionError(fileFlag("write", [path]));
    try {
      return new OutputFile(path, await openExisting(path));
    } catch (error) {
      // Most devices take every permission.
      if (error instanceof Deno.errors.NotCapable) {
        throw new PermissionError("--allow-all");
      }
      throw fileError(option, path, `: ${describeError(error).reason}`);
    }
  }

  /**
   * Writes the file.
   *
   * @param text all that is in it then
   * @throws {FileError} if it cannot be written; a new file is then removed,
   * and one that was there is empty
   */
  async write(text: string): Promise<void> {
    try {
      using file = this.#existing ??
        await Deno.open(this.#path, { write: true, create: true });
      await this.#fill(file, new TextEncoder().encode(text));
    } catch (error) {
      throw new FileError("write", this.#path, describeError(error));
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#existing?.[Symbol.dispose]();
  }

  async #fill(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
    await empty(file);
    try {
      for (let at = 0; at < bytes.length;) {
        at += await file.write(bytes.subarray(at));
      }
    } catch (error) {
      await empty(file);
      if (this.#existing === undefined) await Deno.remove(this.#path);
      throw error;
    }
  }
}

/** Empties a file. */
async function empty(file: Deno.FsFile): Promise<void> {
  try {
    await file.truncate();
  } catch (error) {
    // A device and a pipe have nothing in them.
    if (describeError(error).code !== "EINVAL") throw error;
  }
}

/** Opens a file if it is there; if not, makes sure that it can be made. */
async function openExisting(path: string): Promise<Deno.FsFile | undefined> {
  try {
    using _file = await Deno.open(path, { write: true, createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const file = await Deno.open(path, { write: true });
    // Windows opens folders, too.
    if (!(await file.stat()).isDirectory) return file;
    file.close();
    throw Object.assign(new Error(), { code: "EISDIR" });
  }
  await Deno.remove(path);
  return undefined;
}
