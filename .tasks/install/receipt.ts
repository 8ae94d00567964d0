/** What was installed, so that it can be replaced and removed. */

import { dirname } from "node:path";
import type { Item } from "./files.ts";

/** The list of what was installed. */
export interface Receipt {
  /** Each file, and the SHA-256 of what was written into it. */
  readonly files: Readonly<Record<string, string>>;
  /** The folders that were made for them, outermost first. */
  readonly folders: readonly string[];
}

/** Reads the list; an empty one if nothing was installed. */
export async function readReceipt(path: string): Promise<Receipt> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { files: {}, folders: [] };
  }
}

/** Writes the list. */
export async function writeReceipt(
  path: string,
  receipt: Receipt,
): Promise<void> {
  await replaceFile(path, JSON.stringify(receipt, null, 2) + "\n", 0o644);
}

/**
 * Writes a file in one step: a disk that is full leaves what was there.
 *
 * @param path where
 * @param text what is to be in it
 * @param mode who may read it, and run it
 */
export async function replaceFile(
  path: string,
  text: string,
  mode: number,
): Promise<void> {
  const next = `${path}.new`;
  try {
    await Deno.writeTextFile(next, text, { createNew: true, mode });
    await Deno.rename(next, path);
  } catch (error) {
    await Deno.remove(next).catch(ignoreMissing);
    throw error;
  }
}

/** Lets pass that a file is not there. */
export function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Returns the SHA-256 of a text. */
export async function digestOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** What is at a path: the digest of a file, or that there is none. */
export async function digestAt(path: string): Promise<string | undefined> {
  try {
    const { isFile } = await Deno.lstat(path);
    // A folder or a link is nobody's file.
    return isFile ? await digestOf(await Deno.readTextFile(path)) : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Finds what is in the way and was not written here.
 *
 * @param items what is to be written
 * @param receipt what was written before
 * @returns the paths
 */
export async function strangersAmong(
  items: readonly Item[],
  { files }: Receipt,
): Promise<string[]> {
  const paths: string[] = [];
  for (const { path, text } of items) {
    const there = await digestAt(path);
    if (there === undefined || there === files[path]) continue;
    if (there !== await digestOf(text)) paths.push(path);
  }
  return paths;
}

/**
 * Makes a folder and those that it is in.
 *
 * @returns those that were made, outermost first
 */
export async function makeFolder(path: string): Promise<string[]> {
  try {
    await Deno.mkdir(path);
    return [path];
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return [];
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [...await makeFolder(dirname(path)), ...await makeFolder(path)];
  }
}

/** Removes folders that are empty, innermost first. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    await Deno.remove(folder).catch(() => {
      // Somebody else has put something into it, or has removed it.
    });
  }
}
