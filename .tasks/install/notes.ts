/** What is left to the user, so that shells and `man` find what is installed. */

import { shellQuoted } from "../../lib/calls/errors.ts";
import { commandIn, pathFolders, type Places } from "./places.ts";

/**
 * Says what is left to do.
 *
 * @param names the commands
 * @param places where things went
 * @returns a line for each
 */
export function notesOn(
  names: readonly string[],
  { bin, data }: Places,
): string[] {
  const folders = pathFolders(Deno.env.get("PATH") ?? "");
  const at = folders.indexOf(bin);
  const notes = at < 0
    ? [`Add it to PATH: export PATH=${shellQuoted(bin)}:"$PATH"`]
    : names.flatMap((name) => {
      const first = commandIn(folders.slice(0, at), name);
      return first === undefined
        ? []
        : [`On PATH ${first} comes before ${name}.`];
    });
  if (Deno.build.os === "windows") return notes;
  if (commandIn(folders, "zsh") !== undefined) {
    const folder = shellQuoted(`${data}/zsh/site-functions`);
    notes.push(
      `In ~/.zshrc, before compinit, for completions: fpath=(${folder} $fpath)`,
    );
  }
  if (commandIn(folders, "bash") !== undefined && !hasBashCompletion()) {
    notes.push("bash needs the package bash-completion for completions.");
  }
  if (!isManFound(data)) {
    notes.push(
      `For man: export MANPATH=${shellQuoted(`${data}/man`)}:"$MANPATH"`,
    );
  }
  return notes;
}

/** Whether what loads the completions of bash is in one of the usual places. */
function hasBashCompletion(): boolean {
  return ["/usr", "/usr/local", "/opt/homebrew"].some((folder) => {
    try {
      const { isFile } = Deno.statSync(
        `${folder}/share/bash-completion/bash_completion`,
      );
      return isFile;
    } catch {
      // Not there.
      return false;
    }
  });
}

/** Whether man looks below a folder. */
function isManFound(data: string): boolean {
  try {
    const { stdout } = new Deno.Command("man", {
      args: ["--path"],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    const folders = new TextDecoder().decode(stdout).trim().split(":");
    return folders.includes(`${data}/man`);
  } catch {
    // Without `man` there is nothing to add.
    return true;
  }
}
