/** The tasks of `deno.json`. */

import config from "../deno.json" with { type: "json" };

/** The name of a task. */
export type Task = keyof typeof config.tasks;

/** Every task. */
export const TASKS = Object.keys(config.tasks) as Task[];

/** What a task runs, as its line in `deno.json` has it. */
export function lineOf(task: Task): string {
  return config.tasks[task].command;
}

/** The words of a task's line, without the variables before its command. */
export function wordsOf(task: Task): string[] {
  const words = lineOf(task).split(" ");
  return words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
}
