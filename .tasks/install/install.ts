/** Writes what is installed, all of it or nothing. */

import { dirname } from "node:path";
import type { Item } from "./files.ts";
import type { Places } from "./places.ts";
import { Refusal } from "./places.ts";
import {
  digestAt,
  digestOf,
  ignoreMissing,
  makeFolder,
  readReceipt,
  removeFolders,
  replaceFile,
  strangersAmong,
  writeReceipt,
} from "./receipt.ts";

/**
 * Writes files, and remembers them. If one cannot be written, everything is as
 * it was before.
 *
 * @param items the files
 * @param places where the list of them is
 * @param force whether files of others are replaced
 * @returns the files of others that were replaced
 * @throws {Refusal} if there are any, and they are not to be replaced
 */
export async function install(
  items: readonly Item[],
  { receipt }: Places,
  force: boolean,
): Promise<string[]> {
  const before = await readReceipt(receipt);
  const strangers = await strangersAmong(items, before);
  if (strangers.length > 0 && !force) {
    throw new Refusal(
      `nothing was installed: ${strangers.join(", ")} ` +
        `${strangers.length === 1 ? "is" : "are"} not from here; ` +
        "move it away, name the programs to install, or use --force",
    );
  }
  const undo: (() => Promise<void>)[] = [];
  try {
    const folders = [...before.folders];
    for (const path of [receipt, ...items.map(({ path }) => path)]) {
      const made = await makeFolder(dirname(path));
      if (made.length === 0) continue;
      folders.push(...made);
      undo.push(() => removeFolders(made));
    }
    const files = { ...before.files };
    for (const { path, text } of items) files[path] = await digestOf(text);
    // First the list: what is interrupted can be removed by it.
    undo.push(() =>
      restore(receipt, before.files, () => writeReceipt(receipt, before))
    );
    await writeReceipt(receipt, { files, folders });
    for (const item of items) undo.push(await write(item));
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    throw error;
  }
  return strangers;
}

/** Writes the list anew, or removes it if nothing was on it. */
async function restore(
  receipt: string,
  files: Readonly<Record<string, string>>,
  again: () => Promise<void>,
): Promise<void> {
  if (Object.keys(files).length > 0) await again();
  else await Deno.remove(receipt).catch(ignoreMissing);
}

/** Writes a file in one step, and returns what undoes it. */
async function write(
  { path, text, isCommand }: Item,
): Promise<() => Promise<void>> {
  const mode = isCommand ? 0o755 : 0o644;
  const put = (text: string) => replaceFile(path, text, mode);
  const old = await Deno.readTextFile(path).catch(ignoreMissing);
  await put(text);
  return async () => {
    if (old === undefined) await Deno.remove(path).catch(ignoreMissing);
    else await put(old);
  };
}

/**
 * Removes what was installed, and nothing else.
 *
 * @param places where the list of it is
 * @returns how many files were removed, and those that were kept because they
 * are no longer what was installed
 */
export async function uninstall(
  { receipt }: Places,
): Promise<{ removed: number; kept: string[] }> {
  const { files, folders } = await readReceipt(receipt);
  const kept: string[] = [];
  let removed = 0;
  for (const [path, digest] of Object.entries(files)) {
    const there = await digestAt(path);
    if (there === undefined) continue;
    if (there === digest) {
      await Deno.remove(path);
      removed++;
    } else kept.push(path);
  }
  await Deno.remove(receipt).catch(ignoreMissing);
  await removeFolders(folders);
  return { removed, kept };
}
