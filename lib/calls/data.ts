/**
 * What is sent and received: bytes.
 *
 * @module
 */

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
