/** Reads the project's own source, so that a test can say how it is built. */

const root = new URL("..", import.meta.url);

/** A function and how long it is. */
export interface FunctionSize {
  readonly name: string;
  /** From the line of its first word to that of its closing brace. */
  readonly lines: number;
}

/** What a test asks of a source file. */
export interface Source {
  /** Its path from the root, as in `lib/calls/call.ts`. */
  readonly path: string;
  readonly lines: number;
  /** What it imports, in any way: types and `import()` as well. */
  readonly imports: readonly string[];
  /** What of that is there at run time: all but types. */
  readonly values: readonly string[];
  /** Every function, method and arrow, with what is inside of it. */
  readonly functions: readonly FunctionSize[];
  /** Every identifier, types and members as well. */
  readonly names: ReadonlySet<string>;
  /** Questions about the text of an address, as in `includes(":")`. */
  readonly addressTexts: readonly string[];
}

/** The methods of strings and patterns that look for something in a text. */
const SEARCHES = new Set([
  ...["includes", "indexOf", "lastIndexOf", "startsWith", "endsWith"],
  ...["split", "replace", "replaceAll", "match", "matchAll", "search"],
  ...["test", "exec"],
]);

/** Whether what a string is searched for is about an address's text. */
function isAboutAddress(argument: Deno.lint.Node | undefined): boolean {
  if (argument?.type !== "Literal") return false;
  const { value } = argument;
  if (value instanceof RegExp) return /^\^?%|^:$|::|ffff:/.test(value.source);
  return typeof value === "string" && /^[:%]$|^::|^%/.test(value);
}

/** The name of a function, or of what it is the value of. */
function nameOf(node: Named): string {
  const own = node.id ?? node.parent?.id ?? node.parent?.key;
  return own?.name ?? "(no name)";
}

/** What a node may have that names it. */
interface Named {
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string };
  readonly parent?: Named;
}

/** Whether all that is imported or exported by name are types. */
function areTypes(kinds: readonly (string | undefined)[]): boolean {
  return kinds.length > 0 && kinds.every((kind) => kind === "type");
}

/** Reads a source file. */
export async function readSource(path: string): Promise<Source> {
  return parseSource(path, await Deno.readTextFile(new URL(path, root)));
}

/** Reads source text with Deno's own parser. */
export function parseSource(path: string, text: string): Source {
  const imports: string[] = [];
  const values: string[] = [];
  const functions: FunctionSize[] = [];
  const names = new Set<string>();
  const addressTexts: string[] = [];
  const create = (
    { sourceCode }: Deno.lint.RuleContext,
  ): Deno.lint.LintVisitor => {
    const imported = (source: Deno.lint.Node | null, isType = false) => {
      if (source?.type !== "Literal") return;
      imports.push(String(source.value));
      if (!isType) values.push(String(source.value));
    };
    const measure = (node: Deno.lint.Node) => {
      const lines = sourceCode.getText(node).split("\n").length;
      functions.push({ name: nameOf(node as Named), lines });
    };
    return {
      ImportDeclaration({ source, importKind, specifiers }) {
        const kinds = specifiers.map((each) =>
          "importKind" in each ? each.importKind : "value"
        );
        imported(source, importKind === "type" || areTypes(kinds));
      },
      ExportNamedDeclaration({ source, exportKind, specifiers }) {
        const kinds = specifiers.map(({ exportKind }) => exportKind);
        imported(source ?? null, exportKind === "type" || areTypes(kinds));
      },
      ExportAllDeclaration: ({ source, exportKind }) =>
        imported(source, exportKind === "type"),
      ImportExpression: ({ source }) => imported(source),
      "TSImportType Literal": (node: Deno.lint.Node) => imported(node, true),
      FunctionDeclaration: measure,
      FunctionExpression: measure,
      ArrowFunctionExpression: measure,
      Identifier: ({ name }) => void names.add(name),
      CallExpression(node) {
        const { arguments: [first] } = node;
        const callee = node.callee.type === "ChainExpression"
          ? node.callee.expression
          : node.callee;
        if (callee.type !== "MemberExpression") return;
        const { object, property } = callee;
        const isAsking = property.type === "Identifier" &&
          SEARCHES.has(property.name) &&
          (isAboutAddress(first) || isAboutAddress(object));
        if (!isAsking) return;
        addressTexts.push(sourceCode.getText(node));
      },
    };
  };
  const plugin = { name: "house", rules: { read: { create } } };
  Deno.lint.runPlugin(plugin, path, text);
  const lines = text.trimEnd().split("\n").length;
  return { path, lines, imports, values, functions, names, addressTexts };
}

/** The paths of all TypeScript files below a folder, from the root. */
export async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, root))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await filesBelow(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths.sort();
}

/** Returns the path that a relative import leads to, from the root. */
export function resolved(from: string, specifier: string): string {
  const { pathname } = new URL(specifier, `file:///${from}`);
  return pathname.slice(1);
}
