/**
 * How programs end: their exit statuses, and the signals that end them.
 *
 * @module
 */

import { PermissionError } from "../calls/errors.ts";
import { platform } from "../calls/platform.ts";

/** The exit statuses of all programs. */
export const Exit = {
  /** It did its job. */
  Ok: 0,
  /** It was used wrongly, or lacks a permission. */
  Usage: 1,
  /** The network or the system refused. */
  Failure: 2,
} as const;

/** How long a program that ends waits for a stalled reader, in milliseconds. */
const LAST_WORDS = 1000;

/**
 * How soon after a SIGINT another one is taken for the same key, in milliseconds.
 * A terminal sends Ctrl-C to `deno task` and to the program that it runs, and
 * `deno task` passes it on.
 */
const SAME_KEY = 300;

/**
 * Finds the exit status for an error.
 *
 * @param error what ended the program
 * @returns 1 for a missing permission, else 2
 */
export function exitStatus(error: unknown): number {
  return error instanceof PermissionError ? Exit.Usage : Exit.Failure;
}

/**
 * Says how long a program that ends waits until its last output is written.
 *
 * @param server whether it is a server
 * @param status its exit status
 * @returns the longest wait in milliseconds; 0 is no limit
 */
export function patienceOf(server: boolean, status: number): number {
  // A signal asks a server or a client to end at once.
  return server || status >= 128 ? LAST_WORDS : 0;
}

/** The signals to wait for, and the exit statuses that they lead to. */
export type SignalTable = Readonly<Partial<Record<Deno.Signal, number>>>;

/**
 * Returns the signals that a program waits for.
 *
 * SIGHUP is among them only for a server at a terminal. Otherwise it is left to
 * Deno, which ends the process with 128 + 1, since 2.9.6 under `nohup(1)` too: it
 * catches SIGHUP as soon as a program listens for any signal.
 *
 * @param server whether the program finishes what it has begun
 */
export function signalTable(server: boolean): SignalTable {
  const { signals, hangUp } = platform;
  return server && isAtTerminal() ? { ...signals, ...hangUp } : signals;
}

/** Whether a standard stream is a terminal. */
function isAtTerminal(): boolean {
  return [Deno.stdin, Deno.stdout, Deno.stderr]
    .some((stream) => stream.isTerminal());
}

/** Waits for the signals that end a program. */
export class Signals implements Disposable {
  readonly #promises = [
    Promise.withResolvers<number>(),
    Promise.withResolvers<number>(),
  ] as const;
  readonly #handlers = new Map<Deno.Signal, () => void>();
  readonly #key: Deno.Signal | undefined;
  readonly #now: () => number;
  #seen = 0;
  #pressed = -Infinity;

  /**
   * Waits for signals.
   *
   * @param table the signals to wait for, and their exit statuses
   * @param key the signal that a key of the terminal sends, if there is one
   * @param now the time in milliseconds
   */
  constructor(
    table: SignalTable,
    key: Deno.Signal | undefined = isAtTerminal() ? "SIGINT" : undefined,
    now = () => performance.now(),
  ) {
    this.#key = key;
    this.#now = now;
    for (const [name, status] of Object.entries(table)) {
      const signal = name as Deno.Signal;
      const handler = () => {
        if (signal === this.#key && this.#isPressedStill()) return;
        this.#promises[this.#seen++]?.resolve(status);
      };
      this.#handlers.set(signal, handler);
      Deno.addSignalListener(signal, handler);
    }
  }

  /** Resolves to the exit status of the first signal. */
  get first(): Promise<number> {
    return this.#promises[0].promise;
  }

  /** Resolves to the exit status of the second signal. */
  get second(): Promise<number> {
    return this.#promises[1].promise;
  }

  /** Whether the key's signal is the last one again. */
  #isPressedStill(): boolean {
    const now = this.#now();
    if (now - this.#pressed < SAME_KEY) return true;
    this.#pressed = now;
    return false;
  }

  /** Leaves the signals to the system again. */
  [Symbol.dispose](): void {
    for (const [signal, handler] of this.#handlers) {
      Deno.removeSignalListener(signal, handler);
    }
  }
}
