/**
 * What callers hand over, checked where it comes in: numbers and bytes.
 *
 * @module
 */

import { MAX_MILLISECONDS } from "./deadline.ts";

/**
 * Makes sure that an option counts something.
 *
 * @param name the option's name
 * @param value a whole number from 1, or `Infinity`
 * @returns the number
 * @throws {RangeError} if it is none
 */
export function requireCount(name: string, value: number): number {
  if (value === Infinity || Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`${name} is a whole number from 1, not ${value}`);
}

/**
 * Makes sure that an option is a time that can be waited for.
 *
 * @param name the option's name
 * @param value milliseconds; 0 is no limit
 * @returns the number
 * @throws {RangeError} if it is negative, not a number, or more than 24 days
 */
export function requireTime(name: string, value: number): number {
  if (value >= 0 && value <= MAX_MILLISECONDS) return value;
  throw new RangeError(
    `${name} is 0 to ${MAX_MILLISECONDS} milliseconds, not ${value}`,
  );
}

/**
 * Looks whether data are bytes. Deno says less about it, as does a type that
 * nobody checks.
 *
 * @param data what is to be sent, or where to receive
 * @returns what is wrong with it; `undefined` if it is an `Uint8Array`
 */
export function dataError(data: unknown): TypeError | undefined {
  if (data instanceof Uint8Array) return undefined;
  const kind = typeof data === "object" && data !== null
    ? data.constructor?.name ?? "object"
    : String(data === null ? null : typeof data);
  const hint = kind === "string" ? "; a TextEncoder makes one of it" : "";
  return new TypeError(`Expected a Uint8Array, not ${kind}${hint}`);
}

/**
 * Makes sure that data are bytes.
 *
 * @param data what is to be sent
 * @throws {TypeError} if it is no `Uint8Array`
 */
export function requireData(data: unknown): void {
  const wrong = dataError(data);
  if (wrong !== undefined) throw wrong;
}
