/** Reads shell commands, and says what they start. */

import config from "../../deno.json" with { type: "json" };

/** A word of a command. */
export interface Word {
  readonly text: string;
  /** What of it a shell may expand: all outside of quotes. */
  readonly bare: string;
}

const SEPARATORS = new Set(["\n", ";", "|", "&", "(", ")"]);

/** Parts a shell script into simple commands, without redirections. */
export function commandsOf(script: string): Word[][] {
  const commands: Word[][] = [[]];
  let text = "", bare = "", quote = "", isWord = false;
  const end = () => {
    if (isWord) commands.at(-1)!.push({ text, bare });
    text = bare = "";
    isWord = false;
  };
  for (let at = 0; at < script.length; at++) {
    const char = script[at]!;
    if (quote !== "") {
      if (char === quote) quote = "";
      else text += char;
    } else if (char === "'" || char === '"') {
      [quote, isWord] = [char, true];
    } else if (char === "\\") {
      at++;
      if (script[at] !== "\n") [text, isWord] = [text + script[at], true];
    } else if (char === "#" && !isWord) {
      at = script.indexOf("\n", at) - 1;
      if (at < 0) break;
    } else if (SEPARATORS.has(char) && !/[<>]$/.test(bare)) {
      end();
      commands.push([]);
    } else if (/\s/.test(char)) {
      end();
    } else {
      [text, bare, isWord] = [text + char, bare + char, true];
    }
  }
  end();
  return commands.filter((words) => words.length > 0);
}

/** The options of each program, by its name. */
export type Options = ReadonlyMap<string, ReadonlySet<string>>;

/** Finds the options in a program's help. */
export function optionsIn(help: string): Set<string> {
  const table = help.replace(/^Example:.*/ms, "");
  const lines = table.split("\n").filter((line) => /^ {2,}.*--/.test(line));
  return new Set(lines.flatMap((line) => line.match(/--?[a-z\d][\w-]*/gi)!));
}

/** What is wrong with a command, or `undefined`. */
export function problemWith(
  words: readonly Word[],
  options: Options,
): string | undefined {
  const texts = words.map(({ text }) => text);
  while (/^\w+=/.test(texts[0] ?? "")) texts.shift();
  const pattern = words.find(({ bare }) => /.\[|\[./.test(bare));
  if (pattern !== undefined) return `zsh takes ${pattern.text} for a pattern`;
  if (/^\w+=$/.test(texts[0] ?? "")) return undefined;
  if (texts[0] === "npx") texts.splice(0, texts[1] === "--yes" ? 2 : 1);
  const [command = "", verb = "", ...rest] = texts;
  if (!/^deno(@[\d.]+)?$/.test(command)) {
    return options.has(command)
      ? problemWithProgram(command, texts.slice(1), options)
      : undefined;
  }
  if (verb === "task") return problemWithTask(rest, options);
  return verb === "run" ? problemWithScript(rest, options) : undefined;
}

function problemWithTask(
  words: readonly string[],
  options: Options,
): string | undefined {
  const at = words.findIndex((word) => !/^(-q|--quiet)$/.test(word));
  const name = words[at];
  if (name === undefined) return undefined;
  if (!Object.hasOwn(config.tasks, name)) return `no task ${name}`;
  return problemWithProgram(name, words.slice(at + 1), options);
}

function problemWithScript(
  words: readonly string[],
  options: Options,
): string | undefined {
  const at = words.findIndex((word) => !word.startsWith("-"));
  const [, program] = /^(?:.*\/)?cmd\/(\w+)\.ts$/.exec(words[at] ?? "") ?? [];
  if (program === undefined) return undefined;
  if (program !== "parley" && !options.has(program)) {
    return `no program ${program}`;
  }
  return problemWithProgram(program, words.slice(at + 1), options);
}

function problemWithProgram(
  program: string,
  words: readonly string[],
  options: Options,
): string | undefined {
  if (program === "parley") {
    const [name = "", ...rest] = words;
    return problemWithProgram(name, rest, options);
  }
  const known = options.get(program);
  if (known === undefined) return undefined;
  for (const word of words) {
    if (word === "--") break;
    const isOption = /^--?[a-z\d]/i.test(word);
    if (isOption && !known.has(word.replace(/=.*/s, ""))) {
      return `${program} has no option ${word}`;
    }
  }
  return undefined;
}
