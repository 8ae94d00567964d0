/**
 * One program of many.
 *
 * @module
 */

import { Exit } from "./ending.ts";
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
 * Makes one program of many: its first operand names the one to run.
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
      return await withOutput({ name: NAME, server: false }, async (output) => {
        const answer = await answerTo(name, programs);
        if (answer !== undefined) {
          output.write("stdout", answer);
          return Exit.Ok;
        }
        const problem = await problemWith(name, Object.keys(programs));
        const how = { json: false, color: "auto" } as const;
        await reportUsage(NAME, USAGE, problem, how, output);
        return Exit.Usage;
      });
    },
  };
}

/** What is wrong with what stands in the place of a program's name. */
async function problemWith(
  name: string,
  names: readonly string[],
): Promise<UsageError> {
  const { nearest } = await import("./nearest.ts");
  const problem = name === ""
    ? "missing operand PROGRAM"
    : name.startsWith("-")
    ? `no PROGRAM before option ${name}`
    : `unknown program ${quoted(name)}`;
  // What is no letter in a name is one that parts words.
  const near = nearest(name.replace(/\W+/g, "_"), names);
  return new UsageError(
    near === undefined
      ? `${problem}: one of ${names.join(", ")}`
      : `${problem}: did you mean ${near}?`,
  );
}

/** What is printed for an option in the place of a program's name. */
async function answerTo(
  option: string,
  programs: Programs,
): Promise<string | undefined> {
  if (option === "-h" || option === "--help") return await helpOf(programs);
  if (option !== "-V" && option !== "--version") return undefined;
  const { versionText } = await import("./help.ts");
  return versionText(NAME);
}

async function helpOf(programs: Programs): Promise<string> {
  let list = "";
  for (const load of Object.values(programs)) {
    const { program: { name, summary } } = await load();
    list += `  ${name.padEnd(13)} ${summary}\n`;
  }
  return `${NAME}: the classic socket programs\n${USAGE}\n\n${list}\n` +
    `'${NAME} PROGRAM --help' shows the options and permissions of each.\n` +
    `Example: ${NAME} showip localhost\n`;
}
