/**
 * DNS messages (RFC 1035 section 4): one question, and what a server answers.
 *
 * @module
 */

import type { IpAddress } from "../../address/ip_address.ts";
import { MalformedError, MessageReader } from "./reader.ts";
import { blankBytes } from "./room.ts";

/** The record types that are asked for. */
export type RecordType = "A" | "AAAA" | "PTR";

/** Response codes (RFC 1035 section 4.1.1). */
export const Rcode = {
  NoError: 0,
  FormErr: 1,
  ServFail: 2,
  NxDomain: 3,
  NotImp: 4,
  Refused: 5,
} as const;

/** Record types by their numbers (RFC 1035 section 3.2.2, RFC 3596). */
const TYPES = { A: 1, NS: 2, CNAME: 5, PTR: 12, AAAA: 28, OPT: 41 } as const;
const CLASS_IN = 1;

const FLAG_QR = 0x8000;
const FLAG_AA = 0x0400;
const FLAG_TC = 0x0200;
const FLAG_RD = 0x0100;
const FLAG_RA = 0x0080;
const OPCODE = 0x7800;

const HEADER_BYTES = 12;
/** An OPT record (RFC 6891 section 6.1.2) without options. */
const OPT_BYTES = 11;
/** How long an answer may be, as glibc says it: it fits into one packet. */
const EDNS_BYTES = 1200;

/** A server's answer to one question. */
export interface Answer {
  /** RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED … */
  readonly rcode: number;
  /** Whether the answer did not fit and must be asked for over TCP. */
  readonly truncated: boolean;
  /**
   * Whether it says nothing: no records from a server that neither knows the
   * name by itself nor asks others, as in a referral.
   */
  readonly lame: boolean;
  /** The end of the chain of CNAME records that begins at the question. */
  readonly canonicalName: string;
  /** The addresses at that end. */
  readonly addresses: readonly IpAddress[];
  /** The names at that end (PTR). */
  readonly names: readonly string[];
}

/**
 * Writes a question.
 *
 * @param id its number, 0 to 65535
 * @param name an absolute name in ASCII, without its last dot
 * @param type the records that are asked for
 * @param edns whether to say how long an answer may be (RFC 6891)
 * @returns the message
 */
export function encodeQuery(
  id: number,
  name: string,
  type: RecordType,
  edns = false,
): Uint8Array<ArrayBuffer> {
  const end = HEADER_BYTES + name.length + 2 + 4;
  const bytes = blankBytes(edns ? end + OPT_BYTES : end);
  bytes[0] = id >> 8;
  bytes[1] = id;
  bytes[2] = FLAG_RD >> 8;
  bytes[5] = 1; // QDCOUNT
  let label = HEADER_BYTES;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const at = HEADER_BYTES + 1 + i;
    if (code !== 0x2e) {
      bytes[at] = code;
      continue;
    }
    bytes[label] = at - label - 1;
    label = at;
  }
  bytes[label] = HEADER_BYTES + name.length - label;
  bytes[end - 3] = TYPES[type];
  bytes[end - 1] = CLASS_IN;
  if (edns) {
    bytes[11] = 1; // ARCOUNT
    bytes[end + 2] = TYPES.OPT; // behind the root's name
    bytes[end + 3] = EDNS_BYTES >> 8;
    bytes[end + 4] = EDNS_BYTES & 0xff;
  }
  return bytes;
}

/**
 * Reads the answer to a question.
 *
 * Only records that belong to the question, or to a name that its CNAME records
 * lead to, count. Names keep their case, and are compared without it.
 *
 * @param bytes the message
 * @param id the question's number
 * @param name the question's name, in lower case, without its last dot, as
 * {@linkcode escapeName} writes it
 * @param type the records that were asked for
 * @param overTcp whether it came over TCP: all of it is there then, whatever it
 * says
 * @returns the answer, or `undefined` if the message is malformed or answers
 * another question
 */
export function decodeAnswer(
  bytes: Uint8Array,
  id: number,
  name: string,
  type: RecordType,
  overTcp = false,
): Answer | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if ((bytes[0]! << 8 | bytes[1]!) !== id) return undefined;
  try {
    return readAnswer(new MessageReader(bytes), name, type, overTcp);
  } catch (error) {
    // It is as if it had never come; the right one may be behind it.
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function readAnswer(
  reader: MessageReader,
  name: string,
  type: RecordType,
  overTcp: boolean,
): Answer | undefined {
  reader.skip(2);
  const flags = reader.u16();
  if ((flags & FLAG_QR) === 0 || (flags & OPCODE) !== 0) return undefined;
  const questions = reader.u16();
  const counts = {
    answers: reader.u16(),
    authorities: reader.u16(),
    additionals: reader.u16(),
  };
  const rcode = flags & 0x0f;
  if (questions === 0) return withoutQuestion(reader, rcode, name);
  if (
    questions !== 1 || reader.name(name).toLowerCase() !== name ||
    reader.u16() !== TYPES[type] || reader.u16() !== CLASS_IN
  ) return undefined;
  const truncated = (flags & FLAG_TC) !== 0 && !overTcp;
  // What was cut off would be malformed; it is asked for again over TCP.
  if (truncated) return { ...NOTHING, canonicalName: name, rcode, truncated };
  const answers = new Answers(name, type);
  answers.read(reader, counts.answers, (flags & FLAG_TC) !== 0);
  const lame = rcode === Rcode.NoError && counts.answers === 0 &&
    (flags & (FLAG_AA | FLAG_RA)) === 0 && isReferral(reader, counts);
  return { rcode, truncated, lame, ...answers.result() };
}

const NOTHING = {
  truncated: false,
  lame: false,
  addresses: [],
  names: [],
} as const;

/** Codes that a server may send as a header and nothing else. */
const BARE: readonly number[] = [
  Rcode.FormErr,
  Rcode.ServFail,
  Rcode.NotImp,
  Rcode.Refused,
];

/** A server that cannot help need not repeat the question. */
function withoutQuestion(
  reader: MessageReader,
  rcode: number,
  name: string,
): Answer | undefined {
  if (!reader.isAtEnd || !BARE.includes(rcode)) return undefined;
  return { ...NOTHING, canonicalName: name, rcode };
}

/**
 * Whether an answer that has no records has nothing else to say either: glibc's
 * res_send takes one without additional records for such. An OPT record does
 * not count, nor do the addresses of the servers that a referral names.
 */
function isReferral(
  reader: MessageReader,
  counts: { authorities: number; additionals: number },
): boolean {
  let referred = false;
  for (let i = 0; i < counts.authorities; i++) {
    referred = reader.record().type === TYPES.NS || referred;
  }
  if (referred) return true;
  for (let i = 0; i < counts.additionals; i++) {
    if (reader.record().type !== TYPES.OPT) return false;
  }
  return true;
}

/** The records of an answer that belong to its question. */
class Answers {
  readonly #name: string;
  readonly #type: RecordType;
  /** By the owner's name in lower case: where it leads to, as it was sent. */
  #aliases: Map<string, string> | undefined;
  readonly #found: { owner: string; data: IpAddress | string }[] = [];
  #spoilt = false;

  constructor(name: string, type: RecordType) {
    this.#name = name;
    this.#type = type;
  }

  /**
   * Reads the records.
   *
   * @param cut whether they may end before they are all there
   */
  read(reader: MessageReader, count: number, cut: boolean): void {
    for (let i = 0; i < count; i++) {
      try {
        this.#readRecord(reader);
      } catch (error) {
        if (!cut || !(error instanceof MalformedError)) throw error;
        return;
      }
    }
    if (this.#spoilt && this.#found.length === 0) throw new MalformedError();
  }

  #readRecord(reader: MessageReader): void {
    const head = reader.record(this.#name);
    const { owner, type, recordClass, start, end } = head;
    if (recordClass !== CLASS_IN) return;
    if (type === TYPES.CNAME) {
      this.#aliases ??= new Map();
      this.#aliases.set(owner.toLowerCase(), reader.nameWithin(start, end));
    } else if (type === TYPES[this.#type]) {
      const length = end - start;
      if (this.#type === "PTR") {
        const name = reader.nameWithin(start, end) || ".";
        this.#found.push({ owner, data: name });
      } else if (length === (this.#type === "A" ? 4 : 16)) {
        this.#found.push({ owner, data: reader.address(start, length) });
      } else this.#spoilt = true;
    }
  }

  /** Returns what the question leads to. */
  result(): Pick<Answer, "canonicalName" | "addresses" | "names"> {
    const end = this.#followAliases();
    const key = end.toLowerCase();
    const addresses: IpAddress[] = [];
    const names: string[] = [];
    // Without an alias it is as it is written at the records themselves.
    let canonicalName = end === this.#name ? undefined : end;
    for (const { owner, data } of this.#found) {
      if (owner.toLowerCase() !== key) continue;
      canonicalName ??= owner;
      if (typeof data === "string") names.push(data);
      else addresses.push(data);
    }
    return { canonicalName: canonicalName ?? end, addresses, names };
  }

  /** The end of a chain of aliases; one that loops ends where it began. */
  #followAliases(): string {
    let end = this.#name;
    const aliases = this.#aliases;
    if (aliases === undefined) return end;
    for (let steps = 0; steps <= aliases.size; steps++) {
      const next = aliases.get(end.toLowerCase());
      if (next === undefined) return end;
      end = next;
    }
    return this.#name;
  }
}
