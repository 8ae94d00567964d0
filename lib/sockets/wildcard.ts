/**
 * Binding every interface of both families.
 *
 * On most systems one socket that is bound to `::` takes IPv4 as well. On others
 * (Windows; Linux with `net.ipv6.bindv6only=1`) it does not, and Deno can't set
 * `IPV6_V6ONLY`; whether it does is seen by what can be bound beside it.
 *
 * @module
 */

import { SocketError } from "../calls/errors.ts";

/** A bound socket. */
export interface Bound {
  /** Where it is bound. */
  readonly addr: Deno.Addr;
  /** Closes it. */
  close(): void;
}

/** How a system treats `::`. */
export interface DualStack {
  /** Which family is bound first. */
  readonly first: "IPv4" | "IPv6";
  /** Whether a socket that is bound to `::` may take IPv4 as well. */
  readonly covers: boolean;
}

/**
 * Returns how a system treats `::`.
 *
 * Linux refuses `::` if `0.0.0.0` is taken and `::` would cover it, and the
 * other way round: to bind `0.0.0.0` first finds out who has either half. Other
 * systems may allow both, so that `::` comes first there.
 *
 * @param os the system, as in `Deno.build.os`
 */
export function dualStackOf(os: string): DualStack {
  if (os === "windows") return { first: "IPv6", covers: false };
  const isLinux = os === "linux" || os === "android";
  return { first: isLinux ? "IPv4" : "IPv6", covers: true };
}

/** Whether `::` takes IPv4, where that is known. */
export type SharedStack = "covers" | "parted";

/** What {@linkcode bindWildcard} goes by. */
export interface WildcardOptions<S extends Bound> {
  /** The port, 0 for any free one. */
  readonly port: number;
  /** How the system treats `::`. */
  readonly system: DualStack | SharedStack;
  /** Opens a socket, throws a `SocketError`. */
  readonly open: (hostname: "::" | "0.0.0.0", port: number) => S;
  /** Says whether an address may be bound. */
  readonly isGranted: (hostname: string, port: number) => boolean;
}

/** The codes of an address family that this machine does not have. */
const NO_SUCH_FAMILY = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"];

/**
 * Says whether a socket could not be opened because this machine does not have
 * its address family.
 *
 * @param error what opening it threw
 */
export function lacksFamily(error: unknown): boolean {
  return error instanceof SocketError && NO_SUCH_FAMILY.includes(error.code);
}

/**
 * Says whether a socket could not be opened because its port is taken.
 *
 * @param error what opening it threw
 */
export function isTaken(error: unknown): boolean {
  return error instanceof SocketError && error.code === "EADDRINUSE";
}

/**
 * Binds every interface: one socket if `::` covers IPv4 or a family is missing,
 * else two with one port, that of IPv6 first. Half a port that somebody else has
 * is an error. Without a grant for `0.0.0.0` only `::` is bound.
 *
 * @param options where and how
 * @returns the sockets, one or two
 * @throws {SocketError} if they can't be bound
 */
export function bindWildcard<S extends Bound>(
  options: WildcardOptions<S>,
): [S, ...S[]] {
  const { system } = options;
  if (system === "covers") return bindSix(options);
  if (system === "parted") return bindBoth(options);
  return system.first === "IPv4"
    ? fourFirst(options)
    : sixFirst(options, system.covers);
}

/** Binds `::`, or `0.0.0.0` if this machine has no IPv6. */
function bindSix<S extends Bound>(
  { port, open }: WildcardOptions<S>,
): [S, ...S[]] {
  return [
    attempt(() => open("::", port), lacksFamily) ?? open("0.0.0.0", port),
  ];
}

/** Binds `::` and beside it `0.0.0.0`: both or none. */
function bindBoth<S extends Bound>(
  { port, open }: WildcardOptions<S>,
): [S, S] {
  const six = open("::", port);
  try {
    return [six, open("0.0.0.0", portOf(six))];
  } catch (error) {
    six.close();
    throw error;
  }
}

function fourFirst<S extends Bound>(
  options: WildcardOptions<S>,
): [S, ...S[]] {
  const { port, open, isGranted } = options;
  if (!isGranted("0.0.0.0", port)) return bindSix(options);
  const four = attempt(() => open("0.0.0.0", port), lacksFamily);
  if (four === undefined) return [open("::", port)];
  const both = portOf(four);
  if (isGranted("::", both)) {
    try {
      const six = attempt(() => open("::", both), isTaken);
      if (six !== undefined) return [six, four];
    } catch (error) {
      if (lacksFamily(error)) return [four];
      four.close();
      throw error;
    }
  }
  // Either "::" covers IPv4, or somebody has it.
  four.close();
  return [open("::", isGranted("::", both) ? both : port)];
}

function sixFirst<S extends Bound>(
  { port, open, isGranted }: WildcardOptions<S>,
  covers: boolean,
): [S, ...S[]] {
  const six = attempt(() => open("::", port), lacksFamily);
  if (six === undefined) return [open("0.0.0.0", port)];
  const both = portOf(six);
  if (covers && !isGranted("0.0.0.0", both)) return [six];
  try {
    const four = attempt(
      () => open("0.0.0.0", both),
      (error) => lacksFamily(error) || covers && isTaken(error),
    );
    return four === undefined ? [six] : [six, four];
  } catch (error) {
    six.close();
    throw error;
  }
}

/** Opens a socket, or returns `undefined` if it fails as expected. */
function attempt<S>(
  open: () => S,
  isExpected: (error: unknown) => boolean,
): S | undefined {
  try {
    return open();
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
}

/** The port of a bound socket. */
export function portOf({ addr }: Bound): number {
  return "port" in addr ? addr.port : 0;
}

/**
 * Finds out how this system treats `::`, at a free port: with `SO_REUSEPORT`
 * what can be bound says nothing.
 *
 * @param open opens a socket that does not share its port
 * @param isGranted says whether an address may be bound
 * @returns how to bind what shares its port
 */
export function sharedStackOf(
  open: (hostname: string, port: number) => Bound,
  isGranted: (hostname: string, port: number) => boolean,
): SharedStack {
  if (!isGranted("::", 0) || !isGranted("0.0.0.0", 0)) return "covers";
  const six = attempt(() => open("::", 0), lacksFamily);
  if (six === undefined) return "covers";
  const port = portOf(six);
  try {
    if (!isGranted("0.0.0.0", port)) return "covers";
    const four = attempt(
      () => open("0.0.0.0", port),
      (error) => lacksFamily(error) || isTaken(error),
    );
    four?.close();
    return four === undefined ? "covers" : "parted";
  } finally {
    six.close();
  }
}
