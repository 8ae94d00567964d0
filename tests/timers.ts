/** Counts the timers that are set. */

/**
 * Runs something, and returns how many timers were set meanwhile.
 *
 * @param run what to run
 */
export async function timersSetBy(
  run: () => Promise<unknown>,
): Promise<number> {
  const { setTimeout } = globalThis;
  let timers = 0;
  globalThis.setTimeout = new Proxy(setTimeout, {
    apply(target, self, args) {
      timers++;
      return Reflect.apply(target, self, args);
    },
  });
  try {
    await run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return timers;
}
