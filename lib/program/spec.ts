/**
 * What a program's declaration says.
 *
 * @module
 */

import type { Family } from "../address/inet.ts";
import type { FailureEvent } from "../calls/errors.ts";
import type { HelpSpec } from "./help.ts";
import type { BeginPicture } from "./live_picture.ts";
import type { OptionTable, Parsed } from "./options.ts";
import type { Narration } from "./reporter.ts";
import type { Happening, Narrator, ProgramObserver } from "./sentences.ts";

/** What a program is run with. */
export interface Context<
  O extends OptionTable,
  E extends Happening = Happening,
> {
  /** The values of the program's own options. */
  readonly options: Parsed<O>;
  /** As many operands as the program takes. */
  readonly operands: readonly string[];
  /** The family of `-4` or `-6`. */
  readonly family: Family | undefined;
  /** The longest wait for one step, in milliseconds; 0 is no limit. */
  readonly timeout: number;
  /** Receives what happens. */
  readonly observer: ProgramObserver<E>;
  /**
   * Aborts when a signal stops the program: a server is to finish, any other is
   * to report what it has not.
   */
  readonly signal: AbortSignal;
  /** Flushes the output. */
  readonly flush: () => Promise<void>;
}

/** A program, as its entry script declares it. */
export interface ProgramSpec<O extends OptionTable, E extends Happening>
  extends HelpSpec, Omit<Narration<E>, "says"> {
  /**
   * Says what to write instead of one operand too many.
   *
   * @param operands all that were given
   */
  readonly tooMany?: (operands: readonly string[]) => string;
  /** The options that it has besides the common ones. */
  readonly options: O;
  /**
   * Makes what turns events into the program's sentences, anew for each run.
   */
  readonly says: () => Narrator<E>;
  /**
   * Whether it uses no network: it then has no `-4`, `-6`, `--timeout` and
   * `--trace`.
   *
   * @default {false}
   */
  readonly offline?: boolean;
  /**
   * Whether it serves until it is stopped, and a signal lets it finish what it
   * has begun.
   *
   * @default {false}
   */
  readonly server?: boolean;
  /**
   * Begins a picture of the program's conversations; it then has `--picture`.
   *
   * @default none, for a program that holds no conversation
   */
  readonly picture?: BeginPicture;
  /** The line that follows an error which ended the program, if one does. */
  readonly lastWords?: (
    failure: FailureEvent,
    operands: readonly string[],
  ) => string | undefined;
  /** Whether payload goes to stdout untouched, and sentences to stderr. */
  readonly raw?: (options: Parsed<O>) => boolean;
  /**
   * Does the work.
   *
   * @returns the exit status; 0 by default
   * @throws what the frame turns into one line and an exit status
   */
  readonly run: (context: Context<O, E>) => Promise<number | void>;
}
