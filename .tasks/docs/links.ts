/** Checks the links of pages. */

import { readPage } from "./page.ts";

/** Returns what is wrong with the links of a page. */
export function brokenLinks(
  path: string,
  read: (path: string) => string,
  exists: (path: string) => boolean,
): string[] {
  return readPage(read(path)).links.flatMap(({ target, line }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = "", anchor] = target.split("#");
    const to = file === ""
      ? path
      : decodeURI(new URL(file, `file:///${path}`).pathname).slice(1);
    const where = `${path}:${line}: ${target}`;
    if (!exists(to)) return [`${where}: no such file`];
    if (anchor === undefined || !to.endsWith(".md")) return [];
    const { anchors } = readPage(read(to));
    return anchors.has(decodeURI(anchor)) ? [] : [`${where}: no such heading`];
  });
}
