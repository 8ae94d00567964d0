/**
 * What callers hand over, checked where it comes in: numbers and bytes.
 *
 * @module
 */

import { Endpoint } from "../address/endpoint.ts";
import { MAX_MILLISECONDS } from "./deadline.ts";

/**
 * Makes sure that an option counts something.
 *
 * @param name the option's name
 * @param value a whole number from 1 to `most`
 * @param most the largest number; `Infinity` is a value then
 * @returns the number
 * @throws {RangeError} if it is none
 */
export function requireCount(
  name: string,
  value: number,
  most = Infinity,
): number {
  const isWhole = Number.isInteger(value) || value === Infinity;
  if (isWhole && value >= 1 && value <= most) return value;
  const range = most === Infinity ? "from 1" : `from 1 to ${most}`;
  throw new RangeError(`${name} is a whole number ${range}, not ${value}`);
}

/**
 * Looks whether an option is a time that can be waited for.
 *
 * @param name the option's name
 * @param value milliseconds
 * @returns what is wrong with it; `undefined` if it is from 0 to 24 days
 */
export function timeError(name: string, value: number): RangeError | undefined {
  if (value >= 0 && value <= MAX_MILLISECONDS) return undefined;
  return new RangeError(
    `${name} is 0 to ${MAX_MILLISECONDS} milliseconds, not ${value}`,
  );
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
  const wrong = timeError(name, value);
  if (wrong !== undefined) throw wrong;
  return value;
}

/**
 * Makes sure that a port can be connected to.
 *
 * @param port the port
 * @throws {RangeError} if it is not a whole number from 1 to 65535
 */
export function requirePort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return;
  throw new RangeError(`A port to connect to is 1 to 65535, not ${port}`);
}

/**
 * Makes sure that a local port can be bound.
 *
 * @param port the port; 0 is any
 * @throws {RangeError} if it is not a whole number from 0 to 65535
 */
export function requireLocalPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return;
  throw new RangeError(`A local port is 0 to 65535, not ${port}`);
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
  const kind = kindOf(data);
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

/**
 * Looks whether something is an address and a port.
 *
 * @param addr where to send, or what to look up
 * @returns what is wrong with it; `undefined` if it is an `Endpoint`, or has a
 * hostname
 */
export function addrError(addr: unknown): TypeError | undefined {
  if (addr instanceof Endpoint) return undefined;
  const { hostname } = Object(addr) as { readonly hostname?: unknown };
  if (typeof hostname === "string") return undefined;
  return new TypeError(
    `Expected an Endpoint or a Deno.NetAddr, not ${kindOf(addr)}`,
  );
}

/** What a value is, for the caller who thought it something else. */
function kindOf(value: unknown): string {
  return typeof value === "object" && value !== null
    ? value.constructor?.name ?? "object"
    : String(value === null ? null : typeof value);
}
