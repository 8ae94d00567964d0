/**
 * An address's struct as lines: what stands at which offset, and what it means.
 *
 * @module
 */

import { FAMILY_WORDS } from "../address/inet.ts";
import { groupsBelowBytes, type SockaddrField } from "../address/sockaddr.ts";
import type { AddressEvent } from "./events.ts";

/** The widest of the names, `sin6_flowinfo`. */
const NAME_COLUMNS = 13;

/**
 * Writes the struct of an address.
 *
 * @param event an address of a host
 * @returns a line for the struct and one for each field, at most 80 columns
 * wide; under an IPv6 address its text, each group below its two bytes; nothing
 * if the event has no struct
 */
export function sockaddrLines(
  { sockaddr, address: endpoint }: Pick<AddressEvent, "sockaddr" | "address">,
): string {
  if (sockaddr === undefined) return "";
  const { address, port } = endpoint;
  const { family } = address;
  const number = numberOf(
    sockaddr.fields.find(({ name }) => name.endsWith("_family")),
  );
  /** What the bytes of a field stand for. */
  const meanings: Readonly<Record<string, string>> = {
    family: `${FAMILY_WORDS[family]} (${number}), host byte order`,
    port: `${port}, network byte order`,
    addr: family === "IPv4" ? address.toString() : "",
    scope_id: address.scope ?? "",
  };
  const lines = [`struct ${sockaddr.struct}, ${sockaddr.size} bytes`];
  for (const { name, offset, size, hex } of sockaddr.fields) {
    const start = `${String(offset).padStart(4)}  ${name.padEnd(NAME_COLUMNS)}`;
    const bytes = hex ?? Array(size).fill("??").join(" ");
    const meaning = meanings[name.slice(name.indexOf("_") + 1)] ?? "";
    lines.push(`${start}  ${bytes.padEnd(11)}  ${meaning}`.trimEnd());
    if (size === 16) {
      lines.push(" ".repeat(start.length + 2) + groupsBelowBytes(address));
    }
  }
  return lines.map((line) => `    ${line}\n`).join("");
}

/** The family's number: it fits into its lowest byte. */
function numberOf(field: SockaddrField | undefined): number {
  const bytes = field?.hex?.split(" ") ?? [];
  return Math.max(0, ...bytes.map((byte) => parseInt(byte, 16)));
}
