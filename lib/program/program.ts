/**
 * Programs, made of their declarations.
 *
 * @module
 */

import { allOptions } from "./common.ts";
import type { Manual } from "./help.ts";
import type { OptionTable } from "./options.ts";
import type { Narration } from "./reporter.ts";
import { narrationOf, runProgram } from "./run.ts";
import type { Happening } from "./sentences.ts";
import type { ProgramSpec } from "./spec.ts";

/** A program that can be run. */
export interface Program extends Manual {
  /** Says how it speaks, anew for each run. */
  readonly narration: () => Narration<never>;
  /**
   * Runs it.
   *
   * @param args the command line
   * @returns the exit status
   */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/**
 * Makes a program of its declaration.
 *
 * @param spec the declaration
 * @returns the program, ready to run
 */
export function defineProgram<O extends OptionTable, E extends Happening>(
  spec: ProgramSpec<O, E>,
): Program {
  const { name, summary, operands, example, permissions } = spec;
  return {
    name,
    summary,
    operands,
    example,
    permissions,
    options: allOptions(spec),
    narration: () => narrationOf(spec),
    run: (args) => runProgram(spec, args),
  };
}
