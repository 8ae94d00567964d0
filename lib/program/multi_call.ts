/**
 * One program of many.
 *
 * @module
 */

import { Exit } from "./ending.ts";
import type { Manual } from "./help.ts";
import { quoted, UsageError } from "./options.ts";
import type { Program } from "./program.ts";
import { reportUsage } from "./run.ts";
import { withOutput } from "./with_output.ts";

const NAME = "parley";
const USAGE = `usage: ${NAME} PROGRAM [OPTION…] [OPERAND…]`;

/** Loads each program, by its name. */
export type Programs = Readonly<
  Record<string, () => Promise<{ readonly program: Program }>>
>;

/**
 * Makes one program of many: its first operand names the one to run, or says
 * what to print about them.
 *
 * @param programs loads each program, by its name
 * @returns the program, ready to run
 */
export function multiCall(programs: Programs): Pick<Program, "name" | "run"> {
  return {
    name: NAME,
    async run([name = "", ...args]) {
      if (Object.hasOwn(programs, name)) {
        const { program } = await programs[name]!();
        return await program.run(args);
      }
      const words = args.filter((arg) => !isHelp(arg));
      const [helped = "", ...others] = name === "help" ? words : [];
      if (others.length === 0 && Object.hasOwn(programs, helped)) {
        const { program } = await programs[helped]!();
        return await program.run(["--help"]);
      }
      return await withOutput({ name: NAME, server: false }, async (output) => {
        try {
          output.write("stdout", await answerTo(name, args, programs));
          return Exit.Ok;
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          const how = { json: false, color: "auto" } as const;
          await reportUsage(NAME, USAGE, error, how, output);
          return Exit.Usage;
        }
      });
    },
  };
}

/** Returns what is printed for a first word that names no program. */
async function answerTo(
  word: string,
  args: readonly string[],
  programs: Programs,
): Promise<string> {
  const names = Object.keys(programs);
  const { ACTIONS } = await import("./completions/suite.ts");
  const actions: string[] = ACTIONS.map(([action]) => action);
  const isAction = actions.includes(word);
  if (isHelp(word) || (isAction && args.some(isHelp))) {
    return await helpOf(programs);
  }
  switch (word) {
    case "-V":
    case "--version": {
      const { versionText } = await import("./help.ts");
      return versionText(NAME);
    }
    case "help":
      if (args.length > 0) {
        // What parley does by itself is in its own help.
        await requireWord(args, "PROGRAM", [...names, NAME], actions);
      }
      return await helpOf(programs);
    case "man":
      return await manualOf(args, programs);
    case "completions":
      return await completionsOf(args, programs);
  }
  const problem = word.startsWith("-")
    ? `no PROGRAM before option ${word}`
    : `unknown program ${quoted(word)}`;
  if (word === "") throw await unknown("missing operand PROGRAM", word, names);
  throw await unknown(problem, word, names, actions);
}

function isHelp(word: string): boolean {
  return word === "-h" || word === "--help";
}

/** Makes the error of a word that is none of some. */
async function unknown(
  problem: string,
  word: string,
  words: readonly string[],
  others: readonly string[] = [],
): Promise<UsageError> {
  const { nearest } = await import("./nearest.ts");
  // What is no letter in a name is one that parts words.
  const near = nearest(word.replace(/\W+/g, "_"), [...words, ...others]);
  return new UsageError(
    near === undefined
      ? `${problem}: one of ${words.join(", ")}`
      : `${problem}: did you mean ${near}?`,
  );
}

/** Returns the first operand, which is one of a few words, or of some others. */
async function requireWord<T extends string>(
  [given = "", extra]: readonly string[],
  operand: string,
  words: readonly T[],
  others: readonly T[] = [],
): Promise<T> {
  if (extra !== undefined) {
    throw new UsageError(`unexpected operand ${quoted(extra)}`);
  }
  const word = [...words, ...others].find((word) => word === given);
  if (word !== undefined) return word;
  const problem = given === ""
    ? `missing operand ${operand}`
    : `unknown ${operand.toLowerCase()} ${quoted(given)}`;
  throw await unknown(problem, given, words, others);
}

async function helpOf(programs: Programs): Promise<string> {
  const { ACTIONS, PARLEY_SUMMARY } = await import("./completions/suite.ts");
  const manuals = await manualsOf(programs);
  const list = manuals.map(({ name, summary }) =>
    `  ${name.padEnd(13)} ${summary}\n`
  );
  const actions = ACTIONS.map(([action, operand, does]) =>
    `  ${`${action} ${operand}`.padEnd(20)} ${does}\n`
  );
  return `${NAME}: ${PARLEY_SUMMARY}\n${USAGE}\n\n${list.join("")}\n` +
    `${actions.join("")}  ${"-V, --version".padEnd(20)} shows the version\n\n` +
    `'${NAME} PROGRAM --help' shows the options and permissions of each.\n` +
    `Example: ${NAME} showip localhost\n`;
}

/** Loads all programs. */
async function manualsOf(programs: Programs): Promise<Manual[]> {
  const modules = await Promise.all(
    Object.values(programs).map((load) => load()),
  );
  return modules.map(({ program }) => program);
}

/** Returns the manual page of a program, or of parley itself. */
async function manualOf(
  args: readonly string[],
  programs: Programs,
): Promise<string> {
  const names = Object.keys(programs);
  const name = await requireWord(args, "PROGRAM", [...names, NAME]);
  const { manualPage, parleyPage } = await import("./manual_page.ts");
  if (name === NAME) return parleyPage(await manualsOf(programs));
  const { program } = await programs[name]!();
  return manualPage(program, names);
}

/** Returns the completions of all programs, parley among them, for a shell. */
async function completionsOf(
  args: readonly string[],
  programs: Programs,
): Promise<string> {
  const { SHELLS } = await import("./completions/suite.ts");
  const shell = await requireWord(args, "SHELL", SHELLS);
  const { completions } = await import("./completions/completions.ts");
  const manuals = await manualsOf(programs);
  const commands = [NAME, ...manuals.map(({ name }) => name)];
  return completions(shell, { manuals, commands });
}
