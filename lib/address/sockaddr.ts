/**
 * An endpoint as it lies in memory: `struct sockaddr_in` and `sockaddr_in6`.
 *
 * @module
 */

import type { Endpoint } from "./endpoint.ts";
import type { IpAddress } from "./ip_address.ts";

/** How a system lays its socket addresses out. */
export interface SockaddrLayout {
  /** `AF_INET6`; `AF_INET` is 2 on every system. */
  readonly inet6: number;
  /** Whether a byte for the length comes before a family of one byte. */
  readonly hasLength: boolean;
  /** Whether numbers in host byte order begin with their lowest byte. */
  readonly littleEndian: boolean;
}

/** A field of the struct. */
export interface SockaddrField {
  /** Its name in C, as in `sin6_port`. */
  readonly name: string;
  /** Where it begins, in bytes from the struct's beginning. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly size: number;
  /** The bytes in hexadecimal; missing if they are not known. */
  readonly hex?: string;
}

/** An endpoint's struct. */
export interface Sockaddr {
  /** Its name in C. */
  readonly struct: "sockaddr_in" | "sockaddr_in6";
  /** How many bytes it has. */
  readonly size: number;
  /** Its fields, in their order in memory. */
  readonly fields: readonly SockaddrField[];
}

const AF_INET = 2;

/** A field's name and bytes; the number of bytes if they are not known. */
type Part = readonly [name: string, bytes: Uint8Array | number];

/**
 * Lays an endpoint out as the system's calls take it.
 *
 * Ports, flow information and addresses are in network byte order; the family
 * and the scope are in host byte order.
 *
 * @param endpoint the endpoint
 * @param layout how the system lays it out
 * @param scopeId the number of the address's scope, 0 if it has none;
 * `undefined` if it is not known
 * @returns the struct
 */
export function sockaddrOf(
  { address, port }: Endpoint,
  layout: SockaddrLayout,
  scopeId: number | undefined,
): Sockaddr {
  const { littleEndian } = layout;
  const network = Uint8Array.of(port >> 8, port);
  if (address.family === "IPv4") {
    return struct("sockaddr_in", [
      ...head("sin", AF_INET, 16, layout),
      ["sin_port", network],
      ["sin_addr", address.bytes],
      ["sin_zero", new Uint8Array(8)],
    ]);
  }
  return struct("sockaddr_in6", [
    ...head("sin6", layout.inet6, 28, layout),
    ["sin6_port", network],
    ["sin6_flowinfo", new Uint8Array(4)],
    ["sin6_addr", address.bytes],
    [
      "sin6_scope_id",
      scopeId === undefined ? 4 : hostOrder(scopeId, 4, littleEndian),
    ],
  ]);
}

/** The family, behind the length where the system has one. */
function head(
  prefix: string,
  family: number,
  size: number,
  { hasLength, littleEndian }: SockaddrLayout,
): Part[] {
  return hasLength
    ? [
      [`${prefix}_len`, Uint8Array.of(size)],
      [`${prefix}_family`, Uint8Array.of(family)],
    ]
    : [[`${prefix}_family`, hostOrder(family, 2, littleEndian)]];
}

function hostOrder(
  value: number,
  size: number,
  littleEndian: boolean,
): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, littleEndian);
  return littleEndian ? bytes.subarray(0, size) : bytes.subarray(4 - size);
}

function struct(name: Sockaddr["struct"], parts: readonly Part[]): Sockaddr {
  let end = 0;
  const fields = parts.map(([name, bytes]): SockaddrField => {
    const size = typeof bytes === "number" ? bytes : bytes.length;
    const offset = end;
    end += size;
    const field = { name, offset, size };
    return typeof bytes === "number" ? field : { ...field, hex: hexOf(bytes) };
  });
  return { struct: name, size: end, fields };
}

/** As in `0d a2`. */
function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}

/** Two bytes in hexadecimal, and the space behind each. */
const GROUP_COLUMNS = 6;

/**
 * Sets the groups of an IPv6 address below its bytes, as the struct's fields
 * write those: each group below its two bytes, and `::` below the first of
 * those that it leaves out.
 *
 * @param address an IPv6 address
 * @returns a line without its newline
 */
export function groupsBelowBytes(address: IpAddress): string {
  const text = address.withoutScope().toString();
  const [front = "", back] = text.split("::");
  const left = cellsOf(front).join("");
  if (back === undefined) return left.trimEnd();
  const right = cellsOf(back).join("");
  const gap = 8 * GROUP_COLUMNS - left.length - right.length;
  return (left + "::".padEnd(gap) + right).trimEnd();
}

/** The groups of a part of an address, each as wide as its bytes. */
function cellsOf(part: string): string[] {
  if (part === "") return [];
  return part.split(":").map((group) =>
    // An IPv4 address at the end has four bytes.
    group.padEnd(group.includes(".") ? 2 * GROUP_COLUMNS : GROUP_COLUMNS)
  );
}
