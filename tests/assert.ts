/** The assertions that the tests use; those of the package come without types. */

import {
  assert as untypedAssert,
  assertEquals as untypedEquals,
  assertMatch as untypedMatch,
  assertRejects as untypedRejects,
  assertStringIncludes as untypedIncludes,
  assertThrows as untypedThrows,
} from "@std/assert";

type ErrorClass<E extends Error> = new (...args: never[]) => E;

/** Fails unless the value is true. */
export const assert: (value: unknown, message?: string) => asserts value =
  untypedAssert;

/** Fails unless both are deeply equal. */
export const assertEquals: <T>(
  actual: T,
  expected: T,
  message?: string,
) => void = untypedEquals;

/** Fails unless the text matches. */
export const assertMatch: (
  actual: string,
  expected: RegExp,
  message?: string,
) => void = untypedMatch;

/** Fails unless the text has the part. */
export const assertStringIncludes: (
  actual: string,
  expected: string,
  message?: string,
) => void = untypedIncludes;

/** Fails unless the promise rejects with such an error, which it returns. */
export const assertRejects: <E extends Error>(
  run: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
) => Promise<E> = untypedRejects;

/** Fails unless the function throws such an error, which it returns. */
export const assertThrows: <E extends Error>(
  run: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
) => E = untypedThrows;

/**
 * Fails unless nobody accepts at an address.
 *
 * A child process has copies of this one's sockets until it executes its
 * program, and with a listener's copy its backlog: a connection that is accepted
 * there although the listener was closed is reset, and tried again.
 */
export async function assertRefused(
  hostname: string,
  port: number,
): Promise<void> {
  const { ConnectionRefused, ConnectionReset, NotConnected } = Deno.errors;
  for (;;) {
    try {
      using conn = await Deno.connect({ hostname, port });
      await conn.closeWrite();
      await conn.read(new Uint8Array(1));
    } catch (error) {
      if (error instanceof ConnectionRefused) return;
      const isReset = [ConnectionReset, NotConnected]
        .some((each) => error instanceof each);
      if (isReset) continue;
      throw error;
    }
    assert(false, `somebody accepts at port ${port} of ${hostname}`);
  }
}
