/**
 * Completions for every shell.
 *
 * @module
 */

import { bashCompletions } from "./bash.ts";
import { fishCompletions } from "./fish.ts";
import type { Shell, Suite } from "./suite.ts";
import { zshCompletions } from "./zsh.ts";

const WRITERS: Readonly<Record<Shell, (suite: Suite) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

/**
 * Writes the completions for a shell.
 *
 * @param shell the shell
 * @param suite what they are for
 * @returns a script for that shell
 */
export function completions(shell: Shell, suite: Suite): string {
  return WRITERS[shell](suite);
}
