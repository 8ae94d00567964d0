/**
 * Completions for bash.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };
import type { Manual } from "../help.ts";
import {
  operandsOf,
  optionsOf,
  optionsWithValue,
  type ValueKind,
} from "./entries.ts";
import {
  ACTIONS,
  described,
  PARLEY,
  PARLEY_OPTIONS,
  type Suite,
  wordsFor,
} from "./suite.ts";

const HEAD = `# Completions for bash 4 and later, by Parley ${config.version}.
`;

const SHARED = `
# Reads the words before the cursor. $1: the place of the program's name; $2:
# the options whose next word is their value. Sets word, the one to complete;
# option, if the word is its value; operands, how many come before it; and
# ended, if -- does.
__parley_place() {
  local i each words=("\${COMP_WORDS[@]}")
  word=\${words[COMP_CWORD]} option= operands=0 ended=
  for ((i = $1 + 1; i < COMP_CWORD; i++)); do
    each=\${words[i]}
    if [[ $ended ]]; then
      ((++operands))
    elif [[ $each == -- ]]; then
      ended=1
    elif [[ $each == --* && \${words[i + 1]} == = ]]; then
      ((i += 2))
      ((i >= COMP_CWORD)) && option=$each
    elif [[ " $2 " == *" $each "* ]]; then
      ((++i == COMP_CWORD)) && option=$each
    elif [[ $each != -?* ]]; then
      ((++operands))
    fi
  done
  [[ $word == = ]] && word=
  return 0
}

__parley_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }

__parley_hosts() { mapfile -t COMPREPLY < <(compgen -A hostname -- "$word"); }

# Readline knows best how names of files are quoted.
__parley_files() { compopt -o default 2> /dev/null; }
`;

/**
 * Writes the completions for bash.
 *
 * @param suite what they are for
 * @returns a script for bash to source
 */
export function bashCompletions(suite: Suite): string {
  const { manuals, commands } = suite;
  const parts = [HEAD + SHARED, ...described(suite).map(functionOf)];
  if (commands.includes(PARLEY)) parts.push(parleyFunction(manuals));
  for (const command of commands) {
    if (command !== PARLEY) {
      parts.push(`_parley_${command}() {
  COMPREPLY=()
  __parley_${command} 0
}
`);
    }
    const name = command === PARLEY ? "_parley" : `_parley_${command}`;
    parts.push(`complete -F ${name} ${command}\n`);
  }
  return parts.join("\n");
}

/** Writes the function that completes a program behind its name. */
function functionOf(manual: Manual): string {
  const values = optionsOf(manual).flatMap(({ name, kind, words }) => {
    const offer = offerOf(kind, words);
    return offer === undefined ? [] : [`    --${name}) ${offer} ;;\n`];
  });
  const names = optionsOf(manual).flatMap(({ short, name }) =>
    short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]
  );
  const operands = operandsOf(manual).flatMap(({ kind, repeats }, at) => {
    const offer = offerOf(kind, []);
    const place = repeats ? "*" : at;
    return offer === undefined ? [] : [`        ${place}) ${offer} ;;\n`];
  });
  return `__parley_${manual.name}() {
  local word option operands ended
  __parley_place "$1" '${optionsWithValue(manual).join(" ")}'
  case $option in
${values.join("")}    ?*) ;;
    *)
      if [[ $word == -* && ! $ended ]]; then
        __parley_words '${names.join(" ")}'
        return
      fi
      case $operands in
${operands.join("")}      esac
      ;;
  esac
}
`;
}

/** What offers the values of one kind. */
function offerOf(
  kind: ValueKind,
  words: readonly string[],
): string | undefined {
  switch (kind) {
    case "words":
      return `__parley_words '${words.join(" ")}'`;
    case "file":
      return "__parley_files";
    case "host":
      return "__parley_hosts";
    case "other":
      return undefined;
  }
}

/** Writes the function that completes parley itself. */
function parleyFunction(manuals: readonly Manual[]): string {
  const names = manuals.map(({ name }) => name);
  const options = Object.keys(PARLEY_OPTIONS).map((name) => `--${name}`);
  const first = [...names, ...ACTIONS.map(([action]) => action), ...options];
  const actions = ACTIONS.map(([action, operand]) => {
    const words = wordsFor(operand, manuals).join(" ");
    return `    ${action}) ((COMP_CWORD == 2)) && __parley_words '${words}' ;;\n`;
  });
  return `_parley() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    __parley_words '${first.join(" ")}'
    return
  fi
  case \${COMP_WORDS[1]} in
    ${names.join(" | ")}) "__parley_\${COMP_WORDS[1]}" 1 ;;
${actions.join("")}  esac
}
`;
}
