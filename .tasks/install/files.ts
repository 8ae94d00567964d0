/** What is installed: every file, with its text. */

import config from "../../deno.json" with { type: "json" };
import { completions } from "../../lib/program/completions/completions.ts";
import type { Shell } from "../../lib/program/completions/suite.ts";
import type { Manual } from "../../lib/program/help.ts";
import type { Places } from "./places.ts";
import { Refusal } from "./places.ts";

/** A file to be written. */
export interface Item {
  /** Where. */
  readonly path: string;
  /** What is in it. */
  readonly text: string;
  /** Whether it is a command. */
  readonly isCommand: boolean;
}

/** Where each shell looks for the completions of a command, below the data. */
const COMPLETIONS: Readonly<Record<Shell, (command: string) => string>> = {
  bash: (command) => `bash-completion/completions/${command}`,
  zsh: (command) => `zsh/site-functions/_${command}`,
  fish: (command) => `fish/vendor_completions.d/${command}.fish`,
};

/**
 * Writes the completions and the manual pages of commands.
 *
 * @param commands the commands
 * @param manuals all programs
 * @param page writes the manual page of a command
 * @param places where they go
 */
export function pagesOf(
  commands: readonly string[],
  manuals: readonly Manual[],
  page: (command: string) => string,
  { data }: Places,
): Item[] {
  // No shell of Windows would look for them.
  if (Deno.build.os === "windows") return [];
  const items: Item[] = [];
  for (const command of commands) {
    for (const [shell, place] of Object.entries(COMPLETIONS)) {
      items.push({
        path: `${data}/${place(command)}`,
        text: completions(shell as Shell, { manuals, commands: [command] }),
        isCommand: false,
      });
    }
    items.push({
      path: `${data}/man/man1/${command}.1`,
      text: page(command),
      isCommand: false,
    });
  }
  return items;
}

/** Returns the flags that a program's task gives to `deno run`. */
export function flagsOf(command: string): string[] {
  const tasks: Record<string, { command: string }> = config.tasks;
  const words = tasks[command]?.command.split(" ") ?? [];
  return words.filter((word) => word.startsWith("--"));
}

/**
 * Lets Deno write the commands into a folder of their own, and reads them.
 *
 * @param deno the Deno that writes them
 * @param commands the commands
 * @param checkout where Parley is, absolute
 * @param places where they go
 * @returns the files, as they are to be in the folder of the commands
 */
export async function commandsOf(
  deno: string,
  commands: readonly string[],
  checkout: string,
  { bin }: Places,
): Promise<Item[]> {
  const root = await Deno.makeTempDir({ prefix: "parley-" });
  try {
    const items: Item[] = [];
    for (const command of commands) {
      await denoInstall(deno, command, checkout, root);
      for await (const { name, isFile } of Deno.readDir(`${root}/bin`)) {
        if (!isFile || name.replace(/\.cmd$/, "") !== command) continue;
        const text = await Deno.readTextFile(`${root}/bin/${name}`);
        items.push({
          path: `${bin}/${name}`,
          text: amend(text, command, checkout),
          isCommand: true,
        });
      }
    }
    return items;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function denoInstall(
  deno: string,
  command: string,
  checkout: string,
  root: string,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(deno, {
    args: [
      ...["install", "--global", "--quiet", "--root", root],
      ...["--name", command, ...flagsOf(command)],
      `${checkout}/cmd/${command}.ts`,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const [line = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Refusal(`deno install ${command}: ${line}`);
}

/**
 * Amends what Deno wrote: the configuration is that of the checkout, of which
 * Deno kept a copy without its imports, and Deno looks for no newer version.
 */
function amend(text: string, command: string, checkout: string): string {
  const pattern = /(--config"? )('(?:[^']|'\\'')*'|"[^"]*"|\S+)/;
  if (!pattern.test(text)) {
    throw new Refusal(`deno install ${command} wrote what is not understood`);
  }
  const path = `${checkout}/deno.json`;
  const isShell = text.startsWith("#!");
  const quoted = isShell ? `'${path.replaceAll("'", `'\\''`)}'` : `"${path}"`;
  const amended = text.replace(pattern, (_, flag: string) => flag + quoted);
  if (!isShell) return amended;
  return amended.replace(/^exec /m, "export DENO_NO_UPDATE_CHECK=1\nexec ");
}
