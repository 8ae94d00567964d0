/**
 * Events turned into sentences, by tables that each program writes for itself.
 *
 * @module
 */

import type { LookUpObserver } from "../names/events.ts";

/** Anything that happens: an event of any room. */
export interface Happening {
  /** Which kind of event it is. */
  readonly event: string;
}

/** Receives what happens in a program. */
export interface ProgramObserver<E extends Happening> extends LookUpObserver {
  /** Receives an event. */
  event(event: E): void;
}

/**
 * Turns events into what is written.
 *
 * @param event what happened
 * @returns text or bytes; `undefined` if nothing is written
 */
export type Narrator<E extends Happening, T = string> = (
  event: E,
) => T | undefined;

/** What is written for each kind of event. */
export type Sentences<E extends Happening, T = string> = {
  readonly [K in E["event"]]?: (
    event: Extract<E, { readonly event: K }>,
  ) => T | undefined;
};

/**
 * Makes a narrator of a table.
 *
 * @param table what is written for each kind of event
 * @returns the narrator; it has nothing to say of the other kinds
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const narrator = sentences<{ event: "sent"; bytes: number }>({
 *   sent: ({ bytes }) => `sent ${bytes} bytes\n`,
 * });
 * assertEquals(narrator({ event: "sent", bytes: 5 }), "sent 5 bytes\n");
 * ```
 */
export function sentences<E extends Happening, T = string>(
  table: Sentences<E, T>,
): Narrator<E, T> {
  // TypeScript cannot see that a key and its event belong together.
  const rows = table as Readonly<
    Record<string, ((event: E) => T | undefined) | undefined>
  >;
  return (event) => rows[event.event]?.(event);
}
