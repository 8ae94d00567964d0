/**
 * Numbers that options take, checked where they come in.
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
