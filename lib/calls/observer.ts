/**
 * A call as an event, and the observer of calls.
 *
 * @module
 */

/**
 * A call was made, as the C programs make it.
 *
 * @category Events
 */
export interface CallEvent {
  /** Discriminates the union. */
  readonly event: "call";
  /** The call's name in C, as in `connect`. */
  readonly call: string;
  /** Its arguments as a C programmer would write them. */
  readonly arguments: readonly string[];
  /** What it returned: a count, 0, -1, or words if C returns a pointer. */
  readonly result: string | number;
  /** The errno's or EAI code's name, if it failed. */
  readonly code?: string;
  /** The words for that code. */
  readonly message?: string;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** The call in one step with which Deno made this one, and whose time it shares. */
  readonly with?: string;
}

/**
 * Observes calls.
 *
 * @category Events
 */
export interface CallObserver {
  /** Receives each call. Without it no call is timed. */
  call?(call: CallEvent): void;
}

/**
 * Hands an event to an observer. One that throws harms nobody else: its error
 * goes to `console.error`.
 *
 * @param observer receives the event; optional
 * @param channel the observer's method
 * @param event the event
 */
export function emit<O extends CallObserver, K extends keyof O>(
  observer: O | undefined,
  channel: K,
  event: Received<O, K>,
): void {
  const receiver = observer as
    | { readonly [C in K]?: (event: Received<O, K>) => unknown }
    | undefined;
  try {
    const returned = receiver?.[channel]?.(event);
    // A method that is async does not throw, it rejects.
    if (returned instanceof Promise) returned.catch(console.error);
  } catch (error) {
    console.error(error);
  }
}

/** What an observer's method receives. */
type Received<O, K extends keyof O> = NonNullable<O[K]> extends
  (event: infer E) => void ? E : never;
