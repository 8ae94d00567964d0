/**
 * What the program may do, asked before Deno would prompt for it.
 *
 * @module
 */

import { joinHostPort } from "../address/endpoint.ts";
import type { IpAddress } from "../address/ip_address.ts";
import { PermissionError } from "./errors.ts";

function granted(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch {
    // Deno's own parser refuses some hosts; those can't be granted either.
    return false;
  }
}

/** Whether the network may be used without any limit: no end of it is denied. */
export function mayUseNet(): boolean {
  const { state, partial } = Deno.permissions.querySync({ name: "net" });
  return state === "granted" && !partial;
}

/** Whether the network was granted without a list; ends of it may be denied. */
export function mayUseNetUnlisted(): boolean {
  return granted({ name: "net" });
}

/**
 * Whether one end of the network may be used.
 *
 * @param host a name or a numeric address
 * @param port the port
 */
export function mayReach(host: string | IpAddress, port: number): boolean {
  return granted({ name: "net", host: joinHostPort(host, port) });
}

/** Whether a file may be read. */
export function mayRead(path: string): boolean {
  return granted({ name: "read", path });
}

/** Whether a file may be written. */
export function mayWrite(path: string): boolean {
  return granted({ name: "write", path });
}

/**
 * Writes the flag for files.
 *
 * @param kind what is done with them
 * @param paths the files
 * @returns as in `--allow-read=a.pem,b.pem`. Deno parts paths at commas: for one
 * that has a comma in it, it is the folder that is granted
 */
export function fileFlag(
  kind: "read" | "write",
  paths: readonly string[],
): string {
  const names = paths.map((path) => path.includes(",") ? folderOf(path) : path);
  const isPlain = names.every((name) => name !== "" && !name.includes(","));
  const list = [...new Set(names)].join(",");
  return isPlain ? `--allow-${kind}=${list}` : `--allow-${kind}`;
}

function folderOf(path: string): string {
  const [, root = "", folder] = /^([A-Za-z]:)?(.*)[\\/]/s.exec(path) ?? [];
  if (folder === undefined) return ".";
  return root + (folder || path.charAt(root.length));
}

/** Whether the machine's network interfaces may be listed. */
export function maySeeInterfaces(): boolean {
  return granted({ name: "sys", kind: "networkInterfaces" });
}

/** Whether the machine's own name may be known. */
export function mayKnowHostName(): boolean {
  return granted({ name: "sys", kind: "hostname" });
}

/**
 * Makes sure that a program has datagrams. Deno's are unstable, and away from the
 * configuration of its folder a program starts without them.
 *
 * @throws {PermissionError} if it has none
 */
export function requireDatagramFlag(): void {
  if (Deno.listenDatagram === undefined) {
    throw new PermissionError("--unstable-net");
  }
}

/**
 * Makes sure that one end of the network may be used.
 *
 * @param host a name or a numeric address
 * @param port the port
 * @throws {PermissionError} if it may not be
 */
export function requireNet(host: string | IpAddress, port: number): void {
  if (!mayReach(host, port)) throw netPermissionError(host, port);
}

/** One end of the network: a host, and a port unless it may be any. */
export interface NetEnd {
  /** A numeric address. */
  readonly hostname: string;
  /** The port; `undefined` is any. */
  readonly port?: number | undefined;
}

/**
 * Makes sure that several ends of the network may be used.
 *
 * @param ends the ends
 * @throws {PermissionError} if one may not be; its flag names all of those
 */
export function requireEnds(ends: readonly NetEnd[]): void {
  const missing = ends.map(({ hostname, port }) => joinHostPort(hostname, port))
    .filter((host) => !granted({ name: "net", host }));
  if (missing.length === 0) return;
  throw new PermissionError(`--allow-net=${missing.join()}`);
}

/** The error for one end of the network that may not be used. */
export function netPermissionError(
  host: string | IpAddress,
  port: number,
): PermissionError {
  return new PermissionError(`--allow-net=${joinHostPort(host, port)}`);
}
