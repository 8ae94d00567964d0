/**
 * A call as an event, and the observer of calls.
 *
 * @module
 */

import type { Endpoint } from "../address/endpoint.ts";

/**
 * A call, and what it is made on.
 *
 * @category Events
 */
export interface CallOnSocket {
  /** The call's name in C, as in `connect`. */
  readonly call: string;
  /**
   * Its arguments as a C programmer would write them, the descriptor first; the
   * bytes that are sent or received are not among them.
   */
  readonly arguments: readonly string[];
  /**
   * The descriptor of its socket; for `socket` the new one. The numbers are
   * those that a C program would see: from 3, the lowest free one first.
   */
  readonly fd?: number;
  /** The number of the connection that it is made on, in a server. */
  readonly connection?: number;
  /** Our end of the socket, once it is bound; `accept` has the new socket's. */
  readonly local?: Endpoint;
  /**
   * The other end; for `sendto` the receiver, for `recvfrom` the sender, for
   * `accept` that of the new socket.
   */
  readonly remote?: Endpoint;
  /**
   * The first bytes that were sent or received, 32 at most; over TLS those of
   * the plain text.
   */
  readonly data?: Uint8Array;
}

/**
 * A call was made, as the C programs make it.
 *
 * @category Events
 */
export interface CallEvent extends CallOnSocket {
  /** Discriminates the union. */
  readonly event: "call";
  /**
   * What it returned: a count, a descriptor, 0, -1, or words if C returns a
   * pointer; `?` if our own time limit or stop ended the wait for it.
   */
  readonly result: string | number;
  /** The errno's or EAI code's name, if it failed. */
  readonly code?: string;
  /** The words for that code, or why it was given up. */
  readonly message?: string;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
  /** The call in one step with which Deno made this one, and whose time it shares. */
  readonly with?: string;
  /** Set if Deno cannot make it and Parley imitates it. */
  readonly emulated?: true;
}

/**
 * A call has not returned yet.
 *
 * @category Events
 */
export type WaitingCall = CallOnSocket;

/**
 * Observes calls.
 *
 * @category Events
 */
export interface CallObserver {
  /** Receives each call when it returns. Without it no call is timed. */
  call?(call: CallEvent): void;
  /** Receives a call that has not returned after 100 milliseconds. */
  waiting?(call: WaitingCall): void;
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

/**
 * Says whether an observer receives what goes through a method. One that throws
 * when it is asked does not.
 *
 * @param observer receives events; optional
 * @param channel the observer's method
 */
export function receives<O extends CallObserver>(
  observer: O | undefined,
  channel: keyof O,
): boolean {
  if (observer === undefined) return false;
  try {
    return observer[channel] !== undefined;
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** What an observer's method receives. */
type Received<O, K extends keyof O> = NonNullable<O[K]> extends
  (event: infer E) => void ? E : never;
