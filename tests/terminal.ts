/** Runs programs on a terminal of their own, by util-linux' script(1). */

import { isInstalled, Running, type StartOptions, wordsOf } from "./harness.ts";

/** Whether a terminal is to be had: script(1) has other options elsewhere. */
export const hasTerminal = Deno.build.os === "linux" && isInstalled("script");

/** A word as a shell reads it back. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Starts a command on a terminal. What it writes to either stream is its
 * `stdout`, with `\r\n`, and what is written to it are keys.
 *
 * @param words the command and its arguments
 * @param options how it is started
 */
export function startOnTerminal(
  words: readonly string[],
  options: StartOptions = {},
): Running {
  // Without `exec`, whether a Ctrl-C ends a shell beside the command depends
  // on the shell, which script(1) takes from the environment.
  const line = `exec ${words.map(quoted).join(" ")}`;
  const env = { SHELL: "/bin/sh", ...options.env };
  const args = ["--quiet", "--return", "--command", line, "/dev/null"];
  return new Running("script", args, { ...options, env });
}

/**
 * Starts one of Parley's programs on a terminal.
 *
 * @param program its name
 * @param args its command line
 * @param options how it is started
 */
export function programOnTerminal(
  program: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Running {
  const words = [Deno.execPath(), ...wordsOf(program, args, options)];
  return startOnTerminal(words, options);
}
