/** Tests of what is not built yet; PARLEY_PENDING=1 runs them all the same. */

const PENDING: ReadonlySet<string> = new Set<string>([
  "getAddrInfo() asks what glibc asks, whatever stands in resolv.conf ... a search list with commas",
]);

const wanted = Deno.env.get("PARLEY_PENDING") === "1";

/** Whether a test, or a step behind its test's name, is to wait. */
export function isPending(name: string): boolean {
  return !wanted && PENDING.has(name);
}
