/**
 * DNS messages (RFC 1035 section 4): one question, and what a server answers.
 *
 * @module
 */

import { IpAddress } from "../address/ip_address.ts";

/** The record types that are asked for. */
export type RecordType = "A" | "AAAA" | "PTR";

/** Record types by their numbers (RFC 1035 section 3.2.2, RFC 3596). */
const TYPES = { A: 1, CNAME: 5, PTR: 12, AAAA: 28 } as const;
const CLASS_IN = 1;

const FLAG_QR = 0x8000;
const FLAG_TC = 0x0200;
const FLAG_RD = 0x0100;
const OPCODE = 0x7800;

/** The longest name, in bytes on the wire (RFC 1035 section 2.3.4). */
const MAX_NAME_BYTES = 255;
/** More pointers than a name of that length can need. */
const MAX_HOPS = 127;
const HEADER_BYTES = 12;

/** A server's answer to one question. */
export interface Answer {
  /** RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED … */
  readonly rcode: number;
  /** Whether the answer did not fit and must be asked for over TCP. */
  readonly truncated: boolean;
  /** The end of the chain of CNAME records that begins at the question. */
  readonly canonicalName: string;
  /** The addresses at that end. */
  readonly addresses: readonly IpAddress[];
  /** The names at that end (PTR). */
  readonly names: readonly string[];
}

/**
 * The bytes of a question.
 *
 * @param id its number, 0 to 65535
 * @param name an absolute name in ASCII, without its last dot
 * @param type the records that are asked for
 * @returns the message
 */
export function encodeQuery(
  id: number,
  name: string,
  type: RecordType,
): Uint8Array<ArrayBuffer> {
  const labels = name.split(".");
  const bytes = new Uint8Array(HEADER_BYTES + name.length + 2 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, FLAG_RD);
  view.setUint16(4, 1); // QDCOUNT
  let at = HEADER_BYTES;
  for (const label of labels) {
    bytes[at++] = label.length;
    for (const char of label) bytes[at++] = char.charCodeAt(0);
  }
  view.setUint16(at + 1, TYPES[type]);
  view.setUint16(at + 3, CLASS_IN);
  return bytes;
}

/** A message that is not what it should be. */
class MalformedError extends Error {}

/** Reads a message from one end to the other. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u16(): number {
    this.skip(2);
    return this.#view.getUint16(this.at - 2);
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.#bytes.length) throw new MalformedError();
  }

  address(length: 4 | 16): IpAddress {
    this.skip(length);
    return IpAddress.fromBytes(this.#bytes.subarray(this.at - length, this.at));
  }

  /** A name, in lower case, its compression undone (section 4.1.4). */
  name(): string {
    const labels: string[] = [];
    let total = 1;
    let hops = 0;
    let at = this.at;
    let end = -1; // behind the first pointer
    for (;;) {
      const length = this.#bytes[at];
      if (length === undefined) throw new MalformedError();
      if (length >= 0xc0) {
        const low = this.#bytes[at + 1];
        if (low === undefined) throw new MalformedError();
        if (end < 0) end = at + 2;
        const target = (length & 0x3f) << 8 | low;
        // A pointer leads back; one that does not would never end.
        if (target >= at || ++hops > MAX_HOPS) throw new MalformedError();
        at = target;
      } else if (length >= 0x40) {
        throw new MalformedError();
      } else if (length === 0) {
        this.at = end < 0 ? at + 1 : end;
        return labels.join(".");
      } else {
        const label = this.#bytes.subarray(at + 1, at + 1 + length);
        if (label.length < length) throw new MalformedError();
        total += length + 1;
        labels.push(labelText(label));
        at += length + 1;
      }
      if (total > MAX_NAME_BYTES) throw new MalformedError();
    }
  }
}

/** A label as text: what is not a plain character is escaped (section 5.1). */
function labelText(label: Uint8Array): string {
  let text = "";
  for (const byte of label) {
    const char = String.fromCharCode(byte).toLowerCase();
    text += /[a-z0-9_*/-]/.test(char)
      ? char
      : `\\${String(byte).padStart(3, "0")}`;
  }
  return text;
}

/**
 * Reads the answer to a question.
 *
 * Only records that belong to the question, or to a name that its CNAME records
 * lead to, count.
 *
 * @param bytes the message
 * @param id the question's number
 * @param name the question's name, in lower case, without its last dot
 * @param type the records that were asked for
 * @returns the answer, or `undefined` where the message is malformed or answers
 * another question
 */
export function decodeAnswer(
  bytes: Uint8Array,
  id: number,
  name: string,
  type: RecordType,
): Answer | undefined {
  try {
    return readAnswer(new Reader(bytes), id, name, type);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function readAnswer(
  reader: Reader,
  id: number,
  name: string,
  type: RecordType,
): Answer | undefined {
  if (reader.u16() !== id) return undefined;
  const flags = reader.u16();
  if ((flags & FLAG_QR) === 0 || (flags & OPCODE) !== 0) return undefined;
  const questions = reader.u16();
  const records = reader.u16();
  reader.skip(4); // NSCOUNT, ARCOUNT
  const rcode = flags & 0x0f;
  const truncated = (flags & FLAG_TC) !== 0;
  if (
    questions !== 1 || reader.name() !== name ||
    reader.u16() !== TYPES[type] || reader.u16() !== CLASS_IN
  ) return undefined;

  const aliases = new Map<string, string>();
  const found: { owner: string; data: IpAddress | string }[] = [];
  // What was cut off would be malformed; it is asked for again over TCP.
  for (let i = 0; i < records && !truncated; i++) {
    const owner = reader.name();
    const recordType = reader.u16();
    const recordClass = reader.u16();
    reader.skip(4); // TTL
    const length = reader.u16();
    const end = reader.at + length;
    if (recordClass === CLASS_IN && recordType === TYPES.CNAME) {
      aliases.set(owner, reader.name());
    } else if (recordClass === CLASS_IN && recordType === TYPES[type]) {
      if (type === "PTR") found.push({ owner, data: reader.name() });
      else found.push({ owner, data: reader.address(type === "A" ? 4 : 16) });
    } else {
      reader.skip(length);
    }
    if (reader.at !== end) throw new MalformedError();
  }
  const canonicalName = followAliases(name, aliases);
  const data = found.filter(({ owner }) => owner === canonicalName)
    .map((record) => record.data);
  return {
    rcode,
    truncated,
    canonicalName,
    addresses: data.filter((each) => typeof each !== "string"),
    names: data.filter((each) => typeof each === "string"),
  };
}

/** The end of a chain of aliases; a chain that loops ends where it began. */
function followAliases(
  name: string,
  aliases: ReadonlyMap<string, string>,
): string {
  let end = name;
  for (let steps = 0; steps <= aliases.size; steps++) {
    const next = aliases.get(end);
    if (next === undefined) return end;
    end = next;
  }
  return name;
}
