/** The pages of the documentation, in both languages. */

const root = new URL("../../", import.meta.url);

/** A page and its translation, by their paths from the root. */
export interface Pair {
  readonly english: string;
  readonly korean: string;
}

/** Returns the pages whose code blocks are run. */
export function pairs(): Pair[] {
  const names = [...Deno.readDirSync(new URL("docs/", root))]
    .map(({ name }) => name).filter((name) => name.endsWith(".md")).sort();
  return [
    { english: "README.md", korean: "README.ko.md" },
    ...names.map((name) => (
      { english: `docs/${name}`, korean: `docs/ko/${name}` }
    )),
  ];
}

/** Reads a file by its path from the root. */
export function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

/** Writes a file by its path from the root. */
export function write(path: string, text: string): void {
  Deno.writeTextFileSync(new URL(path, root), text);
}
