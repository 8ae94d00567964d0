/**
 * How programs end.
 *
 * @module
 */

import { PermissionError } from "../calls/errors.ts";

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
  // Whoever stops a server or a client by a signal wants it gone.
  return server || status >= 128 ? LAST_WORDS : 0;
}
