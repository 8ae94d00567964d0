/** Where commands, completions and manual pages go. */

import { resolve } from "node:path";
import { isNewEnough } from "../../lib/program/main.ts";

/** Where things go on this machine. */
export interface Places {
  /** The folder of the commands. */
  readonly bin: string;
  /** The folder of a user's data, `~/.local/share` by default. */
  readonly data: string;
  /** The list of what was installed. */
  readonly receipt: string;
}

/** Why nothing can be installed. */
export class Refusal extends Error {
  /** The name of this class. */
  override readonly name = "Refusal";
}

/**
 * Finds out where things go.
 *
 * @param env the environment
 * @throws {Refusal} if it names no home
 */
export function placesIn(env: (name: string) => string | undefined): Places {
  // What is set to nothing is not set, for Deno as well.
  const home = env("HOME") || env("USERPROFILE");
  const root = env("DENO_INSTALL_ROOT") || below(home, ".deno");
  // A relative one is to be ignored (XDG Base Directory Specification).
  const xdg = env("XDG_DATA_HOME");
  const data = xdg?.startsWith("/") ? xdg : below(home, ".local", "share");
  return {
    bin: resolve(root, "bin"),
    data: resolve(data),
    receipt: `${resolve(data)}/parley/installed.json`,
  };
}

function below(home: string | undefined, ...names: string[]): string {
  if (home === undefined || home === "") throw new Refusal("HOME is not set");
  return [home, ...names].join("/");
}

/** Lists the folders in which commands are looked for, in one spelling. */
export function pathFolders(path: string): string[] {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  return path.split(separator).filter((folder) => folder !== "")
    .map((folder) => resolve(folder));
}

/** Finds a command in some folders. */
export function commandIn(
  folders: readonly string[],
  name: string,
): string | undefined {
  const file = Deno.build.os === "windows" ? `${name}.exe` : name;
  return folders.map((folder) => `${folder}/${file}`).find((path) => {
    try {
      const { isFile, mode } = Deno.statSync(path);
      return isFile && (mode === null || (mode & 0o111) !== 0);
    } catch {
      // Not there, or not to be seen: a shell does not find it either.
      return false;
    }
  });
}

/**
 * Finds the Deno that the commands will call.
 *
 * @param path `PATH`
 * @returns the program
 * @throws {Refusal} if there is none, or an old one
 */
export async function findDeno(path: string): Promise<string> {
  // npx puts its own folder first, for as long as it runs.
  const folders = pathFolders(path).filter((folder) =>
    !/[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder)
  );
  const deno = commandIn(folders, "deno");
  if (deno === undefined) {
    throw new Refusal(
      "no deno on PATH: install it with 'npm install -g deno@" +
        `${Deno.version.deno}', then try again`,
    );
  }
  const { stdout } = await new Deno.Command(deno, { args: ["--version"] })
    .output();
  const [, version = ""] =
    /^deno (\S+)/.exec(new TextDecoder().decode(stdout)) ??
      [];
  if (isNewEnough(version)) return deno;
  throw new Refusal(`${deno} is too old: Deno ${version || "of no version"}`);
}
